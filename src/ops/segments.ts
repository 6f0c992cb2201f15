/** Reductions of the segments that a dimension is cut into. */

import type { KernelArguments } from '../backends/kernels.js';
import { int32, int64 } from '../core/dtype.js';
import { notImplementedFor, RuntimeError } from '../core/errors.js';
import { type Shape, sameShape, wrapDim } from '../core/layout.js';
import { standsForSeveral } from '../core/stand_ins.js';
import type { Tensor } from '../core/tensor.js';
import { empty } from '../dispatch/empty.js';
import { notImplemented } from '../dispatch/promote.js';
import { noKernel } from '../dispatch/real_only.js';
import { type OpFunction, op, ops } from '../dispatch/registry.js';

type Reduce = KernelArguments<'segment_reduce'>['reduce'];

/** The value that a segment starts from. */
const identities: Readonly<Record<Reduce, number>> = {
  sum: 0,
  mean: 0,
  max: Number.NEGATIVE_INFINITY,
  min: Number.POSITIVE_INFINITY,
  prod: 1,
};

const product = (sizes: Shape) => sizes.reduce((a, b) => a * b, 1);

const schema =
  "_segment_reduce(Tensor data, Tensor offsets, 'sum'|'mean'|'max'|'min'|'prod' reduce, int axis, float initial, float empty) -> Tensor";

const joined: OpFunction<typeof schema> = op(schema, {
  doc: 'The segments of `data` between neighbouring `offsets`, each joined to `initial`; `empty` where there is nothing in one.',
  function: false,
  method: false,
  realOnly: noKernel('_segment_reduce_cpu'),
  forward(data, offsets, reduce, axis, initial, absent) {
    if (!data.isFloatingPoint()) throw notImplemented('_segment_reduce_cpu', data.dtype);
    const segments = Math.max(offsets.shape[axis] - 1, 0);
    const [before, after] = [data.shape.slice(0, axis), data.shape.slice(axis + 1)];
    const result = empty([...before, segments, ...after], data.dtype, data.storage.backend);
    if (result.numel() === 0) return result;
    const [outer, inner] = [product(before), product(after)];
    data.storage.backend.kernels.segment_reduce(
      result.view([outer, segments, inner]),
      data.reshape([outer, data.shape[axis], inner]).contiguous(),
      offsets.contiguous(),
      reduce,
      initial,
      absent,
    );
    return result;
  },
  save: ['data', 'offsets', 'result'],
  vjp: {
    data(grad, { data, offsets, result, reduce, axis, initial }) {
      const segments = result.shape[axis];
      if (segments === 0 || data.numel() === 0) return data.zerosLike();
      const ones = data.shape.slice(axis + 1).map(() => 1);
      const places = ops.arange(data.shape[axis], { device: data.device });
      const rows = [...offsets.shape.slice(0, -1), data.shape[axis]];
      const found = ops.searchsorted(offsets, places.expand(rows).contiguous(), { right: true }).sub(1);
      const index = found
        .clamp(0, segments - 1)
        .reshape([...rows, ...ones])
        .expand(data.shape);
      const isInside = found
        .ge(0)
        .logicalAnd(found.lt(segments))
        .reshape([...rows, ...ones]);
      /** Of each element's segment, and of each segment's elements the sum. */
      const spread = (t: Tensor) => t.gather(axis, index);
      const counted = (mask: Tensor) =>
        result.zerosLike().scatterAdd(axis, index, mask.logicalAnd(isInside).to(data.dtype));
      const inside = (t: Tensor) => t.mul(isInside);
      switch (reduce) {
        case 'sum':
          return inside(spread(grad));
        case 'mean':
          return inside(spread(grad.div(counted(data.onesLike().to(isInside.dtype)).clamp({ min: 1 }))));
        case 'prod': {
          // Zeros and NaN cannot be divided out: what is not among them is multiplied apart.
          const isSpecial = data.eq(0).logicalOr(data.isnan());
          const plain = joined(data.maskedFill(isSpecial, 1), offsets, 'prod', axis, initial, initial);
          const special = joined(data.maskedFill(isSpecial.logicalNot(), 1), offsets, 'prod', axis, 1, 1);
          const isAlone = spread(counted(isSpecial)).eq(1).logicalAnd(isSpecial);
          const others = ops.where(isAlone, 1, spread(special)).div(data.maskedFill(isSpecial, 1));
          return inside(spread(grad.mul(plain)).mul(others));
        }
        default: {
          // Shared evenly among all that are the extreme.
          const isExtreme = data.eq(spread(result)).logicalOr(data.isnan());
          return inside(spread(grad.div(counted(isExtreme).clamp({ min: 1 }))).mul(isExtreme));
        }
      }
    },
  },
});

/** @throws RuntimeError unless the bounds of segments lie along `axis` of `data` */
function checkBounds(data: Tensor, bounds: Tensor, axis: number, what: 'lengths' | 'offsets'): void {
  if (data.ndim < bounds.ndim)
    throw new RuntimeError(`Expected data.dim() >= ${what}_value.dim() to be true, but got false.`);
  if (bounds.ndim - 1 !== axis)
    throw new RuntimeError(
      `segment_reduce(): Expected axis to be the last dimension of ${what} but got ${axis}.`,
    );
  if (!sameShape(bounds.shape.slice(0, -1), data.shape.slice(0, axis)))
    throw new RuntimeError(
      `segment_reduce(): Expected ${what} to have the sizes of data before axis, but got ${what} of shape [${bounds.shape}] and data of shape [${data.shape}].`,
    );
  if (bounds.dtype !== int64 && bounds.dtype !== int32)
    throw notImplementedFor(`_segment_reduce_${what}_cpu_kernel1`, bounds.dtype.scalarName);
}

/** The reduction of segments. @throws RuntimeError in PyTorch's words */
function reduceOf(reduce: string): Reduce {
  if (reduce === 'amax' || reduce === 'amin') return reduce === 'amax' ? 'max' : 'min';
  if (!(reduce in identities))
    throw new RuntimeError(`reduce argument must be either sum, prod, mean, amax or amin, got ${reduce}`);
  return reduce as Reduce;
}

op(
  "segment_reduce(Tensor data, 'sum'|'mean'|'max'|'min'|'prod' reduce, *, Tensor? lengths=None, Tensor? indices=None, Tensor? offsets=None, int axis=0, bool unsafe=False, float? initial=None) -> Tensor",
  {
    doc: 'Cuts `axis` into segments of these `lengths` (or between neighbouring `offsets`) and reduces each, from `initial` on. `unsafe` leaves out the check that they are whole.',
    method: false,
    reads: true,
    composite(data, reduce, lengths, indices, offsets, axis, unsafe, initial) {
      const d = wrapDim(axis, data.ndim);
      if (indices !== null)
        throw new RuntimeError('segment_reduce(): indices based reduction is not supported yet.');
      if (lengths === null && offsets === null)
        throw new RuntimeError('segment_reduce(): Either lengths or offsets must be defined.');
      const kind = reduceOf(reduce);
      const start = initial ?? identities[kind];
      const absent = initial ?? (kind === 'mean' ? Number.NaN : start);
      if (offsets !== null) {
        checkBounds(data, offsets, d, 'offsets');
        return joined(data, offsets.to(int64), kind, d, start, absent);
      }
      checkBounds(data, lengths!, d, 'lengths');
      // Where there are no values to read, or those of several, nobody can check them.
      if (!unsafe && !lengths!.isMeta && !standsForSeveral(lengths!)) {
        if (lengths!.min().item() < 0) throw new RuntimeError('lengths contains negative value!');
        if (!lengths!.sum(-1).eq(data.shape[d]).all().item())
          throw new RuntimeError(
            'segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when !unsafe.',
          );
      }
      const ends = lengths!.to(int64).cumsum(-1);
      return joined(
        data,
        ops.cat([ends.newZeros([...ends.shape.slice(0, -1), 1]), ends], -1),
        kind,
        d,
        start,
        absent,
      );
    },
  },
);
