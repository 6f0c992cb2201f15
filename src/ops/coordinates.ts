/** Tuples of positions. */
import { Category, int64 } from '../core/dtype.js';
import { RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { formatShape } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import { op, ops } from '../dispatch/registry.js';
import { listOf } from './lists.js';

function unravel(indices: Tensor, shape: readonly number[]): Tensor[] {
  if (indices.dtype.category > Category.int)
    throw new TypeError(`expected 'indices' to be integer dtype, but got ${indices.dtype}`);
  if (shape.some((size) => size < 0))
    throw new ValueError(
      `'shape' cannot have negative values, but got (${shape.join(', ')}${shape.length === 1 ? ',' : ''})`,
    );
  let step = 1;
  const result: Tensor[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    result.unshift(indices.to(int64).floorDivide(step).remainder(shape[d]));
    step *= shape[d];
  }
  return result;
}

op('unravel_index(Tensor indices, int[1] shape) -> Tensor[]', {
  doc: 'The coordinates of positions in a flattened tensor of this shape: one tensor for each dimension.',
  composite: unravel,
});

op('combinations(Tensor self, int r=2, bool with_replacement=False) -> Tensor', {
  doc: 'All combinations of `r` elements of a vector, one row each.',
  composite(self, r, withReplacement) {
    if (self.ndim !== 1)
      throw new RuntimeError(`Expect a 1D vector, but got shape ${formatShape(self.shape)}`);
    if (r < 0) throw new RuntimeError(`Expect a non-negative number, but got ${r}`);
    if (r === 0) return self.newEmpty([0]);
    const n = self.shape[0];
    const tuples = ops
      .ones(
        listOf(r, () => n),
        { device: 'cpu' },
      )
      .nonzero();
    const [earlier, later] = [tuples.narrow(1, 0, r - 1), tuples.narrow(1, 1, r - 1)];
    const ordered = (withReplacement ? earlier.le(later) : earlier.lt(later)).all(1);
    const rows = tuples.indexSelect(0, ordered.nonzero().squeeze(1));
    return self.take(rows.to(self.device));
  },
});
