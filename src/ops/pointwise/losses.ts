/** What losses compute element by element, before any reduction. */
import type { Tensor } from '../../core/tensor.js';
import type { Op } from '../op.js';
import { op } from '../registry.js';
import { checkSubtraction } from './shared.js';

type Loss<Extra extends unknown[] = []> = (self: Tensor, target: Tensor, ...extra: Extra) => Tensor;

/** The op as a function, for the losses' own file. */
function loss<Extra extends unknown[] = []>(made: Op): Loss<Extra> {
  return (...args) => made.call(args) as Tensor;
}

const hidden = { inplace: false, method: false, function: false } as const;

export const squaredError = loss(
  op('_squared_error(Tensor self, Tensor target) -> Tensor', {
    ...hidden,
    doc: 'The squared difference, (self - target)².',
    only: ['mse_cpu', 'f'],
    gradName: 'MseLossBackward0',
    pointwise: 'd = self - target; d * d',
  }),
);

export const absoluteError = loss(
  op('_absolute_error(Tensor self, Tensor target) -> Tensor', {
    ...hidden,
    doc: 'The absolute difference, |self - target|.',
    gradName: 'MeanBackward0',
    check: ([self, target]) => checkSubtraction(self, target),
    pointwise: 'abs(self - target)',
  }),
);

export const smoothAbsoluteError = loss<[beta: number]>(
  op('_smooth_l1(Tensor self, Tensor target, float beta) -> Tensor', {
    ...hidden,
    doc: 'The absolute difference d, and d² / (2 beta) + beta / 2 where it is below beta, lowered by beta / 2.',
    only: ['smooth_l1_cpu', 'f'],
    gradName: 'SmoothL1LossBackward0',
    pointwise: 'd = abs(self - target); d < beta ? 0.5 * d * d / beta : d - 0.5 * beta',
  }),
);

export const huberError = loss<[delta: number]>(
  op('_huber(Tensor self, Tensor target, float delta) -> Tensor', {
    ...hidden,
    doc: 'Half the squared difference up to delta, linear beyond.',
    only: ['huber_cpu', 'f'],
    gradName: 'HuberLossBackward0',
    pointwise: 'd = abs(self - target); d <= delta ? 0.5 * d * d : delta * (d - 0.5 * delta)',
  }),
);

export const binaryCrossEntropy = loss(
  op('_binary_cross_entropy(Tensor self, Tensor target) -> Tensor', {
    ...hidden,
    doc: '-(target * log(self) + (1 - target) * log(1 - self)), each logarithm at least -100.',
    only: ['binary_cross_entropy', 'f'],
    gradName: 'BinaryCrossEntropyBackward0',
    pointwise: '(target - 1) * maximum(log1p(-self), -100) - target * maximum(log(self), -100)',
    derivative: {
      self: 'grad * ((self - target) / maximum((1 - self) * self, 1e-12))',
      target: 'grad * (log1p(-self) - log(self))',
    },
  }),
);

export const binaryCrossEntropyWithLogits = loss(
  op('_bce_with_logits(Tensor self, Tensor target) -> Tensor', {
    ...hidden,
    doc: 'The binary cross entropy of sigmoid(self), without overflow.',
    only: ['log_sigmoid_cpu', 'f'],
    gradName: 'BinaryCrossEntropyWithLogitsBackward0',
    pointwise: '(1 - target) * self - log_sigmoid(self)',
    derivative: { self: 'grad * (sigmoid(self) - target)', target: '-grad * self' },
  }),
);

export const weightedBinaryCrossEntropyWithLogits = loss<[posWeight: Tensor]>(
  op('_bce_with_logits_weighted(Tensor self, Tensor target, Tensor pos_weight) -> Tensor', {
    ...hidden,
    doc: 'The binary cross entropy of sigmoid(self) with the positive class weighted, without overflow.',
    only: ['log_sigmoid_cpu', 'f'],
    gradName: 'BinaryCrossEntropyWithLogitsBackward0',
    pointwise: '(1 - target) * self - ((pos_weight - 1) * target + 1) * log_sigmoid(self)',
    derivative: {
      self: 't = pos_weight * target; grad * ((t + 1 - target) * sigmoid(self) - t)',
      target: 'grad * ((1 - pos_weight) * log_sigmoid(self) - self)',
      pos_weight: '-grad * target * log_sigmoid(self)',
    },
  }),
);

export const klDivergence = loss<[logTarget: boolean]>(
  op('_kl_div(Tensor self, Tensor target, bool log_target) -> Tensor', {
    ...hidden,
    doc: 'target * (log(target) - self), or exp(target) * (target - self) of a logarithmic target.',
    gradName: 'MulBackward0',
    pointwise: ({ log_target: logTarget }) =>
      logTarget ? 'exp(target) * (target - self)' : 'xlogy(target, target) - target * self',
    derivative: {
      self: ({ log_target: logTarget }) => (logTarget ? '-grad * exp(target)' : '-grad * target'),
      target: ({ log_target: logTarget }) =>
        logTarget ? 'grad * exp(target) * (target - self + 1)' : 'grad * (log(target) + 1 - self)',
    },
  }),
);

export const softMargin = loss(
  op('_soft_margin(Tensor self, Tensor target) -> Tensor', {
    ...hidden,
    doc: 'log(1 + exp(-self * target)).',
    gradName: 'SoftMarginLossBackward0',
    pointwise: 'log1p(exp(-self * target))',
    derivative: {
      self: '-grad * target * sigmoid(-self * target)',
      target: '-grad * self * sigmoid(-self * target)',
    },
  }),
);
