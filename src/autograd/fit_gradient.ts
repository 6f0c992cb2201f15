import { RuntimeError } from '../core/errors.js';
import type { ResultMeta } from '../core/grad_fn.js';
import { formatShape, type Shape, sameShape } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import type { Edge, Node } from './node.js';

/**
 * Brings a gradient to the shape, dtype and device of the result it belongs to, as broadcasting and promotion require.
 *
 * @param from the node that made it; null for a gradient of the caller's
 * @param index the number of that node's edge
 */
export function fitGradient(grad: Tensor, edge: Edge, from: Node | null, index: number): Tensor {
  const meta = edge.node.results[edge.output];
  if (!sameShape(grad.shape, meta.shape) && !expandable(meta.shape, grad.shape))
    throw new RuntimeError(
      `Function ${(from ?? edge.node).name()} returned an invalid gradient at index ${index} - got ${formatShape(grad.shape)} but expected shape compatible with ${formatShape(meta.shape)}`,
    );
  return reduceTo(grad, meta);
}

/** Sums over broadcast dimensions, converts and moves: the gradient of what was broadcast, promoted and moved. */
export function reduceTo(grad: Tensor, { shape, dtype, device }: ResultMeta): Tensor {
  const summed = sameShape(grad.shape, shape) ? grad : grad.sumToSize(shape);
  const fitted = summed.device === device ? summed : summed.to(device);
  if (fitted.dtype === dtype) return fitted;
  // Only the real part of a gradient counts for a real number.
  return (fitted.dtype.isComplex && !dtype.isComplex ? fitted.real : fitted).to(dtype);
}

function expandable(from: Shape, to: Shape): boolean {
  if (from.length > to.length) return false;
  const lead = to.length - from.length;
  return from.every((size, i) => size === 1 || size === to[i + lead]);
}
