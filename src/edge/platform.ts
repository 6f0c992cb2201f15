/**
 * The host of servers at the edge (Cloudflare Workers, Vercel's edge functions): that of browsers, but that nothing is compiled there, so that the
 * engine is a module which the bundler makes, and that many requests are answered at once.
 */
import type { WasmEngine } from '../backends/cpu/engine.js';
import {
  chosenSource,
  compileEngine,
  type EngineResponse,
  type InitOptions,
} from '../backends/cpu/engine_source.js';
import { startWasmEngine } from '../backends/cpu/wasm.js';
import { request } from '../browser/fetched_files.js';
import { startOnce } from '../browser/web_host.js';
import { type Context, useAsyncContext } from '../core/context.js';
import { RuntimeError } from '../core/errors.js';

async function startEngine(options: InitOptions = {}): Promise<WasmEngine> {
  const given = chosenSource(options, false);
  if (given === undefined)
    throw new RuntimeError(
      "init() has no engine to start at the edge: import wasm from 'flambeau/flambeau.wasm', and await init({ wasm }) (docs/runtimes.md)",
    );
  const module = await compileEngine(given, async (url) => (await request(url)) as EngineResponse);
  return startWasmEngine({ module, threads: 'servers at the edge have one thread' });
}

/** Starts the engine; see ../lazy.ts. */
export const init = startOnce(startEngine);

type AsyncStore = typeof import('node:async_hooks').AsyncLocalStorage<Context>;

// A global of Vercel's; Cloudflare has it with the flag `nodejs_compat`.
const { AsyncLocalStorage, process } = globalThis as {
  AsyncLocalStorage?: AsyncStore;
  process?: { getBuiltinModule?(name: 'async_hooks'): { AsyncLocalStorage?: AsyncStore } | undefined };
};
const Store = AsyncLocalStorage ?? process?.getBuiltinModule?.('async_hooks')?.AsyncLocalStorage;
if (Store !== undefined) useAsyncContext(new Store());
