import { formatFloat, formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { take } from '../settings.js';
import type { Sizes } from './conv.js';

const upsample = signature(
  "Upsample(int|int[]? size=None, float|float[]? scale_factor=None, 'nearest'|'linear'|'bilinear'|'bicubic'|'trilinear' mode='nearest', bool? align_corners=None, bool? recompute_scale_factor=None)",
);

interface UpsampleSettings {
  readonly size: Sizes | null;
  readonly scaleFactor: Sizes | null;
  readonly mode: 'nearest' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear';
  readonly alignCorners: boolean | null;
  readonly recomputeScaleFactor: boolean | null;
}

abstract class Interpolation extends Module {
  declare size: Sizes | null;
  declare scaleFactor: Sizes | null;
  declare mode: UpsampleSettings['mode'];
  declare alignCorners: boolean | null;
  declare recomputeScaleFactor: boolean | null;

  protected constructor(settings: UpsampleSettings) {
    super();
    // As in PyTorch, a factor of 0 is none.
    take(this, { ...settings, scaleFactor: settings.scaleFactor === 0 ? null : settings.scaleFactor });
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } = this;
    return F.interpolate(input, size, scaleFactor, mode, alignCorners, recomputeScaleFactor);
  }

  override extraRepr(): string {
    const { size, scaleFactor, mode } = this;
    const factors = Array.isArray(scaleFactor)
      ? `(${scaleFactor.map((factor: number) => formatFloat(factor)).join(', ')}${scaleFactor.length === 1 ? ',' : ''})`
      : formatFloat(scaleFactor as number);
    return `${scaleFactor === null ? `size=${formatValue(size)}` : `scale_factor=${factors}`}, mode=${formatValue(mode)}`;
  }
}

/** Resizes a [N, C, …] input of one, two or three dimensions to `size` or by `scaleFactor`. */
export class Upsample extends Interpolation {
  /**
   * @param size the sizes of the output
   * @param scaleFactor what the input's sizes are multiplied by instead
   * @param mode how values between elements are found
   * @param alignCorners whether the corner elements keep their values; for the linear and cubic modes
   * @param recomputeScaleFactor whether the factor is found anew from the output's whole sizes
   */
  constructor(...args: Arguments<typeof upsample>) {
    super(upsample.bind(args));
  }
}

const upsampling2d = signature('Upsampling(int|int[]? size=None, float|float[]? scale_factor=None)');

/** Resizes a [N, C, H, W] input, each pixel of the output as the nearest one of the input. */
export class UpsamplingNearest2d extends Interpolation {
  constructor(...args: Arguments<typeof upsampling2d>) {
    const given = upsampling2d.bind(args, 'UpsamplingNearest2d');
    super({ ...given, mode: 'nearest', alignCorners: null, recomputeScaleFactor: null });
  }
}

/** Resizes a [N, C, H, W] input by bilinear interpolation whose corners are the input's. */
export class UpsamplingBilinear2d extends Interpolation {
  constructor(...args: Arguments<typeof upsampling2d>) {
    const given = upsampling2d.bind(args, 'UpsamplingBilinear2d');
    super({ ...given, mode: 'bilinear', alignCorners: true, recomputeScaleFactor: null });
  }
}
