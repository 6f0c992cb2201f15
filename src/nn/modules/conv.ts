import { TypeError, ValueError } from '../../core/errors.js';
import { formatTuple, typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import * as init from '../init.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import type { Parameter } from '../parameter.js';
import { parameter, resetBias } from './linear.js';

/** One number for all spatial dimensions, or one each. */
export type Sizes = number | readonly number[];
type ConvPaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

type Dims = 1 | 2 | 3;

const convNd = <const N extends Dims>(n: N) =>
  signature(
    `Conv${n}d(int in_channels, int out_channels, int[${n}] kernel_size, int[${n}] stride=1, int[${n}]|'valid'|'same' padding=0, int[${n}] dilation=1, int groups=1, bool bias=True, 'zeros'|'reflect'|'replicate'|'circular' padding_mode='zeros', Device? device=None, ScalarType? dtype=None)`,
  );
const convTransposeNd = <const N extends Dims>(n: N) =>
  signature(
    `ConvTranspose${n}d(int in_channels, int out_channels, int[${n}] kernel_size, int[${n}] stride=1, int[${n}] padding=0, int[${n}] output_padding=0, int groups=1, bool bias=True, int[${n}] dilation=1, 'zeros'|'reflect'|'replicate'|'circular' padding_mode='zeros', Device? device=None, ScalarType? dtype=None)`,
  );

const conv1d = convNd(1);
const conv2d = convNd(2);
const conv3d = convNd(3);

const convTranspose1d = convTransposeNd(1);
const convTranspose2d = convTransposeNd(2);
const convTranspose3d = convTransposeNd(3);

const paddingModes = ['reflect', 'zeros', 'replicate', 'circular'];

type ConvSettings = ReturnType<(typeof conv2d)['bind']> & {
  outputPadding?: readonly number[];
};

/**
 * Base of convolutions and transposed convolutions.
 *
 * @param inChannels the channels of the input
 * @param outChannels the channels of the output
 * @param kernelSize the size of the kernel
 * @param stride how far the kernel moves
 * @param padding what is added on both sides; or 'valid' (nothing), 'same' (keeps the size)
 * @param dilation the spacing of the kernel's elements
 * @param groups into how many groups channels are cut that do not see each other
 * @param bias whether every output channel has a bias
 * @param paddingMode what is added around the input
 * @param outputPadding what is added to one side of the output
 */
abstract class ConvNd extends Module {
  inChannels: number;
  outChannels: number;
  kernelSize: readonly number[];
  stride: readonly number[];
  padding: readonly number[] | 'valid' | 'same';
  dilation: readonly number[];
  outputPadding: readonly number[];
  groups: number;
  paddingMode: ConvPaddingMode;
  declare weight: Parameter;
  declare bias: Parameter | null;

  protected constructor(transposed: boolean, settings: ConvSettings) {
    super();
    const { inChannels, outChannels, groups, stride, padding, paddingMode } = settings;
    if (groups <= 0) throw new ValueError('groups must be a positive integer');
    this.checkChannels(inChannels, groups);
    if (outChannels % groups !== 0) throw new ValueError('out_channels must be divisible by groups');
    if (typeof padding === 'string') {
      if (padding !== 'same' && padding !== 'valid')
        throw new ValueError(
          `Invalid padding string '${String(padding)}', should be one of {'valid', 'same'}`,
        );
      if (padding === 'same' && stride.some((s) => s !== 1))
        throw new ValueError("padding='same' is not supported for strided convolutions");
    }
    if (!paddingModes.includes(paddingMode))
      throw new ValueError(
        `padding_mode must be one of {${paddingModes.map((m) => `'${m}'`).join(', ')}}, but got padding_mode='${paddingMode}'`,
      );
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = settings.kernelSize;
    this.stride = stride;
    this.padding = padding;
    this.dilation = settings.dilation;
    this.outputPadding = settings.outputPadding ?? this.kernelSize.map(() => 0);
    this.groups = groups;
    this.paddingMode = paddingMode;
    const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
    this.registerParameter('weight', parameter([...channels, ...this.kernelSize], settings));
    this.registerParameter('bias', settings.bias ? parameter([outChannels], settings) : null);
    this.resetParameters();
  }

  /** @throws ValueError unless groups can share so many channels */
  protected checkChannels(inChannels: number, groups = this.groups): void {
    if (inChannels % groups !== 0) throw new ValueError('in_channels must be divisible by groups');
  }

  /** Draws new values: uniform within 1 / sqrt(fan in). */
  resetParameters(): void {
    init.kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    resetBias(this.weight, this.bias);
  }

  /** The input padded as `paddingMode` says, and the padding that is left to the convolution. */
  protected padded(input: Tensor): readonly [Tensor, readonly number[] | 'valid' | 'same'] {
    const { padding, paddingMode } = this;
    if (paddingMode === 'zeros') return [input, padding];
    const amounts = this.kernelSize.flatMap((size, i) => {
      if (padding === 'valid') return [0, 0];
      if (padding !== 'same') return [padding[i], padding[i]];
      const total = this.dilation[i] * (size - 1);
      return [Math.floor(total / 2), total - Math.floor(total / 2)];
    });
    const pairs = this.kernelSize.map((_, i) => amounts.slice(2 * i, 2 * i + 2)).toReversed();
    return [F.pad(input, pairs.flat(), paddingMode), this.kernelSize.map(() => 0)];
  }

  override extraRepr(): string {
    const { padding, dilation, outputPadding } = this;
    let text = `${this.inChannels}, ${this.outChannels}, kernel_size=${formatTuple(this.kernelSize)}, stride=${formatTuple(this.stride)}`;
    if (typeof padding === 'string') text += `, padding=${padding}`;
    else if (padding.some((p) => p !== 0)) text += `, padding=${formatTuple(padding)}`;
    if (dilation.some((d) => d !== 1)) text += `, dilation=${formatTuple(dilation)}`;
    if (outputPadding.some((p) => p !== 0)) text += `, output_padding=${formatTuple(outputPadding)}`;
    if (this.groups !== 1) text += `, groups=${this.groups}`;
    if (this.bias === null) text += ', bias=False';
    if (this.paddingMode !== 'zeros') text += `, padding_mode=${this.paddingMode}`;
    return text;
  }
}

takesNothing(ConvNd.prototype, ['resetParameters']);

/**
 * A 1-dimensional convolution over an input [N, C, L] or [C, L]: each output channel is the sum over all input
 * channels of sliding products with its kernel, plus its bias.
 */
export class Conv1d extends ConvNd {
  constructor(...args: Arguments<typeof conv1d>) {
    super(false, conv1d.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const [x, padding] = this.padded(input);
    return F.conv1d(x, this.weight, this.bias, this.stride, padding as number[], this.dilation, this.groups);
  }
}

/**
 * A 2-dimensional convolution over an input [N, C, H, W] or [C, H, W]: each output channel is the sum over all input
 * channels of sliding products with its kernel, plus its bias.
 */
export class Conv2d extends ConvNd {
  constructor(...args: Arguments<typeof conv2d>) {
    super(false, conv2d.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const [x, padding] = this.padded(input);
    return F.conv2d(x, this.weight, this.bias, this.stride, padding as number[], this.dilation, this.groups);
  }
}

/**
 * A 3-dimensional convolution over an input [N, C, D, H, W] or [C, D, H, W]: each output channel is the sum over all
 * input channels of sliding products with its kernel, plus its bias.
 */
export class Conv3d extends ConvNd {
  constructor(...args: Arguments<typeof conv3d>) {
    super(false, conv3d.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const [x, padding] = this.padded(input);
    return F.conv3d(x, this.weight, this.bias, this.stride, padding as number[], this.dilation, this.groups);
  }
}

/** Inputs of a transposed convolution's `forward`: the output's size may be asked for. */
abstract class ConvTransposeNd extends ConvNd {
  protected constructor(dims: Dims, settings: ConvSettings) {
    if (settings.paddingMode !== 'zeros')
      throw new ValueError(`Only "zeros" padding mode is supported for ConvTranspose${dims}d`);
    super(true, settings);
  }

  /** The output padding with which the output gets `outputSize`. */
  protected paddingFor(input: Tensor, outputSize: readonly number[] | null): readonly number[] {
    if (outputSize === null) return this.outputPadding;
    const dims = this.kernelSize.length;
    if (!Array.isArray(outputSize))
      throw new TypeError(
        `forward(): argument 'outputSize' must be tuple of ints, not ${typeName(outputSize)}`,
      );
    const wanted = outputSize.slice(outputSize.length === input.ndim ? input.ndim - dims : 0);
    if (wanted.length !== dims)
      throw new ValueError(
        `ConvTranspose${dims}D: for ${input.ndim}D input, output_size must have ${dims} or ${input.ndim} elements (got ${outputSize.length})`,
      );
    const padding = this.padding as readonly number[];
    const smallest = wanted.map(
      (_, i) =>
        (input.shape[input.ndim - dims + i] - 1) * this.stride[i] -
        2 * padding[i] +
        this.dilation[i] * (this.kernelSize[i] - 1) +
        1,
    );
    const largest = smallest.map((size, i) => size + this.stride[i] - 1);
    if (wanted.some((size, i) => size < smallest[i] || size > largest[i]))
      throw new ValueError(
        `requested an output size of [${wanted.join(', ')}], but valid sizes range from [${smallest.join(', ')}] to [${largest.join(', ')}] (for an input of torch.Size([${input.shape.slice(input.ndim - dims).join(', ')}]))`,
      );
    return wanted.map((size, i) => size - smallest[i]);
  }
}

export const withOutputSize = signature('forward(Tensor input, int[]? output_size=None)');

/**
 * A 1-dimensional transposed convolution over an input [N, C, L] or [C, L], the gradient of a convolution by its
 * input: every element spreads its kernel over the output.
 */
export class ConvTranspose1d extends ConvTransposeNd {
  constructor(...args: Arguments<typeof convTranspose1d>) {
    super(1, convTranspose1d.bind(args));
  }

  override forward(...args: Arguments<typeof withOutputSize>): Tensor {
    const [input, outputSize] = withOutputSize.inOrder(args, this);
    const outputPadding = this.paddingFor(input, outputSize);
    const { weight, bias, stride, padding, groups, dilation } = this;
    return F.convTranspose1d(
      input,
      weight,
      bias,
      stride,
      padding as number[],
      outputPadding,
      groups,
      dilation,
    );
  }
}

/**
 * A 2-dimensional transposed convolution over an input [N, C, H, W] or [C, H, W], the gradient of a convolution by its
 * input: every element spreads its kernel over the output.
 */
export class ConvTranspose2d extends ConvTransposeNd {
  constructor(...args: Arguments<typeof convTranspose2d>) {
    super(2, convTranspose2d.bind(args));
  }

  override forward(...args: Arguments<typeof withOutputSize>): Tensor {
    const [input, outputSize] = withOutputSize.inOrder(args, this);
    const outputPadding = this.paddingFor(input, outputSize);
    const { weight, bias, stride, padding, groups, dilation } = this;
    return F.convTranspose2d(
      input,
      weight,
      bias,
      stride,
      padding as number[],
      outputPadding,
      groups,
      dilation,
    );
  }
}

/**
 * A 3-dimensional transposed convolution over an input [N, C, D, H, W] or [C, D, H, W], the gradient of a convolution
 * by its input: every element spreads its kernel over the output.
 */
export class ConvTranspose3d extends ConvTransposeNd {
  constructor(...args: Arguments<typeof convTranspose3d>) {
    super(3, convTranspose3d.bind(args));
  }

  override forward(...args: Arguments<typeof withOutputSize>): Tensor {
    const [input, outputSize] = withOutputSize.inOrder(args, this);
    const outputPadding = this.paddingFor(input, outputSize);
    const { weight, bias, stride, padding, groups, dilation } = this;
    return F.convTranspose3d(
      input,
      weight,
      bias,
      stride,
      padding as number[],
      outputPadding,
      groups,
      dilation,
    );
  }
}
