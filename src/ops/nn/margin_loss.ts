/** Losses that ask of a class to lead the others by a margin. */
import { int64 } from '../../core/dtype.js';
import { IndexError, RuntimeError, ValueError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { notImplemented } from '../../dispatch/promote.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { liesWithin, withinRange } from '../checks.js';
import { openGradients, takesKernel, wantsOpenForm } from '../open_form.js';
import {
  checkTriplet,
  checkWeightDtype,
  F,
  kernelsOf,
  loss,
  reduced,
  reductionOf,
  result,
} from './kernel_operands.js';

/** A vector as a batch of one. */
const asBatch = (x: Tensor, dims: number): Tensor => (x.ndim < dims ? x.reshape([1, -1]) : x);

/** @throws RuntimeError in PyTorch's words unless target and weights fit the input */
function checkMultiMargin(input: Tensor, target: Tensor, weight: Tensor | null): void {
  const classes = input.shape.at(-1) ?? 1;
  const samples = input.ndim < 2 ? 1 : input.shape[0];
  if (input.ndim > 2 || classes === 0)
    throw new RuntimeError(
      `Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${formatShape(input.shape)}`,
    );
  if (target.ndim > 1 || target.numel() !== samples)
    throw new RuntimeError(
      `multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). Expected target size [${samples}], but got ${formatShape(target.shape)}. Input has shape ${formatShape(input.shape)}.`,
    );
  if (weight !== null && weight.numel() !== classes)
    throw new RuntimeError(
      `inconsistent weight size, expected ${classes} but got ${formatShape(weight.shape)}`,
    );
  checkDtypes('multi_margin_loss_cpu_kernel', input, target);
  checkWeightDtype(input, weight);
}

/** @throws RuntimeError in PyTorch's words unless the target is of int64 and the input a float */
function checkDtypes(name: string, input: Tensor, target: Tensor): void {
  if (target.dtype !== int64)
    throw new RuntimeError(`expected scalar type Long but found ${target.dtype.scalarName}`);
  if (!input.dtype.isFloatingPoint) throw notImplemented(name, input.dtype);
}

const wrongTarget = 'target out of range';
const wrongTargets = "argument #2 'target' is out of range";

/** How much a target is to lead by, and what it costs if it does not. */
interface Margins {
  readonly p: number;
  readonly margin: number;
  readonly weight: Tensor | null;
}

/** The loss of each sample in the open: classes that lag behind the one target, which does not compete with itself. */
function openSingle(x: Tensor, target: Tensor, { p, margin, weight }: Margins): Tensor {
  const at = target.reshape([-1, 1]);
  const lag = x.sub(x.gather(1, at)).add(margin).clamp({ min: 0 });
  const cost = p === 1 ? lag : lag.square();
  const weighted = weight === null ? cost : cost.mul(weight.take(at));
  return weighted.scatter(1, at, 0).sum(1).div(x.shape[1]);
}

/** The loss of each sample in the open: classes that lag behind several targets, which do not compete with each other. */
function openSeveral(x: Tensor, target: Tensor): Tensor {
  const isTarget = target.eq(-1).cumsum(1).eq(0);
  const at = target.mul(isTarget);
  const named = at.newZeros(x.shape).scatterAdd(1, at, isTarget.to(at.dtype)).gt(0);
  const lag = x.unsqueeze(1).sub(x.gather(1, at).unsqueeze(2)).add(1).clamp({ min: 0 });
  const counts = isTarget.unsqueeze(2).logicalAnd(named.unsqueeze(1).logicalNot());
  return ops.where(counts, lag, lag.newZeros([])).sum([1, 2]).div(x.shape[1]);
}

const marginSchema =
  "_margin_loss(Tensor self, Tensor target, Tensor? weight, float p, float margin, 'none'|'mean'|'sum' reduction) -> Tensor";

const marginLoss: OpFunction<typeof marginSchema> = op(marginSchema, {
  doc: 'What classes lag behind the targets: one of each sample, or rows of several that end at -1.',
  function: false,
  method: false,
  forward(self, target, weight, p, margin, reduction) {
    const out = result(reduction === 'none' ? [self.shape[0]] : [], self);
    const dense = [self.contiguous(), target.contiguous()];
    withinRange(
      () => kernelsOf(self).margin_loss(out, dense[0], dense[1], weight, p, margin, reduction),
      target.ndim === 1 ? wrongTarget : wrongTargets,
    );
    return out;
  },
  save: ['self', 'target', 'weight'],
  vjp([grad], { self, target, weight, p, margin, reduction }) {
    if (grad === null) return {};
    if (wantsOpenForm()) {
      const settings = { p, margin, weight };
      const open = (x: Tensor) =>
        reduced(target.ndim === 1 ? openSingle(x, target, settings) : openSeveral(x, target), reduction);
      return { self: openGradients(open, [self], [true], grad)[0] };
    }
    const out = result(self.shape, self);
    const [g, x, t] = [grad, self, target].map((tensor) => tensor.contiguous());
    withinRange(
      () => kernelsOf(self).margin_loss_backward(out, g, x, t, weight, p, margin, reduction),
      target.ndim === 1 ? wrongTarget : wrongTargets,
    );
    return { self: out };
  },
  gradName: ([, target]) =>
    (target as Tensor).ndim === 1 ? 'MultiMarginLossBackward0' : 'MultilabelMarginLossBackward0',
});

loss(
  "multi_margin_loss(Tensor input, Tensor target, Scalar p=1, Scalar margin=1, Tensor? weight=None, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean') -> Tensor",
  {
    doc: 'The mean over classes of max(0, margin - input[target] + input[class])ᵖ.',
    module: 'nn.functional',
    composite(input, target, p, margin, weight, reduction) {
      const how = reductionOf(reduction);
      const power = Number(p);
      if (power !== 1 && power !== 2) throw new ValueError('only p == 1 and p == 2 supported');
      if (weight !== null && weight.ndim !== 1) throw new ValueError('weight must be one-dimensional');
      checkMultiMargin(input, target, weight);
      const x = asBatch(input, 2);
      const isOne = input.ndim < 2 && target.ndim === 0;
      // PyTorch has no gradient by the weight; in the open form it is there.
      if (weight?.requiresGrad !== true && takesKernel(x, ...(weight === null ? [] : [weight]))) {
        const found = marginLoss(x, target.reshape([-1]), weight, power, Number(margin), how);
        return isOne && how === 'none' ? found.squeeze(0) : found;
      }
      if (!liesWithin(target, 0, x.shape[1] - 1)) throw new RuntimeError(wrongTarget);
      const loss = openSingle(x, target, { p: power, margin: Number(margin), weight });
      return reduced(isOne ? loss.squeeze(0) : loss, reduction);
    },
  },
);

loss(
  "multilabel_margin_loss(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean') -> Tensor",
  {
    doc: 'The mean over classes of max(0, 1 - input[target] + input[class]), summed over the targets, which end at -1.',
    module: 'nn.functional',
    composite(input, target, reduction) {
      const how = reductionOf(reduction);
      if (input.ndim > 2 || input.shape.at(-1) === 0)
        throw new RuntimeError(
          `Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${formatShape(input.shape)}`,
        );
      if (String(target.shape) !== String(input.shape))
        throw new RuntimeError(
          `inconsistent target size: ${formatShape(target.shape)} for input of size: ${formatShape(input.shape)}`,
        );
      checkDtypes('multilabel_margin_loss_forward_out_frame', input, target);
      const x = asBatch(input, 2);
      const given = asBatch(target, 2);
      if (takesKernel(x)) {
        const found = marginLoss(x, given, null, 1, 1, how);
        return input.ndim < 2 && how === 'none' ? found.squeeze(0) : found;
      }
      if (!liesWithin(target, -1, x.shape[1] - 1)) throw new RuntimeError(wrongTargets);
      const loss = openSeveral(x, given);
      return reduced(input.ndim < 2 ? loss.squeeze(0) : loss, reduction);
    },
  },
);

loss(
  "multilabel_soft_margin_loss(Tensor input, Tensor target, Tensor? weight=None, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean') -> Tensor",
  {
    doc: 'The mean over classes of the binary cross entropy between logits and targets.',
    module: 'nn.functional',
    composite(input, target, weight, reduction) {
      const yes = target.mul(F.logsigmoid(input));
      const no = target.rsub(1).mul(F.logsigmoid(input.neg()));
      const cost = yes.add(no).neg();
      const weighted = weight === null ? cost : cost.mul(weight);
      if (weighted.ndim === 0) throw new IndexError('Dimension specified as -1 but tensor has no dimensions');
      return reduced(weighted.mean(-1), reduction);
    },
  },
);

op(
  "triplet_margin_with_distance_loss(Tensor anchor, Tensor positive, Tensor negative, *, Callable? distance_function=None, float margin=1.0, bool swap=False, 'none'|'mean'|'sum' reduction='mean') -> Tensor",
  {
    doc: 'max(0, distance to the positive - distance to the negative + margin), for any distance of two tensors.',
    module: 'nn.functional',
    composite(anchor, positive, negative, given, margin, swap, reduction) {
      reductionOf(reduction);
      if (margin <= 0)
        throw new ValueError(
          `margin must be greater than 0, got ${Number.isInteger(margin) ? margin.toFixed(1) : margin}`,
        );
      checkTriplet(anchor, positive, negative);
      const distance = (given ?? ops.pairwiseDistance) as (a: Tensor, b: Tensor) => Tensor;
      const near = distance(anchor, positive);
      let far = distance(anchor, negative);
      if (swap) far = far.minimum(distance(positive, negative));
      return reduced(near.sub(far).add(margin).clamp({ min: 0 }), reduction);
    },
  },
);
