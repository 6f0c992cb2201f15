/** Random numbers that only distributions ask for, and their gradients by implicit reparameterization. */
import { float32, float64 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { finfo } from '../core/type_info.js';
import { noKernel } from '../dispatch/real_only.js';
import { op } from '../dispatch/registry.js';
import { blankLike, floating, state } from './random.js';

const likeDense = (self: Tensor): Tensor => blankLike(self.contiguous(), null, null);

/** The numbers that the kernel draws, unbounded. */
function gammas(concentration: Tensor, generator: Parameters<typeof state>[0]): Tensor {
  const out = likeDense(concentration);
  out.storage.backend.kernels.random_gamma(out, state(generator, out), concentration.contiguous());
  return out;
}

export const standardGammaGrad = op('_standard_gamma_grad(Tensor self, Tensor output) -> Tensor', {
  doc: 'The derivative of samples of standard gamma distributions by their concentrations.',
  function: false,
  method: false,
  realOnly: noKernel('_standard_gamma_grad_cpu'),
  forward(self, output) {
    floating(self, '_standard_gamma_grad_cpu');
    const out = likeDense(self);
    out.storage.backend.kernels.standard_gamma_grad(out, self.contiguous(), output.contiguous());
    return out;
  },
});

export const standardGamma = op('_standard_gamma(Tensor self, *, Generator? generator=None) -> Tensor', {
  doc: 'Numbers from the standard gamma distributions of these concentrations.',
  function: false,
  method: false,
  realOnly: noKernel('gamma'),
  forward(self, generator) {
    floating(self, 'gamma');
    return gammas(self, generator).clamp(finfo(self.dtype).tiny);
  },
  save: ['self', 'result'],
  vjp: { self: (grad, { self, result }) => grad.mul(standardGammaGrad(self, result)) },
});

export const dirichletGrad = op('_dirichlet_grad(Tensor x, Tensor alpha, Tensor total) -> Tensor', {
  doc: 'The derivatives of beta samples by their first concentration, over 1 - x.',
  function: false,
  method: false,
  realOnly: noKernel('_dirichlet_grad_cpu'),
  forward(x, alpha, total) {
    floating(x, '_dirichlet_grad_cpu');
    const out = likeDense(x);
    out.storage.backend.kernels.dirichlet_grad(out, x.contiguous(), alpha.contiguous(), total.contiguous());
    return out;
  },
});

export const sampleDirichlet = op('_sample_dirichlet(Tensor self, *, Generator? generator=None) -> Tensor', {
  doc: 'Probabilities from the Dirichlet distributions of these concentrations, along the last dimension.',
  function: false,
  method: false,
  realOnly: noKernel('dirichlet'),
  forward(self, generator) {
    floating(self, 'dirichlet');
    const { tiny, eps } = finfo(self.dtype);
    // Small concentrations would give nothing but zeros in single precision. Devices without another take the least number instead.
    const drawn = self.storage.backend.hasFloat64
      ? gammas(self.to(float64), generator)
      : gammas(self.to(float32), generator).clamp(finfo(float32).tiny);
    return drawn
      .div(drawn.sum(-1, true))
      .to(self.dtype)
      .clamp(tiny, 1 - eps / 2);
  },
});

export const binomial = op('binomial(Tensor count, Tensor prob, *, Generator? generator=None) -> Tensor', {
  doc: 'Numbers of successes among `count` trials at the probabilities `prob`.',
  function: false,
  method: false,
  realOnly: noKernel('binomial_cpu'),
  forward(count, prob, generator) {
    floating(count, 'binomial_cpu');
    if (count.dtype !== prob.dtype)
      throw new RuntimeError(`Found dtype ${prob.dtype.scalarName} but expected ${count.dtype.scalarName}`);
    const shape = count.shape;
    const out = likeDense(count);
    out.storage.backend.kernels.random_binomial(
      out,
      state(generator, out),
      count.contiguous(),
      prob.expand(shape).contiguous(),
    );
    return out;
  },
  vjp: { count: (grad) => grad.zerosLike(), prob: (grad) => grad.zerosLike() },
});
