/** Convolutions: one kernel each for the result and for the two gradients, every one differentiable by the others. */
import { castRemedy } from '../../core/cpp_names.js';
import { RuntimeError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { expandStack } from '../../dispatch/stacks.js';
import { sumOf } from '../../dispatch/tangents.js';
import { checkSameDtype, exactOperand, F, finish, kernelsOf, operand, result } from './kernel_operands.js';

type List = readonly number[];

/** Every dimension but the channels'. */
function allButChannels(grad: Tensor): number[] {
  return grad.shape.map((_, i) => i).filter((i) => i !== 1);
}

/** The result of an empty sum; the kernels know no empty sums. */
function addBias(out: Tensor, bias: Tensor | null): void {
  if (bias !== null) out.add_(bias.to(out.dtype).reshape([-1, ...new Array<number>(out.ndim - 2).fill(1)]));
}

/** The channels of a stack of batches beside each other. */
const sideBySide = (tensor: Tensor, isStacked: boolean, size: number): Tensor =>
  expandStack(tensor, isStacked, size).movedim(0, 1).flatten(1, 2);

/** A convolution, or its transpose, over a stack: as one batch where the filters are the same for all, else as groups. */
function overStack(
  of: typeof forward | typeof inputGradient,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  [n, channels, ...spatial]: List,
  settings: readonly [List, List, List],
  groups: number,
  size: number,
  [hasInput, hasWeight, hasBias]: readonly boolean[],
): Tensor {
  if (hasWeight) {
    const b = bias === null ? null : expandStack(bias, hasBias, size).flatten();
    const shape = [n, size * channels, ...spatial];
    const out = of(
      sideBySide(input, hasInput, size),
      weight.flatten(0, 1),
      b,
      shape,
      ...settings,
      size * groups,
    );
    return out.unflatten(1, [size, -1]).movedim(1, 0);
  }
  const x = expandStack(input, hasInput, size).flatten(0, 1);
  const out = of(x, weight, hasBias ? null : bias, [size * n, channels, ...spatial], ...settings, groups);
  const each = out.unflatten(0, [size, -1]);
  return hasBias ? each.add(bias!.reshape([size, 1, -1, ...spatial.map(() => 1)])) : each;
}

const forwardSchema =
  '_convolution(Tensor input, Tensor weight, Tensor? bias, int[] size, int[] stride, int[] padding, int[] dilation, int groups) -> Tensor';

const forward: OpFunction<typeof forwardSchema> = op(forwardSchema, {
  doc: 'The cross-correlation of a batch with a filter bank.',
  batch: (input, weight, bias, shape, stride, padding, dilation, groups, { size, has }) =>
    overStack(forward, input, weight, bias, shape, [stride, padding, dilation], groups, size, [
      has.input,
      has.weight,
      has.bias,
    ]),
  function: false,
  forward(input, weight, bias, size, stride, padding, dilation, groups) {
    const x = exactOperand(input, 'convolution');
    const w = exactOperand(weight, 'convolution');
    const out = result(size, x);
    const b = bias === null ? null : exactOperand(bias, 'convolution');
    if (x.numel() > 0 && w.numel() > 0)
      kernelsOf(input).convolution(out, x, w, b, stride, padding, dilation, groups);
    else addBias(out.zero_(), b);
    return finish(out, input.dtype);
  },
  save: ['input', 'weight'],
  vjp([grad], { input, weight, stride, padding, dilation, groups }, needs) {
    if (grad === null) return {};
    const settings = [stride, padding, dilation, groups] as const;
    const byWeight = needs.weight ? weightGradient(grad, input, weight.shape, ...settings, needs.bias) : [];
    return {
      input: needs.input ? inputGradient(grad, weight, null, input.shape, ...settings) : null,
      weight: byWeight[0] ?? null,
      bias: needs.bias ? (byWeight[1] ?? grad.sum(allButChannels(grad))) : null,
    };
  },
  jvp({ input, weight, bias }, { input: x, weight: w, size, stride, padding, dilation, groups }) {
    const settings = [size, stride, padding, dilation, groups] as const;
    return sumOf(
      input && forward(input, w, null, ...settings),
      weight && forward(x, weight, bias, ...settings),
      weight === null && bias !== null ? bias.reshape([-1, ...stride.map(() => 1)]) : null,
    );
  },
  gradName: 'ConvolutionBackward0',
});

/** Scatters `grad` through the weights to a tensor of `size`: a convolution's gradient, and the transposed convolution. */
const inputGradientSchema =
  '_convolution_input_gradient(Tensor grad, Tensor weight, Tensor? bias, int[] size, int[] stride, int[] padding, int[] dilation, int groups) -> Tensor';

const inputGradient: OpFunction<typeof inputGradientSchema> = op(inputGradientSchema, {
  doc: 'The gradient of a convolution by its input, plus a bias.',
  batch: (grad, weight, bias, shape, stride, padding, dilation, groups, { size, has }) =>
    overStack(inputGradient, grad, weight, bias, shape, [stride, padding, dilation], groups, size, [
      has.grad,
      has.weight,
      has.bias,
    ]),
  function: false,
  forward(grad, weight, bias, size, stride, padding, dilation, groups) {
    const g = exactOperand(grad, 'convolution_transpose');
    const w = exactOperand(weight, 'convolution_transpose');
    const out = result(size, g);
    if (g.numel() > 0 && w.numel() > 0)
      kernelsOf(grad).convolution_input_gradient(out, g, w, stride, padding, dilation, groups);
    else out.zero_();
    addBias(out, bias);
    return finish(out, grad.dtype);
  },
  save: ['grad', 'weight'],
  vjp([gradGrad], { grad, weight, stride, padding, dilation, groups }, needs) {
    if (gradGrad === null) return {};
    const settings = [stride, padding, dilation, groups] as const;
    return {
      grad: needs.grad ? forward(gradGrad, weight, null, grad.shape, ...settings) : null,
      weight: needs.weight ? weightGradient(grad, gradGrad, weight.shape, ...settings, false)[0] : null,
      bias: needs.bias ? gradGrad.sum(allButChannels(gradGrad)) : null,
    };
  },
  gradName: 'ConvolutionBackward0',
});

/** The gradients by weight and bias; without `with_bias` the second one is empty. */
const weightGradientSchema =
  '_convolution_weight_gradient(Tensor grad, Tensor input, int[] size, int[] stride, int[] padding, int[] dilation, int groups, bool with_bias) -> (Tensor weight, Tensor bias)';

const weightGradient: OpFunction<typeof weightGradientSchema> = op(weightGradientSchema, {
  doc: 'The gradients of a convolution by its weight and its bias.',
  batch(grad, input, [count, ...filter], stride, padding, dilation, groups, withBias, { size, has }) {
    const [g, x] = [sideBySide(grad, has.grad, size), sideBySide(input, has.input, size)];
    const shape = [size * count, ...filter];
    const [weight, bias] = weightGradient(g, x, shape, stride, padding, dilation, size * groups, withBias);
    return [weight.unflatten(0, [size, -1]), bias.view([size, withBias ? count : 0])] as const;
  },
  function: false,
  forward(grad, input, size, stride, padding, dilation, groups, withBias) {
    const g = operand(grad, 'convolution_backward');
    const x = operand(input, 'convolution_backward');
    const weight = result(size, grad);
    const bias = result([withBias ? size[0] : 0], grad);
    const gradBias = withBias ? bias : null;
    if (g.numel() > 0 && x.numel() > 0)
      kernelsOf(grad).convolution_weight_gradient(weight, gradBias, g, x, stride, padding, dilation, groups);
    else {
      weight.zero_();
      gradBias?.copy_(g.sum(allButChannels(g)));
    }
    return [finish(weight, grad.dtype), finish(bias, grad.dtype)] as const;
  },
  save: ['grad', 'input'],
  vjp([byWeight, byBias], { grad, input, stride, padding, dilation, groups, with_bias }, needs) {
    const settings = [stride, padding, dilation, groups] as const;
    const bias = with_bias ? byBias : null;
    let gradGrad: Tensor | null = null;
    if (needs.grad && byWeight !== null) gradGrad = forward(input, byWeight, bias, grad.shape, ...settings);
    else if (needs.grad && bias !== null)
      gradGrad = bias.reshape([-1, ...stride.map(() => 1)]).expand(grad.shape);
    return {
      grad: gradGrad,
      input:
        needs.input && byWeight !== null
          ? inputGradient(grad, byWeight, null, input.shape, ...settings)
          : null,
    };
  },
  gradName: 'ConvolutionBackwardBackward0',
});

/** Carries out a function that is bilinear in input and weight, of complex ones by their parts; then adds the bias. */
function byParts(
  product: (input: Tensor, weight: Tensor, bias: Tensor | null) => Tensor,
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
): Tensor {
  if (!input.isComplex()) return product(input, weight, bias);
  const [x, y, u, v] = [ops.real(input), ops.imag(input), ops.real(weight), ops.imag(weight)];
  const result = ops.complex(
    product(x, u, null).sub(product(y, v, null)),
    product(x, v, null).add(product(y, u, null)),
  );
  return bias === null ? result : result.add(bias.reshape([-1, ...weight.shape.slice(2).map(() => 1)]));
}

/** `(2 x 2)`, as the error texts write spatial sizes. */
function formatSpatial(sizes: List): string {
  return `(${sizes.join(' x ')})`;
}

/** PyTorch computes one dimension as two, the first of size 1, and its errors show it. */
const asPlane = (values: List, lead: number): List => (values.length === 1 ? [lead, ...values] : values);

/** Values with the names of their dimensions, as errors have them: `stride_height: 1 stride_width: 2`. */
function byDimension(what: string, values: List, lead: number, separator = ' '): string {
  const all = asPlane(values, lead);
  const names = ['depth', 'height', 'width'].slice(-all.length);
  return all.map((value, i) => `${what}_${names[i]}: ${value}`).join(separator);
}

/** One value per spatial dimension. */
function expand(name: string, values: List, dims: number): List {
  if (values.length === dims) return values;
  if (values.length === 1) return new Array<number>(dims).fill(values[0]);
  throw new RuntimeError(
    `expected ${name} to be a single integer value or a list of ${dims} values to match the convolution dimensions, but got ${name}=${formatShape(values)}`,
  );
}

interface Settings {
  readonly stride: List;
  readonly padding: List;
  readonly dilation: List;
  readonly groups: number;
  /** Sizes that a transposed convolution adds to its result's. */
  readonly outputPadding?: List;
}

function checkSettings(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  { stride, padding, dilation, groups, outputPadding = [] }: Settings,
  transposed: boolean,
): void {
  if (groups <= 0) throw new RuntimeError('non-positive groups is not supported');
  if (padding.some((p) => p < 0)) throw new RuntimeError('negative padding is not supported');
  if (outputPadding.some((p) => p < 0)) throw new RuntimeError('negative output_padding is not supported');
  if (stride.some((s) => s <= 0)) throw new RuntimeError('non-positive stride is not supported');
  if (dilation.some((d) => d < 0)) throw new RuntimeError('dilation should be greater than zero');
  if (weight.ndim !== input.ndim)
    throw new RuntimeError(
      `Expected ${weight.ndim}-dimensional input for ${weight.ndim}-dimensional weight ${formatShape(weight.shape)}, but got ${input.ndim}-dimensional input of size ${formatShape(input.shape)} instead`,
    );
  if (weight.shape[0] < groups)
    throw new RuntimeError(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${formatShape(weight.shape)} instead`,
    );
  if (weight.shape[0] % groups !== 0)
    throw new RuntimeError(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${formatShape(weight.shape)}] instead`,
    );
  const given = transposed ? `transposed=${1}` : `groups=${groups}`;
  if (weight.shape[0] === 0)
    throw new RuntimeError(
      `Given groups=${groups}, expected weight to be at least 1 at dimension 0, but got weight of size ${formatShape(weight.shape)} instead`,
    );
  const channels = transposed ? weight.shape[0] : weight.shape[1] * groups;
  if (input.shape[1] !== channels)
    throw new RuntimeError(
      `Given ${given}, weight of size ${formatShape(weight.shape)}, expected input${formatShape(input.shape)} to have ${channels} channels, but got ${input.shape[1]} channels instead`,
    );
  const outputs = transposed ? weight.shape[1] * groups : weight.shape[0];
  if (bias !== null && (bias.ndim !== 1 || bias.shape[0] !== outputs))
    throw new RuntimeError(
      `Given ${transposed ? 'transposed=1, ' : ''}weight of size ${formatShape(weight.shape)}, expected bias to be 1-dimensional with ${outputs} elements, but got bias of size ${formatShape(bias.shape)} instead`,
    );
  if (weight.dtype !== input.dtype)
    throw new RuntimeError(
      `expected scalar type ${input.dtype.scalarName} but found ${weight.dtype.scalarName}${castRemedy(input.dtype, weight.dtype)}`,
    );
  checkSameDtype(input, bias, 'bias');
  const kernel = weight.shape.slice(2);
  if (kernel.includes(0)) {
    const sizes =
      kernel.length < 3 ? ` ${byDimension('kernel', kernel, 1)}` : `: ${kernel.join(' x ')} (TxHxW)`;
    throw new RuntimeError(`kernel size should be greater than zero, but got${sizes}`);
  }
  if (dilation.includes(0)) {
    const text = transposed ? byDimension('dilation', dilation, 1, ', ') : formatShape(asPlane(dilation, 1));
    throw new RuntimeError(`dilation should be greater than zero, but got ${text}`);
  }
}

function convolve(input: Tensor, weight: Tensor, bias: Tensor | null, settings: Settings): Tensor {
  const { stride, padding, dilation, groups } = settings;
  checkSettings(input, weight, bias, settings, false);
  const padded = padding.map((p, i) => input.shape[i + 2] + 2 * p);
  const window = dilation.map((d, i) => d * (weight.shape[i + 2] - 1) + 1);
  if (padded.some((size, i) => size < window[i]))
    throw new RuntimeError(
      `Calculated padded input size per channel: ${formatSpatial(padded)}. Kernel size: ${formatSpatial(window)}. Kernel size can't be greater than actual input size`,
    );
  const spatial = stride.map((s, i) => Math.floor((padded[i] - window[i]) / s) + 1);
  const size = [input.shape[0], weight.shape[0], ...spatial];
  return byParts((x, w, b) => forward(x, w, b, size, stride, padding, dilation, groups), input, weight, bias);
}

function convolveTransposed(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  settings: Settings,
  outputPadding: List,
): Tensor {
  const { stride, padding, dilation, groups } = settings;
  checkSettings(input, weight, bias, { ...settings, outputPadding }, true);
  if (outputPadding.some((p, i) => p >= stride[i] && p >= dilation[i]))
    throw new RuntimeError(
      `output padding must be smaller than either stride or dilation, but got ${byDimension('output_padding', outputPadding, 0)} ${byDimension('stride', stride, 1)} ${byDimension('dilation', dilation, 1)}`,
    );
  const spatial = stride.map(
    (s, i) =>
      (input.shape[i + 2] - 1) * s -
      2 * padding[i] +
      dilation[i] * (weight.shape[i + 2] - 1) +
      outputPadding[i] +
      1,
  );
  if (spatial.some((size) => size <= 0))
    throw new RuntimeError(
      `Given input size per channel: ${formatSpatial(input.shape.slice(2))}. Calculated output size per channel: ${formatSpatial(spatial)}. Output size is too small`,
    );
  const size = [input.shape[0], weight.shape[1] * groups, ...spatial];
  return byParts(
    (x, w, b) => inputGradient(x, w, b, size, stride, padding, dilation, groups),
    input,
    weight,
    bias,
  );
}

op(
  'convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups) -> Tensor',
  {
    doc: 'A convolution over a batch of 1 to 3 spatial dimensions, or with `transposed` its transpose.',
    composite(input, weight, bias, stride, padding, dilation, transposed, outputPadding, groups) {
      const dims = weight.ndim - 2;
      if (dims < 1) throw new RuntimeError('weight should have at least three dimensions');
      const settings = {
        stride: expand('stride', stride, dims),
        padding: expand('padding', padding, dims),
        dilation: expand('dilation', dilation, dims),
        groups,
      };
      if (!transposed) return convolve(input, weight, bias, settings);
      return convolveTransposed(input, weight, bias, settings, expand('output_padding', outputPadding, dims));
    },
  },
);

/** Gives an unbatched input a batch of one for the time of the call. */
function batched(name: string, dims: number, input: Tensor, run: (input: Tensor) => Tensor): Tensor {
  if (input.ndim === dims + 2) return run(input);
  if (input.ndim !== dims + 1)
    throw new RuntimeError(
      `Expected ${dims + 1}D (unbatched) or ${dims + 2}D (batched) input to ${name}, but got input of size: ${formatShape(input.shape)}`,
    );
  return run(input.unsqueeze(0)).squeeze(0);
}

/** Padding that keeps the size; where it is uneven, the input is padded by one more at the end first. */
function convolveNamed(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  stride: List,
  padding: string,
  dilation: List,
  groups: number,
): Tensor {
  if (padding === 'valid')
    return convolve(input, weight, bias, { stride, padding: stride.map(() => 0), dilation, groups });
  if (padding !== 'same') throw new RuntimeError(`Invalid padding string: '${padding}'`);
  if (stride.some((s) => s !== 1))
    throw new RuntimeError("padding='same' is not supported for strided convolutions");
  const total = dilation.map((d, i) => d * (weight.shape[i + 2] - 1));
  const half = total.map((t) => Math.floor(t / 2));
  const uneven = total.map((t) => t % 2);
  const extra = uneven.toReversed().flatMap((one) => [0, one]);
  const x = uneven.includes(1) ? F.pad(input, extra) : input;
  return convolve(x, weight, bias, { stride, padding: half, dilation, groups });
}

function defineConvolutions(dims: 1 | 2 | 3): void {
  const name = `conv${dims}d`;
  const settings = (stride: List, padding: List, dilation: List, groups: number): Settings => ({
    stride: expand('stride', stride, dims),
    padding: expand('padding', padding, dims),
    dilation: expand('dilation', dilation, dims),
    groups,
  });
  for (const module of ['', 'nn.functional']) {
    op(
      `conv${dims as 1}d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, int[1] dilation=1, int groups=1) -> Tensor`,
      {
        doc: `Applies a ${dims}-dimensional convolution over an input of several planes.`,
        module,
        composite: (input, weight, bias, stride, padding, dilation, groups) =>
          batched(name, dims, input, (x) =>
            convolve(x, weight, bias, settings(stride, padding, dilation, groups)),
          ),
      },
    );
    op(
      `conv${dims as 1}d.padding(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, 'valid'|'same' padding='valid', int[1] dilation=1, int groups=1) -> Tensor`,
      {
        doc: `Applies a ${dims}-dimensional convolution with padding 'valid' (none) or 'same' (keeps the size).`,
        module,
        composite: (input, weight, bias, stride, padding, dilation, groups) =>
          batched(name, dims, input, (x) =>
            convolveNamed(
              x,
              weight,
              bias,
              expand('stride', stride, dims),
              padding,
              expand('dilation', dilation, dims),
              groups,
            ),
          ),
      },
    );
    op(
      `conv_transpose${dims as 1}d(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, int[1] output_padding=0, int groups=1, int[1] dilation=1) -> Tensor`,
      {
        doc: `Applies a ${dims}-dimensional transposed convolution, the gradient of a convolution by its input.`,
        module,
        composite: (input, weight, bias, stride, padding, outputPadding, groups, dilation) =>
          batched(`conv_transpose${dims}d`, dims, input, (x) =>
            convolveTransposed(
              x,
              weight,
              bias,
              settings(stride, padding, dilation, groups),
              expand('output_padding', outputPadding, dims),
            ),
          ),
      },
    );
  }
}

defineConvolutions(1);
defineConvolutions(2);
defineConvolutions(3);
