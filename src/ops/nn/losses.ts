/** Loss functions. */

import { castRemedy } from '../../core/cpp_names.js';
import { Category, int64, uint8 } from '../../core/dtype.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { broadcastShapes, formatShape, type Shape, sameShape } from '../../core/layout.js';
import { formatSize } from '../../core/printing.js';
import { pyfloat } from '../../core/pyfloat.js';
import { formatFloat } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { notImplemented } from '../../dispatch/promote.js';
import { noKernel, refused } from '../../dispatch/real_only.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { expandStack, padStack } from '../../dispatch/stacks.js';
import { holds, liesWithin } from '../checks.js';
import { checkSubtraction } from '../pointwise/row_parts.js';
import {
  checkTriplet,
  checkWeightDtype,
  F,
  finish,
  kernelsOf,
  loss,
  operand,
  optionalOperand,
  reduced,
  reductionOf,
  result,
} from './kernel_operands.js';
import { elementLoss } from './loss_elements.js';
import type { Reduction } from './loss_reduction.js';

// ---- classes -------------------------------------------------------------------------------------------------

/**
 * By what the log-probability of each target is multiplied, for stacks of targets: its class's weight, and zero where it is to be
 * ignored. With the dimension of classes in what has these sizes, and targets that all can be looked up.
 */
function classFactors(
  target: Tensor,
  isStacked: boolean,
  weight: Tensor | null,
  isWeightStacked: boolean,
  shape: Shape,
  like: Tensor,
  ignoreIndex: number,
): { dim: number; factors: Tensor; chosen: Tensor } {
  const size = shape[0];
  const dim = shape.length === 2 ? 1 : 2;
  const targets = expandStack(target.to(int64), isStacked, size);
  const counts = targets.ne(ignoreIndex);
  const chosen = ops.where(counts, targets, 0);
  const weights =
    weight === null
      ? counts
      : expandStack(weight.detach(), isWeightStacked, size)
          .gather(1, chosen.reshape([size, -1]))
          .view(chosen.shape)
          .mul(counts);
  return { dim, factors: weights.to(like.dtype), chosen };
}

const nllSchema =
  "_nll_loss(Tensor self, Tensor target, Tensor? weight, 'none'|'mean'|'sum' reduction, int ignore_index) -> (Tensor output, Tensor total_weight)";

const nll: OpFunction<typeof nllSchema> = op(nllSchema, {
  doc: 'The negative of the log-probability of each target class, weighted and reduced.',
  batch(self, target, weight, reduction, ignoreIndex, { size, has }) {
    const x = expandStack(self, has.self, size);
    const { dim, factors, chosen } = classFactors(
      target,
      has.target,
      weight,
      has.weight,
      x.shape,
      x,
      ignoreIndex,
    );
    const picked = x.gather(dim, chosen.unsqueeze(dim)).squeeze(dim);
    const losses = ops.where(factors.eq(0), 0, picked.mul(factors).neg());
    const total = factors.reshape([size, -1]).sum(1);
    if (reduction === 'none') return [losses, total.zerosLike()] as const;
    const sum = losses.reshape([size, -1]).sum(1);
    return [reduction === 'mean' ? sum.div(total) : sum, total] as const;
  },
  function: false,
  method: false,
  forward(self, target, weight, reduction, ignoreIndex) {
    const x = operand(self, 'nll_loss_out_frame');
    const shape = reduction === 'none' ? target.shape : [];
    const out = result(shape, x);
    const total = result([], x);
    kernelsOf(x).nll_loss(
      out,
      total,
      x,
      target.contiguous(),
      optionalOperand(weight, 'nll_loss_out_frame'),
      reduction,
      ignoreIndex,
    );
    return [finish(out, self.dtype), total] as const;
  },
  save: ['self', 'target', 'weight', 'total_weight'],
  vjp([grad], { self, target, weight, reduction, ignore_index, total_weight }) {
    if (grad === null) return {};
    return {
      self: nllBackward(grad, target, weight, total_weight, self.shape, reduction, ignore_index),
    };
  },
  gradName: ([self]) => ((self as Tensor).ndim > 2 ? 'NllLoss2DBackward0' : 'NllLossBackward0'),
});

const nllBackwardSchema =
  "_nll_loss_backward(Tensor grad, Tensor target, Tensor? weight, Tensor total_weight, int[] size, 'none'|'mean'|'sum' reduction, int ignore_index) -> Tensor";

const nllBackward: OpFunction<typeof nllBackwardSchema> = op(nllBackwardSchema, {
  doc: 'The gradient of `nll_loss` by its input.',
  batch(grad, target, weight, total, shape, reduction, ignoreIndex, { size, has }) {
    const full = [size, ...shape];
    const { dim, factors, chosen } = classFactors(
      target,
      has.target,
      weight,
      has.weight,
      full,
      grad,
      ignoreIndex,
    );
    const over = (t: Tensor, isStacked: boolean): Tensor =>
      padStack(expandStack(t, isStacked, size), true, factors.ndim - 1);
    const g = over(grad, has.grad);
    const slope = (reduction === 'mean' ? g.div(over(total, has.total_weight)) : g).mul(factors).neg();
    const each = ops.where(factors.eq(0), 0, slope);
    return grad.newZeros(full).scatter(dim, chosen.unsqueeze(dim), each.unsqueeze(dim));
  },
  function: false,
  forward(grad, target, weight, total, size, reduction, ignoreIndex) {
    const g = operand(grad, 'nll_loss_backward');
    const out = result(size, g);
    const w = optionalOperand(weight, 'nll_loss_backward');
    kernelsOf(g).nll_loss_backward(out, g, target.contiguous(), w, total, reduction, ignoreIndex);
    return finish(out, grad.dtype);
  },
  save: ['target', 'weight'],
  // Linear in the gradient, and the loss itself is its transpose.
  vjp([gradGrad], { target, weight, reduction, ignore_index }) {
    if (gradGrad === null) return {};
    return {
      grad: nll(gradGrad, target, weight, reduction, ignore_index)[0],
    };
  },
  gradName: 'NllLossBackwardBackward0',
});

function classLoss(
  self: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: Reduction,
  ignoreIndex: number,
): Tensor {
  if (self.ndim < 1) throw new ValueError(`Expected 1 or more dimensions (got ${self.ndim})`);
  if (self.ndim === 1 && target.ndim > 0 && target.shape[0] !== 1)
    throw new ValueError(`For 1D input, 1D target must have size 1, but got target size: ${target.shape[0]}`);
  if (self.ndim > 1 && (target.ndim === 0 || self.shape[0] !== target.shape[0]))
    throw new ValueError(
      `Expected input batch_size (${self.shape[0]}) to match target batch_size (${target.ndim === 0 ? 0 : target.shape[0]}).`,
    );
  if (self.ndim <= 2 && target.ndim > 1)
    throw new RuntimeError('0D or 1D target tensor expected, multi-target not supported');
  if (target.dtype !== int64 && target.dtype !== uint8)
    throw new RuntimeError(`expected target dtype to be Long or Byte, but got ${target.dtype.scalarName}`);
  if (self.ndim > 2) {
    const expected = [self.shape[0], ...self.shape.slice(2)];
    if (!sameShape(expected, target.shape))
      throw new RuntimeError(
        self.ndim === 4 && target.ndim === 3
          ? `size mismatch (got input: ${formatShape(self.shape)} , target: ${formatShape(target.shape)}`
          : `Expected target size ${formatShape(expected)}, got ${formatShape(target.shape)}`,
      );
  }
  const classes = self.shape[self.ndim === 1 ? 0 : 1];
  if (weight !== null && (weight.ndim !== 1 || weight.shape[0] !== classes))
    throw new RuntimeError(
      `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ${formatShape(weight.shape)}`,
    );
  if (self.dtype.isFloatingPoint) checkWeightDtype(self, weight);
  const t = target.dtype === int64 ? target : target.to(int64);
  if (self.ndim > 1) return nll(self, t, weight, reduction, ignoreIndex)[0];
  const [out] = nll(self.unsqueeze(0), t.reshape([1]), weight, reduction, ignoreIndex);
  return reduction === 'none' ? out.reshape(target.shape) : out;
}

loss(
  "nll_loss(Tensor input, Tensor target, Tensor? weight=None, bool? size_average=None, int ignore_index=-100, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean') -> Tensor",
  {
    doc: 'The negative log-likelihood of target classes, given log-probabilities.',
    module: 'nn.functional',
    composite(input, target, weight, ignoreIndex, reduction) {
      return classLoss(input, target, weight, reductionOf(reduction), ignoreIndex);
    },
  },
);

/** Targets given as probabilities of the classes. */
function probabilityLoss(
  input: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: Reduction,
  labelSmoothing: number,
): Tensor {
  const classDim = input.ndim === 1 ? 0 : 1;
  const classes = input.shape[classDim];
  if (weight !== null && (weight.ndim !== 1 || weight.shape[0] !== classes))
    throw new RuntimeError(
      `cross_entropy: weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ${formatShape(weight.shape)}`,
    );
  checkSmoothing(labelSmoothing);
  const smoothed = labelSmoothing > 0 ? target.mul(1 - labelSmoothing).add(labelSmoothing / classes) : target;
  const logs = ops.logSoftmax(input, classDim);
  let products = logs.mul(smoothed);
  if (weight !== null) products = products.mul(perClass(weight, input.ndim, classDim));
  if (reduction === 'none') return products.sum(classDim).neg();
  const sum = products.sum().neg();
  return reduction === 'sum' ? sum : sum.div(input.numel() / classes);
}

function perClass(weight: Tensor, ndim: number, classDim: number): Tensor {
  return weight.reshape(Array.from({ length: ndim }, (_, i) => (i === classDim ? -1 : 1)));
}

function checkSmoothing(labelSmoothing: number): void {
  // A negative one is none, as in PyTorch.
  if (labelSmoothing > 1)
    throw new RuntimeError(`label_smoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`);
}

/** Target classes whose probability mass is spread: a share of `labelSmoothing` evenly over all classes. */
function smoothedLoss(
  input: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: Reduction,
  ignoreIndex: number,
  labelSmoothing: number,
): Tensor {
  checkSmoothing(labelSmoothing);
  const classDim = input.ndim === 1 ? 0 : 1;
  const logs = ops.logSoftmax(input, classDim);
  const certain = classLoss(logs, target, weight, reduction, ignoreIndex);
  const weighted = weight === null ? logs : logs.mul(perClass(weight, input.ndim, classDim));
  const ignored = target.eq(ignoreIndex);
  const spread = weighted.sum(classDim).neg().maskedFill(ignored, 0);
  let smooth = spread;
  if (reduction === 'sum') smooth = spread.sum();
  else if (reduction === 'mean') {
    const counted = ignored.logicalNot();
    const total =
      weight === null
        ? counted.sum()
        : weight
            .indexSelect(0, target.maskedFill(ignored, 0).reshape([-1]))
            .mul(counted.reshape([-1]))
            .sum();
    smooth = spread.sum().div(total);
  }
  return certain.mul(1 - labelSmoothing).add(smooth.mul(labelSmoothing / input.shape[classDim]));
}

loss(
  "cross_entropy(Tensor input, Tensor target, Tensor? weight=None, bool? size_average=None, int ignore_index=-100, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean', float label_smoothing=0.0) -> Tensor",
  {
    doc: 'The cross entropy between unnormalised scores and target classes, or probabilities of classes.',
    module: 'nn.functional',
    composite(input, target, weight, ignoreIndex, reduction, labelSmoothing) {
      const how = reductionOf(reduction);
      if (sameShape(input.shape, target.shape)) {
        if (!target.isFloatingPoint())
          throw new RuntimeError(
            `Expected floating point type for target with class probabilities, got ${target.dtype.scalarName}`,
          );
        if (ignoreIndex >= 0)
          throw new RuntimeError('ignore_index is not supported for floating point target');
        return probabilityLoss(input, target, weight, how, labelSmoothing);
      }
      if (labelSmoothing > 0) return smoothedLoss(input, target, weight, how, ignoreIndex, labelSmoothing);
      const logs = ops.logSoftmax(input, input.ndim === 1 ? 0 : 1);
      return classLoss(logs, target, weight, how, ignoreIndex);
    },
  },
);

// ---- element by element ---------------------------------------------------------------------------------------

function broadcast(input: Tensor, target: Tensor): [Tensor, Tensor] {
  if (sameShape(input.shape, target.shape)) return [input, target];
  warn(
    `Using a target size (${formatSize(target.shape)}) that is different to the input size (${formatSize(input.shape)}). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.`,
  );
  const [a, b] = ops.broadcastTensors([input, target]);
  return [a, b];
}

/** @throws ValueError unless there is a weight for each element */
function checkWeightSize(weight: Tensor, input: Tensor): void {
  if (!sameShape(weight.shape, input.shape))
    throw new ValueError('Weights and input must have the same size.');
}

/** Weighted errors; their mean is by the sum of the weights. */
function weightedErrors(errors: Tensor, weight: Tensor, reduction: string, input: Tensor): Tensor {
  checkWeightSize(weight, input);
  const weighted = errors.mul(weight);
  const how = reductionOf(reduction);
  if (how === 'none') return weighted;
  return how === 'sum' ? weighted.sum() : weighted.sum().div(weight.sum());
}

const mse = elementLoss('mse_loss', '', 'MseLossBackward0', {
  kernel: 'mse_cpu',
  value: '(self - target) * (self - target)',
  self: '2 * (self - target)',
  target: '2 * (target - self)',
});

loss(
  "mse_loss(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean', Tensor? weight=None) -> Tensor",
  {
    doc: 'The mean of squared differences.',
    module: 'nn.functional',
    composite(input, target, reduction, weight) {
      const [a, b] = broadcast(input, target);
      if (!a.isFloatingPoint() && !b.isFloatingPoint()) throw notImplemented('mse_cpu', a.dtype);
      if (weight === null) return mse(a, b, [], reductionOf(reduction));
      return weightedErrors(a.sub(b).square(), weight, reduction, input);
    },
  },
);

loss(
  "l1_loss(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean', Tensor? weight=None) -> Tensor",
  {
    doc: 'The mean of absolute differences.',
    module: 'nn.functional',
    composite(input, target, reduction, weight) {
      const [a, b] = broadcast(input, target);
      const errors = a.sub(b).abs();
      return weight === null ? reduced(errors, reduction) : weightedErrors(errors, weight, reduction, input);
    },
  },
);

const smoothL1 = elementLoss('smooth_l1_loss', ', float beta', 'SmoothL1LossBackward0', {
  kernel: 'smooth_l1_cpu',
  value: 'z = abs(self - target); z < beta ? 0.5 * z * z / beta : z - 0.5 * beta',
  self: 'x = self - target; x <= -beta ? -1 : x >= beta ? 1 : x / beta',
  target: 'x = self - target; x <= -beta ? 1 : x >= beta ? -1 : -x / beta',
});

loss(
  "smooth_l1_loss(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean', float beta=1.0) -> Tensor",
  {
    doc: 'Squared differences below `beta`, absolute ones above.',
    module: 'nn.functional',
    composite(input, target, reduction, beta) {
      if (beta < 0) throw new RuntimeError('smooth_l1_loss does not support negative values for beta.');
      const [a, b] = broadcast(input, target);
      if (beta === 0) return reduced(a.sub(b).abs(), reduction);
      return smoothL1(a, b, [beta], reductionOf(reduction));
    },
  },
);

const huber = elementLoss('huber_loss', ', float delta', 'HuberLossBackward0', {
  kernel: 'huber_cpu',
  value: 'z = abs(self - target); z <= delta ? 0.5 * z * z : delta * (z - 0.5 * delta)',
  self: 'x = self - target; x < -delta ? -delta : x > delta ? delta : x',
  target: 'x = self - target; x < -delta ? delta : x > delta ? -delta : -x',
});

op(
  "huber_loss(Tensor input, Tensor target, *, 'none'|'mean'|'sum' reduction='mean', float delta=1.0, Tensor? weight=None) -> Tensor",
  {
    doc: 'Half the squared differences up to `delta`, linear above.',
    module: 'nn.functional',
    composite(input, target, reduction, delta, weight) {
      if (delta <= 0) throw new RuntimeError('huber_loss does not support non-positive values for delta.');
      const [a, b] = broadcast(input, target);
      if (weight === null) return huber(a, b, [delta], reductionOf(reduction));
      checkWeightSize(weight, input);
      return reduced(huber(a, b, [delta], 'none').mul(weight), reduction);
    },
  },
);

const bce = elementLoss('binary_cross_entropy', ', Tensor? weight', 'BinaryCrossEntropyBackward0', {
  kernel: 'binary_cross_entropy',
  // The logarithms are kept from -infinity, so that the loss stays finite.
  value: ({ weight }) => {
    const loss = '((target - 1) * maximum(log1p(-self), -100) - target * maximum(log(self), -100))';
    return weight === null ? loss : `${loss} * weight`;
  },
  self: ({ weight }) =>
    `(self - target) / maximum((1 - self) * self, ${Math.fround(1e-12)})${weight === null ? '' : ' * weight'}`,
  target: ({ weight }) => `(log(1 - self) - log(self))${weight === null ? '' : ' * weight'}`,
});

loss(
  "binary_cross_entropy(Tensor input, Tensor target, Tensor? weight=None, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean') -> Tensor",
  {
    doc: 'The binary cross entropy between probabilities and targets.',
    realOnly: noKernel('binary_cross_entropy'),
    module: 'nn.functional',
    composite(input, target, weight, reduction) {
      if (!sameShape(input.shape, target.shape))
        throw new ValueError(
          `Using a target size (${formatSize(target.shape)}) that is different to the input size (${formatSize(input.shape)}) is deprecated. Please ensure they have the same size.`,
        );
      if (target.dtype !== input.dtype && !target.isComplex())
        throw new RuntimeError(
          `Found dtype ${target.dtype.scalarName} but expected ${input.dtype.scalarName}${castRemedy(target.dtype, input.dtype)}`,
        );
      if (!liesWithin(input, 0, 1)) throw new RuntimeError('all elements of input should be between 0 and 1');
      if (!liesWithin(target, 0, 1))
        throw new RuntimeError('all elements of target should be between 0 and 1');
      const w = weight === null ? null : weight.expand(input.shape);
      return bce(input, target, [w], reductionOf(reduction));
    },
  },
);

const bceWithLogits = elementLoss(
  'binary_cross_entropy_with_logits',
  ', Tensor? weight, Tensor? pos_weight',
  'BinaryCrossEntropyWithLogitsBackward0',
  {
    kernel: 'log_sigmoid_cpu',
    value: ({ weight, pos_weight }) => {
      const logWeight = pos_weight === null ? '' : '((pos_weight - 1) * target + 1) * ';
      const loss = `((1 - target) * self - ${logWeight}log_sigmoid(self))`;
      return weight === null ? loss : `${loss} * weight`;
    },
    self: ({ weight, pos_weight }) => {
      const slope =
        pos_weight === null
          ? '(sigmoid(self) - target)'
          : '((pos_weight * target + 1 - target) * sigmoid(self) - pos_weight * target)';
      return weight === null ? slope : `${slope} * weight`;
    },
    target: ({ weight, pos_weight }) => {
      const slope = pos_weight === null ? '(-self)' : '(log_sigmoid(-self) - pos_weight * log_sigmoid(self))';
      return weight === null ? slope : `${slope} * weight`;
    },
  },
);

loss(
  "binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight=None, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean', Tensor? pos_weight=None) -> Tensor",
  {
    doc: 'The binary cross entropy between scores, before the sigmoid, and targets.',
    realOnly: noKernel('log_sigmoid_cpu'),
    module: 'nn.functional',
    composite(input, target, weight, reduction, posWeight) {
      if (!sameShape(input.shape, target.shape))
        throw new ValueError(
          `Target size (${formatSize(target.shape)}) must be the same as input size (${formatSize(input.shape)})`,
        );
      // PyTorch computes 1 - target, and multiplies it in place.
      if (input.isFloatingPoint() && target.dtype.category < Category.float) {
        checkSubtraction(target, target);
        throw new RuntimeError(
          `result type ${input.dtype.scalarName} can't be cast to the desired output type ${target.dtype.scalarName}${castRemedy(target.dtype, input.dtype)}`,
        );
      }
      // Expanded here, so that a shape that does not fit cannot widen the result.
      const widen = (t: Tensor | null): Tensor | null => (t === null ? null : t.expand(input.shape));
      return bceWithLogits(input, target, [widen(weight), widen(posWeight)], reductionOf(reduction));
    },
  },
);

const softMargin = elementLoss('soft_margin_loss', '', 'SoftMarginLossBackward0', {
  kernel: 'exp',
  value: 'log(1 + exp(-target * self))',
  self: 'z = exp(-target * self); -target * z / (1 + z)',
  target: null,
});

loss(
  "soft_margin_loss(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean') -> Tensor",
  {
    doc: 'The logistic loss between scores and targets of 1 and -1.',
    module: 'nn.functional',
    composite(input, target, reduction) {
      const common = broadcastShapes(input.shape, target.shape);
      if (!sameShape(common, input.shape))
        throw new RuntimeError(
          `output with shape ${formatShape(input.shape)} doesn't match the broadcast shape ${formatShape(common)}`,
        );
      return softMargin(...broadcast(input, target), [], reductionOf(reduction));
    },
  },
);

loss(
  "kl_div(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum'|'batchmean' reduction='mean', bool log_target=False) -> Tensor",
  {
    doc: 'The Kullback-Leibler divergence of log-probabilities from target (log-)probabilities.',
    realOnly: refused('kl_div: Complex inputs not supported.'),
    module: 'nn.functional',
    composite(input, target, reduction, logTarget) {
      if ([input, target].some((t) => t.dtype.category < Category.float))
        throw new RuntimeError(
          'kl_div: Integral inputs not supported. (write x.float() to convert to torch.float32)',
        );
      const loss = logTarget
        ? target.exp().mul(target.sub(input))
        : target.xlogy(target).sub(target.mul(input));
      if (reduction === 'batchmean') return input.ndim === 0 ? loss.sum() : loss.sum().div(input.shape[0]);
      if (reduction === 'mean')
        warn(
          "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' divides only by the batch size, and aligns with the KL div math definition.'mean' will be changed to behave the same as 'batchmean' in the next major release.",
        );
      return reduced(loss, reduction);
    },
  },
);

// ---- margins and other compositions -----------------------------------------------------------------------------

loss(
  "hinge_embedding_loss(Tensor input, Tensor target, float margin=1.0, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean') -> Tensor",
  {
    doc: 'The input where the target is 1, and what it lacks to `margin` where the target is -1.',
    module: 'nn.functional',
    composite(input, target, margin, reduction) {
      const zeros = input.detach().zerosLike();
      const far = ops.where(target.ne(1), input.neg().add(pyfloat(margin)).clamp({ min: 0 }), zeros);
      const near = ops.where(target.ne(-1), input, zeros);
      return reduced(far.add(near), reduction);
    },
  },
);

loss(
  "margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean') -> Tensor",
  {
    doc: 'max(0, -target * (input1 - input2) + margin): the first should rank higher where the target is 1.',
    module: 'nn.functional',
    composite(a, b, target, margin, reduction) {
      if (a.ndim !== b.ndim || a.ndim !== target.ndim)
        throw new RuntimeError(
          `margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: ${formatSize(a.shape)}, input2: ${formatSize(b.shape)}, target: ${formatSize(target.shape)} `,
        );
      return reduced(target.neg().mul(a.sub(b)).add(pyfloat(margin)).clamp({ min: 0 }), reduction);
    },
  },
);

loss(
  "cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean') -> Tensor",
  {
    doc: 'Brings pairs with target 1 to the same direction, and keeps those with target -1 apart.',
    module: 'nn.functional',
    composite(a, b, target, margin, reduction) {
      const dim = target.ndim;
      if (a.ndim !== dim + 1 || b.ndim !== dim + 1) {
        if (dim > 1) throw new RuntimeError('0D or 1D target tensor expected, multi-target not supported');
        throw new RuntimeError(
          `${dim}D target tensor expects ${dim + 1}D input tensors, but found inputs with sizes ${formatShape(a.shape)} and ${formatShape(b.shape)}.`,
        );
      }
      const square = (x: Tensor): Tensor => x.mul(x).sum(dim).add(1e-12);
      const cosine = a
        .mul(b)
        .sum(dim)
        .div(square(a).mul(square(b)).sqrt());
      const zeros = cosine.detach().zerosLike();
      const near = ops.where(target.eq(1), cosine.neg().add(1), zeros);
      const far = ops.where(target.eq(-1), cosine.sub(pyfloat(margin)).clamp({ min: 0 }), zeros);
      return reduced(near.add(far), reduction);
    },
  },
);

loss(
  "triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, float margin=1.0, float p=2.0, float eps=1e-6, bool swap=False, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean') -> Tensor",
  {
    doc: 'Brings the anchor nearer to the positive than to the negative, by at least `margin`.',
    module: 'nn.functional',
    composite(anchor, positive, negative, margin, p, eps, swap, reduction) {
      checkTriplet(anchor, positive, negative);
      if (margin <= 0) throw new ValueError(`margin must be greater than 0, got ${formatFloat(margin)}`);
      const near = F.pairwiseDistance(anchor, positive, p, eps);
      let far = F.pairwiseDistance(anchor, negative, p, eps);
      if (swap) far = far.minimum(F.pairwiseDistance(positive, negative, p, eps));
      return reduced(near.sub(far).add(pyfloat(margin)).clamp({ min: 0 }), reduction);
    },
  },
);

loss(
  "poisson_nll_loss(Tensor input, Tensor target, bool log_input=True, bool full=False, bool? size_average=None, float eps=1e-8, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean') -> Tensor",
  {
    doc: 'The negative log-likelihood of counts under a Poisson distribution.',
    module: 'nn.functional',
    composite(input, target, logInput, full, eps, reduction) {
      let loss = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(input.add(eps).log()));
      if (full) {
        // Stirling's approximation of log(target!).
        const stirling = target
          .mul(target.log())
          .sub(target)
          .add(
            target
              .mul(2 * Math.PI)
              .log()
              .mul(0.5),
          );
        loss = loss.add(stirling.maskedFill(target.le(1), 0));
      }
      return reduced(loss, reduction);
    },
  },
);

/** Whether a variance stands for all of one dimension: it has one entry there, and the input's sizes elsewhere. */
function isHomoscedastic(variance: Shape, input: Shape): boolean {
  if (variance.length !== input.length) return false;
  const others = variance.filter((size, i) => size !== input[i]);
  return others.length === 1 && others[0] === 1;
}

op(
  "gaussian_nll_loss(Tensor input, Tensor target, Tensor var, bool full=False, float eps=1e-6, *, 'none'|'mean'|'sum' reduction='mean') -> Tensor",
  {
    doc: 'The negative log-likelihood of targets under normal distributions of these means and variances.',
    module: 'nn.functional',
    composite(input, target, variance, full, eps, reduction) {
      if (!holds(variance.detach(), (v) => v.lt(0).any().logicalNot()))
        throw new ValueError('var has negative entry/entries');
      let v = variance;
      if (!sameShape(v.shape, input.shape)) {
        if (sameShape(input.shape.slice(0, -1), v.shape)) v = v.unsqueeze(-1);
        else if (!isHomoscedastic(v.shape, input.shape)) throw new ValueError('var is of incorrect size');
      }
      if (reduction !== 'none' && reduction !== 'mean' && reduction !== 'sum')
        throw new ValueError(`${reduction} is not valid`);
      // The variance is kept from zero where it is used, but its gradient flows as if it were not.
      const lift = v.detach().clamp({ min: eps }).sub(v.detach());
      const kept = v.add(lift);
      let loss = kept.log().add(input.sub(target).square().div(kept)).mul(0.5);
      if (full) loss = loss.add(0.5 * Math.log(2 * Math.PI));
      return reduced(loss, reduction);
    },
  },
);
