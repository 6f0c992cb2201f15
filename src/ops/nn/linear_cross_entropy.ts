/** The cross entropy of a linear layer's scores, of which there need not be all at once. */
import { context } from '../../core/context.js';
import { bfloat16, type DType, float16, float32, int64 } from '../../core/dtype.js';
import { NotImplementedError, RuntimeError } from '../../core/errors.js';
import { type Shape, sameShape } from '../../core/layout.js';
import { formatFloat, formatTuple, formatValue } from '../../core/repr.js';
import { standsForSeveral } from '../../core/stand_ins.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { belowAutograd } from '../../dispatch/recording.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { F, finish, kernelDtype, kernelsOf, operand, reductionOf, result } from './kernel_operands.js';
import type { LinearCrossEntropyOptions } from './linear_cross_entropy_options.js';
import './linear_cross_entropy_options.js';

/** Results that are computed piece by piece: rows' losses, and gradients as far as there is a place for them. */
interface Pieces {
  readonly losses: Tensor;
  readonly input: Tensor | null;
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
}

/** The weight of each row's loss: its class's weight, and zero where that is ignored. With targets that all can be looked up. */
function weigh(
  target: Tensor,
  weight: Tensor | null,
  ignoreIndex: number,
  dtype: DType,
): { factors: Tensor; chosen: Tensor } {
  const counts = target.ne(ignoreIndex);
  const chosen = ops.where(counts, target, target.newZeros([]));
  const factors = weight === null ? counts : weight.indexSelect(0, chosen).mul(counts);
  return { factors: factors.to(dtype), chosen };
}

/**
 * Goes through rows, `size` at a time, with the memory of so many rows' scores.
 *
 * @param slopes by what the gradient of each row's loss is multiplied
 */
function inPieces(
  input: Tensor,
  linearWeight: Tensor,
  bias: Tensor | null,
  chosen: Tensor,
  slopes: Tensor | null,
  size: number,
  to: Pieces,
): void {
  const kernels = kernelsOf(input);
  const [rows] = input.shape;
  const classes = linearWeight.shape[0];
  const buffer = result([Math.min(size, rows), classes], input);
  const matrix = linearWeight.t().unsqueeze(0);
  for (let first = 0; first < rows; first += size) {
    const count = Math.min(size, rows - first);
    const part = (t: Tensor): Tensor => t.narrow(0, first, count);
    const scores = buffer.narrow(0, 0, count);
    const x = part(input).unsqueeze(0);
    if (bias !== null) scores.copy_(bias);
    kernels.matmul(scores.unsqueeze(0), x, matrix, 1, bias === null ? 0 : 1);
    kernels.softmax(scores, scores, 1, true);
    const at = part(chosen).unsqueeze(1);
    part(to.losses).copy_(scores.gather(1, at).squeeze(1).neg());
    if (slopes === null) continue;
    const slope = part(slopes).unsqueeze(1);
    scores.exp_().mul_(slope).scatterAdd_(1, at, slope.neg());
    if (to.input !== null)
      kernels.matmul(part(to.input).unsqueeze(0), scores.unsqueeze(0), linearWeight.unsqueeze(0), 1, 0);
    if (to.weight !== null) kernels.matmul(to.weight.unsqueeze(0), scores.t().unsqueeze(0), x, 1, 1);
    if (to.bias !== null) to.bias.add_(scores.sum(0));
  }
}

const absent = (like: Tensor, ndim: number): Tensor => like.newEmpty(new Array<number>(ndim).fill(0));

/** The losses of all rows, not yet weighed, and the gradients that are wanted (others are empty). */
function compute(
  given: Tensor,
  givenWeight: Tensor,
  givenBias: Tensor | null,
  chosen: Tensor,
  slopes: Tensor | null,
  size: number,
  wants: readonly boolean[],
): { losses: Tensor; gradients: [input: Tensor, weight: Tensor, bias: Tensor] } {
  const input = operand(given, 'linear_cross_entropy');
  const linearWeight = operand(givenWeight, 'linear_cross_entropy');
  const bias = givenBias === null ? null : operand(givenBias, 'linear_cross_entropy');
  const [wantsInput, wantsWeight, wantsBias] = wants;
  const to: Pieces = {
    losses: result([input.shape[0]], input),
    input: wantsInput ? result(input.shape, input) : null,
    weight: wantsWeight ? input.newZeros(linearWeight.shape) : null,
    bias: wantsBias ? input.newZeros([linearWeight.shape[0]]) : null,
  };
  if (input.storage.backend.hasValues) inPieces(input, linearWeight, bias, chosen, slopes, size, to);
  const finished = (t: Tensor | null, ndim: number): Tensor =>
    t === null ? absent(given, ndim) : finish(t, given.dtype);
  return {
    losses: to.losses,
    gradients: [finished(to.input, 2), finished(to.weight, 2), finished(to.bias, 1)],
  };
}

const refuseForwardMode = (): never => {
  throw new NotImplementedError(
    'Trying to use forward AD with linear_cross_entropy in pieces that does not support it: leave out its options',
  );
};

/** Losses whose gradients have been used. */
const used = new WeakSet<object>();

const reducedSchema =
  "_linear_cross_entropy_batch_chunked(Tensor input, Tensor linear_weight, Tensor target, Tensor? linear_bias, Tensor? weight, 'mean'|'sum' reduction, int ignore_index, int batch_chunk_size, bool allow_retain_graph, bool[] wants) -> (Tensor loss, Tensor grad_input, Tensor grad_linear_weight, Tensor grad_linear_bias)";

const reducedLoss: OpFunction<typeof reducedSchema> = op(reducedSchema, {
  doc: 'The mean or sum of the losses of all rows, and its gradients, which are computed on the way.',
  function: false,
  forward(input, linearWeight, target, bias, weight, reduction, ignoreIndex, size, _, wants) {
    const dtype = kernelDtype(input.dtype);
    const { factors, chosen } = weigh(target, weight, ignoreIndex, dtype);
    if (reduction === 'mean') {
      const total = factors.sum();
      factors.div_(ops.where(total.eq(0), total.newFull([], Number.NaN), total));
    }
    const slopes = wants.includes(true) ? factors : null;
    const { losses, gradients } = compute(input, linearWeight, bias, chosen, slopes, size, wants);
    const loss = losses.mul(factors).sum();
    if (reduction === 'mean' && input.shape[0] === 0) loss.fill_(Number.NaN);
    return [finish(loss, input.dtype), ...gradients] as const;
  },
  save: ['grad_input', 'grad_linear_weight', 'grad_linear_bias'],
  vjp([grad], { grad_input, grad_linear_weight, grad_linear_bias, allow_retain_graph }, needs) {
    if (grad === null) return {};
    if (!allow_retain_graph) {
      if (used.has(grad_input.storage))
        throw new RuntimeError(
          'linear_cross_entropy chunked backward called twice; retain_graph=True / double backward are not supported.',
        );
      used.add(grad_input.storage);
    }
    // The gradients are computed already, and depend on nothing any more.
    return belowAutograd(() => ({
      input: needs.input ? grad_input.mul(grad) : null,
      linear_weight: needs.linear_weight ? grad_linear_weight.mul(grad) : null,
      linear_bias: needs.linear_bias ? grad_linear_bias.mul(grad) : null,
    }));
  },
  jvp: refuseForwardMode,
});

const eachSchema =
  '_linear_cross_entropy_batch_chunked_no_reduction(Tensor input, Tensor linear_weight, Tensor target, Tensor? linear_bias, Tensor? weight, int ignore_index, int batch_chunk_size) -> Tensor';

const eachLoss: OpFunction<typeof eachSchema> = op(eachSchema, {
  doc: 'The loss of each row; gradients compute the scores once more.',
  function: false,
  forward(input, linearWeight, target, bias, weight, ignoreIndex, size) {
    const { factors, chosen } = weigh(target, weight, ignoreIndex, kernelDtype(input.dtype));
    const { losses } = compute(input, linearWeight, bias, chosen, null, size, []);
    return finish(losses.mul(factors), input.dtype);
  },
  save: ['input', 'linear_weight', 'target', 'linear_bias', 'weight'],
  vjp([grad], saved, needs) {
    if (grad === null) return {};
    const { input, linear_weight, target, linear_bias, weight } = saved;
    return belowAutograd(() => {
      const { factors, chosen } = weigh(target, weight, saved.ignore_index, kernelDtype(input.dtype));
      const wants = [needs.input, needs.linear_weight, needs.linear_bias];
      const slopes = factors.mul(grad);
      const { gradients } = compute(
        input,
        linear_weight,
        linear_bias,
        chosen,
        slopes,
        saved.batch_chunk_size,
        wants,
      );
      return { input: gradients[0], linear_weight: gradients[1], linear_bias: gradients[2] };
    });
  },
  jvp: refuseForwardMode,
});

/** @throws RuntimeError in PyTorch's words unless sizes fit */
function checkSizes(input: Tensor, weight: Tensor, bias: Tensor | null): { classes: number; outer: Shape } {
  if (input.ndim < 1 || input.ndim > 2)
    throw new RuntimeError(`expected input with dimensionality 1 or 2, got ${input.ndim}`);
  if (weight.ndim < 2)
    throw new RuntimeError(`expected linear_weight with dimensionality at least 2, got ${weight.ndim}`);
  const features = input.shape.at(-1)!;
  if (features !== weight.shape.at(-1))
    throw new RuntimeError(
      `expected equal input and linear_weight last dimensions (in_features), got ${features} and ${weight.shape.at(-1)}, respectively`,
    );
  const own = weight.shape.slice(0, -1);
  if (bias !== null && !sameShape(bias.shape, own))
    throw new RuntimeError(`expected linear_bias shape ${formatTuple(own)}, got ${formatTuple(bias.shape)}`);
  if (own.length > 1 && input.ndim === 1)
    throw new RuntimeError(
      `K-dimensional loss defined by linear_weight shape ${formatTuple(weight.shape)} requires batched input, (N, ${features}), got unbatched input with shape ${formatTuple(input.shape)}`,
    );
  return { classes: own[0], outer: own.slice(1) };
}

/** @throws RuntimeError in PyTorch's words unless this can be computed in that dtype */
function checkAccumulator(input: Tensor, { accDtype }: LinearCrossEntropyOptions): void {
  const isHalf = input.dtype === float16 || input.dtype === bfloat16;
  if (accDtype !== null && accDtype !== input.dtype && !(isHalf && accDtype === float32))
    throw new RuntimeError(
      `linear_cross_entropy supports float32 acc_dtype with float16/bfloat16 inputs, but got ${accDtype} acc_dtype and ${input.dtype} inputs.`,
    );
}

op(
  "linear_cross_entropy(Tensor input, Tensor linear_weight, Tensor target, *, Tensor? linear_bias=None, Tensor? weight=None, 'none'|'mean'|'sum' reduction='mean', int? ignore_index=None, float label_smoothing=0.0, LinearCrossEntropyOptions? options=None) -> Tensor",
  {
    doc: 'The cross entropy between target classes, or probabilities of classes, and the scores that a linear layer gives; with `options` without ever holding the scores of all rows.',
    module: 'nn.functional',
    composite(input, linearWeight, target, bias, weight, reduction, given, labelSmoothing, options) {
      const { classes, outer } = checkSizes(input, linearWeight, bias);
      const shape = [...input.shape.slice(0, -1), classes, ...outer];
      if (given !== null && sameShape(target.shape, shape))
        throw new RuntimeError('ignore_index cannot be specified when target contains probabilities');
      const ignoreIndex = given ?? -100;
      const isKnown = ['mean', 'sum', 'none'].includes(reduction);
      // In a `vmap` the scores of the whole stack are there at once anyhow.
      const isStacked = [input, linearWeight, target, bias, weight].some((t) => t && standsForSeveral(t));
      if (options !== null && !isStacked) {
        if (outer.length === 0 && isKnown && labelSmoothing === 0 && target.dtype === int64)
          return chunked(input, linearWeight, target, bias, weight, reduction, ignoreIndex, options);
        warn(
          `linear_cross_entropy: \`\`options\`\` ignored; chunked path needs reduction in {'mean','sum','none'}, label_smoothing == 0, target.dtype == int64, out_features == (). Got reduction=${formatValue(reduction)}, label_smoothing=${formatFloat(labelSmoothing)}, target.dtype=${target.dtype}, out_features=${formatTuple(outer)}, tracing=False, linear_bias.shape=${bias === null ? 'None' : formatTuple(bias.shape)}.`,
        );
      }
      const scores = F.linear(
        input,
        linearWeight.reshape([-1, linearWeight.shape.at(-1)!]),
        bias?.reshape([-1]) ?? null,
      );
      return F.crossEntropy(scores.reshape(shape), target, {
        weight,
        reduction,
        ignoreIndex,
        labelSmoothing,
      });
    },
  },
);

function chunked(
  input: Tensor,
  linearWeight: Tensor,
  target: Tensor,
  bias: Tensor | null,
  weight: Tensor | null,
  reduction: string,
  ignoreIndex: number,
  options: LinearCrossEntropyOptions,
): Tensor {
  if (input.ndim === 1) {
    const [rows, targets] = [input.unsqueeze(0), target.unsqueeze(0)];
    const loss = chunked(rows, linearWeight, targets, bias, weight, reduction, ignoreIndex, options);
    return reduction === 'none' ? loss.squeeze(0) : loss;
  }
  const [rows, features] = input.shape;
  const size = options.chunkSize(rows, features, linearWeight.shape[0], input.dtype);
  checkAccumulator(input, options);
  if (target.ndim !== 1)
    throw new RuntimeError('Index tensor must have the same number of dimensions as input tensor');
  const how = reductionOf(reduction);
  if (how === 'none') return eachLoss(input, linearWeight, target, bias, weight, ignoreIndex, size);
  const { grad } = context();
  const wants = [input, linearWeight, bias].map((t) => grad && t?.requiresGrad === true);
  const retains = options.allowRetainGraph;
  return reducedLoss(input, linearWeight, target, bias, weight, how, ignoreIndex, size, retains, wants)[0];
}
