/** Tensors that stand for several in a `vmap`: no one value is theirs to read. */
import type { StridedView } from '../backends/backend.js';
import { context } from './context.js';
import { RuntimeError } from './errors.js';

const several = new WeakSet<StridedView>();

/** Notes that a tensor stands for several. */
export function standForSeveral(tensor: StridedView): void {
  several.add(tensor);
}

/** Whether a tensor stands for several. */
export const standsForSeveral = (tensor: StridedView): boolean => several.has(tensor);

const item =
  "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a Tensor, please try to rewrite what you're doing with other operations. If error is occurring somewhere inside PyTorch internals, please file a bug report.";

/** PyTorch's words, by what reads one tensor's values. */
const refusals: Readonly<Record<string, string>> = {
  item,
  itemBigint: item,
  itemComplex: item,
  equal: 'Batching rule not implemented for aten::equal. We could not generate a fallback.',
  allclose:
    "vmap over torch.allclose isn't supported yet. Please file an issue at https://github.com/pytorch/pytorch/issues if you need this feature.",
  compare:
    "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. We don't support that yet, please file an issue at https://github.com/pytorch/pytorch/issues .",
};

/** @throws RuntimeError in PyTorch's words, for `name` that reads one tensor's values */
export function checkReadable(tensor: StridedView, name: string): void {
  for (let stack = context().modes; stack !== null; stack = stack.below) stack.mode.read?.(tensor);
  if (several.has(tensor))
    throw new RuntimeError(
      refusals[name] ?? "Cannot access data pointer of Tensor that doesn't have storage",
    );
}
