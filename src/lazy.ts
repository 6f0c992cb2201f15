/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The library without its engine, which `await init()` starts: for hosts where importing must not wait (service workers, classic scripts), and
 * for bundles, which say where the engine is. In Node it is as in browsers.
 */
import { init as start } from './platform.js';

export type { EngineResponse, EngineSource, InitOptions } from './backends/cpu/engine_source.js';
export * from './torch.js';

import type { InitOptions } from './backends/cpu/engine_source.js';

/**
 * Starts the engine. Before that nothing can be computed. The first call decides where it comes from, and further ones wait for it; one that has failed
 * can be tried again.
 *
 * @throws RuntimeError if the engine cannot be fetched, is another version's, or does not run here
 * @example
 * import * as torch from 'flambeau/lazy';
 *
 * await torch.init({ wasm: '/flambeau/' });
 */
export const init: (options?: InitOptions) => Promise<void> = start;
