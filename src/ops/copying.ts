/** Values from one tensor to another: copies, fills, conversions of dtype and device. */
import type { ComputeType, Program } from '../backends/program.js';
import { backendOf } from '../core/backends.js';
import { cpu, Device } from '../core/device.js';
import {
  bfloat16,
  bool,
  Category,
  complex32,
  complex64,
  complex128,
  type DType,
  float16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  uint8,
} from '../core/dtype.js';
import { noDataError, RuntimeError } from '../core/errors.js';
import { broadcastShapes, checkHeld, contiguousStrides, isContiguous, sameShape } from '../core/layout.js';
import {
  contiguousFormat,
  type MemoryFormat,
  preserveFormat,
  stridesIn,
  suggestedFormat,
} from '../core/memory_format.js';
import { checkHolds } from '../core/overflow.js';
import { type Scalar, scalarValue } from '../core/scalar.js';
import { track } from '../core/scope.js';
import { standsForSeveral } from '../core/stand_ins.js';
import { moveTo, Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { computeComplex } from '../dispatch/complex_program.js';
import { checkSizes, empty, emptyStrided } from '../dispatch/empty.js';
import { checkNoPartialOverlap } from '../dispatch/overlap.js';
import { computeType } from '../dispatch/promote.js';
import { op } from '../dispatch/registry.js';
import { expandStack, padStack } from '../dispatch/stacks.js';
import { lower, parseExpression } from '../expression/index.js';

const copyPrograms = new Map<ComputeType, Program>();
const fillPrograms = new Map<ComputeType, Program>();

function cached(map: Map<ComputeType, Program>, compute: ComputeType, make: () => Program): Program {
  let program = map.get(compute);
  if (program === undefined) {
    program = make();
    map.set(compute, program);
  }
  return program;
}

const self = parseExpression('self');
const isNonzero = parseExpression('self != 0');
const filling = parseExpression('value');

const copyProgram = (compute: ComputeType): Program =>
  cached(copyPrograms, compute, () => lower([self], ['self'], [], compute, 'copy_'));

/** Copies `source`, broadcast, into `target`, converting; what is real takes a complex number's real part. */
export function copyInto(target: Tensor, source: Tensor): void {
  if (target.storage.backend !== source.storage.backend) {
    transferInto(target, source);
    return;
  }
  if (target.dtype.isComplex || source.dtype.isComplex) {
    const expression = target.dtype === bool ? isNonzero : self;
    const compute = computeType(target.dtype.category < Category.float ? source.dtype : target.dtype);
    computeComplex(expression, target, { self: source }, compute);
    return;
  }
  // Truth and what integers make of a number are decided in the source's type: 0.5 is true, and 2^63 an unsigned integer.
  const compute = computeType(target.dtype.category < Category.float ? source.dtype : target.dtype);
  const program = copyProgram(compute);
  target.storage.backend.pointwise(program, target.shape, [target], [source], []);
}

/** A view of a tensor that repeats no element: kernels write every element that they are given somewhere else. */
function withoutRepeats(target: Tensor): Tensor {
  const { shape, strides } = target;
  if (!strides.some((step, d) => step === 0 && shape[d] > 1)) return target;
  const once = shape.map((n, d) => (strides[d] === 0 ? Math.min(n, 1) : n));
  return new Tensor(target.storage, target.dtype, once, strides, target.offset);
}

/** Copies from one device to another, into memory that is there already. */
function transferInto(target: Tensor, source: Tensor): void {
  const { backend } = target.storage;
  if (!backend.hasValues) return;
  if (!source.storage.backend.hasValues) throw noDataError();
  if (!source.isReadable)
    throw new RuntimeError(
      `a copy from ${source.device} into memory that is on ${target.device} already would have to wait; use copy_(await source.to('${target.device}').ready())`,
    );
  const isDense = isContiguous(source.shape, source.strides) && source.dtype === target.dtype;
  const dense = isDense ? source : converted(source, target.dtype);
  const size = target.dtype.itemsize;
  const { buffer, byteOffset } = dense.storage.host()!;
  const bytes = new Uint8Array(buffer, byteOffset + dense.offset * size, dense.numel() * size);
  const isWhole = target.offset === 0 && target.storage.nbytes === bytes.length;
  if (isWhole && sameShape(target.shape, source.shape) && isContiguous(target.shape, target.strides)) {
    backend.upload(target.storage, 0, bytes);
    return;
  }
  const there = empty(source.shape, target.dtype, backend);
  backend.upload(there.storage, 0, bytes);
  copyInto(target, there);
}

/** A copy in the host's memory that arrives later. */
function sent(source: Tensor, dtype: DType, device: Device, strides: readonly number[]): Tensor {
  const { backend } = source.storage;
  const target = backendOf(device);
  // Values that the device cannot hold are converted here, when they have arrived.
  const isHeld = dtype !== float64 && dtype !== complex128;
  const packed = emptyStrided(source.shape, strides, isHeld ? dtype : source.dtype, backend);
  copyInto(packed, source);
  const { nbytes } = packed.storage;
  let bytes = backend.download(packed.storage, 0, nbytes);
  if (!isHeld)
    bytes = bytes.then(({ buffer }) => {
      const narrow = new Tensor(target.wrap(buffer, 0, nbytes), source.dtype, source.shape, strides, 0);
      const wide = emptyStrided(source.shape, strides, dtype, target);
      copyInto(wide, narrow);
      const memory = wide.storage.host()!;
      return new Uint8Array(memory.buffer, memory.byteOffset, wide.storage.nbytes).slice();
    });
  const size = source.numel() * dtype.itemsize;
  const storage = track(target.arriving(size, backend.device, bytes));
  return new Tensor(storage, dtype, source.shape, strides, 0);
}

/** Sets every element. */
export function fillInto(whole: Tensor, value: Scalar): void {
  const target = withoutRepeats(whole);
  if (target.dtype.isComplex) {
    computeComplex(filling, target, { value }, computeType(target.dtype));
    return;
  }
  checkHolds(target.dtype, value);
  const number = scalarValue(value);
  const fraction = typeof number === 'number' && !Number.isInteger(number);
  const compute = fraction && target.dtype === bool ? 'float64' : computeType(target.dtype);
  const program = cached(fillPrograms, compute, () => lower([filling], [], ['value'], compute, 'fill_'));
  const stored = compute === 'int64' && fraction ? Math.trunc(number) : number;
  target.storage.backend.pointwise(program, target.shape, [target], [], [stored]);
}

/** A row-major copy in another dtype. */
export function converted(source: Tensor, dtype: DType): Tensor {
  const result = empty(source.shape, dtype, source.storage.backend);
  copyInto(result, source);
  return result;
}

op('copy(Tensor self, Tensor src, bool non_blocking=False) -> Tensor', {
  doc: 'Copies the elements of `src`, broadcast to the shape of `self` and converted to its dtype, into `self`.',
  batch: 'broadcast',
  devices: 'any',
  functional: false,
  mutate(self, src) {
    checkHeld(self.shape, broadcastShapes(self.shape, src.shape));
    checkNoPartialOverlap(self, src);
    warnDiscarded(src.dtype, self.dtype);
    copyInto(self, src);
  },
  linear: true,
  vjp: { self: (grad) => grad.zerosLike(), src: (grad) => grad },
  gradName: 'CopyBackwards',
});

op('fill(Tensor self, Tensor|Scalar value) -> Tensor', {
  doc: 'Sets every element to `value`.',
  batch: (self, value, { size, has }) => {
    const into = expandStack(self, has.self, size);
    return has.value ? into.clone().copy_(padStack(value as Tensor, true, into.ndim - 1)) : into.fill(value);
  },
  devices: 'any',
  idempotent: true,
  mutate(self, value) {
    if (!(value instanceof Tensor)) fillInto(self, value);
    else if (value.ndim > 0)
      throw new RuntimeError(
        `fill_ only supports 0-dimension value tensor but got tensor with ${value.ndim} dimensions.`,
      );
    else copyInto(withoutRepeats(self), value);
  },
  vjp: { self: (grad) => grad.zerosLike(), value: (grad) => grad.sum() },
});

op('zero(Tensor self) -> Tensor', {
  doc: 'Sets every element to zero.',
  batch: 'leading',
  function: true,
  idempotent: true,
  functional: false,
  mutate: (self) => fillInto(self, 0),
  linear: true,
  vjp: { self: (grad) => grad.zerosLike() },
});

/** A copy of a stack of tensors: formats that say where channels lie count dimensions. */
function inFormat(
  stack: Tensor,
  format: MemoryFormat | null,
  size: number,
  copy: (tensor: Tensor) => Tensor,
): Tensor {
  const counts = format !== null && format !== preserveFormat && format !== contiguousFormat;
  return counts ? copy(stack.flatten(0, 1)).unflatten(0, [size, -1]) : copy(stack);
}

op('clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor', {
  doc: 'A copy with its own memory, in the order of dimensions of `self` unless given; gradients flow through it.',
  batch: (self, memoryFormat, { size }) =>
    inFormat(self, memoryFormat, size, (t) => t.clone({ memoryFormat })),
  forward(self, format) {
    const result = emptyStrided(
      self.shape,
      stridesIn(format, self.shape, self.strides),
      self.dtype,
      self.storage.backend,
    );
    copyInto(result, self);
    return result;
  },
  linear: true,
  vjp: { self: (grad) => grad },
});

op('contiguous(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor', {
  doc: 'The tensor itself if its elements lie in row-major order (or in `memory_format`), else a copy where they do.',
  function: false,
  composite(self, format) {
    if (format === null) return self.isContiguous() ? self : self._contiguousCopy();
    if (format === preserveFormat)
      throw new RuntimeError('preserve memory format is unsupported by the contiguous operator');
    return self.isContiguous({ memoryFormat: format }) ? self : self.clone({ memoryFormat: format });
  },
});

op('_contiguous_copy(Tensor self) -> Tensor', {
  doc: 'A copy in row-major order.',
  batch: 'leading',
  forward: (self) => converted(self, self.dtype),
  linear: true,
  vjp: { self: (grad) => grad },
  gradName: 'CloneBackward0',
});

op('_to_copy(Tensor self, ScalarType dtype, Device device, MemoryFormat? memory_format=None) -> Tensor', {
  doc: 'A copy in another dtype or on another device.',
  batch: (self, dtype, device, format, { size }) =>
    inFormat(self, format, size, (t) => t._toCopy(dtype, device, format)),
  forward(self, dtype, device, format) {
    const strides = stridesIn(format, self.shape, self.strides);
    const there = backendOf(device as Device);
    if (there.hasValues && !self.isReadable && self.storage.backend !== there)
      return sent(self, dtype, device as Device, strides);
    const result = emptyStrided(self.shape, strides, dtype, there);
    copyInto(result, self);
    return result;
  },
  // The engine brings every gradient to the dtype and device of what it belongs to.
  linear: true,
  vjp: { self: (grad) => grad },
  gradName: 'ToCopyBackward0',
});

let hasWarned = false;

/** Says once that a conversion loses imaginary parts. */
function warnDiscarded(from: DType, to: DType): void {
  if (hasWarned || !from.isComplex || to.isComplex || to === bool) return;
  hasWarned = true;
  warn('Casting complex values to real discards the imaginary part');
}

function to(
  self: Tensor,
  dtype: DType,
  device: Device,
  copy: boolean,
  format: MemoryFormat | null = null,
): Tensor {
  if (!copy && self.dtype === dtype && self.device.type === device.type) {
    if (format === null || format === preserveFormat) return self;
    if (format === suggestedFormat(self.shape, self.strides)) return self;
  }
  warnDiscarded(self.dtype, dtype);
  return self._toCopy(dtype, device, format);
}

op(
  'to.dtype(Tensor self, ScalarType dtype, bool non_blocking=False, bool copy=False, *, MemoryFormat? memory_format=None) -> Tensor',
  {
    doc: 'The tensor in this dtype: itself if it has it already, unless `copy`.',
    function: false,
    composite: (self, dtype, _, copy, format) => to(self, dtype, self.device, copy, format),
  },
);

op(
  'to.device(Tensor self, Device? device=None, ScalarType? dtype=None, bool non_blocking=False, bool copy=False, *, MemoryFormat? memory_format=None) -> Tensor',
  {
    doc: 'The tensor on this device and in this dtype: itself if nothing changes, unless `copy`.',
    function: false,
    composite: (self, device, dtype, _, copy, format) =>
      to(self, dtype ?? self.dtype, (device as Device | null) ?? self.device, copy, format),
  },
);

op(
  'to.other(Tensor self, Tensor other, bool non_blocking=False, bool copy=False, *, MemoryFormat? memory_format=None) -> Tensor',
  {
    doc: 'The tensor with the dtype and on the device of `other`.',
    function: false,
    composite: (self, other, _, copy, format) => to(self, other.dtype, other.device, copy, format),
  },
);

op('type_as(Tensor self, Tensor other) -> Tensor', {
  doc: 'The tensor in the dtype of `other`.',
  function: false,
  composite: (self, other) => to(self, other.dtype, self.device, false),
});

op(
  'cuda(Tensor self, Device? device=None, bool non_blocking=False, *, MemoryFormat? memory_format=None) -> Tensor',
  {
    doc: "PyTorch's move to a GPU of CUDA's, of which there is none: the error says what devices there are.",
    function: false,
    composite: (self, device, _nonBlocking, format) =>
      to(self, self.dtype, (device as Device | null) ?? new Device('cuda'), false, format),
  },
);

op('cpu(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor', {
  doc: 'The tensor in host memory: itself if it is there.',
  function: false,
  composite: (self, format) => to(self, self.dtype, cpu, false, format),
});

const conversions: readonly [string, DType][] = [
  ['float', float32],
  ['double', float64],
  ['half', float16],
  ['bfloat16', bfloat16],
  ['int', int32],
  ['long', int64],
  ['short', int16],
  ['char', int8],
  ['byte', uint8],
  ['bool', bool],
  ['chalf', complex32],
  ['cfloat', complex64],
  ['cdouble', complex128],
];

for (const [name, dtype] of conversions)
  op(`${name}(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor`, {
    doc: `The tensor in \`torch.${dtype.name}\`; itself if it has that dtype.`,
    function: false,
    composite: (self: Tensor, format: MemoryFormat | null) => to(self, dtype, self.device, false, format),
  });

op('resize_(Tensor self, int[] size, *, MemoryFormat? memory_format=None) -> Tensor', {
  doc: 'Changes the sizes in place; elements that did not exist before are uninitialised.',
  uninitialized: true,
  function: false,
  composite(self, size, format) {
    if (self.requiresGrad) throw new RuntimeError('cannot resize variables that require grad');
    if (format === preserveFormat) throw new RuntimeError('Unsupported memory formatPreserve');
    checkSizes(size);
    const strides = format === null ? contiguousStrides(size) : stridesIn(format, size, []);
    if (sameShape(self.shape, size)) {
      if (format !== null) self.relayout(self.shape, strides, self.offset);
      return self;
    }
    if (standsForSeveral(self))
      throw new RuntimeError('vmap: we do not yet support aten::resize_. Please file an issue');
    const count = size.reduce((a, b) => a * b, 1);
    const needed = (self.offset + count) * self.dtype.itemsize;
    if (needed > self.storage.nbytes) {
      const grown = empty([self.offset + count], self.dtype, self.storage.backend);
      const kept = Math.floor(self.storage.nbytes / self.dtype.itemsize);
      copyInto(
        new Tensor(grown.storage, self.dtype, [kept], [1], 0),
        new Tensor(self.storage, self.dtype, [kept], [1], 0),
      );
      moveTo(self, grown.storage);
    }
    self.relayout([...size], strides, self.offset);
    return self;
  },
});

op('resize_as_(Tensor self, Tensor the_template, *, MemoryFormat? memory_format=None) -> Tensor', {
  doc: 'Changes the sizes in place to those of another tensor.',
  function: true,
  composite(self, template, format) {
    const result = self.resize_(template.shape);
    if (format !== null && format !== preserveFormat)
      result.strides = stridesIn(format, result.shape, result.strides);
    return result;
  },
});
