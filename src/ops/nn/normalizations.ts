/**
 * Normalisation over batches and layers. Where the backward pass is itself recorded, it is written with ordinary
 * ops, so that every order of derivative exists; else a kernel does it at once.
 */

import { uint8 } from '../../core/dtype.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { numel, type Shape } from '../../core/layout.js';
import { formatSize } from '../../core/printing.js';
import { formatFloat } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { update } from '../../dispatch/fused_update.js';
import { checkNoInternalOverlap } from '../../dispatch/overlap.js';
import { notImplemented } from '../../dispatch/promote.js';
import { isObserved } from '../../dispatch/recording.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { expandStack, padStack } from '../../dispatch/stacks.js';
import { checkMoreThanOne, perChannel, planes } from './channel_batches.js';
import { finish, kernelDtype, kernelsOf, operand, optionalOperand, result } from './kernel_operands.js';
import { normalisedGradient } from './normalised_gradient.js';
import { checkNormalizedShape, dimsFrom, sumOver } from './normalized_shape.js';

// ---- layer norm ----------------------------------------------------------------------------------------------

/** @throws RuntimeError in PyTorch's words unless the shapes and dtypes fit */
function checkLayerNorm(
  input: Tensor,
  normalizedShape: Shape,
  weight: Tensor | null,
  bias: Tensor | null,
): void {
  checkNormalizedShape(input, normalizedShape, ', ', [weight, bias]);
  const dtype = kernelDtype(input.dtype);
  if ([weight, bias].some((t) => t !== null && kernelDtype(t.dtype) !== dtype))
    throw new RuntimeError(`mixed dtype (CPU): expect parameter to have scalar type of ${dtype.scalarName}`);
}

const layerNormSchema =
  'native_layer_norm(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> (Tensor out, Tensor mean, Tensor rstd)';

const layerNorm: OpFunction<typeof layerNormSchema> = op(layerNormSchema, {
  doc: 'Layer normalisation, with the mean and the reciprocal standard deviation of every row.',
  batch(input, normalizedShape, weight, bias, eps, { size, has }) {
    const x = expandStack(input, has.input, size);
    if (!has.weight && !has.bias) return layerNorm(x, normalizedShape, weight, bias, eps);
    const [out, mean, rstd] = layerNorm(x, normalizedShape, null, null, eps);
    const scaled = weight === null ? out : out.mul(padStack(weight, has.weight, x.ndim - 1));
    return [bias === null ? scaled : scaled.add(padStack(bias, has.bias, x.ndim - 1)), mean, rstd] as const;
  },
  forward(input, normalizedShape, weight, bias, eps) {
    checkLayerNorm(input, normalizedShape, weight, bias);
    const x = operand(input, 'LayerNormKernelImpl');
    const columns = numel(normalizedShape);
    const lead = input.shape.slice(0, input.ndim - normalizedShape.length);
    const rows = numel(lead);
    const statistics = [...lead, ...normalizedShape.map(() => 1)];
    const out = result(input.shape, x);
    const mean = result(statistics, x);
    const rstd = result(statistics, x);
    const flat = (t: Tensor | null): Tensor | null =>
      t === null ? null : operand(t, 'LayerNormKernelImpl').view([columns]);
    kernelsOf(x).layer_norm(
      out.view([rows, columns]),
      mean.view([rows]),
      rstd.view([rows]),
      x.view([rows, columns]),
      flat(weight),
      flat(bias),
      eps,
    );
    return [finish(out, input.dtype), mean, rstd] as const;
  },
  save: ['input', 'weight', 'mean', 'rstd'],
  vjp([grad], { input, normalized_shape, weight, mean, rstd, eps }, needs) {
    if (grad === null) return {};
    if (isObserved()) {
      const start = input.ndim - normalized_shape.length;
      const scaled = weight === null ? grad : grad.mul(weight);
      const { normalised, gradient } = normalisedGradient(input, scaled, dimsFrom(start, input.ndim), eps);
      const lead = dimsFrom(0, start);
      return {
        input: gradient,
        weight: needs.weight ? sumOver(grad.mul(normalised), lead) : null,
        bias: needs.bias ? sumOver(grad, lead) : null,
      };
    }
    const [byInput, byWeight, byBias] = layerNormBackward(grad, input, normalized_shape, mean, rstd, weight, [
      needs.input,
      needs.weight,
      needs.bias,
    ]);
    return {
      input: needs.input ? byInput : null,
      weight: needs.weight ? byWeight : null,
      bias: needs.bias ? byBias : null,
    };
  },
  gradName: 'NativeLayerNormBackward0',
});

const layerNormBackwardSchema =
  '_layer_norm_backward(Tensor grad, Tensor input, int[] normalized_shape, Tensor mean, Tensor rstd, Tensor? weight, bool[] wanted) -> (Tensor by_input, Tensor by_weight, Tensor by_bias)';

const layerNormBackward: OpFunction<typeof layerNormBackwardSchema> = op(layerNormBackwardSchema, {
  doc: 'The gradients of layer normalisation; an unwanted one is empty.',
  function: false,
  forward(grad, input, normalizedShape, mean, rstd, weight, [byInput, byWeight, byBias]) {
    const g = operand(grad, 'LayerNormBackwardKernelImpl');
    const x = operand(input, 'LayerNormBackwardKernelImpl');
    const columns = numel(normalizedShape);
    const rows = mean.numel();
    const gradInput = result(byInput ? input.shape : [0], x);
    const gradWeight = result(byWeight ? normalizedShape : [0], x);
    const gradBias = result(byBias ? normalizedShape : [0], x);
    kernelsOf(x).layer_norm_backward(
      byInput ? gradInput.view([rows, columns]) : null,
      byWeight ? gradWeight.view([columns]) : null,
      byBias ? gradBias.view([columns]) : null,
      g.view([rows, columns]),
      x.view([rows, columns]),
      mean.view([rows]),
      rstd.view([rows]),
      weight === null ? null : operand(weight, 'LayerNormBackwardKernelImpl').view([columns]),
    );
    return [gradInput, gradWeight, gradBias] as const;
  },
});

for (const [module, flag] of [
  ['', ', bool cudnn_enable=True'],
  ['nn.functional', ''],
] as const)
  op(
    `layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1e-05${flag}) -> Tensor`,
    {
      doc: 'Normalises over the last dimensions, those of `normalized_shape`, then scales and shifts.',
      module,
      composite(input, normalizedShape, weight, bias, eps, ..._) {
        return layerNorm(input, normalizedShape, weight, bias, eps)[0];
      },
    },
  );

// ---- batch norm ----------------------------------------------------------------------------------------------

const batchNormSchema =
  'native_batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps) -> (Tensor out, Tensor mean, Tensor rstd)';

const batchNorm: OpFunction<typeof batchNormSchema> = op(batchNormSchema, {
  doc: 'Batch normalisation, with the mean and the reciprocal standard deviation used. Training updates the running statistics.',
  batch(input, weight, bias, runningMean, runningVar, training, momentum, eps, { size, has }) {
    const isUpdated = (t: Tensor | null, isStacked: boolean): boolean =>
      training && t !== null && !isStacked && has.input;
    if (isUpdated(runningMean, has.running_mean) || isUpdated(runningVar, has.running_var))
      throw new RuntimeError(
        'Batch norm got a batched tensor as input while the running_mean or running_var, which will be updated in place, were not batched.\nIf you are using a module and do not need eval mode, please set `track_running_stats` to be False.If you are using a prebuilt module and do not need eval mode, please see the functorch website for resources on how to patch your module to work with vmap',
      );
    // The stack's channels stand beside each other.
    const channels = (t: Tensor | null, isStacked: boolean): Tensor | null =>
      t === null ? null : expandStack(t, isStacked, size).flatten(0, 1);
    const x = expandStack(input, has.input, size).movedim(0, 1).flatten(1, 2);
    const [mean, variance] = [channels(runningMean, has.running_mean), channels(runningVar, has.running_var)];
    const [w, b] = [channels(weight, has.weight), channels(bias, has.bias)];
    const [out, ...used] = batchNorm(x, w, b, mean, variance, training, momentum, eps);
    // Where they did not lie so, what was updated is a copy.
    for (const [own, t] of [
      [mean, runningMean],
      [variance, runningVar],
    ] as const)
      if (training && own !== null && own.storage !== t!.storage) t!.copy_(own.view(t!.shape));
    const [m, r] = used.map((t) => t.unflatten(0, [size, -1]));
    return [out.unflatten(1, [size, -1]).movedim(1, 0), m, r] as const;
  },
  forward(input, weight, bias, runningMean, runningVar, training, momentum, eps) {
    const x = operand(input, 'batch_norm');
    if (input.ndim < 2)
      throw new RuntimeError(`batch_norm: expected a batch with channels, but got ${input.ndim} dimensions`);
    checkStatistics(input, { running_mean: runningMean, running_var: runningVar, weight, bias }, training);
    const channels = x.shape[1];
    let mean: Tensor;
    let rstd: Tensor;
    if (training) {
      mean = result([channels], x);
      const variance = result([channels], x);
      kernelsOf(x).batch_norm_stats(mean, variance, planes(x));
      rstd = variance.add(eps).rsqrt();
      const count = channels === 0 ? 0 : x.numel() / channels;
      // The running variance is the unbiased one.
      blend(runningMean, mean, momentum, 1);
      blend(runningVar, variance, momentum, count / (count - 1));
    } else {
      // A result of its own: it becomes part of the graph, and the running mean must not.
      mean = operand(runningMean as Tensor, 'batch_norm')
        .to(x.dtype)
        .detach();
      rstd = operand(runningVar as Tensor, 'batch_norm')
        .to(x.dtype)
        .add(eps)
        .rsqrt();
    }
    const out = result(x.shape, x);
    const w = optionalOperand(weight, 'batch_norm');
    const b = optionalOperand(bias, 'batch_norm');
    kernelsOf(x).batch_norm_apply(planes(out), planes(x), mean, rstd, w, b);
    return [finish(out, input.dtype), mean, rstd] as const;
  },
  save: ['input', 'weight', 'mean', 'rstd'],
  vjp([grad], { input, weight, mean, rstd, training, eps }, needs) {
    if (grad === null) return {};
    if (isObserved()) return batchNormGradients(grad, input, weight, mean, rstd, training, eps);
    const [byInput, byWeight, byBias] = batchNormBackward(grad, input, mean, rstd, weight, training, [
      needs.input,
      needs.weight,
      needs.bias,
    ]);
    return {
      input: needs.input ? byInput : null,
      weight: needs.weight ? byWeight : null,
      bias: needs.bias ? byBias : null,
    };
  },
  gradName: 'NativeBatchNormBackward0',
});

/** The gradients of batch normalisation with ordinary ops. */
function batchNormGradients(
  grad: Tensor,
  input: Tensor,
  weight: Tensor | null,
  mean: Tensor,
  rstd: Tensor,
  training: boolean,
  eps: number,
): { input: Tensor; weight: Tensor; bias: Tensor } {
  const dims = [0, ...dimsFrom(2, input.ndim)];
  const scaled = weight === null ? grad : grad.mul(perChannel(weight, input.ndim));
  const bias = grad.sum(dims);
  if (training) {
    const { normalised, gradient } = normalisedGradient(input, scaled, dims, eps);
    return { input: gradient, weight: grad.mul(normalised).sum(dims), bias };
  }
  const scale = perChannel(rstd, input.ndim);
  const normalised = input.sub(perChannel(mean, input.ndim)).mul(scale);
  return { input: scaled.mul(scale), weight: grad.mul(normalised).sum(dims), bias };
}

const batchNormBackwardSchema =
  '_batch_norm_backward(Tensor grad, Tensor input, Tensor mean, Tensor rstd, Tensor? weight, bool training, bool[] wanted) -> (Tensor by_input, Tensor by_weight, Tensor by_bias)';

const batchNormBackward: OpFunction<typeof batchNormBackwardSchema> = op(batchNormBackwardSchema, {
  doc: 'The gradients of batch normalisation; an unwanted one is empty.',
  function: false,
  forward(grad, input, mean, rstd, weight, training, [byInput, byWeight, byBias]) {
    const g = operand(grad, 'batch_norm_backward');
    const x = operand(input, 'batch_norm_backward');
    const channels = x.shape[1];
    const gradInput = result(byInput ? x.shape : [0], x);
    const gradWeight = result([byWeight ? channels : 0], x);
    const gradBias = result([byBias ? channels : 0], x);
    kernelsOf(x).batch_norm_backward(
      byInput ? planes(gradInput) : null,
      byWeight ? gradWeight : null,
      byBias ? gradBias : null,
      planes(g),
      planes(x),
      mean,
      rstd,
      optionalOperand(weight, 'batch_norm_backward'),
      training,
    );
    return [gradInput, gradWeight, gradBias] as const;
  },
});

/** Refuses what is no statistic or parameter per channel. @throws RuntimeError in PyTorch's words */
function checkStatistics(
  input: Tensor,
  given: Readonly<Record<'running_mean' | 'running_var' | 'weight' | 'bias', Tensor | null>>,
  training: boolean,
): void {
  const channels = input.ndim < 2 ? 0 : input.shape[1];
  for (const name of ['running_mean', 'running_var'] as const)
    if (given[name] === null) {
      if (!training) throw new RuntimeError(`${name} must be defined in evaluation mode`);
    } else if (training) checkNoInternalOverlap(given[name]);
  for (const [name, t] of Object.entries(given)) {
    if (t === null) continue;
    if (t.numel() !== channels)
      throw new RuntimeError(`${name} should contain ${channels} elements not ${t.numel()}`);
    if (t.ndim !== 1) throw new RuntimeError(`TensorAccessor expected 1 dims but tensor has ${t.ndim}`);
    if (!t.isFloatingPoint())
      throw new RuntimeError(
        `mixed dtype (CPU): expect parameter to have scalar type of ${input.dtype.scalarName}`,
      );
  }
}

/** Moves running statistics towards those of a batch. */
function blend(running: Tensor | null, value: Tensor, momentum: number, factor: number): void {
  if (running === null) return;
  const rule = 'running = momentum * factor * value + (1 - momentum) * running;';
  update(rule, { running, value }, { momentum, factor });
}

op(
  'batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight=None, Tensor? bias=None, bool training=False, float momentum=0.1, float eps=1e-05) -> Tensor',
  {
    doc: 'Normalises every channel over the batch (in training) or by running statistics, then scales and shifts.',
    module: 'nn.functional',
    composite(input, runningMean, runningVar, weight, bias, training, momentum, eps) {
      if (training) checkMoreThanOne(input.shape, 2, formatSize(input.shape));
      if (training && eps <= 0)
        throw new ValueError(`batch_norm eps must be positive during training, but got ${formatFloat(eps)}`);
      if (eps < 0) throw new ValueError(`batch_norm eps must be non-negative, but got ${formatFloat(eps)}`);
      if (!input.isFloatingPoint()) throw notImplemented('batch_norm', input.dtype);
      checkStatistics(input, { running_mean: runningMean, running_var: runningVar, weight, bias }, training);
      // Without a dimension of channels there are none.
      if (input.ndim < 2) return input.clone();
      return batchNorm(input, weight, bias, runningMean, runningVar, training, momentum, eps)[0];
    },
  },
);

op(
  'instance_norm(Tensor input, Tensor? running_mean=None, Tensor? running_var=None, Tensor? weight=None, Tensor? bias=None, bool use_input_stats=True, float momentum=0.1, float eps=1e-05) -> Tensor',
  {
    doc: 'Normalises every channel of every sample on its own, then scales and shifts.',
    module: 'nn.functional',
    composite(input, runningMean, runningVar, weight, bias, useInputStats, momentum, eps) {
      if (useInputStats && numel(input.shape.slice(2)) === 1)
        throw new ValueError(
          `Expected more than 1 spatial element when training, got input size ${formatSize(input.shape)}`,
        );
      if (!useInputStats && (runningMean === null || runningVar === null))
        throw new RuntimeError(
          'Expected running_mean and running_var to be defined when use_input_stats is false',
        );
      const [n, channels, ...spatial] = input.shape;
      // Every channel of every sample is a channel of one batch norm over a single sample.
      const each = (t: Tensor | null): Tensor | null => (t === null ? null : t.repeat([n]));
      const mean = each(runningMean);
      const variance = each(runningVar);
      const [out] = batchNorm(
        input.reshape([1, n * channels, ...spatial]),
        each(weight),
        each(bias),
        mean,
        variance,
        useInputStats,
        momentum,
        eps,
      );
      if (useInputStats) {
        if (mean !== null) runningMean?.copy_(mean.view([n, channels]).mean(0));
        if (variance !== null) runningVar?.copy_(variance.view([n, channels]).mean(0));
      }
      return out.reshape(input.shape);
    },
  },
);

op(
  '_batch_norm_with_update(Tensor input, Tensor? weight, Tensor? bias, Tensor running_mean, Tensor running_var, float momentum, float eps) -> (Tensor out, Tensor mean, Tensor rstd, Tensor reserve)',
  {
    doc: 'Batch normalisation in training; what other devices would reserve is empty.',
    method: false,
    composite(input, weight, bias, runningMean, runningVar, momentum, eps) {
      const [out, mean, rstd] = batchNorm(input, weight, bias, runningMean, runningVar, true, momentum, eps);
      return [out, mean, rstd, input.newEmpty([0], { dtype: uint8 })] as const;
    },
  },
);

for (const [overload, statistics] of [
  ['', ' Tensor running_mean, Tensor running_var,'],
  ['.no_stats', ''],
] as const)
  op(
    `_native_batch_norm_legit${overload}(Tensor input, Tensor? weight, Tensor? bias,${statistics} bool training, float momentum, float eps) -> (Tensor out, Tensor mean, Tensor rstd)`,
    {
      doc: 'Batch normalisation, with or without running statistics.',
      method: false,
      composite: ((...args: readonly unknown[]) => {
        const all = overload === '' ? args : [...args.slice(0, 3), null, null, ...args.slice(3)];
        const [out, mean, rstd] = batchNorm(...(all as Parameters<typeof batchNorm>));
        // Out of training there are no statistics of this batch.
        return all[5] ? [out, mean, rstd] : [out, mean.newEmpty([0]), rstd.newEmpty([0])];
      }) as never,
    },
  );
