/** Points at which affine transforms of images and volumes take their values. */
import { NotImplementedError, ValueError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import { formatSize } from '../../core/printing.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { op, ops } from '../../dispatch/registry.js';

/** Positions of elements along a dimension, from -1 to 1. */
function positions(size: number, alignCorners: boolean, like: Tensor): Tensor {
  const options = { dtype: like.dtype, device: like.device };
  if (size <= 1) return ops.zeros([size], options);
  const ends = ops.linspace(-1, 1, size, options);
  return alignCorners ? ends : ends.mul((size - 1) / size);
}

op('affine_grid(Tensor theta, int[] size, bool? align_corners=None) -> Tensor', {
  doc: 'The points at which `gridSample` takes the values of images or volumes moved by the matrices `theta`: N × 2 × 3 for results of `size` N × C × H × W, N × 3 × 4 for N × C × D × H × W.',
  module: 'nn.functional',
  composite(theta, size, corners) {
    if (corners === null)
      warn(
        'Default grid_sample and affine_grid behavior has changed to alignCorners: false since 1.3.0. Please specify alignCorners: true if the old behavior is desired. See the documentation of grid_sample for details.',
      );
    const alignCorners = corners ?? false;
    if (!theta.isFloatingPoint())
      throw new ValueError(`Expected theta to have floating point type, but got ${theta.dtype}`);
    const dims = size.length - 2;
    if (dims !== 2 && dims !== 3)
      throw new NotImplementedError(
        `affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size ${formatShape(size)}.`,
      );
    if (theta.ndim !== 3 || theta.shape[1] !== dims || theta.shape[2] !== dims + 1)
      throw new ValueError(
        `Expected a batch of ${dims}D affine matrices of shape Nx${dims}x${dims + 1} for size ${formatShape(size)}. Got ${formatSize(theta.shape)}.`,
      );
    const spatial = size.slice(2);
    if (alignCorners && Math.min(...spatial) === 1)
      warn(
        'Since version 1.3.0, affine_grid behavior has changed for unit-size grids when alignCorners: true. This is not an intended use case of affine_grid. See the documentation of affine_grid for details.',
      );
    else if (Math.min(...size) <= 0)
      throw new ValueError(`Expected non-zero, positive output size. Got ${formatShape(size)}`);
    // The last dimension of images is the first coordinate.
    const coordinates = spatial
      .map((n, i) =>
        positions(n, alignCorners, theta)
          .reshape(spatial.map((_, j) => (i === j ? n : 1)))
          .expand(spatial),
      )
      .reverse();
    const points = ops.stack([...coordinates, coordinates[0].onesLike()], -1).reshape([-1, dims + 1]);
    return ops.matmul(points, theta.transpose(1, 2)).reshape([theta.shape[0], ...spatial, dims]);
  },
});

op('gumbel_softmax(Tensor logits, float tau=1, bool hard=False, float eps=1e-10, int dim=-1) -> Tensor', {
  doc: 'Draws from categories by their `logits`: the softmax of these with noise, sharper as `tau` gets smaller. With `hard` the results are one-hot, with the gradients of the soft ones.',
  module: 'nn.functional',
  composite(logits, tau, hard, eps, dim) {
    if (eps !== 1e-10) warn('`eps` parameter is deprecated and has no effect.');
    const noise = ops.emptyLike(logits.detach()).exponential_().log().neg();
    const soft = logits.add(noise).div(tau).softmax(dim);
    if (!hard) return soft;
    const chosen = soft.detach().argmax(dim, true);
    const oneHot = soft.detach().zerosLike().scatter_(dim, chosen, 1);
    return oneHot.sub(soft.detach()).add(soft);
  },
});
