import { formatValue } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { readOptions } from '../arguments.js';
import { functional as F } from '../functional.js';
import { Module } from '../module.js';
import type { Sizes } from './conv.js';

interface MaxPoolOptions {
  /** Default: the kernel's size. */
  stride?: Sizes | null;
  /** Added on both sides, and never the maximum. Default 0. */
  padding?: Sizes;
  /** Spacing of the window's elements. Default 1. */
  dilation?: Sizes;
  /** Give the positions of the maxima too. Default false. */
  returnIndices?: boolean;
  /** Let the last window begin inside the input and end outside. Default false. */
  ceilMode?: boolean;
}

const maxPoolDefaults = {
  stride: null as Sizes | null,
  padding: 0 as Sizes,
  dilation: 1 as Sizes,
  returnIndices: false,
  ceilMode: false,
};

abstract class MaxPoolNd<Output> extends Module<Output> {
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly dilation: Sizes;
  readonly returnIndices: boolean;
  readonly ceilMode: boolean;

  constructor(
    readonly kernelSize: Sizes,
    stride?: Sizes | null | MaxPoolOptions,
    padding?: Sizes | MaxPoolOptions,
    dilation?: Sizes | MaxPoolOptions,
    returnIndices?: boolean | MaxPoolOptions,
    ceilMode?: boolean | MaxPoolOptions,
  ) {
    super();
    const given = readOptions(this.constructor.name, maxPoolDefaults, [
      stride,
      padding,
      dilation,
      returnIndices,
      ceilMode,
    ]);
    this.stride = given.stride ?? kernelSize;
    this.padding = given.padding;
    this.dilation = given.dilation;
    this.returnIndices = given.returnIndices;
    this.ceilMode = given.ceilMode;
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return `kernel_size=${formatValue(kernelSize)}, stride=${formatValue(stride)}, padding=${formatValue(padding)}, dilation=${formatValue(dilation)}, ceil_mode=${formatValue(ceilMode)}`;
  }
}

/** The maximum of every window of [N, C, L] or [C, L]. */
export class MaxPool1d<Output = Tensor> extends MaxPoolNd<Output> {
  override forward(input: Tensor): Output {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    const pool = (this.returnIndices ? F.maxPool1dWithIndices : F.maxPool1d) as typeof F.maxPool1d;
    return pool(input, kernelSize, stride, padding, dilation, ceilMode) as Output;
  }
}

/** The maximum of every window of [N, C, H, W] or [C, H, W]. */
export class MaxPool2d<Output = Tensor> extends MaxPoolNd<Output> {
  override forward(input: Tensor): Output {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    const pool = (this.returnIndices ? F.maxPool2dWithIndices : F.maxPool2d) as typeof F.maxPool2d;
    return pool(input, kernelSize, stride, padding, dilation, ceilMode) as Output;
  }
}

/** The maximum of every window of [N, C, D, H, W] or [C, D, H, W]. */
export class MaxPool3d<Output = Tensor> extends MaxPoolNd<Output> {
  override forward(input: Tensor): Output {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    const pool = (this.returnIndices ? F.maxPool3dWithIndices : F.maxPool3d) as typeof F.maxPool3d;
    return pool(input, kernelSize, stride, padding, dilation, ceilMode) as Output;
  }
}

interface AvgPoolOptions {
  /** Default: the kernel's size. */
  stride?: Sizes | null;
  /** Zeros added on both sides. Default 0. */
  padding?: Sizes;
  /** Let the last window begin inside the input and end outside. Default false. */
  ceilMode?: boolean;
  /** Whether padding counts in the averages. Default true. */
  countIncludePad?: boolean;
  /** What sums are divided by in place of the window's size. */
  divisorOverride?: number | null;
}

const avgPoolDefaults = {
  stride: null as Sizes | null,
  padding: 0 as Sizes,
  ceilMode: false,
  countIncludePad: true,
  divisorOverride: null as number | null,
};

abstract class AvgPoolNd extends Module {
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | null;

  constructor(
    readonly kernelSize: Sizes,
    stride?: Sizes | null | AvgPoolOptions,
    padding?: Sizes | AvgPoolOptions,
    ceilMode?: boolean | AvgPoolOptions,
    countIncludePad?: boolean | AvgPoolOptions,
    divisorOverride?: number | null | AvgPoolOptions,
  ) {
    super();
    const given = readOptions(this.constructor.name, avgPoolDefaults, [
      stride,
      padding,
      ceilMode,
      countIncludePad,
      divisorOverride,
    ]);
    this.stride = given.stride ?? kernelSize;
    this.padding = given.padding;
    this.ceilMode = given.ceilMode;
    this.countIncludePad = given.countIncludePad;
    this.divisorOverride = given.divisorOverride;
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding } = this;
    return `kernel_size=${formatValue(kernelSize)}, stride=${formatValue(stride)}, padding=${formatValue(padding)}`;
  }
}

/** The average of every window of [N, C, L] or [C, L]. */
export class AvgPool1d extends AvgPoolNd {
  override forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return F.avgPool1d(input, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
  }

  override extraRepr(): string {
    const tuple = (sizes: Sizes): string => formatValue(typeof sizes === 'number' ? [sizes] : sizes);
    return `kernel_size=${tuple(this.kernelSize)}, stride=${tuple(this.stride)}, padding=${tuple(this.padding)}`;
  }
}

/** The average of every window of [N, C, H, W] or [C, H, W]. */
export class AvgPool2d extends AvgPoolNd {
  override forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return F.avgPool2d(input, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
  }
}

/** The average of every window of [N, C, D, H, W] or [C, D, H, W]. */
export class AvgPool3d extends AvgPoolNd {
  override forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return F.avgPool3d(input, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
  }
}

abstract class AdaptiveAvgPoolNd extends Module {
  /** Sizes of the output; null stands for the input's. */
  constructor(readonly outputSize: number | readonly (number | null)[]) {
    super();
  }

  override extraRepr(): string {
    return `output_size=${formatValue(this.outputSize)}`;
  }
}

/** Averages that make the output `outputSize` long. */
export class AdaptiveAvgPool1d extends AdaptiveAvgPoolNd {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool1d(input, this.outputSize);
  }
}

/** Averages that give the output this height and width. */
export class AdaptiveAvgPool2d extends AdaptiveAvgPoolNd {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool2d(input, this.outputSize);
  }
}

/** Averages that give the output this depth, height and width. */
export class AdaptiveAvgPool3d extends AdaptiveAvgPoolNd {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool3d(input, this.outputSize);
  }
}
