import '../../ops/nn/window_maximum.js';
import { formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import { Module } from '../module.js';
import { take } from '../settings.js';

const ofMaxima = signature('forward(Tensor input, Tensor indices, int[]? output_size=None)');

/** Settings of an unpooling, a number for every dimension. */
interface UnpoolSettings {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[] | null;
  readonly padding: readonly number[];
}

abstract class MaxUnpoolNd extends Module {
  declare kernelSize: readonly number[];
  declare stride: readonly number[];
  declare padding: readonly number[];

  /**
   * @param kernelSize the size of the window of the maxima
   * @param stride how far the window moved; null: the kernel's size
   * @param padding what was added on both sides
   */
  protected constructor({ stride, ...given }: UnpoolSettings) {
    super();
    take(this, { ...given, stride: stride ?? given.kernelSize });
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding } = this;
    return `kernel_size=${formatValue(kernelSize)}, stride=${formatValue(stride)}, padding=${formatValue(padding)}`;
  }
}

const maxUnpool1d = signature('MaxUnpool1d(int[1] kernel_size, int[1]? stride=None, int[1] padding=0)');

/**
 * Puts maxima back where `MaxPool1d` found them in a [N, C, L] or [C, L] input, and zeros elsewhere. `forward` takes the maxima, their
 * indices and, where several sizes have the same maxima, the size of the output.
 */
export class MaxUnpool1d extends MaxUnpoolNd {
  constructor(...args: Arguments<typeof maxUnpool1d>) {
    super(maxUnpool1d.bind(args));
  }

  override forward(...args: Arguments<typeof ofMaxima>): Tensor {
    const [input, indices, outputSize] = ofMaxima.inOrder(args, this);
    const { kernelSize, stride, padding } = this;
    return F.maxUnpool1d(input, indices, kernelSize, stride, padding, outputSize);
  }
}

const maxUnpool2d = signature('MaxUnpool2d(int[2] kernel_size, int[2]? stride=None, int[2] padding=0)');

/**
 * Puts maxima back where `MaxPool2d` found them in a [N, C, H, W] or [C, H, W] input, and zeros elsewhere. `forward` takes the maxima, their
 * indices and, where several sizes have the same maxima, the size of the output.
 */
export class MaxUnpool2d extends MaxUnpoolNd {
  constructor(...args: Arguments<typeof maxUnpool2d>) {
    super(maxUnpool2d.bind(args));
  }

  override forward(...args: Arguments<typeof ofMaxima>): Tensor {
    const [input, indices, outputSize] = ofMaxima.inOrder(args, this);
    const { kernelSize, stride, padding } = this;
    return F.maxUnpool2d(input, indices, kernelSize, stride, padding, outputSize);
  }
}

const maxUnpool3d = signature('MaxUnpool3d(int[3] kernel_size, int[3]? stride=None, int[3] padding=0)');

/**
 * Puts maxima back where `MaxPool3d` found them in a [N, C, D, H, W] or [C, D, H, W] input, and zeros elsewhere. `forward` takes the maxima, their
 * indices and, where several sizes have the same maxima, the size of the output.
 */
export class MaxUnpool3d extends MaxUnpoolNd {
  constructor(...args: Arguments<typeof maxUnpool3d>) {
    super(maxUnpool3d.bind(args));
  }

  override forward(...args: Arguments<typeof ofMaxima>): Tensor {
    const [input, indices, outputSize] = ofMaxima.inOrder(args, this);
    const { kernelSize, stride, padding } = this;
    return F.maxUnpool3d(input, indices, kernelSize, stride, padding, outputSize);
  }
}
