/** Comparisons, tests of one value, and the larger or smaller of two. */
import { float32, float64 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { refused } from '../../dispatch/real_only.js';
import { op } from '../../dispatch/registry.js';

op('eq.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', {
  doc: 'Whether self == other, element by element.',
  promote: 'bool',
  pointwise: 'self == other',
});

op('ne.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', {
  doc: 'Whether self != other, element by element.',
  aliases: ['not_equal'],
  promote: 'bool',
  pointwise: 'self != other',
});

op('lt.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', {
  doc: 'Whether self < other, element by element.',
  aliases: ['less'],
  promote: 'bool',
  pointwise: 'self < other',
});

op('le.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', {
  doc: 'Whether self <= other, element by element.',
  aliases: ['less_equal'],
  promote: 'bool',
  pointwise: 'self <= other',
});

op('gt.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', {
  doc: 'Whether self > other, element by element.',
  aliases: ['greater'],
  promote: 'bool',
  pointwise: 'self > other',
});

op('ge.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', {
  doc: 'Whether self >= other, element by element.',
  aliases: ['greater_equal'],
  promote: 'bool',
  pointwise: 'self >= other',
});

op('isnan(Tensor self) -> Tensor', {
  doc: 'Whether an element is NaN.',
  promote: 'bool',
  inplace: false,
  pointwise: 'isnan(self)',
});

op('isinf(Tensor self) -> Tensor', {
  doc: 'Whether an element is infinite, of either sign.',
  promote: 'bool',
  inplace: false,
  pointwise: 'isinf(self)',
});

op('isfinite(Tensor self) -> Tensor', {
  doc: 'Whether an element is neither infinite nor NaN.',
  promote: 'bool',
  inplace: false,
  pointwise: 'isfinite(self)',
});

op('isposinf(Tensor self) -> Tensor', {
  doc: 'Whether an element is positive infinity.',
  realOnly: refused('isposinf does not support complex inputs.'),
  promote: 'bool',
  inplace: false,
  pointwise: 'self == inf',
});

op('isneginf(Tensor self) -> Tensor', {
  doc: 'Whether an element is negative infinity.',
  realOnly: refused('isneginf does not support complex inputs.'),
  promote: 'bool',
  inplace: false,
  pointwise: 'self == -inf',
});

const isNear = op('_is_near(Tensor self, Tensor other, float rtol, float atol, bool equal_nan) -> Tensor', {
  doc: 'Whether |self - other| <= atol + rtol * |other|, or both are the same infinity (or NaN, with equal_nan).',
  promote: 'bool',
  inplace: false,
  method: false,
  function: false,
  pointwise: `
      distance = abs(self - other);
      self == other || equal_nan && isnan(self) && isnan(other)
        || distance < inf && distance <= atol + abs(rtol * other)`,
});

op('isclose(Tensor self, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> Tensor', {
  doc: 'Whether |self - other| <= atol + rtol * |other|, element by element; infinities are close only to themselves.',
  inplace: false,
  composite(self, other, rtol, atol, equalNan) {
    if (self.dtype !== other.dtype)
      throw new RuntimeError(`${self.dtype.scalarName} did not match ${other.dtype.scalarName}`);
    if (!(rtol >= 0)) throw new RuntimeError(`rtol must be greater than or equal to zero, but got ${rtol}`);
    if (!(atol >= 0)) throw new RuntimeError(`atol must be greater than or equal to zero, but got ${atol}`);
    // The tolerances are fractions, which integers could not be compared with.
    const wide = self.storage.backend.hasFloat64 ? float64 : float32;
    const [a, b] = self.isFloatingPoint() ? [self, other] : [self.to(wide), other.to(wide)];
    return isNear(a, b, rtol, atol, equalNan);
  },
});

op('maximum(Tensor self, Tensor other) -> Tensor', {
  doc: 'The larger of two elements; NaN if one is NaN.',
  realOnly: refused('maximum not implemented for complex tensors.'),
  inplace: false,
  pointwise: 'maximum(self, other)',
});

op('minimum(Tensor self, Tensor other) -> Tensor', {
  doc: 'The smaller of two elements; NaN if one is NaN.',
  realOnly: refused('minimum not implemented for complex tensors.'),
  inplace: false,
  pointwise: 'minimum(self, other)',
});

op('max.other(Tensor self, Tensor other) -> Tensor', {
  doc: 'The larger of two elements, as `maximum`.',
  realOnly: refused('maximum not implemented for complex tensors.'),
  inplace: false,
  pointwise: 'maximum(self, other)',
});

op('min.other(Tensor self, Tensor other) -> Tensor', {
  doc: 'The smaller of two elements, as `minimum`.',
  realOnly: refused('minimum not implemented for complex tensors.'),
  inplace: false,
  pointwise: 'minimum(self, other)',
});

op('fmax(Tensor self, Tensor other) -> Tensor', {
  doc: 'The larger of two elements; the other one if one is NaN.',
  realOnly: refused('fmax not implemented for complex tensors.'),
  inplace: false,
  pointwise: 'fmax(self, other)',
});

op('fmin(Tensor self, Tensor other) -> Tensor', {
  doc: 'The smaller of two elements; the other one if one is NaN.',
  realOnly: refused('fmin not implemented for complex tensors.'),
  inplace: false,
  pointwise: 'fmin(self, other)',
});
