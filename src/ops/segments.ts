/** Reductions of the segments that a dimension is cut into. */

import type { KernelArguments } from '../backends/kernels.js';
import { int32, int64 } from '../core/dtype.js';
import { notImplementedFor, RuntimeError } from '../core/errors.js';
import { sameShape, wrapDim } from '../core/layout.js';
import { standsForSeveral } from '../core/stand_ins.js';
import type { Tensor } from '../core/tensor.js';
import { empty } from '../dispatch/empty.js';
import { notImplemented } from '../dispatch/promote.js';
import { noKernel } from '../dispatch/real_only.js';
import { type OpFunction, op, ops } from '../dispatch/registry.js';
import { lines } from './lines.js';
import { wantsOpenForm } from './open_form.js';

type Reduce = KernelArguments<'segment_reduce'>['reduce'];

/** The value that a segment starts from. */
const identities: Readonly<Record<Reduce, number>> = {
  sum: 0,
  mean: 0,
  max: Number.NEGATIVE_INFINITY,
  min: Number.POSITIVE_INFINITY,
  prod: 1,
};

const schema =
  "_segment_reduce(Tensor data, Tensor offsets, 'sum'|'mean'|'max'|'min'|'prod' reduce, int axis, float initial, float empty, bool lengths) -> Tensor";

const joined: OpFunction<typeof schema> = op(schema, {
  doc: 'The segments of `data` between neighbouring `offsets` (or of these `lengths`), each joined to `initial`; `empty` where there is nothing in one.',
  function: false,
  method: false,
  realOnly: noKernel('_segment_reduce_cpu'),
  forward(data, offsets, reduce, axis, initial, absent, lengths) {
    if (!data.isFloatingPoint()) throw notImplemented('_segment_reduce_cpu', data.dtype);
    const segments = lengths ? offsets.shape[axis] : Math.max(offsets.shape[axis] - 1, 0);
    const [before, after] = [data.shape.slice(0, axis), data.shape.slice(axis + 1)];
    const result = empty([...before, segments, ...after], data.dtype, data.storage.backend);
    if (result.numel() === 0) return result;
    data.storage.backend.kernels.segment_reduce(
      lines(result, axis),
      lines(data.contiguous(), axis),
      offsets.contiguous(),
      reduce,
      initial,
      absent,
      lengths,
    );
    return result;
  },
  save: ['data', 'offsets', 'result'],
  vjp: {
    data(grad, { data, offsets: bounds, result, reduce, axis, initial, lengths }) {
      if (data.storage.backend.isHost && data.numel() > 0 && !wantsOpenForm())
        return gradientByKernel(grad, data, bounds, result, reduce, axis, initial, lengths);
      const offsets = lengths ? offsetsOf(bounds) : bounds;
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
          const plain = joined(data.maskedFill(isSpecial, 1), offsets, 'prod', axis, initial, initial, false);
          const special = joined(
            data.maskedFill(isSpecial.logicalNot(), 1),
            offsets,
            'prod',
            axis,
            1,
            1,
            false,
          );
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

/** The bounds of segments of these lengths, one after the other. */
function offsetsOf(lengths: Tensor): Tensor {
  const ends = lengths.cumsum(-1);
  return ops.cat([ends.newZeros([...ends.shape.slice(0, -1), 1]), ends], -1);
}

function gradientByKernel(
  grad: Tensor,
  data: Tensor,
  offsets: Tensor,
  result: Tensor,
  reduce: Reduce,
  axis: number,
  initial: number,
  lengths: boolean,
): Tensor {
  const out = empty(data.shape, data.dtype, data.storage.backend);
  data.storage.backend.kernels.segment_reduce_backward(
    lines(out, axis),
    lines(grad.to(data.dtype).contiguous(), axis),
    lines(result, axis),
    lines(data.contiguous(), axis),
    offsets.contiguous(),
    reduce,
    initial,
    lengths,
  );
  return out;
}

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
        return joined(data, offsets.to(int64), kind, d, start, absent, false);
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
      const whole = lengths!.to(int64);
      if (data.storage.backend.isHost) return joined(data, whole, kind, d, start, absent, true);
      return joined(data, offsetsOf(whole), kind, d, start, absent, false);
    },
  },
);
