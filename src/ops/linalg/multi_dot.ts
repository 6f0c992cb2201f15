/** Products of several matrices. */
import { cppName } from '../../core/cpp_names.js';
import { RuntimeError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { op } from '../../dispatch/registry.js';

const multiDot = op('multi_dot(Tensor[] tensors) -> Tensor', {
  doc: 'The product of several matrices, in the order that takes the fewest multiplications; the first and last may be vectors.',
  module: 'linalg',
  composite(tensors) {
    const n = tensors.length;
    if (n < 2) throw new RuntimeError(`multi_dot(): expected at least 2 tensors but got ${n}`);
    for (const [i, { ndim }] of tensors.entries()) {
      const isEnd = i === 0 || i === n - 1;
      if (ndim !== 2 && !(isEnd && ndim === 1))
        throw new RuntimeError(
          isEnd
            ? `multi_dot(): the ${i === 0 ? 'first' : 'last'} tensor must be 1D or 2D but got ${ndim}D`
            : `multi_dot(): tensor ${i} must be 2D but got ${ndim}D`,
        );
    }
    const odd = tensors.findIndex(({ dtype }) => dtype !== tensors[0].dtype);
    if (odd > 0)
      throw new RuntimeError(
        `multi_dot(): all tensors must have be the same dtype but tensor 0 is ${cppName(tensors[0].dtype)} and tensor ${odd} ${cppName(tensors[odd].dtype)}`,
      );
    const matrices = [...tensors];
    const isRow = tensors[0].ndim === 1;
    const isColumn = tensors[n - 1].ndim === 1;
    if (isRow) matrices[0] = matrices[0].unsqueeze(0);
    if (isColumn) matrices[n - 1] = matrices[n - 1].unsqueeze(-1);
    for (let i = 1; i < n; i++)
      if (matrices[i - 1].shape[1] !== matrices[i].shape[0])
        throw new RuntimeError(
          `multi_dot(): tensors ${i - 1} and ${i} with shapes ${formatShape(tensors[i - 1].shape)} and ${formatShape(tensors[i].shape)} cannot be multiplied`,
        );
    let result = bestProduct(matrices);
    if (isColumn) result = result.squeeze(-1);
    return isRow ? result.squeeze(0) : result;
  },
});

/** The product in its cheapest order: dynamic programming over where the last multiplication is (CLRS 15.2). */
function bestProduct(matrices: readonly Tensor[]): Tensor {
  const n = matrices.length;
  const [first, second, third] = matrices;
  if (n === 2) return first.mm(second);
  if (n === 3) {
    // (A B) C or A (B C).
    const [[rows, a], [b, columns]] = [first.shape, third.shape];
    return rows * b * (a + columns) < a * columns * (rows + b)
      ? first.mm(second).mm(third)
      : first.mm(second.mm(third));
  }
  const sizes = [matrices[0].shape[0], ...matrices.map((m) => m.shape[1])];
  const cost = matrices.map(() => new Array<number>(n).fill(0));
  const split = matrices.map(() => new Array<number>(n).fill(0));
  for (let length = 1; length < n; length++)
    for (let i = 0; i + length < n; i++) {
      const j = i + length;
      cost[i][j] = Number.POSITIVE_INFINITY;
      for (let k = i; k < j; k++) {
        const all = cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1];
        if (all < cost[i][j]) [cost[i][j], split[i][j]] = [all, k];
      }
    }
  const product = (i: number, j: number): Tensor =>
    i === j ? matrices[i] : product(i, split[i][j]).mm(product(split[i][j] + 1, j));
  return product(0, n - 1);
}

op('chain_matmul(Tensor[] matrices) -> Tensor', {
  doc: 'The product of several matrices, in the order that takes the fewest multiplications.',
  composite(matrices) {
    if (matrices.length === 0) throw new RuntimeError('chain_matmul(): Expected one or more matrices');
    for (const { ndim } of matrices)
      if (ndim !== 2) throw new RuntimeError(`Tensor dimension is ${ndim}, expected 2 instead.`);
    return matrices.length === 1 ? matrices[0] : multiDot(matrices);
  },
});
