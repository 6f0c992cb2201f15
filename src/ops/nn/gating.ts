/** Gates. */

import { RuntimeError } from '../../core/errors.js';
import { wrapDim } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { notImplemented } from '../../dispatch/promote.js';
import { noKernel } from '../../dispatch/real_only.js';
import { op, ops } from '../../dispatch/registry.js';

const gate = op('_gate(Tensor self, Tensor other) -> Tensor', {
  doc: 'self times the sigmoid of other.',
  function: false,
  method: false,
  inplace: false,
  pointwise: 'self * sigmoid(other)',
});

/** Both halves of a dimension. @throws RuntimeError in PyTorch's words where there are none */
function halves(input: Tensor, dim: number): readonly [Tensor, Tensor] {
  if (input.ndim === 0) throw new RuntimeError('glu does not support 0-dimensional tensors');
  const d = wrapDim(dim, input.ndim);
  const size = input.shape[d];
  if (size % 2 !== 0)
    throw new RuntimeError(`Halving dimension must be even, but dimension ${d} is size ${size}`);
  return [input.narrow(d, 0, size / 2), input.narrow(d, size / 2, size / 2)];
}

op('glu(Tensor input, int dim=-1) -> Tensor', {
  doc: 'The first half of a dimension times the sigmoid of the second.',
  realOnly: noKernel('glu_cpu'),
  module: 'nn.functional',
  batch: { dims: ['dim'] },
  forward(input, dim) {
    const parts = halves(input, dim);
    if (!input.dtype.isFloatingPoint) throw notImplemented('glu_cpu', input.dtype);
    return gate(...parts);
  },
  save: ['input'],
  vjp: {
    input(grad, { input, dim }) {
      const [a, b] = halves(input, dim);
      const s = b.sigmoid();
      const first = grad.mul(s);
      return ops.cat([first, first.mul(a).mul(s.neg().add(1))], dim);
    },
  },
  jvp({ input: tangent }, { input, dim }) {
    if (tangent === null) return null;
    const [a, b] = halves(input, dim);
    const [ta, tb] = halves(tangent, dim);
    const s = b.sigmoid();
    return s.mul(ta.add(a.mul(s.neg().add(1)).mul(tb)));
  },
});
