/** Distances and directions. */

import { RuntimeError } from '../../core/errors.js';
import { broadcastShapes, sameShape } from '../../core/layout.js';
import { pyfloat } from '../../core/pyfloat.js';
import type { Tensor } from '../../core/tensor.js';
import { commonDtype } from '../../dispatch/promote.js';
import { op } from '../../dispatch/registry.js';

op('normalize(Tensor input, float p=2.0, int dim=1, float eps=1e-12) -> Tensor', {
  doc: 'Divides by the p-norm over `dim`, which counts as `eps` at least.',
  module: 'nn.functional',
  composite: (input, p, dim, eps) => input.div(input.norm(p, dim, true).clamp({ min: eps }).expandAs(input)),
});

const raised = op('_raised(Tensor self, float least) -> Tensor', {
  doc: 'The values, none below `least`; in value only, as the gradient passes all.',
  function: false,
  method: false,
  inplace: false,
  derivative: { self: 'grad' },
  pointwise: 'self < least ? least : self',
});

for (const module of ['', 'nn.functional']) {
  op('cosine_similarity(Tensor x1, Tensor x2, int dim=1, float eps=1e-8) -> Tensor', {
    doc: 'The cosine of the angle between vectors along `dim`.',
    realOnly: (dtype) =>
      new RuntimeError(`expected common dtype to be floating point, yet common dtype is ${dtype.scalarName}`),
    module,
    composite(x1, x2, dim, eps) {
      if (eps < 0) throw new RuntimeError(`eps must be non-negative, got: ${eps}`);
      const dtype = commonDtype([x1, x2]);
      const shape = broadcastShapes(x1.shape, x2.shape);
      const unit = (x: Tensor): Tensor => {
        const wide = sameShape(x.shape, shape) ? x : x.expand(shape);
        return wide.div(raised(wide.norm(2, dim, true), eps));
      };
      return unit(x1.to(dtype))
        .mul(unit(x2.to(dtype)))
        .sum(dim);
    },
  });
  op('pairwise_distance(Tensor x1, Tensor x2, float p=2.0, float eps=1e-06, bool keepdim=False) -> Tensor', {
    doc: 'The p-norm of the difference of vectors along the last dimension; `eps` is added to it.',
    module,
    composite: (x1, x2, p, eps, keepdim) => x1.sub(x2).add(pyfloat(eps)).norm(p, -1, keepdim),
  });
}
