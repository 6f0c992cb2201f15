/** Activation functions of neural networks. */
import { bool, float64, uint8 } from '../../core/dtype.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { notImplemented } from '../../dispatch/promote.js';
import { clampRefused } from '../../dispatch/real_only.js';
import { op } from '../../dispatch/registry.js';
import { checkSubtraction, isBoolTensor } from './row_parts.js';

op('relu(Tensor self) -> Tensor', {
  doc: 'The rectifier, max(0, self).',
  inplaceArgument: true,
  realOnly: clampRefused,
  aliases: ['nn.functional.relu'],
  check([self]) {
    if (isBoolTensor(self)) throw new RuntimeError('Boolean inputs not supported for relu');
  },
  pointwise: 'maximum(self, 0)',
  derivative: { self: 'result <= 0 ? 0 : grad' },
});

op('sigmoid(Tensor self) -> Tensor', {
  doc: 'The logistic function, 1 / (1 + exp(-self)).',
  aliases: ['special.expit', 'nn.functional.sigmoid'],
  promote: 'float',
  pointwise: 'sigmoid(self)',
});

function checkHardtanh(self: unknown, min: number, max: number): void {
  if (isBoolTensor(self)) throw new RuntimeError('Bool inputs not supported for hardtanh');
  if (min > max) throw new ValueError('min_val cannot be greater than max_val');
  if (self instanceof Tensor && self.dtype === uint8 && (min <= -1 || max <= -1))
    throw new RuntimeError('cannot do hardtanh on an unsigned type with negative limits');
}

op('hardtanh(Tensor self, Scalar min_val=-1, Scalar max_val=1) -> Tensor', {
  doc: 'The value limited to [minVal, maxVal].',
  inplaceArgument: true,
  realOnly: clampRefused,
  module: 'nn.functional',
  check: ([self, min, max]) => checkHardtanh(self, Number(min), Number(max)),
  pointwise: 'minimum(maximum(self, min_val), max_val)',
  derivative: { self: 'self > min_val && self < max_val ? grad : 0' },
});

op('relu6(Tensor self) -> Tensor', {
  doc: 'The rectifier limited to 6, min(max(0, self), 6).',
  inplaceArgument: true,
  realOnly: clampRefused,
  module: 'nn.functional',
  check: ([self]) => checkHardtanh(self, 0, 6),
  pointwise: 'minimum(maximum(self, 0), 6)',
  derivative: { self: 'self > 0 && self < 6 ? grad : 0' },
});

op('leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor', {
  doc: 'self where positive, else negativeSlope * self.',
  inplaceArgument: true,
  module: 'nn.functional',
  only: ['leaky_relu_cpu', 'f'],
  pointwise: 'self > 0 ? self : self * negative_slope',
});

/** At zero the slope is the left one, which there does not depend on self. */
const eluDerivative = (left: string, factor: string): string =>
  `self > 0 ? grad : self == 0 ? ${left} : ${left} * ${factor}`;

op('elu(Tensor self, Scalar alpha=1) -> Tensor', {
  doc: 'The exponential linear unit: self where positive, else alpha * (exp(self) - 1).',
  inplaceArgument: true,
  module: 'nn.functional',
  only: ['elu_cpu', 'f'],
  pointwise: 'self > 0 ? self : alpha * expm1(self)',
  derivative: { self: eluDerivative('grad * alpha', 'exp(self)') },
});

// Klambauer et al., "Self-Normalizing Neural Networks" (2017), equation 14.
const seluAlpha = '1.6732632423543772848170429916717';
const seluScale = '1.0507009873554804934193349852946';
/** Their product. */
const seluScaledAlpha = '1.7580993408473768599402175208123';

op('selu(Tensor self) -> Tensor', {
  doc: 'The scaled exponential linear unit of self-normalising networks: scale * elu(self, alpha) with fixed alpha and scale.',
  inplaceArgument: true,
  aliases: ['nn.functional.selu'],
  only: ['elu_cpu', 'f'],
  pointwise: `self > 0 ? ${seluScale} * self : ${seluScaledAlpha} * expm1(self)`,
  derivative: { self: `${seluScale} * (${eluDerivative(`grad * ${seluAlpha}`, 'exp(self)')})` },
});

op('celu(Tensor self, Scalar alpha=1) -> Tensor', {
  doc: 'The continuously differentiable exponential linear unit: self where positive, else alpha * (exp(self / alpha) - 1).',
  inplaceArgument: true,
  aliases: ['nn.functional.celu'],
  only: ['elu_cpu', 'f'],
  check([, alpha]) {
    if (Number(alpha) === 0) throw new RuntimeError('ZeroDivisionError: alpha cannot be 0 for CELU');
  },
  pointwise: 'self > 0 ? self : alpha * expm1(self / alpha)',
  derivative: { self: eluDerivative('grad', 'exp(self / alpha)') },
});

op("gelu(Tensor self, *, 'none'|'tanh' approximate='none') -> Tensor", {
  doc: "self * Φ(self) with the normal distribution's Φ; `'tanh'` approximates it.",
  module: 'nn.functional',
  only: ['GeluKernelImpl', 'f'],
  check([, approximate]) {
    if (approximate !== 'none' && approximate !== 'tanh')
      throw new RuntimeError('approximate argument must be either none or tanh.');
  },
  // Hendrycks & Gimpel, "Gaussian Error Linear Units" (2016).
  pointwise: ({ approximate }) =>
    approximate === 'tanh'
      ? '0.5 * self * (1 + tanh(sqrt(2 / pi) * (self + 0.044715 * self * self * self)))'
      : 'self * normal_cdf(self)',
  derivative: {
    self: ({ approximate }) =>
      approximate === 'tanh'
        ? `t = tanh(sqrt(2 / pi) * (self + 0.044715 * self * self * self));
           slope = sqrt(2 / pi) * (1 + 3 * 0.044715 * self * self);
           grad * (0.5 * (1 + t) + 0.5 * self * (1 - t * t) * slope)`
        : 'grad * (normal_cdf(self) + self * normal_pdf(self))',
  },
});

op('silu(Tensor self) -> Tensor', {
  doc: 'The swish function, self * sigmoid(self).',
  inplaceArgument: true,
  module: 'nn.functional',
  only: ['silu_cpu', 'fc'],
  pointwise: 'self * sigmoid(self)',
  derivative: { self: 's = sigmoid(self); grad * (s * (1 + self * (1 - s)))' },
});

op('mish(Tensor self) -> Tensor', {
  doc: 'self * tanh(softplus(self)).',
  inplaceArgument: true,
  module: 'nn.functional',
  only: ['mish_cpu', 'f'],
  // Far below zero it is self * exp(self), whose second factor may be denormal.
  pointwise: `is_far = is_coarse() ? self < -40 : 0; t = exp(is_far ? self / 2 : self);
    is_far ? self * t * t : self * tanh(log1p(t))`,
  derivative: { self: 't = tanh(log1p(exp(self))); grad * (t + self * sigmoid(self) * (1 - t * t))' },
});

op('softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor', {
  doc: 'A smooth rectifier, log(1 + exp(beta * self)) / beta; self itself where beta * self > threshold.',
  module: 'nn.functional',
  only: ['softplus_cpu', 'f'],
  pointwise: 'self * beta > threshold ? self : log1p(exp(self * beta)) / beta',
  derivative: { self: 'self * beta > threshold ? grad : grad * exact_sigmoid(self * beta)' },
});

op('softsign(Tensor self) -> Tensor', {
  doc: 'self / (1 + |self|).',
  module: 'nn.functional',
  promote: 'float',
  inplace: false,
  check([self]) {
    if (isBoolTensor(self)) throw notImplemented('abs_cpu', bool);
  },
  pointwise: 'self / (1 + abs(self))',
});

/** x - tanh(x) as a power series: its coefficients from x³ on. */
const tangentSeries = [
  1 / 3,
  -2 / 15,
  17 / 315,
  -62 / 2835,
  1382 / 155925,
  -21844 / 6081075,
  929569 / 638512875,
  -6404582 / 10854718875,
  443861162 / 1856156927625,
  -18888466084 / 194896477400625,
];

op('tanhshrink(Tensor self) -> Tensor', {
  doc: 'self - tanh(self).',
  module: 'nn.functional',
  promote: 'float',
  inplace: false,
  check: ([self]) => checkSubtraction(self, null),
  // Near zero the difference would cancel: there it is a power series.
  pointwise: `q = self * self;
    abs(self) < 0.35 ? self * q * (${tangentSeries.reduceRight((rest, c) => `${c} + q * (${rest})`, '0')}) : self - tanh(self)`,
  derivative: { self: 't = tanh(self); grad * (t * t)' },
});

op('softshrink(Tensor self, Scalar lambd=0.5) -> Tensor', {
  doc: 'self moved towards zero by lambd, and zero within [-lambd, lambd].',
  module: 'nn.functional',
  only: ['softshrink_check', 'f'],
  check([self, lambd]) {
    const value = Number(lambd);
    if (value >= 0 || !(self instanceof Tensor)) return;
    const limit = self.dtype === float64 ? '1.79769e+308' : '3.40282e+38';
    throw new RuntimeError(
      `lambda must be in range [0, ${limit}] for input dtype ${self.dtype.scalarName}, but found ${value}`,
    );
  },
  // Within the band self * 0, which keeps the sign of zero, and NaN.
  pointwise: 'self > lambd ? self - lambd : self < -lambd ? self + lambd : self * 0',
  derivative: { self: 'self < -lambd || self > lambd ? grad : 0' },
});

op('hardshrink(Tensor self, Scalar lambd=0.5) -> Tensor', {
  doc: 'Zero within [-lambd, lambd], else self.',
  aliases: ['nn.functional.hardshrink'],
  only: ['hardshrink_cpu', 'f'],
  inplace: false,
  pointwise: 'self >= -lambd && self <= lambd ? 0 : self',
});

op('threshold(Tensor self, Scalar threshold, Scalar value) -> Tensor', {
  doc: 'self where larger than threshold, else value.',
  inplaceArgument: true,
  aliases: ['nn.functional.threshold'],
  only: ['threshold_cpu', 'if'],
  pointwise: 'self <= threshold ? value : self',
});

op('hardsigmoid(Tensor self) -> Tensor', {
  doc: 'A piecewise linear sigmoid, clamp(self + 3, 0, 6) / 6.',
  inplaceArgument: true,
  module: 'nn.functional',
  only: ['hardsigmoid_cpu', 'f'],
  pointwise: 'clamp(self + 3, 0, 6) / 6',
  derivative: { self: 'self > -3 && self < 3 ? grad / 6 : 0' },
});

op('hardswish(Tensor self) -> Tensor', {
  doc: 'A piecewise approximation of the swish, self * clamp(self + 3, 0, 6) / 6.',
  inplaceArgument: true,
  module: 'nn.functional',
  only: ['hardswish_cpu', 'f'],
  pointwise: 'self * clamp(self + 3, 0, 6) / 6',
  derivative: { self: 'self <= -3 ? 0 : self >= 3 ? grad : grad * (self / 3 + 0.5)' },
});

op('logsigmoid(Tensor self) -> Tensor', {
  doc: 'The logarithm of the logistic function, -log(1 + exp(-self)), without overflow.',
  module: 'nn.functional',
  only: ['log_sigmoid_cpu', 'f'],
  inplace: false,
  pointwise: 'log_sigmoid(self)',
  derivative: { self: 'grad * exact_sigmoid(-self)' },
});

const rectify = op('_prelu_kernel(Tensor self, Tensor weight) -> Tensor', {
  doc: 'self where positive, else weight * self, weight broadcast.',
  inplace: false,
  method: false,
  function: false,
  pointwise: 'self > 0 ? self : weight * self',
});

op('prelu(Tensor self, Tensor weight) -> Tensor', {
  doc: 'self where positive, else weight * self, with one weight or one per channel (dimension 1).',
  aliases: ['nn.functional.prelu'],
  composite(self, weight) {
    if (weight.ndim > 1)
      throw new RuntimeError(
        `prelu: Expected \`weight\` to be a scalar or 1D tensor, but got: ndim = ${weight.ndim}`,
      );
    if (weight.numel() === 1) return rectify(self, weight.reshape([]));
    const channels = self.ndim > 1 ? self.shape[1] : 1;
    if (weight.numel() !== channels)
      throw new RuntimeError(
        `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${weight.numel()} and channel size = ${channels}.`,
      );
    const sizes = [channels, ...new Array<number>(Math.max(0, self.ndim - 2)).fill(1)];
    return rectify(self, weight.reshape(sizes));
  },
});
