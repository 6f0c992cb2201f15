import { formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { take } from '../settings.js';
import type { Sizes } from './conv.js';

const unfold = signature(
  'Unfold(int|int[] kernel_size, int|int[] dilation=1, int|int[] padding=0, int|int[] stride=1)',
);

/** Every patch of a [N, C, H, W] or [C, H, W] image as a column: [N, C · patch, patches]. */
export class Unfold extends Module {
  declare kernelSize: Sizes;
  declare dilation: Sizes;
  declare padding: Sizes;
  declare stride: Sizes;

  /**
   * @param kernelSize the size of a patch
   * @param dilation the spacing of a patch's elements
   * @param padding the zeros added on both sides
   * @param stride how far apart patches begin
   */
  constructor(...args: Arguments<typeof unfold>) {
    super();
    take(this, unfold.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.unfold(input, this.kernelSize, this.dilation, this.padding, this.stride);
  }

  override extraRepr(): string {
    const { kernelSize, dilation, padding, stride } = this;
    return `kernel_size=${formatValue(kernelSize)}, dilation=${formatValue(dilation)}, padding=${formatValue(padding)}, stride=${formatValue(stride)}`;
  }
}

const fold = signature(
  'Fold(int|int[] output_size, int|int[] kernel_size, int|int[] dilation=1, int|int[] padding=0, int|int[] stride=1)',
);

/** Adds patches, columns of a [N, C · patch, patches] or [C · patch, patches] input, up to an image of `outputSize`. */
export class Fold extends Module {
  declare outputSize: Sizes;
  declare kernelSize: Sizes;
  declare dilation: Sizes;
  declare padding: Sizes;
  declare stride: Sizes;

  /**
   * @param outputSize height and width of the image
   * @param kernelSize the size of a patch
   * @param dilation the spacing of a patch's elements
   * @param padding what the image has more on both sides
   * @param stride how far apart patches begin
   */
  constructor(...args: Arguments<typeof fold>) {
    super();
    take(this, fold.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const { outputSize, kernelSize, dilation, padding, stride } = this;
    return F.fold(input, outputSize, kernelSize, dilation, padding, stride);
  }

  override extraRepr(): string {
    const { outputSize, kernelSize, dilation, padding, stride } = this;
    return `output_size=${formatValue(outputSize)}, kernel_size=${formatValue(kernelSize)}, dilation=${formatValue(dilation)}, padding=${formatValue(padding)}, stride=${formatValue(stride)}`;
  }
}
