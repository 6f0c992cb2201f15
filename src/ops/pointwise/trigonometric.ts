/** Circular and hyperbolic functions and their inverses. */
import { refused } from '../../dispatch/real_only.js';
import { op } from '../../dispatch/registry.js';

op('sin(Tensor self) -> Tensor', {
  doc: 'The sine of an angle in radians.',
  promote: 'float',
  pointwise: 'sin(self)',
});

op('cos(Tensor self) -> Tensor', {
  doc: 'The cosine of an angle in radians.',
  promote: 'float',
  pointwise: 'cos(self)',
});

op('tan(Tensor self) -> Tensor', {
  doc: 'The tangent of an angle in radians.',
  promote: 'float',
  pointwise: 'tan(self)',
});

op('asin(Tensor self) -> Tensor', {
  doc: 'The angle in [-π/2, π/2] with this sine.',
  promote: 'float',
  aliases: ['arcsin'],
  pointwise: 'asin(self)',
});

op('acos(Tensor self) -> Tensor', {
  doc: 'The angle in [0, π] with this cosine.',
  promote: 'float',
  aliases: ['arccos'],
  pointwise: 'acos(self)',
});

op('atan(Tensor self) -> Tensor', {
  doc: 'The angle in [-π/2, π/2] with this tangent.',
  promote: 'float',
  aliases: ['arctan'],
  pointwise: 'atan(self)',
});

op('atan2(Tensor self, Tensor other) -> Tensor', {
  doc: 'The angle in [-π, π] of the point (other, self).',
  aliases: ['arctan2'],
  promote: 'float',
  pointwise: 'atan2(self, other)',
});

op('sinh(Tensor self) -> Tensor', {
  doc: 'The hyperbolic sine, (exp(self) - exp(-self)) / 2.',
  promote: 'float',
  pointwise: 'sinh(self)',
});

op('cosh(Tensor self) -> Tensor', {
  doc: 'The hyperbolic cosine, (exp(self) + exp(-self)) / 2.',
  promote: 'float',
  pointwise: 'cosh(self)',
});

op('tanh(Tensor self) -> Tensor', {
  doc: 'The hyperbolic tangent, sinh(self) / cosh(self).',
  aliases: ['nn.functional.tanh'],
  promote: 'float',
  pointwise: 'tanh(self)',
});

op('asinh(Tensor self) -> Tensor', {
  doc: 'The inverse hyperbolic sine.',
  promote: 'float',
  aliases: ['arcsinh'],
  pointwise: 'asinh(self)',
});

op('acosh(Tensor self) -> Tensor', {
  doc: 'The inverse hyperbolic cosine; NaN below 1.',
  promote: 'float',
  aliases: ['arccosh'],
  pointwise: 'acosh(self)',
});

op('atanh(Tensor self) -> Tensor', {
  doc: 'The inverse hyperbolic tangent; NaN outside [-1, 1].',
  promote: 'float',
  aliases: ['arctanh'],
  pointwise: 'atanh(self)',
});

op('sinc(Tensor self) -> Tensor', {
  doc: 'sin(π self) / (π self), and 1 at zero.',
  promote: 'float',
  aliases: ['special.sinc'],
  pointwise: 'sinc(self)',
});

op('deg2rad(Tensor self) -> Tensor', {
  doc: 'Degrees as radians, self * π / 180.',
  realOnly: refused('deg2rad is not supported for complex tensors.'),
  promote: 'float',
  pointwise: 'self * (pi / 180)',
});

op('rad2deg(Tensor self) -> Tensor', {
  doc: 'Radians as degrees, self * 180 / π.',
  realOnly: refused('rad2deg is not supported for complex tensors.'),
  promote: 'float',
  pointwise: 'self * (180 / pi)',
});
