import '../../ops/nn/window_maximum.js';
import { formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { take } from '../settings.js';
import type { Sizes } from './conv.js';

const maxPool = signature(
  'MaxPool(int|int[] kernel_size, int|int[]? stride=None, int|int[] padding=0, int|int[] dilation=1, bool return_indices=False, bool ceil_mode=False)',
);

abstract class MaxPoolNd extends Module {
  declare kernelSize: Sizes;
  declare stride: Sizes;
  declare padding: Sizes;
  declare dilation: Sizes;
  declare returnIndices: boolean;
  declare ceilMode: boolean;

  /**
   * @param kernelSize the size of the window
   * @param stride how far the window moves; null: the kernel's size
   * @param padding what is added on both sides, and never the maximum
   * @param dilation the spacing of the window's elements
   * @param returnIndices whether the positions of the maxima are given, too
   * @param ceilMode whether the last window may begin inside the input and end outside
   */
  constructor(...args: Arguments<typeof maxPool>) {
    super();
    const { stride, ...given } = maxPool.bind(args, new.target.name);
    take(this, { ...given, stride: stride ?? given.kernelSize });
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return `kernel_size=${formatValue(kernelSize)}, stride=${formatValue(stride)}, padding=${formatValue(padding)}, dilation=${formatValue(dilation)}, ceil_mode=${formatValue(ceilMode)}`;
  }
}

/** The maximum of every window of a [N, C, L] or [C, L] input. */
export class MaxPool1d<Output = Tensor> extends MaxPoolNd {
  override forward(...args: Arguments<typeof ofInput>): Output {
    const [input] = ofInput.inOrder(args, this);
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    const pool = (this.returnIndices ? F.maxPool1dWithIndices : F.maxPool1d) as typeof F.maxPool1d;
    return pool(input, kernelSize, stride, padding, dilation, ceilMode) as Output;
  }
}

/** The maximum of every window of a [N, C, H, W] or [C, H, W] input. */
export class MaxPool2d<Output = Tensor> extends MaxPoolNd {
  override forward(...args: Arguments<typeof ofInput>): Output {
    const [input] = ofInput.inOrder(args, this);
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    const pool = (this.returnIndices ? F.maxPool2dWithIndices : F.maxPool2d) as typeof F.maxPool2d;
    return pool(input, kernelSize, stride, padding, dilation, ceilMode) as Output;
  }
}

/** The maximum of every window of a [N, C, D, H, W] or [C, D, H, W] input. */
export class MaxPool3d<Output = Tensor> extends MaxPoolNd {
  override forward(...args: Arguments<typeof ofInput>): Output {
    const [input] = ofInput.inOrder(args, this);
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    const pool = (this.returnIndices ? F.maxPool3dWithIndices : F.maxPool3d) as typeof F.maxPool3d;
    return pool(input, kernelSize, stride, padding, dilation, ceilMode) as Output;
  }
}

const avgPool1d = signature(
  'AvgPool1d(int[1] kernel_size, int[1]? stride=None, int[1] padding=0, bool ceil_mode=False, bool count_include_pad=True)',
);

const avgPool = signature(
  'AvgPool(int|int[] kernel_size, int|int[]? stride=None, int|int[] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None)',
);

interface AvgPoolSettings {
  readonly kernelSize: Sizes;
  readonly stride: Sizes | null;
  readonly padding: Sizes;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride?: number | null;
}

abstract class AvgPoolNd extends Module {
  declare kernelSize: Sizes;
  declare stride: Sizes;
  declare padding: Sizes;
  declare ceilMode: boolean;
  declare countIncludePad: boolean;

  /**
   * @param kernelSize the size of the window
   * @param stride how far the window moves; null: the kernel's size
   * @param padding the zeros added on both sides
   * @param ceilMode whether the last window may begin inside the input and end outside
   * @param countIncludePad whether padding counts in the averages
   * @param divisorOverride what sums are divided by in place of the window's size
   */
  protected constructor({ stride, ...given }: AvgPoolSettings) {
    super();
    take(this, { ...given, stride: stride ?? given.kernelSize });
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding } = this;
    return `kernel_size=${formatValue(kernelSize)}, stride=${formatValue(stride)}, padding=${formatValue(padding)}`;
  }
}

/** The average of every window of a [N, C, L] or [C, L] input. */
export class AvgPool1d extends AvgPoolNd {
  constructor(...args: Arguments<typeof avgPool1d>) {
    super(avgPool1d.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const { kernelSize, stride, padding, ceilMode, countIncludePad } = this;
    return F.avgPool1d(input, kernelSize, stride, padding, ceilMode, countIncludePad);
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding } = this;
    return `kernel_size=${formatValue(kernelSize)}, stride=${formatValue(stride)}, padding=${formatValue(padding)}`;
  }
}

/** The average of every window of a [N, C, H, W] or [C, H, W] input. */
export class AvgPool2d extends AvgPoolNd {
  declare divisorOverride: number | null;

  constructor(...args: Arguments<typeof avgPool>) {
    super(avgPool.bind(args, new.target.name));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return F.avgPool2d(input, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
  }
}

/** The average of every window of a [N, C, D, H, W] or [C, D, H, W] input. */
export class AvgPool3d extends AvgPoolNd {
  declare divisorOverride: number | null;

  constructor(...args: Arguments<typeof avgPool>) {
    super(avgPool.bind(args, new.target.name));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return F.avgPool3d(input, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
  }
}

const adaptiveAvgPool = signature('AdaptiveAvgPool(int|int?[] output_size)');

abstract class AdaptiveAvgPoolNd extends Module {
  declare outputSize: number | readonly (number | null)[];

  /** @param outputSize the sizes of the output; null stands for the input's */
  constructor(...args: Arguments<typeof adaptiveAvgPool>) {
    super();
    take(this, adaptiveAvgPool.bind(args, new.target.name));
  }

  override extraRepr(): string {
    return `output_size=${formatValue(this.outputSize)}`;
  }
}

/** Averages of windows that make a [N, C, L] or [C, L] input `outputSize` long. */
export class AdaptiveAvgPool1d extends AdaptiveAvgPoolNd {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.adaptiveAvgPool1d(input, this.outputSize);
  }
}

/** Averages of windows that give a [N, C, H, W] or [C, H, W] input the height and width `outputSize`. */
export class AdaptiveAvgPool2d extends AdaptiveAvgPoolNd {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.adaptiveAvgPool2d(input, this.outputSize);
  }
}

/** Averages of windows that give a [N, C, D, H, W] or [C, D, H, W] input the depth, height and width `outputSize`. */
export class AdaptiveAvgPool3d extends AdaptiveAvgPoolNd {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.adaptiveAvgPool3d(input, this.outputSize);
  }
}

const adaptiveMaxPool = signature('AdaptiveMaxPool(int|int?[] output_size, bool return_indices=False)');

abstract class AdaptiveMaxPoolNd extends Module {
  declare outputSize: number | readonly (number | null)[];
  declare returnIndices: boolean;

  /**
   * @param outputSize the sizes of the output; null stands for the input's
   * @param returnIndices whether the positions of the maxima are given, too
   */
  constructor(...args: Arguments<typeof adaptiveMaxPool>) {
    super();
    take(this, adaptiveMaxPool.bind(args, new.target.name));
  }

  override extraRepr(): string {
    return `output_size=${formatValue(this.outputSize)}`;
  }
}

/** Maxima of windows that make a [N, C, L] or [C, L] input `outputSize` long. */
export class AdaptiveMaxPool1d<Output = Tensor> extends AdaptiveMaxPoolNd {
  override forward(...args: Arguments<typeof ofInput>): Output {
    const [input] = ofInput.inOrder(args, this);
    const pool = (
      this.returnIndices ? F.adaptiveMaxPool1dWithIndices : F.adaptiveMaxPool1d
    ) as typeof F.adaptiveMaxPool1d;
    return pool(input, this.outputSize) as Output;
  }
}

/** Maxima of windows that make a [N, C, H, W] or [C, H, W] input of height and width `outputSize`. */
export class AdaptiveMaxPool2d<Output = Tensor> extends AdaptiveMaxPoolNd {
  override forward(...args: Arguments<typeof ofInput>): Output {
    const [input] = ofInput.inOrder(args, this);
    const pool = (
      this.returnIndices ? F.adaptiveMaxPool2dWithIndices : F.adaptiveMaxPool2d
    ) as typeof F.adaptiveMaxPool2d;
    return pool(input, this.outputSize) as Output;
  }
}

/** Maxima of windows that make a [N, C, D, H, W] or [C, D, H, W] input of depth, height and width `outputSize`. */
export class AdaptiveMaxPool3d<Output = Tensor> extends AdaptiveMaxPoolNd {
  override forward(...args: Arguments<typeof ofInput>): Output {
    const [input] = ofInput.inOrder(args, this);
    const pool = (
      this.returnIndices ? F.adaptiveMaxPool3dWithIndices : F.adaptiveMaxPool3d
    ) as typeof F.adaptiveMaxPool3d;
    return pool(input, this.outputSize) as Output;
  }
}
