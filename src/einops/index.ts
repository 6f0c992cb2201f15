/// <reference lib="esnext.disposable" preserve="true" />
/** `flambeau/einops`: tensors' dimensions by name, as in Python's einops (Rogozhnikov, "Einops", ICLR 2022). */
export { EinopsError } from './einops_error.js';
export { EinMix, Rearrange, Reduce } from './layers.js';
export { einsum, parseShape, rearrange, reduce, repeat, type TensorOrList } from './operations.js';
export { pack, unpack } from './packed.js';
export type { AxesLengths, Reducer, Reduction } from './run_pattern.js';
export type * from './types.js';
