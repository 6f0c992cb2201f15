import '../../ops/nn/window_norms.js';
import { formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { settingText, take } from '../settings.js';
import type { Sizes } from './conv.js';

const lpPool = signature(
  'LPPool(float norm_type, int|int[] kernel_size, int|int[]? stride=None, bool ceil_mode=False)',
);

abstract class LPPoolNd extends Module {
  declare normType: number;
  declare kernelSize: Sizes;
  declare stride: Sizes | null;
  declare ceilMode: boolean;

  /**
   * @param normType the p of the norm: 1 gives sums, Infinity maxima
   * @param kernelSize the size of the window
   * @param stride how far the window moves; null: the kernel's size
   * @param ceilMode whether the last window may begin inside the input and end outside
   */
  constructor(...args: Arguments<typeof lpPool>) {
    super();
    take(this, lpPool.bind(args, new.target.name));
  }

  override extraRepr(): string {
    const { kernelSize, stride, ceilMode } = this;
    return `norm_type=${settingText(this, 'normType')}, kernel_size=${formatValue(kernelSize)}, stride=${formatValue(stride)}, ceil_mode=${formatValue(ceilMode)}`;
  }
}

/** The p-norm of every window of a [N, C, L] or [C, L] input, by the signs of the sums of powers. */
export class LPPool1d extends LPPoolNd {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.lpPool1d(input, this.normType, this.kernelSize, this.stride, this.ceilMode);
  }
}

/** The p-norm of every window of a [N, C, H, W] or [C, H, W] input, by the signs of the sums of powers. */
export class LPPool2d extends LPPoolNd {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.lpPool2d(input, this.normType, this.kernelSize, this.stride, this.ceilMode);
  }
}

/** The p-norm of every window of a [N, C, D, H, W] or [C, D, H, W] input, by the signs of the sums of powers. */
export class LPPool3d extends LPPoolNd {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.lpPool3d(input, this.normType, this.kernelSize, this.stride, this.ceilMode);
  }
}
