/** Places in sorted sequences. */

import { int32, int64 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { formatShape, sameShape } from '../core/layout.js';
import type { Scalar } from '../core/scalar.js';
import { Tensor } from '../core/tensor.js';
import { empty } from '../dispatch/empty.js';
import { commonDtype } from '../dispatch/promote.js';
import { noKernel } from '../dispatch/real_only.js';
import { op, ops } from '../dispatch/registry.js';
import { expandStack } from '../dispatch/stacks.js';
import { liesWithin } from './checks.js';
import { scalarTensor } from './creation.js';

function search(sequence: Tensor, given: Tensor | Scalar, outInt32: boolean, right: boolean): Tensor {
  const values = given instanceof Tensor ? given : scalarTensor(given).to(sequence.device);
  const result = empty(values.shape, outInt32 ? int32 : int64, values.storage.backend);
  // A number wraps to the integers of the sequence.
  const dtype = commonDtype([sequence, given]);
  if (result.numel() > 0)
    values.storage.backend.kernels.searchsorted(result, sequence.to(dtype), values.to(dtype), right);
  return result;
}

const name = 'torch.searchsorted()';

op(
  "searchsorted(Tensor sorted_sequence, Tensor|Scalar input, *, bool out_int32=False, bool right=False, 'left'|'right'? side=None, Tensor? sorter=None) -> Tensor",
  {
    doc: "Where in the last dimension of a sorted tensor each value would have to be put to keep the order: before its equals, or (`right`, `side: 'right'`) after them. `sorter` names the order of a tensor that is not sorted.",
    batch: (sequence, input, int32, right, side, sorter, { size, has }) => {
      const options = { outInt32: int32, right, side };
      const x = input as Tensor;
      if (!has.sorted_sequence && !has.sorter && sequence.ndim === 1)
        return ops.searchsorted(sequence, x, { ...options, sorter });
      const rows = expandStack(sequence, has.sorted_sequence, size);
      const order = sorter === null ? null : expandStack(sorter, has.sorter, size);
      if (!(input instanceof Tensor))
        return ops
          .searchsorted(rows, sequence.newFull([size, 1], input), { ...options, sorter: order })
          .squeeze(1);
      const all = expandStack(x, has.input, size);
      const given = rows.ndim === 2 ? all.reshape([size, -1]) : all;
      return ops.searchsorted(rows, given, { ...options, sorter: order }).view(all.shape);
    },
    realOnly: noKernel('searchsorted_out_cpu'),
    forward(sequence, input, outInt32, right, side, sorter) {
      const isScalar = !(input instanceof Tensor);
      const values = isScalar ? scalarTensor(input).to(sequence.device) : input;
      if (sequence.ndim === 0)
        throw new RuntimeError(
          `${name}: boundaries tensor should have positive dimension, but got 0 dimension`,
        );
      if (values.ndim === 0 && sequence.ndim !== 1)
        throw new RuntimeError(
          `${name}: input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(${sequence.ndim}) and input value's dim(${values.ndim}) numel(${values.numel()})`,
        );
      if (
        sequence.ndim !== 1 &&
        (sequence.ndim !== values.ndim || !sameShape(sequence.shape.slice(0, -1), values.shape.slice(0, -1)))
      )
        throw new RuntimeError(
          `${name}: boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor ${formatShape(sequence.shape)} and input value tensor ${formatShape(values.shape)}`,
        );
      if (side !== null && side !== 'left' && side !== 'right')
        throw new RuntimeError(`${name}: side can only be 'left' or 'right' but got ${side}`);
      if (side === 'left' && right)
        throw new RuntimeError(
          `${name}: side and right can't be set to opposites, got side of left while right was True`,
        );
      const ordered = sorter === null ? sequence : sequence.gather(-1, checkedSorter(sorter, sequence));
      return search(ordered, input, outInt32, right || side === 'right');
    },
  },
);

function checkedSorter(sorter: Tensor, sequence: Tensor): Tensor {
  if (!sameShape(sorter.shape, sequence.shape))
    throw new RuntimeError(
      `${name}: boundary and sorter must have the same size, but got boundary tensor ${formatShape(sequence.shape)}and got sorter tensor ${formatShape(sorter.shape)}`,
    );
  if (sorter.dtype !== int64)
    throw new RuntimeError(
      `${name}: sorter must be a tensor of long dtype but got dtype ${sorter.dtype.scalarName}`,
    );
  const length = sequence.shape.at(-1)!;
  if (!liesWithin(sorter, 0, length - 1)) throw new RuntimeError(`${name}: sorter index out of range`);
  return sorter;
}

op('bucketize(Tensor|Scalar input, Tensor boundaries, *, bool out_int32=False, bool right=False) -> Tensor', {
  doc: 'Which of the intervals between sorted boundaries each value lies in; `right`: a boundary belongs to the interval above it.',
  batch(input, boundaries, outInt32, right, { size, has }) {
    if (!has.boundaries) return ops.bucketize(input as Tensor, boundaries, { outInt32, right });
    if (!(input instanceof Tensor)) return null;
    const all = expandStack(input, has.input, size);
    return ops.searchsorted(boundaries, all.reshape([size, -1]), { outInt32, right }).view(all.shape);
  },
  realOnly: noKernel('searchsorted_out_cpu'),
  forward(input, boundaries, outInt32, right) {
    if (boundaries.ndim !== 1)
      throw new RuntimeError(`boundaries tensor must be 1 dimension, but got dim(${boundaries.ndim})`);
    return search(boundaries, input, outInt32, right);
  },
});
