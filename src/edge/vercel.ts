/** The package's entry in Vercel's edge functions, whose tools make a module of the engine that is imported in this way. */
import wasm from '../flambeau.wasm?module';
import { init } from './platform.js';

await init({ wasm });

export * from '../torch.js';
