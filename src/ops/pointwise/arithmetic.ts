/** Arithmetic: sums, products, quotients, remainders, and what is made of one of each. */

import { isComplexNumber } from '../../core/complex.js';
import { cppName } from '../../core/cpp_names.js';
import { Category, complex128, type DType, float64 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { isScalar } from '../../core/scalar.js';
import { Tensor } from '../../core/tensor.js';
import { notImplemented } from '../../dispatch/promote.js';
import { unsupported } from '../../dispatch/real_only.js';
import { op, ops } from '../../dispatch/registry.js';
import { categoryOf, checkAlpha, checkSubtraction, isBoolTensor, scalarFirst } from './row_parts.js';

op('abs(Tensor self) -> Tensor', {
  doc: 'The absolute value, |self|.',
  aliases: ['absolute'],
  only: ['abs_cpu', 'ifc'],
  pointwise: 'abs(self)',
});

op('neg(Tensor self) -> Tensor', {
  doc: 'The negative, -self.',
  aliases: ['negative'],
  check([self]) {
    if (isBoolTensor(self))
      throw new RuntimeError(
        'Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead. (write x.logicalNot())',
      );
  },
  pointwise: '-self',
});

op('positive(Tensor self) -> Tensor', {
  doc: 'The tensor itself; refused for bools.',
  composite(self) {
    if (isBoolTensor(self)) throw new RuntimeError('The `+` operator, on a bool tensor is not supported.');
    return self;
  },
});

op('sign(Tensor self) -> Tensor', {
  doc: 'The sign: -1, 0 or 1; 0 for NaN.',
  realOnly: unsupported(
    'Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.',
  ),
  pointwise: 'sign(self)',
});

op('sgn(Tensor self) -> Tensor', {
  doc: 'The sign: -1, 0 or 1; what `sign` is for real numbers, and self / |self| for complex ones.',
  pointwise: 'sign(self)',
});

op('signbit(Tensor self) -> Tensor', {
  doc: 'Whether the sign bit is set, so true for -0 as well.',
  realOnly: unsupported('signbit is not implemented for complex tensors.'),
  promote: 'bool',
  inplace: false,
  pointwise: 'signbit(self)',
});

op('add.Tensor(Tensor|Scalar self, Tensor|Scalar other, *, Scalar alpha=1) -> Tensor', {
  doc: 'The sum self + alpha * other.',
  check: (args) => checkAlpha(args[0], args[1], args[2]),
  // One instruction, a fused multiplication and addition.
  pointwise: 'self + alpha * other',
  derivative: { self: 'grad', other: ({ alpha }) => (alpha === 1 ? 'grad' : 'grad * alpha') },
});

op('sub.Tensor(Tensor|Scalar self, Tensor|Scalar other, *, Scalar alpha=1) -> Tensor', {
  doc: 'The difference self - alpha * other.',
  aliases: ['subtract'],
  check([self, other, alpha]) {
    checkSubtraction(self, other);
    checkAlpha(self, other, alpha);
  },
  pointwise: ({ alpha }) => (alpha === 1 ? 'self - other' : 'self - alpha * other'),
});

op('rsub.Tensor(Tensor self, Tensor|Scalar other, *, Scalar alpha=1) -> Tensor', {
  doc: 'The difference other - alpha * self: subtraction with its operands exchanged.',
  inplace: false,
  check([self, other, alpha]) {
    checkSubtraction(self, other);
    checkAlpha(self, other, alpha);
  },
  pointwise: ({ alpha }) => (alpha === 1 ? 'other - self' : 'other - alpha * self'),
});

op('mul.Tensor(Tensor|Scalar self, Tensor|Scalar other) -> Tensor', {
  exact: true,
  doc: 'The product self * other.',
  aliases: ['multiply'],
  pointwise: 'self * other',
});

const trueDivide = op('div.Tensor(Tensor|Scalar self, Tensor|Scalar other) -> Tensor', {
  exact: true,
  doc: 'The quotient self / other; integers are divided as floats.',
  aliases: ['divide', 'true_divide'],
  promote: 'float',
  pointwise: 'self / other',
});

const truncDivide = op('_trunc_divide(Tensor|Scalar self, Tensor|Scalar other) -> Tensor', {
  exact: true,
  doc: 'The quotient rounded to zero.',
  function: false,
  method: false,
  only: ['div_trunc_cpu', 'if'],
  gradName: 'DivBackward1',
  pointwise: 'trunc_divide(self, other)',
});

// With a rounding mode the quotient has gradients, which are zero; floor_divide() refuses to give any.
const floorDivide = op('_floor_divide(Tensor|Scalar self, Tensor|Scalar other) -> Tensor', {
  exact: true,
  doc: 'The quotient rounded down.',
  function: false,
  method: false,
  only: ['div_floor_cpu', 'if'],
  gradName: 'DivBackward1',
  pointwise: 'floor_divide(self, other)',
});

op("div.Tensor_mode(Tensor|Scalar self, Tensor|Scalar other, *, 'trunc'|'floor'? rounding_mode) -> Tensor", {
  doc: "The quotient self / other, rounded to zero (`'trunc'`), down (`'floor'`, as Python's `//`) or not at all (null).",
  aliases: ['divide'],
  inplace: true,
  composite(self, other, roundingMode) {
    if (roundingMode === null) return trueDivide(self, other);
    if (roundingMode === 'trunc') return truncDivide(self, other);
    if (roundingMode === 'floor') return floorDivide(self, other);
    throw new RuntimeError(
      `div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '${roundingMode}'`,
    );
  },
});

op('floor_divide(Tensor|Scalar self, Tensor|Scalar other) -> Tensor', {
  exact: true,
  doc: "The quotient rounded down, floor(self / other): Python's `//`.",
  only: ['div_floor_cpu', 'if'],
  derivative: { self: false, other: false },
  gradName: 'NotImplemented',
  pointwise: 'floor_divide(self, other)',
});

const remainder = {
  doc: "The remainder with the divisor's sign, self - floor(self / other) * other: Python's `%`.",
  only: ['remainder_cpu', 'if'],
  pointwise: 'remainder(self, other)',
} as const;
op('remainder.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', remainder);
op('remainder.Scalar_Tensor(Tensor|Scalar self, Tensor other) -> Tensor', { ...remainder, ...scalarFirst });

op('fmod.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', {
  doc: "The remainder with the dividend's sign, self - trunc(self / other) * other: C's `fmod`.",
  only: ['fmod_cpu', 'if'],
  pointwise: 'fmod(self, other)',
});

op('reciprocal(Tensor self) -> Tensor', {
  doc: 'The reciprocal, 1 / self.',
  promote: 'float',
  pointwise: 'reciprocal(self)',
});

op('addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor', {
  doc: 'self + value * tensor1 * tensor2.',
  only: ['addcmul_cpu_out', 'ifc'],
  pointwise: ({ value }) => (value === 1 ? 'self + tensor1 * tensor2' : 'self + value * tensor1 * tensor2'),
});

op('addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor', {
  doc: 'self + value * tensor1 / tensor2; the quotient is never one of integers.',
  check([, tensor1, tensor2]) {
    if (categoryOf(tensor1) < Category.float && categoryOf(tensor2) < Category.float)
      throw new RuntimeError(
        'Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as input.add(tensor1.div(tensor2, { roundingMode: "trunc" }).mul(value)) for integer inputs and as input.add(tensor1.div(tensor2).mul(value)) for float inputs. The future addcdiv behavior is just the latter implementation, for all dtypes.',
      );
  },
  pointwise: ({ value }) => (value === 1 ? 'self + tensor1 / tensor2' : 'self + value * tensor1 / tensor2'),
});

op('lerp.Tensor(Tensor self, Tensor end, Tensor|Scalar weight) -> Tensor', {
  exact: true,
  doc: 'Linear interpolation self + weight * (end - self), computed from the nearer end.',
  check([self, end, weight]) {
    for (const [name, value] of [
      ['end', end],
      ['weight', weight],
    ])
      if (value instanceof Tensor && self instanceof Tensor && value.dtype !== self.dtype)
        throw new RuntimeError(
          `expected dtype ${cppName(self.dtype)} for \`${name}\` but got dtype ${cppName(value.dtype)}`,
        );
    if (self instanceof Tensor && self.dtype.category < Category.float)
      throw notImplemented(
        weight instanceof Tensor ? 'lerp_kernel_tensor' : 'lerp_kernel_scalar',
        self.dtype,
      );
  },
  pointwise: 'abs(weight) < 0.5 ? self + weight * (end - self) : end - (end - self) * (1 - weight)',
  derivative: { self: 'grad * (1 - weight)', end: 'grad * weight', weight: 'grad * (end - self)' },
});

// ---- powers -------------------------------------------------------------------------------------------------------

/** Exponents that have a program of their own: a few multiplications, a root. */
const special = new Set([-2, -1, -0.5, 0, 0.5, 1, 2, 3]);

function exponentText(exponent: unknown): string {
  return isScalar(exponent) && !isComplexNumber(exponent) && special.has(Number(exponent))
    ? `(${Number(exponent)})`
    : 'exponent';
}

op('pow.Tensor_Tensor(Tensor self, Tensor|Scalar exponent) -> Tensor', {
  doc: 'self to the power of exponent.',
  only: ['pow', 'ifc'],
  checked: ['exponent'],
  checkedIn: 'ih',
  check([self, exponent]) {
    if (!isScalar(exponent) || categoryOf(exponent) >= Category.float || Number(exponent) >= 0) return;
    if (categoryOf(self) < Category.float)
      throw new RuntimeError('Integers to negative integer powers are not allowed.');
  },
  pointwise: ({ exponent }) => `self ** ${exponentText(exponent)}`,
  derivative: {
    self: ({ exponent }) => {
      const b = exponentText(exponent);
      return b === '(0)' ? '0' : `${b} == 0 ? 0 : grad * (${b} * self ** (${b} - 1))`;
    },
    exponent: 'self == 0 && real(exponent) >= 0 ? 0 : grad * (result * log(self))',
  },
});

op('pow.Scalar(Tensor|Scalar self, Tensor exponent) -> Tensor', {
  doc: 'self to the power of exponent.',
  only: ['pow', 'ifc'],
  ...scalarFirst,
  pointwise: ({ self }) =>
    `${isScalar(self) && !isComplexNumber(self) && Number(self) === 1 ? '(1)' : 'self'} ** exponent`,
});

const powerType = (self: unknown, exponent: unknown): DType =>
  [self, exponent].some((x) => categoryOf(x) === Category.complex) ? complex128 : float64;

op('float_power(Tensor|Scalar self, Tensor|Scalar exponent) -> Tensor', {
  doc: 'self to the power of exponent, both as float64 (or complex128).',
  composite(self, exponent) {
    const type = powerType(self, exponent);
    const base = self instanceof Tensor ? self.to(type) : self;
    const power = exponent instanceof Tensor ? exponent.to(type) : exponent;
    return base instanceof Tensor ? base.pow(power) : ops.pow(base, power as Tensor);
  },
});

op('float_power_(Tensor self, Tensor|Scalar exponent) -> Tensor', {
  doc: 'In-place `floatPower`; self must be float64 (or complex128).',
  composite(self, exponent) {
    const type = powerType(self, exponent);
    if (self.dtype !== type)
      throw new RuntimeError(
        `the base given to float_power_ has dtype ${self.dtype.scalarName} but the operation's result requires dtype ${type.scalarName}`,
      );
    return self.pow_(exponent instanceof Tensor ? exponent.to(type) : exponent);
  },
});

op('square(Tensor self) -> Tensor', {
  doc: 'The square, self * self.',
  inplace: true,
  composite: (self) => self.pow(2),
});

op('sqrt(Tensor self) -> Tensor', {
  doc: 'The square root; NaN for negative numbers.',
  promote: 'float',
  pointwise: 'sqrt(self)',
});

op('rsqrt(Tensor self) -> Tensor', {
  doc: 'The reciprocal of the square root, 1 / sqrt(self).',
  promote: 'float',
  pointwise: 'rsqrt(self)',
});

op('hypot(Tensor self, Tensor other) -> Tensor', {
  doc: 'The hypotenuse sqrt(self² + other²), without overflow on the way.',
  only: ['hypot_cpu', 'f'],
  pointwise: `
    a = abs(self); b = abs(other);
    big = maximum(a, b); ratio = minimum(a, b) / big;
    a == inf || b == inf ? inf : big == 0 ? big : big * sqrt(1 + ratio * ratio)`,
  derivative: { self: 'grad * (self / result)', other: 'grad * (other / result)' },
});

op('ldexp(Tensor self, Tensor other) -> Tensor', {
  doc: 'self times two to the power of other.',
  promote: 'float',
  // The power may be beyond the largest number, or below the smallest, where the product is not.
  pointwise: ({ self, other }) =>
    [self, other].some((t) => (t as Tensor).isComplex())
      ? 'self * 2 ** other'
      : 'part = trunc(other / 3); self == 0 || abs(other) > 3000 ? self * exp2(other) : self * exp2(part) * exp2(part) * exp2(other - 2 * part)',
  derivative: { self: 'grad * exp2(other)', other: `grad * result * ${Math.LN2}` },
});
