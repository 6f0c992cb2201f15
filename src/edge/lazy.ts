/** `flambeau/lazy` at the edge. What it exports is documented in ../lazy.ts. */

export * from '../torch.js';
export { init } from './platform.js';
