/** Normalisation over groups of channels. A kernel does it at once, forward and backward. */

import { RuntimeError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { isObserved } from '../../dispatch/recording.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { expandStack } from '../../dispatch/stacks.js';
import { checkMoreThanOne, perChannel, planes } from './channel_batches.js';
import { finish, kernelsOf, operand, result } from './kernel_operands.js';
import { normalisedGradient } from './normalised_gradient.js';
import { dimsFrom } from './normalized_shape.js';

const groupNormSchema =
  '_group_norm(Tensor input, Tensor? weight, Tensor? bias, int num_groups, float eps) -> (Tensor out, Tensor mean, Tensor rstd)';

const groupNorm: OpFunction<typeof groupNormSchema> = op(groupNormSchema, {
  doc: 'Normalises groups of channels of every sample.',
  batch(input, weight, bias, groups, eps, { size, has }) {
    const isPlain = !has.weight && !has.bias;
    const x = expandStack(input, has.input, size);
    const [flat, ...statistics] = groupNorm(
      x.flatten(0, 1),
      isPlain ? weight : null,
      isPlain ? bias : null,
      groups,
      eps,
    );
    const out = flat.view(x.shape);
    const [mean, rstd] = statistics.map((t) => t.view([size, -1]));
    if (isPlain) return [out, mean, rstd] as const;
    const ones = new Array<number>(x.ndim - 3).fill(1);
    const over = (t: Tensor, isStacked: boolean): Tensor => t.reshape([isStacked ? size : 1, 1, -1, ...ones]);
    const scaled = weight === null ? out : out.mul(over(weight, has.weight));
    return [bias === null ? scaled : scaled.add(over(bias, has.bias)), mean, rstd] as const;
  },
  function: false,
  forward(input, weight, bias, groups, eps) {
    const x = operand(input, 'GroupNormKernelImpl');
    const out = result(x.shape, x);
    const statistics = [result([x.shape[0] * groups], x), result([x.shape[0] * groups], x)] as const;
    const of = (t: Tensor | null): Tensor | null =>
      t === null ? null : operand(t.to(x.dtype), 'GroupNormKernelImpl');
    if (x.numel() > 0)
      kernelsOf(x).group_norm(planes(out), ...statistics, planes(x), of(weight), of(bias), groups, eps);
    return [finish(out, input.dtype), ...statistics] as const;
  },
  save: ['input', 'weight', 'mean', 'rstd'],
  vjp([grad], { input, weight, mean, rstd, num_groups, eps }, needs) {
    if (grad === null) return {};
    if (isObserved()) {
      const [n] = input.shape;
      const each = n * num_groups === 0 ? 0 : input.numel() / (n * num_groups);
      const grouped = (t: Tensor): Tensor => t.reshape([n, num_groups, each]);
      const scaled = weight === null ? grad : grad.mul(perChannel(weight, input.ndim));
      const { normalised, gradient } = normalisedGradient(grouped(input), grouped(scaled), [2], eps);
      const dims = [0, ...dimsFrom(2, input.ndim)];
      return {
        input: needs.input ? gradient.reshape(input.shape) : null,
        weight: needs.weight ? grad.mul(normalised.reshape(input.shape)).sum(dims) : null,
        bias: needs.bias ? grad.sum(dims) : null,
      };
    }
    const [byInput, byWeight, byBias] = groupNormBackward(grad, input, mean, rstd, weight, num_groups, [
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
  gradName: 'NativeGroupNormBackward0',
});

const groupNormBackwardSchema =
  '_group_norm_backward(Tensor grad, Tensor input, Tensor mean, Tensor rstd, Tensor? weight, int num_groups, bool[] wanted) -> (Tensor by_input, Tensor by_weight, Tensor by_bias)';

const groupNormBackward: OpFunction<typeof groupNormBackwardSchema> = op(groupNormBackwardSchema, {
  doc: 'The gradients of group normalisation; an unwanted one is empty.',
  function: false,
  forward(grad, input, mean, rstd, weight, groups, [byInput, byWeight, byBias]) {
    const g = operand(grad, 'GroupNormBackwardKernelImpl');
    const x = operand(input, 'GroupNormBackwardKernelImpl');
    const channels = [input.shape[1]];
    const gradInput = result(byInput ? input.shape : [0], x);
    const gradWeight = result(byWeight ? channels : [0], x);
    const gradBias = result(byBias ? channels : [0], x);
    if (x.numel() === 0) return [gradInput, gradWeight.zero_(), gradBias.zero_()] as const;
    kernelsOf(x).group_norm_backward(
      byInput ? planes(gradInput) : null,
      byWeight ? gradWeight : null,
      byBias ? gradBias : null,
      planes(g),
      planes(x),
      mean,
      rstd,
      weight === null ? null : operand(weight.to(x.dtype), 'GroupNormBackwardKernelImpl'),
      groups,
    );
    return [gradInput, gradWeight, gradBias] as const;
  },
});

for (const [module, flag] of [
  ['', ', bool cudnn_enabled=True'],
  ['nn.functional', ''],
] as const)
  op(
    `group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05${flag}) -> Tensor`,
    {
      doc: 'Normalises groups of channels of every sample, then scales and shifts every channel.',
      module,
      composite(input, groups, weight, bias, eps, ..._) {
        if (input.ndim < 2)
          throw new RuntimeError(
            `Expected at least 2 dimensions for input tensor but received ${input.ndim}`,
          );
        const channels = input.shape[1];
        const each = [Math.floor((input.shape[0] * channels) / groups), groups, ...input.shape.slice(2)];
        if (module !== '') checkMoreThanOne(each, 2, formatShape(each));
        checkGroups(input, channels, groups, { weight, bias });
        return groupNorm(input, weight, bias, groups, eps)[0];
      },
    },
  );

function checkGroups(
  { shape }: Tensor,
  channels: number,
  groups: number,
  parameters: Readonly<Record<string, Tensor | null>>,
): void {
  if (groups < 1) throw new RuntimeError(`Expected num groups to be greater than 0, got ${groups}`);
  if (channels % groups !== 0)
    throw new RuntimeError(
      `Expected number of channels in input to be divisible by num_groups, but got input of shape ${formatShape(shape)} and num_groups=${groups}`,
    );
  for (const [name, t] of Object.entries(parameters))
    if (t !== null && (t.ndim !== 1 || t.shape[0] !== channels))
      throw new RuntimeError(
        `Expected ${name} to be a vector of size equal to the number of channels in input, but got ${name} of shape ${formatShape(t.shape)} and input of shape ${formatShape(shape)}`,
      );
}

op(
  'native_group_norm(Tensor input, Tensor? weight, Tensor? bias, int N, int C, int HxW, int group, float eps) -> (Tensor out, Tensor mean, Tensor rstd)',
  {
    doc: 'Group normalisation, with the mean and the reciprocal standard deviation of every group.',
    method: false,
    composite(input, weight, bias, n, c, plane, group, eps) {
      checkGroups(input, c, group, { weight, bias });
      if (n < 0)
        throw new RuntimeError(`Trying to create tensor with negative dimension ${n}: [${n}, ${group}]`);
      if (input.numel() !== n * c * plane)
        throw new RuntimeError('Expected X.numel() == N * C * HxW to be true, but got false.');
      const grouped = input.reshape([n, group, (c / group) * plane]);
      const [variance, mean] = ops.varMean(grouped, -1, { correction: 0 });
      const rstd = variance.add(eps).rsqrt();
      let out = grouped.sub(mean.unsqueeze(-1)).mul(rstd.unsqueeze(-1)).reshape([n, c, plane]);
      if (weight !== null) out = out.mul(perChannel(weight, 3));
      if (bias !== null) out = out.add(perChannel(bias, 3));
      return [out.reshape(input.shape), mean, rstd] as const;
    },
  },
);
