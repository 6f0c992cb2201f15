/** `flambeau/lazy` in browsers. What it exports is documented in ../lazy.ts. */

export * from '../torch.js';
export { init } from './platform.js';
