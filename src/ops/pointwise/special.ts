/** Special functions. */
import { noKernel } from '../real_only.js';
import { op } from '../registry.js';

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
    eps === null ? 'log(self / (1 - self))' : 'x = minimum(maximum(self, eps), 1 - eps); log(x / (1 - x))',
  derivative: {
    self: ({ eps }) =>
      eps === null
        ? 'self < 0 || self > 1 ? nan : grad / (self * (1 - self))'
        : 'self < eps || self > 1 - eps ? 0 : grad / (self * (1 - self))',
  },
});

op('entr(Tensor self) -> Tensor', {
  doc: 'The entropy term -self * log(self): 0 at zero, -inf below.',
  module: 'special',
  promote: 'float',
  pointwise: 'isnan(self) ? self : self > 0 ? -self * log(self) : self == 0 ? 0 : -inf',
  derivative: { self: 'isnan(self) ? self : self > 0 ? -log(self) - 1 : self == 0 ? inf : nan' },
});

op('ndtr(Tensor self) -> Tensor', {
  doc: 'The area under the standard normal density up to self, (1 + erf(self / √2)) / 2.',
  realOnly: noKernel('erf_vml_cpu'),
  module: 'special',
  promote: 'float',
  // erf and erfc each where it is exact.
  pointwise: 'x = self * sqrt(0.5); abs(self) < 1 ? 0.5 * (1 + erf(x)) : 0.5 * erfc(-x)',
  derivative: { self: 'normal_pdf(self)' },
});
