/** `torch.func`: functions that take functions and give their derivatives. */
export type { Argnums } from './argnums.js';
export { type JvpOptions, jvp } from './jvp.js';
