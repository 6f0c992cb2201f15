/** The layout of tangents in memory. */
import { RuntimeError } from '../core/errors.js';
import { formatShape, isNonOverlappingAndDense, sameShape } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';

/** A new tensor that lies in memory as another does, so that views of the one fit the other. */
export function likeLayout(tensor: Tensor): Tensor {
  return isNonOverlappingAndDense(tensor.shape, tensor.strides)
    ? tensor.newEmptyStrided(tensor.shape, tensor.strides)
    : tensor.newEmpty(tensor.shape);
}

/** A tangent laid out as its tensor, where that matters for views. */
export function laidOutAs(tangent: Tensor, tensor: Tensor): Tensor {
  if (sameShape(tangent.strides, tensor.strides) || !isNonOverlappingAndDense(tensor.shape, tensor.strides))
    return tangent;
  return tangent.newEmptyStrided(tensor.shape, tensor.strides).copy_(tangent);
}

/** @throws RuntimeError if a tangent has other sizes than its tensor */
export function checkTangent(tensor: Tensor, tangent: Tensor): Tensor {
  if (!sameShape(tensor.shape, tangent.shape))
    throw new RuntimeError(
      `Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. Tensor is of size ${formatShape(tensor.shape)} while the given forward gradient is of size ${formatShape(tangent.shape)}.`,
    );
  return tangent;
}
