import { ValueError } from '../../core/errors.js';
import { formatTuple } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { readOptions, repeat } from '../arguments.js';
import { functional as F } from '../functional.js';
import * as init from '../init.js';
import { Module } from '../module.js';
import type { Parameter } from '../parameter.js';
import { type FactoryOptions, parameter, resetBias } from './linear.js';

/** One number for all spatial dimensions, or one each. */
export type Sizes = number | readonly number[];
type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

export interface ConvOptions extends FactoryOptions {
  /** Default 1. */
  stride?: Sizes;
  /** Added on both sides; or 'valid' (none), 'same' (keeps the size). Default 0. */
  padding?: Sizes | 'valid' | 'same';
  /** Spacing of the kernel's elements. Default 1. */
  dilation?: Sizes;
  /** Into how many groups channels are cut that do not see each other. Default 1. */
  groups?: number;
  /** Whether every output channel has a bias. Default true. */
  bias?: boolean;
  /** What is added around the input. Default 'zeros'. */
  paddingMode?: PaddingMode;
}

export interface ConvTransposeOptions extends FactoryOptions {
  /** Default 1. */
  stride?: Sizes;
  /** How much of the output's rim is cut off. Default 0. */
  padding?: Sizes;
  /** What is added to one side of the output. Default 0. */
  outputPadding?: Sizes;
  /** Into how many groups channels are cut that do not see each other. Default 1. */
  groups?: number;
  /** Whether every output channel has a bias. Default true. */
  bias?: boolean;
  /** Spacing of the kernel's elements. Default 1. */
  dilation?: Sizes;
  /** Only 'zeros'. */
  paddingMode?: PaddingMode;
}

type Dims = 1 | 2 | 3;

interface Settings {
  readonly stride: Sizes;
  readonly padding: Sizes | 'valid' | 'same';
  readonly outputPadding: Sizes;
  readonly dilation: Sizes;
  readonly groups: number;
  readonly bias: boolean;
  readonly paddingMode: PaddingMode;
}

const paddingModes = ['reflect', 'zeros', 'replicate', 'circular'];

/** What convolutions and transposed convolutions share. */
abstract class ConvNd extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | 'valid' | 'same';
  readonly dilation: readonly number[];
  readonly outputPadding: readonly number[];
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  weight: Parameter;
  bias: Parameter | null;
  readonly #transposed: boolean;

  protected constructor(
    dims: Dims,
    transposed: boolean,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    settings: Settings & FactoryOptions,
  ) {
    super();
    const { groups, padding, paddingMode } = settings;
    if (groups <= 0) throw new ValueError('groups must be a positive integer');
    if (inChannels % groups !== 0) throw new ValueError('in_channels must be divisible by groups');
    if (outChannels % groups !== 0) throw new ValueError('out_channels must be divisible by groups');
    this.stride = repeat(settings.stride, dims);
    if (typeof padding === 'string') {
      if (padding !== 'same' && padding !== 'valid')
        throw new ValueError(
          `Invalid padding string '${String(padding)}', should be one of {'valid', 'same'}`,
        );
      if (padding === 'same' && this.stride.some((s) => s !== 1))
        throw new ValueError("padding='same' is not supported for strided convolutions");
    }
    if (!paddingModes.includes(paddingMode))
      throw new ValueError(
        `padding_mode must be one of {${paddingModes.map((m) => `'${m}'`).join(', ')}}, but got padding_mode='${paddingMode}'`,
      );
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = repeat(kernelSize, dims);
    this.padding = typeof padding === 'string' ? padding : repeat(padding, dims);
    this.dilation = repeat(settings.dilation, dims);
    this.outputPadding = repeat(settings.outputPadding, dims);
    this.groups = groups;
    this.paddingMode = paddingMode;
    this.#transposed = transposed;
    const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
    this.weight = parameter([...channels, ...this.kernelSize], settings);
    this.bias = settings.bias ? parameter([outChannels], settings) : null;
    this.resetParameters();
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
    if (this.#transposed && outputPadding.some((p) => p !== 0))
      text += `, output_padding=${formatTuple(outputPadding)}`;
    if (this.groups !== 1) text += `, groups=${this.groups}`;
    if (this.bias === null) text += ', bias=False';
    if (this.paddingMode !== 'zeros') text += `, padding_mode=${this.paddingMode}`;
    return text;
  }
}

const convDefaults = {
  stride: 1 as Sizes,
  padding: 0 as Sizes | 'valid' | 'same',
  dilation: 1 as Sizes,
  groups: 1,
  bias: true,
  paddingMode: 'zeros' as PaddingMode,
  device: null as FactoryOptions['device'],
  dtype: null as FactoryOptions['dtype'],
};

type Optional = readonly unknown[];

/** What a convolution's constructor may get behind the required arguments. */
type ConvArguments =
  | [options?: ConvOptions]
  | [stride: Sizes, options?: ConvOptions]
  | [stride: Sizes, padding: Sizes | 'valid' | 'same', options?: ConvOptions]
  | [stride: Sizes, padding: Sizes | 'valid' | 'same', dilation: Sizes, options?: ConvOptions]
  | [stride: Sizes, padding: Sizes | 'valid' | 'same', dilation: Sizes, groups: number, options?: ConvOptions]
  | [
      stride: Sizes,
      padding: Sizes | 'valid' | 'same',
      dilation: Sizes,
      groups: number,
      bias: boolean,
      options?: ConvOptions,
    ]
  | [
      stride: Sizes,
      padding: Sizes | 'valid' | 'same',
      dilation: Sizes,
      groups: number,
      bias: boolean,
      paddingMode: PaddingMode,
      options?: ConvOptions,
    ];

function convSettings(name: string, rest: Optional): Settings & FactoryOptions {
  return { ...readOptions(name, convDefaults, rest), outputPadding: 0 };
}

/** A 1-dimensional convolution: input [N, C, L] or [C, L]. */
export class Conv1d extends ConvNd {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...rest: ConvArguments) {
    super(1, false, inChannels, outChannels, kernelSize, convSettings('Conv1d', rest));
  }

  override forward(input: Tensor): Tensor {
    const [x, padding] = this.padded(input);
    return F.conv1d(x, this.weight, this.bias, this.stride, padding as number[], this.dilation, this.groups);
  }
}

/** A 2-dimensional convolution: input [N, C, H, W] or [C, H, W]. */
export class Conv2d extends ConvNd {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...rest: ConvArguments) {
    super(2, false, inChannels, outChannels, kernelSize, convSettings('Conv2d', rest));
  }

  override forward(input: Tensor): Tensor {
    const [x, padding] = this.padded(input);
    return F.conv2d(x, this.weight, this.bias, this.stride, padding as number[], this.dilation, this.groups);
  }
}

/** A 3-dimensional convolution: input [N, C, D, H, W] or [C, D, H, W]. */
export class Conv3d extends ConvNd {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...rest: ConvArguments) {
    super(3, false, inChannels, outChannels, kernelSize, convSettings('Conv3d', rest));
  }

  override forward(input: Tensor): Tensor {
    const [x, padding] = this.padded(input);
    return F.conv3d(x, this.weight, this.bias, this.stride, padding as number[], this.dilation, this.groups);
  }
}

const transposeDefaults = {
  stride: 1 as Sizes,
  padding: 0 as Sizes,
  outputPadding: 0 as Sizes,
  groups: 1,
  bias: true,
  dilation: 1 as Sizes,
  paddingMode: 'zeros' as PaddingMode,
  device: null as FactoryOptions['device'],
  dtype: null as FactoryOptions['dtype'],
};

type TransposeArguments =
  | [options?: ConvTransposeOptions]
  | [stride: Sizes, options?: ConvTransposeOptions]
  | [stride: Sizes, padding: Sizes, options?: ConvTransposeOptions]
  | [stride: Sizes, padding: Sizes, outputPadding: Sizes, options?: ConvTransposeOptions]
  | [
      stride: Sizes,
      padding: Sizes,
      outputPadding: Sizes,
      groups: number,
      bias?: boolean,
      dilation?: Sizes,
      paddingMode?: PaddingMode,
    ];

/** What transposed convolutions add: the output's size may be asked for. */
abstract class ConvTransposeNd extends ConvNd {
  readonly #dims: Dims;

  protected constructor(
    dims: Dims,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    rest: TransposeArguments,
  ) {
    const name = `ConvTranspose${dims}d`;
    const settings = readOptions(name, transposeDefaults, rest as Optional);
    if (settings.paddingMode !== 'zeros')
      throw new ValueError(`Only "zeros" padding mode is supported for ${name}`);
    super(dims, true, inChannels, outChannels, kernelSize, settings);
    this.#dims = dims;
  }

  /** The output padding with which the output gets `outputSize`. */
  protected paddingFor(input: Tensor, outputSize: readonly number[] | null): readonly number[] {
    if (outputSize === null) return this.outputPadding;
    const dims = this.#dims;
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

/** A 1-dimensional transposed convolution. */
export class ConvTranspose1d extends ConvTransposeNd {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...rest: TransposeArguments) {
    super(1, inChannels, outChannels, kernelSize, rest);
  }

  override forward(input: Tensor, outputSize: readonly number[] | null = null): Tensor {
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

/** A 2-dimensional transposed convolution. */
export class ConvTranspose2d extends ConvTransposeNd {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...rest: TransposeArguments) {
    super(2, inChannels, outChannels, kernelSize, rest);
  }

  override forward(input: Tensor, outputSize: readonly number[] | null = null): Tensor {
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

/** A 3-dimensional transposed convolution. */
export class ConvTranspose3d extends ConvTransposeNd {
  constructor(inChannels: number, outChannels: number, kernelSize: Sizes, ...rest: TransposeArguments) {
    super(3, inChannels, outChannels, kernelSize, rest);
  }

  override forward(input: Tensor, outputSize: readonly number[] | null = null): Tensor {
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
