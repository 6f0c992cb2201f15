/** Exponentials and logarithms. */
import { isScalar } from '../../core/scalar.js';
import { noKernel } from '../../dispatch/real_only.js';
import { op } from '../../dispatch/registry.js';
import type { PointwiseRow } from '../../dispatch/row.js';
import { scalarFirst } from './row_parts.js';

op('exp(Tensor self) -> Tensor', {
  doc: 'The exponential function, e ** self.',
  promote: 'float',
  pointwise: 'exp(self)',
});

op('exp2(Tensor self) -> Tensor', {
  doc: 'Two to the power of self.',
  promote: 'float',
  aliases: ['special.exp2'],
  pointwise: 'exp2(self)',
});

op('expm1(Tensor self) -> Tensor', {
  doc: 'exp(self) - 1, exact for small values.',
  promote: 'float',
  aliases: ['special.expm1'],
  pointwise: 'expm1(self)',
});

op('log(Tensor self) -> Tensor', {
  doc: 'The natural logarithm.',
  promote: 'float',
  pointwise: 'log(self)',
});

op('log2(Tensor self) -> Tensor', {
  doc: 'The logarithm in base 2.',
  promote: 'float',
  pointwise: 'log2(self)',
});

op('log10(Tensor self) -> Tensor', {
  doc: 'The logarithm in base 10.',
  promote: 'float',
  pointwise: 'log10(self)',
});

op('log1p(Tensor self) -> Tensor', {
  doc: 'log(1 + self), exact for small values.',
  promote: 'float',
  aliases: ['special.log1p'],
  pointwise: 'log1p(self)',
});

op('logaddexp(Tensor self, Tensor other) -> Tensor', {
  doc: 'log(exp(self) + exp(other)), without overflow.',
  inplace: false,
  only: ['logaddexp_cpu', 'fc'],
  pointwise: 'logaddexp(self, other)',
  derivative: { self: 'grad / (1 + exp(other - self))', other: 'grad / (1 + exp(self - other))' },
});

op('logaddexp2(Tensor self, Tensor other) -> Tensor', {
  doc: 'log2(2 ** self + 2 ** other), without overflow.',
  inplace: false,
  only: ['logaddexp2_cpu', 'f'],
  wide: true,
  pointwise: 'logaddexp2(self, other)',
  derivative: { self: 'grad / (1 + exp2(other - self))', other: 'grad / (1 + exp2(self - other))' },
});

const xlogy = {
  doc: 'self * log(other), zero where self is zero; NaN where other is NaN.',
  aliases: ['special.xlogy'],
  realOnly: noKernel('xlogy_cpu'),
  promote: 'float',
  pointwise: 'xlogy(self, other)',
  derivative: {
    // A number that is NaN counts as one that is not positive.
    self: ({ other }) =>
      `self == 0 && ${isScalar(other) ? '!(other > 0)' : 'other <= 0'} ? 0 : xlogy(grad, other)`,
    other: 'grad * (self / other)',
  },
} satisfies PointwiseRow;
op('xlogy.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', xlogy);
op('xlogy.Scalar_Tensor(Tensor|Scalar self, Tensor other) -> Tensor', { ...xlogy, ...scalarFirst });

const xlog1py = {
  doc: 'self * log(1 + other), zero where self is zero; NaN where other is NaN.',
  module: 'special',
  realOnly: noKernel('xlog1py_cpu'),
  promote: 'float',
  pointwise: 'xlog1py(self, other)',
  derivative: {
    self: ({ other }) =>
      `self == 0 && ${isScalar(other) ? '!(other > -1)' : 'other <= -1'} ? 0 : xlog1py(grad, other)`,
    other: 'grad * (self / (other + 1))',
  },
} satisfies PointwiseRow;
op('xlog1py.Tensor(Tensor self, Tensor|Scalar other) -> Tensor', xlog1py);
op('xlog1py.Scalar_Tensor(Tensor|Scalar self, Tensor other) -> Tensor', { ...xlog1py, ...scalarFirst });
