/** `torch.autograd.graph`: what is recorded, and how it is kept. */
import { RuntimeError } from '../core/errors.js';
import { signed } from '../core/signature/signed.js';
import { Tensor } from '../core/tensor.js';

export { GradientEdge, getGradientEdge } from './gradient_edge.js';
export { type MultiGradHook, registerMultiGradHook } from './multi_grad_hook.js';
export { Node } from './node.js';
export { allowMutationOnSavedTensors } from './saved_copies.js';
export {
  disableSavedTensorsHooks,
  type PackHook,
  savedTensorsHooks,
  saveOnCpu,
  type UnpackHook,
} from './saved_hooks.js';

/**
 * Tells autograd that tensors were changed in place by something it does not see, so that a backward pass that needs what they
 * were is an error.
 *
 * @param tensor a tensor, or several
 */
export const incrementVersion = signed('increment_version(Tensor|Iterable tensor)', ({ tensor }): void => {
  const tensors: readonly unknown[] = tensor instanceof Tensor ? [tensor] : [...tensor];
  for (const one of tensors) {
    if (!(one instanceof Tensor))
      throw new RuntimeError('increment_version expects each element of the iterable to be a tensor');
    if (!one.inference) one.storage.version++;
  }
});
