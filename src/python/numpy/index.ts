/**
 * The part of NumPy that programs written for PyTorch use, for programs that `flambeau/convert` has converted: arrays over tensors' memory, with NumPy's
 * types of elements, order of sums, texts and random numbers.
 */
export * from './arranging.js';
export * from './array_functions.js';
export * from './array_products.js';
export * from './array_summaries.js';
export type { DTypeName } from './array_types.js';
export * as linalg from './linear_algebra.js';
export * from './making_arrays.js';
export { type ArrayIndex, NDArray, type Operand } from './ndarray.js';
export { RandomState, random } from './random_state.js';
