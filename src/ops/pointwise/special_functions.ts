/** Special functions. */

import { getDefaultDtype } from '../../core/defaults.js';
import { bool } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { noKernel } from '../../dispatch/real_only.js';
import { op, ops } from '../../dispatch/registry.js';
import type { PointwiseRow } from '../../dispatch/row.js';

op('erf(Tensor self) -> Tensor', {
  doc: 'The error function, 2/√π ∫₀ˣ exp(-t²) dt.',
  realOnly: noKernel('erf_vml_cpu'),
  promote: 'float',
  aliases: ['special.erf'],
  pointwise: 'erf(self)',
});

op('erfc(Tensor self) -> Tensor', {
  doc: 'The complementary error function, 1 - erf(self), exact where that is small.',
  realOnly: noKernel('erfc_vml_cpu'),
  promote: 'float',
  aliases: ['special.erfc'],
  pointwise: 'erfc(self)',
});

op('erfinv(Tensor self) -> Tensor', {
  doc: 'The inverse of the error function.',
  realOnly: noKernel('erfinv_vml_cpu'),
  promote: 'float',
  aliases: ['special.erfinv'],
  pointwise: 'erfinv(self)',
});

op('lgamma(Tensor self) -> Tensor', {
  doc: 'The logarithm of the absolute value of the gamma function.',
  realOnly: noKernel('lgamma_vml_cpu'),
  promote: 'float',
  aliases: ['special.gammaln'],
  pointwise: 'lgamma(self)',
});

op('digamma(Tensor self) -> Tensor', {
  doc: 'The derivative of log Γ.',
  realOnly: noKernel('digamma'),
  promote: 'float',
  aliases: ['special.digamma', 'special.psi'],
  pointwise: 'digamma(self)',
});

op('logit(Tensor self, float? eps=None) -> Tensor', {
  doc: 'The logit, log(self / (1 - self)); with eps, self is first limited to [eps, 1 - eps].',
  realOnly: noKernel('logit_cpu'),
  aliases: ['special.logit'],
  promote: 'float',
  pointwise: ({ eps }) =>
    eps === null
      ? 'log(self / (1 - self))'
      : 'x = self < eps ? eps : self > 1 - eps ? 1 - eps : self; log(x / (1 - x))',
  derivative: {
    self: ({ eps }) =>
      eps === null
        ? 'self < 0 || self > 1 ? nan : grad / (self * (1 - self))'
        : 'self >= eps && self <= 1 - eps ? grad / (self * (1 - self)) : 0',
  },
});

op('entr(Tensor self) -> Tensor', {
  doc: 'The entropy term -self * log(self): 0 at zero, -inf below.',
  module: 'special',
  promote: 'float',
  pointwise: 'isnan(self) ? self : self > 0 ? -self * log(self) : self == 0 ? 0 : -inf',
  derivative: { self: '-log(self) - 1' },
});

op('ndtr(Tensor self) -> Tensor', {
  doc: 'The area under the standard normal density up to self, (1 + erf(self / √2)) / 2.',
  realOnly: noKernel('erf_vml_cpu'),
  module: 'special',
  promote: 'float',
  pointwise: 'normal_cdf(self)',
  derivative: { self: 'normal_pdf(self)' },
});

op('zeta(Tensor|Scalar self, Tensor|Scalar other) -> Tensor', {
  doc: 'The Hurwitz zeta function, Σ (other + k)^-self over k ≥ 0.',
  module: 'special',
  promote: 'float',
  realOnly: noKernel('zeta_cpu'),
  inplace: false,
  pointwise: 'zeta(self, other)',
  derivative: { self: false, other: '-self * zeta(self + 1, other)' },
});

/** The n-th derivative of digamma. */
function polygamma(n: number): string {
  if (n < 0) throw new RuntimeError('polygamma(n, x) does not support negative n.');
  if (n === 0) return 'digamma(self)';
  if (n === 1) return 'trigamma(self)';
  const factorial = Array.from({ length: n }, (_, k) => k + 1).reduce((a, b) => a * b);
  return `${n % 2 === 0 ? -factorial : factorial} * zeta(${n + 1}, self)`;
}

const polygammaRow: PointwiseRow = {
  doc: 'The n-th derivative of the digamma function.',
  promote: 'float',
  realOnly: noKernel('polygamma'),
  pointwise: ({ n }) => polygamma(n as number),
  derivative: { self: ({ n }) => `grad * (${polygamma((n as number) + 1)})` },
};

op('polygamma(int n, Tensor self) -> Tensor', {
  ...polygammaRow,
  aliases: ['special.polygamma'],
  method: false,
  inplace: false,
});

// The method has the tensor first.
op('polygamma(Tensor self, int n) -> Tensor', { ...polygammaRow, function: false });

/** The arguments of the gamma functions whose product the multivariate one is, along a new last dimension. */
function gammaArguments(self: Tensor, p: number): Tensor {
  const dtype = self.isFloatingPoint() ? self.dtype : getDefaultDtype();
  const steps = ops.arange(0.5 - p / 2, 0.5, 0.5, { dtype, device: self.device });
  return self.unsqueeze(-1).add(steps);
}

op('mvlgamma(Tensor self, int p) -> Tensor', {
  doc: 'The logarithm of the multivariate gamma function of dimension p.',
  batch: 'leading',
  aliases: ['special.multigammaln'],
  inplace: true,
  realOnly: noKernel('arange_cpu'),
  forward(self, p) {
    if (self.dtype === bool) throw new RuntimeError('The input tensor may not be a boolean tensor.');
    if (p < 1) throw new RuntimeError('p has to be greater than or equal to 1');
    return gammaArguments(self, p)
      .lgamma()
      .sum(-1)
      .add(((p * (p - 1)) / 4) * Math.log(Math.PI));
  },
  save: ['self'],
  vjp: { self: (grad, { self, p }) => grad.mul(gammaArguments(self, p).digamma().sum(-1)) },
});

// ---- modified Bessel functions of the first kind --------------------------------------------------------------------

op('i0(Tensor self) -> Tensor', {
  doc: 'The modified Bessel function of the first kind of order 0.',
  aliases: ['special.i0'],
  promote: 'float',
  realOnly: noKernel('i0_vml_cpu'),
  pointwise: 'bessel_i(0, self)',
});

op('i0e(Tensor self) -> Tensor', {
  doc: 'exp(-|self|) times the modified Bessel function of order 0.',
  module: 'special',
  promote: 'float',
  realOnly: noKernel('i0e_cpu'),
  inplace: false,
  pointwise: 'i0e(self)',
});

op('i1(Tensor self) -> Tensor', {
  doc: 'The modified Bessel function of the first kind of order 1.',
  module: 'special',
  promote: 'float',
  realOnly: noKernel('i1_cpu'),
  inplace: false,
  pointwise: 'bessel_i(1, self)',
});

op('i1e(Tensor self) -> Tensor', {
  doc: 'exp(-|self|) times the modified Bessel function of order 1.',
  module: 'special',
  promote: 'float',
  realOnly: noKernel('i1e_cpu'),
  inplace: false,
  pointwise: 'i1e(self)',
});

for (const order of [0, 1])
  op(`modified_bessel_i${order}(Tensor self) -> Tensor`, {
    doc: `The modified Bessel function of the first kind of order ${order}.`,
    module: 'special',
    promote: 'float',
    realOnly: noKernel(`modified_bessel_i${order}_cpu`),
    inplace: false,
    pointwise: `bessel_i(${order}, self)`,
    derivative: false,
  });
