/** New tensors from sizes and values. */
import { backendOf } from '../core/backends.js';
import { isComplexNumber } from '../core/complex.js';
import { getDefaultDevice, getDefaultDtype } from '../core/defaults.js';
import { cpu, Device, type DeviceLike, toDevice } from '../core/device.js';
import { bool, Category, complex128, type DType, float16, float64, int64 } from '../core/dtype.js';
import { RuntimeError, ValueError } from '../core/errors.js';
import { numel, type Shape } from '../core/layout.js';
import { type MemoryFormat, stridesIn } from '../core/memory_format.js';
import { checkHolds } from '../core/overflow.js';
import { numberDtype } from '../core/promotion.js';
import { formatNumber } from '../core/repr.js';
import { type Scalar, scalarCategory, scalarParts, scalarValue } from '../core/scalar.js';
import { asLeaf, Tensor } from '../core/tensor.js';
import { checkSizes, emptyStrided, empty as rawEmpty } from '../dispatch/empty.js';
import { refuseFamily } from '../dispatch/families.js';
import { notImplemented } from '../dispatch/promote.js';
import { op, ops } from '../dispatch/registry.js';
import { fillInto } from './copying.js';

function make(size: Shape, dtype: DType | null, device: DeviceLike | null, requiresGrad: boolean): Tensor {
  checkSizes(size);
  const where = device === null ? getDefaultDevice() : toDevice(device);
  const result = rawEmpty([...size], dtype ?? getDefaultDtype(), backendOf(where));
  return requiresGrad ? asLeaf(result) : result;
}

/** A tensor laid out as `self`, in another dtype or on another device if given. */
function like(
  self: Tensor,
  dtype: DType | null,
  device: DeviceLike | null,
  requiresGrad: boolean,
  format: MemoryFormat | null,
): Tensor {
  const backend = device === null ? self.storage.backend : backendOf(toDevice(device));
  const strides = stridesIn(format, self.shape, self.strides);
  const result = emptyStrided(self.shape, strides, dtype ?? self.dtype, backend);
  return requiresGrad ? asLeaf(result) : result;
}

function filled(tensor: Tensor, value: Scalar): Tensor {
  fillInto(tensor, value);
  return tensor;
}

/** The dtype that a number has of itself. */
const dtypeOf = (value: Scalar): DType => numberDtype(scalarCategory(value));

op(
  'empty(int[] size, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, MemoryFormat? memory_format=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor of these sizes with uninitialised elements.',
    uninitialized: true,
    composite(size, dtype, device, grad, _, format) {
      const result = make(size, dtype, device, grad);
      if (format !== null) result.strides = stridesIn(format, result.shape, result.strides);
      return result;
    },
  },
);

op(
  'zeros(int[] size, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor of these sizes filled with 0.',
    composite: (size, dtype, device, grad) => filled(make(size, dtype, device, grad), 0),
  },
);

op(
  'ones(int[] size, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor of these sizes filled with 1.',
    composite: (size, dtype, device, grad) => filled(make(size, dtype, device, grad), 1),
  },
);

op(
  'full(int[] size, Scalar fill_value, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor of these sizes filled with `fill_value`, whose type decides the dtype unless given.',
    composite(size, value, dtype, device, grad) {
      const result = make(size, dtype ?? dtypeOf(value), device, grad);
      const number = isComplexNumber(value) ? 0 : Number(scalarValue(value));
      // A single element of half precision becomes infinite where more of them are refused.
      const isLarge = result.dtype === float16 && result.numel() === 1 && Math.abs(number) > 65504;
      return filled(
        result,
        isLarge ? Math.sign(number) * (Math.abs(number) < 65520 ? 65504 : Infinity) : value,
      );
    },
  },
);

op(
  'empty_like(Tensor self, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, MemoryFormat? memory_format=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor with the sizes, dtype and device of `self` (unless given) and uninitialised elements.',
    uninitialized: true,
    batch: 'leading',
    composite: (self, dtype, device, grad, _, format) => like(self, dtype, device, grad, format),
  },
);

op(
  'new_empty(Tensor self, int[] size, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor of these sizes with the dtype and device of `self` (unless given) and uninitialised elements.',
    uninitialized: true,
    batch: (self, shape, dtype, device, requiresGrad, _layout, _pin, { size }) =>
      self.newEmpty([size, ...shape], { dtype, device, requiresGrad }),
    function: false,
    composite: (self, size, dtype, device, grad) =>
      make(size, dtype ?? self.dtype, device ?? self.device, grad),
  },
);

op(
  'zeros_like(Tensor self, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, MemoryFormat? memory_format=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor with the sizes, dtype and device of `self` (unless given) and every element 0.',
    batch: 'leading',
    composite: (self, dtype, device, grad, _, format) => filled(like(self, dtype, device, grad, format), 0),
  },
);

op(
  'new_zeros(Tensor self, int[] size, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor of these sizes with the dtype and device of `self` (unless given) and every element 0.',
    batch: (self, shape, dtype, device, requiresGrad, _layout, _pin, { size }) =>
      self.newZeros([size, ...shape], { dtype, device, requiresGrad }),
    function: false,
    composite: (self, size, dtype, device, grad) =>
      filled(make(size, dtype ?? self.dtype, device ?? self.device, grad), 0),
  },
);

op(
  'ones_like(Tensor self, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, MemoryFormat? memory_format=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor with the sizes, dtype and device of `self` (unless given) and every element 1.',
    batch: 'leading',
    composite: (self, dtype, device, grad, _, format) => filled(like(self, dtype, device, grad, format), 1),
  },
);

op(
  'new_ones(Tensor self, int[] size, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor of these sizes with the dtype and device of `self` (unless given) and every element 1.',
    batch: (self, shape, dtype, device, requiresGrad, _layout, _pin, { size }) =>
      self.newOnes([size, ...shape], { dtype, device, requiresGrad }),
    function: false,
    composite: (self, size, dtype, device, grad) =>
      filled(make(size, dtype ?? self.dtype, device ?? self.device, grad), 1),
  },
);

op(
  'full_like(Tensor self, Scalar fill_value, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, MemoryFormat? memory_format=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor with the sizes, dtype and device of `self` (unless given), filled with `fill_value`.',
    batch: 'leading',
    composite: (self, value, dtype, device, grad, _, format) =>
      filled(like(self, dtype, device, grad, format), value),
  },
);

op(
  'new_full(Tensor self, int[] size, Scalar fill_value, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor of these sizes with the dtype and device of `self` (unless given), filled with `fill_value`.',
    batch: (self, shape, value, dtype, device, requiresGrad, _layout, _pin, { size }) =>
      self.newFull([size, ...shape], value, { dtype, device, requiresGrad }),
    function: false,
    composite: (self, size, value, dtype, device, grad) =>
      filled(make(size, dtype ?? self.dtype, device ?? self.device, grad), value),
  },
);

op(
  'empty_strided(int[] size, int[] stride, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor of these sizes and strides with uninitialised elements.',
    uninitialized: true,
    composite(size, stride, dtype, device, grad) {
      if (size.length !== stride.length)
        throw new RuntimeError(
          `mismatch in length of strides and shape: ${stride.length} strides for ${size.length} sizes`,
        );
      checkSizes(size);
      const reach = size.reduce((sum, n, i) => sum + (n - 1) * stride[i], 1);
      const memory = make([numel(size) === 0 ? 0 : reach], dtype, device, false);
      const result = memory.asStrided(size, stride);
      result.base = null;
      return grad ? asLeaf(result) : result;
    },
  },
);

op(
  'new_empty_strided(Tensor self, int[] size, int[] stride, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor of these sizes and strides with the dtype and device of `self` (unless given) and uninitialised elements.',
    uninitialized: true,
    batch: (self, shape, stride, dtype, device, requiresGrad, _layout, _pin, { size }) =>
      self.newEmptyStrided(
        [size, ...shape],
        [shape.reduce((sum, n, i) => sum + (n - 1) * stride[i], 1), ...stride],
        { dtype, device, requiresGrad },
      ),
    function: false,
    composite: (self, size, stride, dtype, device, requiresGrad) =>
      ops.emptyStrided(size, stride, {
        dtype: dtype ?? self.dtype,
        device: device ?? self.device,
        requiresGrad,
      }),
  },
);

op(
  'empty_permuted(int[] size, int[] physical_layout, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A tensor of these sizes with uninitialised elements, its dimensions in this order in memory, outermost first.',
    uninitialized: true,
    composite(size, order, dtype, device, grad) {
      const n = size.length;
      if (order.length !== n)
        throw new RuntimeError(
          `Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = ${n} is not equal to len(physical_layout) = ${order.length}`,
        );
      const place = new Array<number>(n).fill(-1);
      for (const [i, d] of order.entries()) {
        if (d < 0 || d >= n)
          throw new RuntimeError(
            `Dimension out of range (expected to be between 0 and ${n - 1}, but got ${d} at index ${i}).  NB: negative dims not currently supported; file an issue if you want it.`,
          );
        if (place[d] >= 0) throw new RuntimeError('Duplicate dim not allowed');
        place[d] = i;
      }
      const memory = make(
        order.map((d) => size[d]),
        dtype,
        device,
        false,
      );
      const result = memory.permute(place);
      result.base = null;
      return grad ? asLeaf(result) : result;
    },
  },
);

/** The number of values in [start, end) at this step. */
function rangeLength(start: number, end: number, step: number): number {
  // NaN is neither above zero nor below.
  if (!(step > 0 || step < 0)) throw new RuntimeError('step must be nonzero');
  if (!Number.isFinite(start) || !Number.isFinite(end))
    throw new RuntimeError(`unsupported range: ${formatNumber(start)} -> ${formatNumber(end)}`);
  if ((step > 0 && start > end) || (step < 0 && start < end))
    throw new RuntimeError('upper bound and lower bound inconsistent with step sign');
  return Math.ceil((end - start) / step);
}

/** PyTorch's error for a size that does not fit its integers. */
function checkLength(length: number): number {
  if (!(length < 2 ** 63)) throw new RuntimeError('invalid size, possible overflow?');
  return length;
}

function arange(
  start: Scalar,
  end: Scalar,
  step: Scalar,
  dtype: DType | null,
  device: DeviceLike | null,
  grad: boolean,
): Tensor {
  const isFloat = [start, end, step].some((x) => scalarCategory(x) === Category.float);
  const type = dtype ?? (isFloat ? getDefaultDtype() : int64);
  if (type.isComplex || type === bool) throw notImplemented('arange_cpu', type);
  refuseFamily('arange_cpu', type);
  const given = [start, end, step].map((x) => Number(scalarValue(x))) as [number, number, number];
  // An integer range has integer bounds and step; how long it is, int64 alone counts by these.
  const whole = given.map(Math.trunc) as [number, number, number];
  if (type === int64 && whole[2] === 0 && given[2] !== 0) throw new ValueError('step must be nonzero');
  const length = checkLength(rangeLength(...(type === int64 ? whole : given)));
  const result = make([length], type, device, grad);
  const [from, , by] = type.category === Category.int ? whole : given;
  result.storage.backend.kernels.arange(result, from, by);
  return result;
}

op(
  'arange.end(Scalar end, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'The numbers from 0 up to `end`, which is left out.',
    composite: (end, dtype, device, grad) => arange(0, end, 1, dtype, device, grad),
  },
);

op(
  'arange.start(Scalar start, Scalar end, Scalar step=1, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'The numbers from `start` up to `end`, which is left out, `step` apart. All integers: int64.',
    composite: arange,
  },
);

/** A bound of a range: a number, or a tensor that holds one. */
type Bound = Tensor | Scalar;

const boundValue = (x: Bound): number => Number(x instanceof Tensor ? x.item() : scalarValue(x));

const isComplexBound = (x: Bound): boolean => (x instanceof Tensor ? x.isComplex() : isComplexNumber(x));

/** Where a range lies: bounds without values give one without values. */
const placeOf = (...bounds: readonly Bound[]): Device =>
  bounds.find((x) => x instanceof Tensor && x.isMeta) !== undefined ? new Device('meta') : getDefaultDevice();

/** Numbers between two bounds. */
function spaced(
  name: string,
  [start, end]: readonly [Bound, Bound],
  steps: number,
  dtype: DType | null,
  device: DeviceLike | null,
): Tensor {
  const dims = [start, end].map((x) => (x instanceof Tensor ? x.ndim : 0));
  if (dims.some((n) => n > 0)) {
    const given = ['start', 'end'].map((which, i) => `${which} with ${dims[i]} dimension(s)`);
    const tensors = given.filter((_, i) => [start, end][i] instanceof Tensor);
    throw new RuntimeError(
      `${name} only supports 0-dimensional start and end tensors, but got ${tensors.join(' and ')}.`,
    );
  }
  if (steps < 0) throw new RuntimeError('number of steps must be non-negative');
  const isComplex = isComplexBound(start) || isComplexBound(end);
  const type = dtype ?? numberDtype(isComplex ? Category.complex : Category.float);
  refuseFamily(`${name}_cpu`, type);
  if (isComplex && !type.isComplex)
    throw new RuntimeError(
      `${name}(): inferred dtype ${numberDtype(Category.complex).scalarName} can't be safely cast to passed dtype ${type.scalarName}`,
    );
  if (type.isComplex) {
    const [a, b] = [start, end].map((x) => scalarParts(x instanceof Tensor ? x.itemComplex() : x));
    const [re, im] = [0, 1].map((i) => spaced(name, [a[i], b[i]], steps, type.toReal(), device));
    return ops.complex(re, im);
  }
  const result = make([steps], type, device ?? placeOf(start, end), false);
  if (result.isMeta) return result;
  const [from, to] = [start, end].map(boundValue);
  if (type.category === Category.int) for (const bound of [from, to]) checkHolds(type, Math.trunc(bound));
  result.storage.backend.kernels.linspace(result, from, to);
  return result;
}

const factory =
  '*, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor';

for (const bounds of ['.Tensor(Tensor start', '(Scalar start'] as const) {
  op(`linspace${bounds}, Tensor|Scalar end, int steps, ${factory}`, {
    doc: '`steps` numbers from `start` to `end`, both included, evenly spaced.',
    batch: 'loop',
    method: false,
    reads: true,
    composite(start, end, steps, dtype, device, grad, ..._) {
      const result = spaced('linspace', [start, end], steps, dtype, device);
      return grad ? asLeaf(result) : result;
    },
  });

  op(`logspace${bounds}, Tensor|Scalar end, int steps, float base=10, ${factory}`, {
    doc: '`steps` numbers from `base`^`start` to `base`^`end`, evenly spaced on a logarithmic scale.',
    batch: 'loop',
    method: false,
    reads: true,
    composite(start, end, steps, base, dtype, device, grad, ..._) {
      const isComplex = isComplexBound(start) || isComplexBound(end);
      const type = dtype ?? numberDtype(isComplex ? Category.complex : Category.float);
      const where = toDevice(device ?? placeOf(start, end));
      if (!backendOf(where).hasValues) return make([steps], type, where, grad);
      refuseFamily('logspace_cpu', type);
      const wide = type.isComplex ? complex128 : float64;
      // An integer range has integer bounds.
      const whole = (x: Bound) => (x instanceof Tensor && x.ndim > 0 ? x : Math.trunc(boundValue(x)));
      const ends: [Bound, Bound] = type.category === Category.int ? [whole(start), whole(end)] : [start, end];
      // In double precision, which not every device has.
      const powers = ops.pow(base, spaced('logspace', ends, steps, wide, cpu)).to(type);
      const result = powers.to(where);
      return grad ? asLeaf(result) : result;
    },
  });
}

op(
  'eye.m(int n, int? m=None, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'An n × m matrix (n × n by default) with 1 on the diagonal and 0 elsewhere.',
    composite(n, m, dtype, device, grad) {
      if (n < 0) throw new RuntimeError(`n must be greater or equal to 0, got ${n}`);
      if (m !== null && m < 0) throw new RuntimeError(`m must be greater or equal to 0, got ${m}`);
      const columns = m ?? n;
      if (dtype?.family === 'uint') throw notImplemented('eye', dtype);
      const result = filled(make([n, columns], dtype, device, false), 0);
      fillInto(result.asStrided([Math.min(n, columns)], [columns + 1]), 1);
      return grad ? asLeaf(result) : result;
    },
  },
);

op(
  'scalar_tensor(Scalar s, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor',
  {
    doc: 'A 0-d tensor of the default dtype (unless given) with this value.',
    composite: (s, dtype, device, grad) => filled(make([], dtype, device, grad), s),
  },
);

/** A 0-d tensor of the dtype a number has of itself, or of the one given. It is on the CPU, and so goes with every device. */
export function scalarTensor(value: Scalar, dtype: DType | null = null): Tensor {
  return filled(make([], dtype ?? dtypeOf(value), cpu, false), value);
}
