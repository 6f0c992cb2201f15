/** Rounding, limiting and replacing values. */
import { bfloat16, Category, type DType, float16, int16 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { commonDtype, notImplemented } from '../../dispatch/promote.js';
import { clampRefused, noKernel, refused, unsupported } from '../../dispatch/real_only.js';
import { op, ops } from '../../dispatch/registry.js';
import { categoryOf, literal } from './row_parts.js';

op('floor(Tensor self) -> Tensor', {
  doc: 'The largest integer that is not larger.',
  realOnly: unsupported('floor is not supported for complex inputs'),
  only: ['floor_vml_cpu', 'if'],
  pointwise: 'floor(self)',
});

op('ceil(Tensor self) -> Tensor', {
  doc: 'The smallest integer that is not smaller.',
  realOnly: unsupported('ceil is not supported for complex inputs'),
  only: ['ceil_vml_cpu', 'if'],
  pointwise: 'ceil(self)',
});

op('trunc(Tensor self) -> Tensor', {
  doc: 'The integer part: rounding to zero.',
  realOnly: unsupported('trunc is not supported for complex inputs'),
  aliases: ['fix'],
  only: ['trunc_vml_cpu', 'if'],
  pointwise: 'trunc(self)',
});

op('frac(Tensor self) -> Tensor', {
  doc: 'The fractional part with its sign, self - trunc(self).',
  only: ['frac_cpu', 'f'],
  pointwise: 'frac(self)',
});

op('round(Tensor self, *, int decimals=0) -> Tensor', {
  doc: 'The nearest integer, or multiple of 10 ** -decimals; halves go to the even one.',
  aliases: ['special.round'],
  only: ['round_vml_cpu', 'if'],
  check([self, decimals]) {
    if (decimals !== 0 && categoryOf(self) < Category.float)
      throw notImplemented('round_cpu', (self as Tensor).dtype);
  },
  pointwise({ decimals }) {
    const scale = literal(10 ** Math.abs(Number(decimals)));
    if (decimals === 0) return 'round(self)';
    return Number(decimals) > 0 ? `round(self * ${scale}) / ${scale}` : `round(self / ${scale}) * ${scale}`;
  },
});

op('clamp(Tensor self, Tensor|Scalar? min=None, Tensor|Scalar? max=None) -> Tensor', {
  doc: 'The value limited to [min, max]; an absent limit does not limit. If min > max the result is max.',
  checked: ['min', 'max'],
  checkedIn: 'ihf',
  realOnly: clampRefused,
  aliases: ['clip'],
  only: ['clamp_cpu', 'if'],
  check([, min, max]) {
    if (min === null && max === null)
      throw new RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None");
  },
  pointwise({ min, max }) {
    if (min === null) return 'minimum(self, max)';
    return max === null ? 'maximum(self, min)' : 'minimum(maximum(self, min), max)';
  },
  // At a limit the whole gradient flows to self; a NaN lets nothing through.
  derivative: {
    self({ min, max }) {
      if (min === null) return 'self <= max ? grad : 0';
      return max === null ? 'self >= min ? grad : 0' : 'self >= min && self <= max ? grad : 0';
    },
    min: ({ max }) => (max === null ? 'self < min ? grad : 0' : 'min < max && self < min ? grad : 0'),
    max: ({ min }) => (min === null ? 'self > max ? grad : 0' : 'self > max || max < min ? grad : 0'),
  },
});

op('clamp_min(Tensor self, Tensor|Scalar min) -> Tensor', {
  doc: 'The value, or min if that is larger.',
  checked: ['min'],
  checkedIn: 'ihf',
  realOnly: noKernel('maximum_cpu'),
  pointwise: 'maximum(self, min)',
  derivative: { self: 'self >= min ? grad : 0', min: 'self < min ? grad : 0' },
});

op('clamp_max(Tensor self, Tensor|Scalar max) -> Tensor', {
  doc: 'The value, or max if that is smaller.',
  checked: ['max'],
  checkedIn: 'ihf',
  realOnly: noKernel('minimum_cpu'),
  pointwise: 'minimum(self, max)',
  derivative: { self: 'self <= max ? grad : 0', max: 'self > max ? grad : 0' },
});

/** The largest finite value of a floating-point dtype. */
function largest(dtype: DType): number {
  const values: Readonly<Record<string, number>> = {
    float16: 65504,
    bfloat16: 3.3895313892515355e38,
    float32: 3.4028234663852886e38,
    float64: Number.MAX_VALUE,
  };
  return values[dtype.toReal().name];
}

op('nan_to_num(Tensor self, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor', {
  doc: 'NaN replaced by nan (default 0) and infinities by posinf and neginf (default the largest finite values).',
  pointwise({ self, nan, posinf, neginf }) {
    const { dtype } = self as Tensor;
    if (dtype.category < Category.float) return 'self';
    const or = (given: unknown, value: number): string => literal(given === null ? value : Number(given));
    const infinite = `x == inf ? ${or(posinf, largest(dtype))} : ${or(neginf, -largest(dtype))}`;
    const part = (of: string): string =>
      `x = ${of}(self); ${of === 'real' ? 're' : 'im'} = isnan(x) ? ${or(nan, 0)} : isinf(x) ? (${infinite}) : x;`;
    return `${part('real')} ${part('imag')} complex(re, im)`;
  },
  derivative: { self: 'isfinite(self) ? grad : 0' },
});

op('copysign.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', {
  doc: 'The magnitude of self with the sign of other.',
  promote: 'float',
  pointwise: 'copysign(self, other)',
});

const nextAfter = op('_nextafter(Tensor self, Tensor other) -> Tensor', {
  doc: 'The next value that float32 or float64 represents.',
  function: false,
  method: false,
  inplace: false,
  gradName: 'NextafterBackward0',
  only: ['nextafter_cpu', 'f'],
  derivative: { self: 'self == other ? 0 : grad', other: '0' },
  pointwise: 'nextafter(self, other)',
});

/** The same bits, read as another dtype of the same size. */
const bitsAs = (t: Tensor, dtype: DType): Tensor =>
  new Tensor(t.storage, dtype, t.shape, t.strides, t.offset);

const nextHalfAfter = op('_nextafter_half(Tensor self, Tensor other) -> Tensor', {
  doc: 'The next value that a half precision represents: the neighbour of the bits.',
  batch: 'broadcast',
  function: false,
  method: false,
  gradName: 'NextafterBackward0',
  save: ['self', 'other'],
  forward(self, other) {
    const [a, b] = [self, other].map((x) => x.detach().contiguous());
    const grows = b.gt(a).eq(a.gt(0));
    const stepped = bitsAs(a, int16).add(ops.where(grows, 1, -1));
    const least = ops.where(b.gt(0), 1, -32767);
    const bits = ops.where(a.eq(0), least, stepped).to(int16);
    const next = ops.where(a.eq(b), b, bitsAs(bits, self.dtype));
    return ops.where(a.isnan().logicalOr(b.isnan()), NaN, next);
  },
  vjp: { self: (grad, { self, other }) => grad.mul(self.ne(other)), other: (grad) => grad.mul(0) },
});

op('nextafter(Tensor self, Tensor other) -> Tensor', {
  doc: 'The next representable value after self in the direction of other.',
  inplace: true,
  composite(self, other) {
    const dtype = commonDtype([self, other]);
    if (dtype !== float16 && dtype !== bfloat16) return nextAfter(self, other);
    const [a, b] = ops.broadcastTensors([self.to(dtype), other.to(dtype)]);
    return nextHalfAfter(a, b);
  },
});

op('heaviside(Tensor self, Tensor values) -> Tensor', {
  doc: 'The step function: 0 below zero, 1 above, values at zero.',
  realOnly: refused('heaviside is not yet implemented for complex tensors.'),
  check([self, values]) {
    if ((self as Tensor).dtype !== (values as Tensor).dtype)
      throw new RuntimeError('heaviside is not yet implemented for tensors with different dtypes.');
  },
  derivative: { self: false, values: false },
  gradName: 'NotImplemented',
  pointwise: 'self == 0 ? values : self > 0 ? 1 : 0',
});
