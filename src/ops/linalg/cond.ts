/** Condition numbers of matrices. */
import { RuntimeError } from '../../core/errors.js';
import { type Scalar, scalarValue } from '../../core/scalar.js';
import type { Tensor } from '../../core/tensor.js';
import { op } from '../../dispatch/registry.js';
import { checkSquare } from './factorization.js';
import { inverted } from './inverse.js';
import { matrixNorm } from './norms.js';
import { singularValues } from './svd.js';

const { POSITIVE_INFINITY: infinity } = Number;

function condition(self: Tensor, p: Scalar | string | null): Tensor {
  if (self.ndim < 2) throw new RuntimeError('linalg.cond: The input tensor must have at least 2 dimensions.');
  const order = typeof p === 'string' ? p : Number(scalarValue(p ?? 2));
  const isKnown =
    typeof order === 'string' ? ['fro', 'nuc'].includes(order) : [1, 2, infinity].includes(Math.abs(order));
  if (!isKnown) throw new RuntimeError(`linalg.cond got an invalid norm type: ${order}`);
  if (self.numel() === 0) return self.newZeros(self.shape.slice(0, -2), { dtype: self.dtype.toReal() });
  if (order === 2 || order === -2) {
    const values = singularValues(self);
    const [most, least] = [values.select(-1, 0), values.select(-1, -1)];
    return order === 2 ? most.div(least) : least.div(most);
  }
  const text = Math.abs(Number(order)) === infinity ? `${order}`.replace('Infinity', 'inf') : order;
  checkSquare(`linalg.cond(ord=${text})`, self);
  if (order === 'nuc') {
    const values = singularValues(self);
    return values.sum(-1).mul(values.reciprocal().sum(-1));
  }
  const [found, info] = inverted(self, null);
  const inverse = found.maskedFill(info.gt(0).unsqueeze(-1).unsqueeze(-1), infinity);
  const norm = (t: Tensor): Tensor => matrixNorm(t, order, [-2, -1], false, null);
  return norm(self).mul(norm(inverse)).nanToNum(infinity, infinity, -infinity);
}

op('cond(Tensor self, Scalar? p=None) -> Tensor', {
  doc: 'The condition number of matrices: by the norm of order `p`, that of the matrix times that of its inverse; by default the largest singular value over the smallest.',
  module: 'linalg',
  composite: condition,
});
op("cond.p_str(Tensor self, 'fro'|'nuc' p) -> Tensor", {
  doc: "The condition number of matrices by a norm's name.",
  module: 'linalg',
  composite: condition,
});
