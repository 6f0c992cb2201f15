import '../../ops/nn/window_maximum.js';
import { ValueError } from '../../core/errors.js';
import { formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { take } from '../settings.js';

interface FractionalSettings {
  readonly kernelSize: readonly number[];
  readonly outputSize: readonly number[] | null;
  readonly outputRatio: readonly number[] | null;
  readonly returnIndices: boolean;
}

abstract class FractionalMaxPoolNd extends Module {
  declare kernelSize: readonly number[];
  declare outputSize: readonly number[] | null;
  declare outputRatio: readonly number[] | null;
  declare returnIndices: boolean;
  /** @internal */
  declare _randomSamples: Tensor | null;

  /**
   * @param kernelSize the size of the window
   * @param outputSize the sizes of the output
   * @param outputRatio the sizes of the output as parts of the input's, each between 0 and 1
   * @param returnIndices whether the positions of the maxima are given, too
   */
  protected constructor(given: FractionalSettings, samples: Tensor | null) {
    super();
    take(this, given);
    this.registerBuffer('_randomSamples', samples);
    const { outputSize, outputRatio } = given;
    if (outputSize === null && outputRatio === null)
      throw new ValueError(
        `${new.target.name} requires specifying either an output size, or a pooling ratio`,
      );
    if (outputSize !== null && outputRatio !== null)
      throw new ValueError('only one of output_size and output_ratio may be specified');
    if (outputRatio?.some((ratio) => !(ratio > 0 && ratio < 1)))
      throw new ValueError(`output_ratio must be between 0 and 1 (got ${formatValue(outputRatio)})`);
  }

  protected override stateKey(property: string): string {
    return property === '_randomSamples' ? '_random_samples' : property;
  }
}

const fractionalMaxPool2d = signature(
  'FractionalMaxPool2d(int[2] kernel_size, int[2]? output_size=None, float[2]? output_ratio=None, bool return_indices=False, Tensor? _random_samples=None)',
);

/** Maxima of windows that random numbers spread over a [N, C, H, W] or [C, H, W] input (Graham, Fractional Max-Pooling, 2014). */
export class FractionalMaxPool2d<Output = Tensor> extends FractionalMaxPoolNd {
  constructor(...args: Arguments<typeof fractionalMaxPool2d>) {
    const { _randomSamples, ...given } = fractionalMaxPool2d.bind(args);
    super(given, _randomSamples);
  }

  override forward(...args: Arguments<typeof ofInput>): Output {
    const [input] = ofInput.inOrder(args, this);
    const { kernelSize, outputSize, outputRatio, returnIndices, _randomSamples } = this;
    return F.fractionalMaxPool2d(input, kernelSize, outputSize, outputRatio, returnIndices, {
      _randomSamples,
    }) as Output;
  }
}

const fractionalMaxPool3d = signature(
  'FractionalMaxPool3d(int[3] kernel_size, int[3]? output_size=None, float[3]? output_ratio=None, bool return_indices=False, Tensor? _random_samples=None)',
);

/** Maxima of windows that random numbers spread over a [N, C, D, H, W] or [C, D, H, W] input (Graham, Fractional Max-Pooling, 2014). */
export class FractionalMaxPool3d<Output = Tensor> extends FractionalMaxPoolNd {
  constructor(...args: Arguments<typeof fractionalMaxPool3d>) {
    const { _randomSamples, ...given } = fractionalMaxPool3d.bind(args);
    super(given, _randomSamples);
  }

  override forward(...args: Arguments<typeof ofInput>): Output {
    const [input] = ofInput.inOrder(args, this);
    const { kernelSize, outputSize, outputRatio, returnIndices, _randomSamples } = this;
    return F.fractionalMaxPool3d(input, kernelSize, outputSize, outputRatio, returnIndices, {
      _randomSamples,
    }) as Output;
  }
}
