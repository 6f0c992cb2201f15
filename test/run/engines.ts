import { existsSync } from 'node:fs';

/** Every test runs once on each form of the engine. Where there was no compiler there is no native one to test. */
export const engines = ['native', 'wasm'].filter(
  (engine) => engine === 'wasm' || existsSync(new URL('../../dist/flambeau.node', import.meta.url)),
);

export const [firstEngine] = engines as [string];
