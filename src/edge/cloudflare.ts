/** The package's entry in Cloudflare Workers, whose tools make a module of the imported engine. */
import wasm from '../flambeau.wasm';
import { init } from './platform.js';

await init({ wasm });

export * from '../torch.js';
