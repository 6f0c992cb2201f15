/** From one layout of activations to another, with the gradients of what follows. */
import type { Tensor } from '../../../core/tensor.js';
import type { ProcessGroup } from '../../process_group.js';
import { Cut, GatherAlike, Scatter, Sum } from '../exchanges.js';
import type { Placement } from '../placements.js';

/** A dimension of a tensor, counted from the front. */
const dimOf = (tensor: Tensor, dim: number): number => (dim < 0 ? dim + tensor.ndim : dim);

/** A tensor in another layout. Of one that is cut all parts are as large as this. */
export function relaid(tensor: Tensor, from: Placement, to: Placement, group: ProcessGroup): Tensor {
  if (from.isPartial()) {
    if (to.isPartial()) return tensor;
    return to.isShard() ? Scatter.apply(tensor, dimOf(tensor, to.dim), group) : Sum.apply(tensor, group);
  }
  if (from.isShard()) {
    const dim = dimOf(tensor, from.dim);
    if (to.isShard() && dimOf(tensor, to.dim) === dim) return tensor;
    const whole = GatherAlike.apply(tensor, dim, tensor.shape[dim] * group.size(), group);
    return to.isShard() ? Cut.apply(whole, dimOf(tensor, to.dim), group) : whole;
  }
  return to.isShard() ? Cut.apply(tensor, dimOf(tensor, to.dim), group) : tensor;
}
