import '../../ops/nn/gating.js';
import { AssertionError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../functions.js';
import { constant_ } from '../init.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { settingText, take } from '../settings.js';

/** An activation without settings: it ignores arguments, as PyTorch's do. */
abstract class Activation extends Module {
  abstract override forward(...args: Arguments<typeof ofInput>): Tensor;
}

const maybeInPlace = signature('MaybeInPlace(bool inplace=False)');

/** An activation that can be done in place. */
abstract class MaybeInPlace extends Module {
  declare inplace: boolean;

  constructor(...args: Arguments<typeof maybeInPlace>) {
    super();
    take(this, maybeInPlace.bind(args, new.target.name));
  }

  abstract override forward(...args: Arguments<typeof ofInput>): Tensor;

  override extraRepr(): string {
    return this.inplace ? 'inplace=True' : '';
  }
}

/** max(0, x), element by element. The result has the shape of the input. */
export class ReLU extends MaybeInPlace {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return this.inplace ? input.relu_() : F.relu(input);
  }
}

/** min(max(0, x), 6), element by element. */
export class ReLU6 extends MaybeInPlace {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return this.inplace ? F.relu6_(input) : F.relu6(input);
  }
}

/** x · sigmoid(x), element by element. */
export class SiLU extends MaybeInPlace {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return this.inplace ? F.silu_(input) : F.silu(input);
  }
}

/** x · tanh(softplus(x)), element by element. */
export class Mish extends MaybeInPlace {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return this.inplace ? F.mish_(input) : F.mish(input);
  }
}

/** x · min(max(0, x + 3), 6) / 6, element by element: a piecewise approximation of SiLU. */
export class Hardswish extends MaybeInPlace {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return this.inplace ? F.hardswish_(input) : F.hardswish(input);
  }

  override extraRepr(): string {
    return '';
  }
}

/** min(max(0, x + 3), 6) / 6, element by element: a piecewise linear approximation of the sigmoid. */
export class Hardsigmoid extends MaybeInPlace {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return this.inplace ? F.hardsigmoid_(input) : F.hardsigmoid(input);
  }

  override extraRepr(): string {
    return '';
  }
}

/** 1.0507 · (max(0, x) + min(0, 1.6733 · (exp(x) - 1))), element by element: the scaled exponential linear unit. */
export class SELU extends MaybeInPlace {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return this.inplace ? input.selu_() : F.selu(input);
  }
}

/** 1 / (1 + exp(-x)), element by element: the logistic function. */
export class Sigmoid extends Activation {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return ops.sigmoid(input);
  }
}

/** log(1 / (1 + exp(-x))), element by element: the logarithm of the logistic function. */
export class LogSigmoid extends Activation {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.logsigmoid(input);
  }
}

/** The hyperbolic tangent, element by element. */
export class Tanh extends Activation {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return ops.tanh(input);
  }
}

/** x - tanh(x), element by element. */
export class Tanhshrink extends Activation {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.tanhshrink(input);
  }
}

/** x / (1 + |x|), element by element. */
export class Softsign extends Activation {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.softsign(input);
  }
}

const gelu = signature("GELU('none'|'tanh' approximate='none')");

/**
 * x · Φ(x), element by element, with Φ the normal distribution function: the Gaussian error linear unit. `approximate:
 * 'tanh'` computes Φ by a tanh.
 */
export class GELU extends Module {
  declare approximate: 'none' | 'tanh';

  constructor(...args: Arguments<typeof gelu>) {
    super();
    take(this, gelu.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.gelu(input, { approximate: this.approximate });
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

const leakyReLU = signature('LeakyReLU(float negative_slope=0.01, bool inplace=False)');

/** x where positive, else negativeSlope · x, element by element. */
export class LeakyReLU extends Module {
  declare negativeSlope: number;
  declare inplace: boolean;

  constructor(...args: Arguments<typeof leakyReLU>) {
    super();
    take(this, leakyReLU.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const { negativeSlope } = this;
    return this.inplace ? F.leakyRelu_(input, negativeSlope) : F.leakyRelu(input, negativeSlope);
  }

  override extraRepr(): string {
    return `negative_slope=${settingText(this, 'negativeSlope')}${this.inplace ? ', inplace=True' : ''}`;
  }
}

const elu = signature('ELU(float alpha=1.0, bool inplace=False)');

/** x where positive, else alpha · (exp(x) - 1), element by element. */
export class ELU extends Module {
  declare alpha: number;
  declare inplace: boolean;

  constructor(...args: Arguments<typeof elu>) {
    super();
    take(this, elu.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return this.inplace ? F.elu_(input, this.alpha) : F.elu(input, this.alpha);
  }

  override extraRepr(): string {
    return `alpha=${settingText(this, 'alpha')}${this.inplace ? ', inplace=True' : ''}`;
  }
}

const celu = signature('CELU(float alpha=1.0, bool inplace=False)');

/** max(0, x) + min(0, alpha · (exp(x / alpha) - 1)), element by element. */
export class CELU extends Module {
  declare alpha: number;
  declare inplace: boolean;

  constructor(...args: Arguments<typeof celu>) {
    super();
    take(this, celu.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return this.inplace ? input.celu_(this.alpha) : F.celu(input, this.alpha);
  }

  override extraRepr(): string {
    return `alpha=${settingText(this, 'alpha')}${this.inplace ? ', inplace=True' : ''}`;
  }
}

const rrelu = signature('RReLU(float lower=0.125, float upper=0.3333333333333333, bool inplace=False)');

/** x where positive, else x times a slope: drawn between `lower` and `upper` for every element in training, else their mean. */
export class RReLU extends Module {
  declare lower: number;
  declare upper: number;
  declare inplace: boolean;

  /**
   * @param lower the least slope
   * @param upper the greatest slope
   * @param inplace whether the input itself is changed
   */
  constructor(...args: Arguments<typeof rrelu>) {
    super();
    take(this, rrelu.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.rrelu(input, this.lower, this.upper, this.training, this.inplace);
  }

  override extraRepr(): string {
    const slopes = `lower=${settingText(this, 'lower')}, upper=${settingText(this, 'upper')}`;
    return this.inplace ? `${slopes}, inplace=True` : slopes;
  }
}

const softplus = signature('Softplus(float beta=1.0, float threshold=20.0)');

/** log(1 + exp(beta · x)) / beta, element by element; x itself where beta · x is above `threshold`. */
export class Softplus extends Module {
  declare beta: number;
  /** Above it the function is x itself. */
  declare threshold: number;

  constructor(...args: Arguments<typeof softplus>) {
    super();
    take(this, softplus.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.softplus(input, this.beta, this.threshold);
  }

  override extraRepr(): string {
    return `beta=${settingText(this, 'beta')}, threshold=${settingText(this, 'threshold')}`;
  }
}

const hardtanh = signature(
  'Hardtanh(float min_val=-1.0, float max_val=1.0, bool inplace=False, float? min_value=None, float? max_value=None)',
);

/** x limited to [minVal, maxVal], element by element. */
export class Hardtanh extends Module {
  declare minVal: number;
  declare maxVal: number;
  declare inplace: boolean;

  constructor(...args: Arguments<typeof hardtanh>) {
    super();
    const { minValue, maxValue, ...given } = hardtanh.bind(args);
    if (minValue !== null) warn('keyword argument `min_value` is deprecated and rename to `min_val`');
    if (maxValue !== null) warn('keyword argument `max_value` is deprecated and rename to `max_val`');
    take(this, { ...given, minVal: minValue ?? given.minVal, maxVal: maxValue ?? given.maxVal });
    if (this.maxVal <= this.minVal)
      throw new AssertionError(
        `max_val (${settingText(this, 'maxVal')}) must be greater than min_val (${settingText(this, 'minVal')})`,
      );
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const { minVal, maxVal } = this;
    return this.inplace ? F.hardtanh_(input, minVal, maxVal) : F.hardtanh(input, minVal, maxVal);
  }

  override extraRepr(): string {
    return `min_val=${settingText(this, 'minVal')}, max_val=${settingText(this, 'maxVal')}${this.inplace ? ', inplace=True' : ''}`;
  }
}

const threshold = signature('Threshold(float threshold, float value, bool inplace=False)');

/** x where greater than `threshold`, else `value`, element by element. */
export class Threshold extends Module {
  declare threshold: number;
  declare value: number;
  declare inplace: boolean;

  constructor(...args: Arguments<typeof threshold>) {
    super();
    take(this, threshold.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const { threshold, value } = this;
    return this.inplace ? input.threshold_(threshold, value) : F.threshold(input, threshold, value);
  }

  override extraRepr(): string {
    return `threshold=${settingText(this, 'threshold')}, value=${settingText(this, 'value')}${this.inplace ? ', inplace=True' : ''}`;
  }
}

const shrink = signature('Shrink(float lambd=0.5)');

/** Base of the layers that shrink towards zero by `lambd`. */
abstract class Shrink extends Module {
  declare lambd: number;

  constructor(...args: Arguments<typeof shrink>) {
    super();
    take(this, shrink.bind(args, new.target.name));
  }

  abstract override forward(...args: Arguments<typeof ofInput>): Tensor;

  override extraRepr(): string {
    return settingText(this, 'lambd');
  }
}

/** Zero within [-lambd, lambd], else x, element by element. */
export class Hardshrink extends Shrink {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.hardshrink(input, this.lambd);
  }
}

/** Zero within [-lambd, lambd], else x moved towards zero by lambd, element by element. */
export class Softshrink extends Shrink {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.softshrink(input, this.lambd);
  }
}

const prelu = signature(
  'PReLU(int num_parameters=1, float init=0.25, Device? device=None, ScalarType? dtype=None)',
);

/** x where positive, else weight · x with a learnt weight: one for all, or one for each channel of [N, C, …]. */
export class PReLU extends Module {
  declare numParameters: number;
  declare init: number;
  declare weight: Parameter;

  /**
   * @param numParameters one slope for all channels, or one for each
   * @param init what slopes begin with
   */
  constructor(...args: Arguments<typeof prelu>) {
    super();
    const { device, dtype, ...given } = prelu.bind(args);
    take(this, given);
    this.registerParameter('weight', new Parameter(ops.empty([given.numParameters], { device, dtype })));
    this.resetParameters();
  }

  /** Sets all slopes to `init`. */
  resetParameters(): void {
    constant_(this.weight, this.init);
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.prelu(input, this.weight);
  }

  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`;
  }
}

takesNothing(PReLU.prototype, ['resetParameters']);

const glu = signature('GLU(int dim=-1)');

/**
 * The first half of the dimension `dim` times the sigmoid of the second half, so that the dimension becomes half as
 * long.
 */
export class GLU extends Module {
  declare dim: number;

  constructor(...args: Arguments<typeof glu>) {
    super();
    take(this, glu.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.glu(input, this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

const overDim = signature('OverDim(int? dim=None)');

/** A function over one dimension. */
abstract class OverDim extends Module {
  declare dim: number | null;

  constructor(...args: Arguments<typeof overDim>) {
    super();
    take(this, overDim.bind(args, new.target.name));
  }

  abstract override forward(...args: Arguments<typeof ofInput>): Tensor;

  override extraRepr(): string {
    return `dim=${this.dim ?? 'None'}`;
  }
}

/** exp(x) / Σ exp(x) over `dim`: numbers from 0 to 1 that sum up to 1 along it. */
export class Softmax extends OverDim {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.softmax(input, this.dim);
  }
}

/** The logarithm of the softmax over `dim`, log(exp(x) / Σ exp(x)). */
export class LogSoftmax extends OverDim {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.logSoftmax(input, this.dim);
  }
}

/** The softmax of -x over `dim`: small elements get large shares. */
export class Softmin extends OverDim {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.softmin(input, this.dim);
  }
}

/** The softmax over the channels of a [N, C, H, W] or [C, H, W] input, at every place. */
export class Softmax2d extends Activation {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.softmax(input, -3);
  }
}
