import type { ResultMeta } from '../core/grad_fn.js';
/** Zeros in the place of gradients that nobody has given. */
import type { Tensor } from '../core/tensor.js';

export let zeros: (meta: ResultMeta) => Tensor;

/** Called once by the ops layer, which can make tensors. */
export function provideZeros(make: typeof zeros): void {
  zeros = make;
}
