/** Elements chosen by a mask of truth values. */
import type { ComputeType, Program } from '../backends/program.js';
import { bool } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { broadcastShapes, checkHeld, numel, sameShape } from '../core/layout.js';
import { Tensor } from '../core/tensor.js';
import { computeComplex } from '../dispatch/complex_program.js';
import { sharesMemory } from '../dispatch/overlap.js';
import { computeType } from '../dispatch/promote.js';
import { op, ops } from '../dispatch/registry.js';
import { expandStack, ndimOf, padStack } from '../dispatch/stacks.js';
import { lower, parseExpression } from '../expression/index.js';
import { holds, withinRange } from './checks.js';
import { scalarLike } from './indices.js';

const filling = parseExpression('mask ? value : self');
const programs = new Map<ComputeType, Program>();

function fillProgram(compute: ComputeType): Program {
  let program = programs.get(compute);
  if (program === undefined) {
    program = lower([filling], ['self', 'mask', 'value'], [], compute, 'masked_fill');
    programs.set(compute, program);
  }
  return program;
}

/** A copy of `self` that has the mask's dimensions too: what the plain forms change. */
function copyFor(self: Tensor, mask: Tensor): Tensor {
  const shape = broadcastShapes(mask.shape, self.shape);
  return sameShape(shape, self.shape) ? self.clone() : self.expand(shape)._contiguousCopy();
}

/** Refuses a mask that would make `self` larger. */
function checkMaskFits(self: Tensor, mask: Tensor): void {
  checkHeld(self.shape, broadcastShapes(mask.shape, self.shape));
}

op('masked_fill(Tensor self, Tensor mask, Tensor|Scalar value) -> Tensor', {
  doc: 'Sets the elements where `mask` is true to `value`.',
  batch: (self, mask, value, { size, has }) => {
    const ndim = Math.max(ndimOf(self, has.self), ndimOf(mask, has.mask));
    const into = padStack(expandStack(self, has.self, size), true, ndim);
    const where = padStack(mask, has.mask, ndim);
    if (!(value instanceof Tensor)) return into.maskedFill(where, value);
    return ops.where(where, padStack(value, has.value, ndim).to(self.dtype), into);
  },
  devices: 'any',
  prepare: copyFor,
  mutate(self, mask, value) {
    if (value instanceof Tensor && value.ndim !== 0)
      throw new RuntimeError(
        `masked_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.ndim} dimension(s).`,
      );
    if (mask.dtype !== bool)
      throw new RuntimeError(
        `masked_fill_ only supports boolean masks, but got mask with dtype ${mask.dtype.name}`,
      );
    checkMaskFits(self, mask);
    const compute = computeType(self.dtype);
    const filler = scalarLike(self, value);
    if (self.isComplex()) {
      computeComplex(filling, self, { self, mask, value: filler }, compute);
    } else self.storage.backend.pointwise(fillProgram(compute), self.shape, [self], [self, mask, filler], []);
  },
  save: ['mask'],
  vjp: {
    self: (grad, { mask, sizes }) => grad.maskedFill(mask, 0).sumToSize(sizes.self),
    value: (grad, { mask }) => grad.maskedFill(mask.logicalNot(), 0).sum(),
  },
  gradName: (args) => (args[2] instanceof Tensor ? 'MaskedFillBackward1' : 'MaskedFillBackward0'),
});

op('masked_select(Tensor self, Tensor mask) -> Tensor', {
  doc: 'The elements where `mask` is true, as a vector. Mask and tensor broadcast.',
  batch(self, mask, { size, has }) {
    if (has.mask)
      throw new RuntimeError(
        'vmap: Attempted to vmap over `mask` in torch.masked_select(self, mask) We cannot support this because for each batch this would return a differently shaped Tensor. Please file an issue at https://github.com/pytorch/pytorch/issues if you need this feature.',
      );
    const shape = broadcastShapes(mask.shape, self.shape.slice(1));
    const stack = padStack(self, true, shape.length)
      .expand([size, ...shape])
      .reshape([size, -1]);
    const chosen = mask.expand(shape).reshape([-1]).nonzero();
    return stack.indexSelect(1, chosen.reshape([-1]));
  },
  reads: true,
  forward(self, mask) {
    if (mask.dtype !== bool) throw new RuntimeError('masked_select: expected BoolTensor for mask');
    const shape = broadcastShapes(mask.shape, self.shape);
    // An index of no dimensions selects nothing to stand for.
    const at = shape.length === 0 ? [1] : shape;
    return self.expand(shape).reshape(at).index(mask.expand(shape).reshape(at));
  },
  save: ['mask'],
  linear: true,
  vjp: {
    self(grad, { mask, sizes }) {
      const shape = broadcastShapes(mask.shape, sizes.self);
      return grad.newZeros(shape).maskedScatter_(mask, grad).sumToSize(sizes.self);
    },
  },
});

/** For each element how many true ones come before it (of a true one: its number among them), in row-major order. */
function orderOf(mask: Tensor): Tensor {
  return mask.reshape([-1]).cumsum(0).sub(1).reshape(mask.shape);
}

const tooFew = 'Number of elements of source < number of ones in mask';

op('masked_scatter(Tensor self, Tensor mask, Tensor source) -> Tensor', {
  doc: 'Puts the elements of `source`, in order, where `mask` is true.',
  prepare: copyFor,
  mutate(self, mask, source) {
    if (self.dtype !== source.dtype)
      throw new RuntimeError(
        `masked_scatter: expected self and source to have same dtypes but got${self.dtype.scalarName} and ${source.dtype.scalarName}`,
      );
    if (mask.dtype !== bool)
      throw new RuntimeError(
        `masked_scatter_ only supports boolean masks, but got mask with dtype ${mask.dtype.scalarName}`,
      );
    checkMaskFits(self, mask);
    const view = self.ndim === 0 ? self.unsqueeze(0) : self;
    if (view.numel() === 0) return;
    const chosen = mask.expand(view.shape);
    const own = sharesMemory(self.storage, source.storage) ? source.clone() : source;
    const { backend } = self.storage;
    if (backend.isHost || !backend.hasValues) {
      const from = own.reshape([-1]);
      withinRange(() => backend.kernels.masked_scatter(view, chosen, from), tooFew);
      return;
    }
    const order = orderOf(chosen);
    const count = source.numel();
    if (!holds(order, (o) => o.add(1).mul(chosen).max().le(count))) throw new RuntimeError(tooFew);
    if (count === 0) return;
    // Where nobody could look whether there are enough, an index out of range tells.
    view.copy_(ops.where(chosen, own.take(order.mul(chosen)), view));
  },
  save: ['mask'],
  linear: true,
  vjp: {
    self: (grad, { mask, sizes }) => grad.maskedFill(mask, 0).sumToSize(sizes.self),
    source(grad, { mask, sizes }) {
      const chosen = mask.expand(grad.shape).reshape([-1]);
      const count = numel(sizes.source);
      const order = orderOf(chosen).clamp(0, Math.max(count - 1, 0));
      const parts = grad.reshape([-1]).maskedFill(chosen.logicalNot(), 0);
      return grad.newZeros([count]).indexAdd_(0, order, parts).reshape(sizes.source);
    },
  },
});
