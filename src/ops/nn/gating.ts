/** Gates. */

import { RuntimeError } from '../../core/errors.js';
import { wrapDim } from '../../core/layout.js';
import { noKernel } from '../../dispatch/real_only.js';
import { op } from '../../dispatch/registry.js';

op('glu(Tensor input, int dim=-1) -> Tensor', {
  doc: 'The first half of a dimension times the sigmoid of the second.',
  realOnly: noKernel('glu_cpu'),
  module: 'nn.functional',
  composite(input, dim) {
    if (input.ndim === 0) throw new RuntimeError('glu does not support 0-dimensional tensors');
    const d = wrapDim(dim, input.ndim);
    const size = input.shape[d];
    if (size % 2 !== 0)
      throw new RuntimeError(`Halving dimension must be even, but dimension ${d} is size ${size}`);
    return input.narrow(d, 0, size / 2).mul(input.narrow(d, size / 2, size / 2).sigmoid());
  },
});
