import { formatFloat, formatNumber } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../ops/registry.js';
import { readOptions } from '../arguments.js';
import { functional as F } from '../functional.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import type { FactoryOptions } from './linear.js';

/** Whether the input itself is changed. */
interface InPlace {
  inplace?: boolean;
}

/** An activation without settings. */
abstract class Plain extends Module {
  abstract override forward(input: Tensor): Tensor;
}

/** An activation that can be done in place. */
abstract class MaybeInPlace extends Module {
  readonly inplace: boolean;

  constructor(inplace?: boolean | InPlace) {
    super();
    this.inplace = readOptions(this.constructor.name, { inplace: false }, [inplace]).inplace;
  }

  abstract override forward(input: Tensor): Tensor;

  override extraRepr(): string {
    return this.inplace ? 'inplace=True' : '';
  }
}

/** max(0, x). */
export class ReLU extends MaybeInPlace {
  override forward(input: Tensor): Tensor {
    return this.inplace ? input.relu_() : F.relu(input);
  }
}

/** min(max(0, x), 6). */
export class ReLU6 extends MaybeInPlace {
  override forward(input: Tensor): Tensor {
    return this.inplace ? F.relu6_(input) : F.relu6(input);
  }
}

/** x · sigmoid(x). */
export class SiLU extends MaybeInPlace {
  override forward(input: Tensor): Tensor {
    return this.inplace ? F.silu_(input) : F.silu(input);
  }
}

/** x · tanh(softplus(x)). */
export class Mish extends MaybeInPlace {
  override forward(input: Tensor): Tensor {
    return this.inplace ? F.mish_(input) : F.mish(input);
  }
}

/** A piecewise linear approximation of SiLU. */
export class Hardswish extends MaybeInPlace {
  override forward(input: Tensor): Tensor {
    return this.inplace ? F.hardswish_(input) : F.hardswish(input);
  }

  override extraRepr(): string {
    return '';
  }
}

/** A piecewise linear approximation of the sigmoid. */
export class Hardsigmoid extends MaybeInPlace {
  override forward(input: Tensor): Tensor {
    return this.inplace ? F.hardsigmoid_(input) : F.hardsigmoid(input);
  }

  override extraRepr(): string {
    return '';
  }
}

/** The scaled exponential linear unit. */
export class SELU extends MaybeInPlace {
  override forward(input: Tensor): Tensor {
    return this.inplace ? input.selu_() : F.selu(input);
  }
}

/** The logistic function. */
export class Sigmoid extends Plain {
  override forward(input: Tensor): Tensor {
    return input.sigmoid();
  }
}

/** The logarithm of the logistic function. */
export class LogSigmoid extends Plain {
  override forward(input: Tensor): Tensor {
    return F.logsigmoid(input);
  }
}

export class Tanh extends Plain {
  override forward(input: Tensor): Tensor {
    return input.tanh();
  }
}

/** x - tanh(x). */
export class Tanhshrink extends Plain {
  override forward(input: Tensor): Tensor {
    return F.tanhshrink(input);
  }
}

/** x / (1 + |x|). */
export class Softsign extends Plain {
  override forward(input: Tensor): Tensor {
    return F.softsign(input);
  }
}

/** The Gaussian error linear unit; `approximate` is 'none' or 'tanh'. */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh';

  constructor(approximate?: 'none' | 'tanh' | { approximate?: 'none' | 'tanh' }) {
    super();
    const defaults: { approximate: 'none' | 'tanh' } = { approximate: 'none' };
    this.approximate = readOptions('GELU', defaults, [approximate]).approximate;
  }

  override forward(input: Tensor): Tensor {
    return F.gelu(input, { approximate: this.approximate });
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

interface SlopeOptions extends InPlace {
  /** Default 0.01. */
  negativeSlope?: number;
}

/** x where positive, else negativeSlope · x. */
export class LeakyReLU extends Module {
  readonly negativeSlope: number;
  readonly inplace: boolean;

  constructor(negativeSlope?: number | SlopeOptions, inplace?: boolean | InPlace) {
    super();
    const given = readOptions('LeakyReLU', { negativeSlope: 0.01, inplace: false }, [negativeSlope, inplace]);
    this.negativeSlope = given.negativeSlope;
    this.inplace = given.inplace;
  }

  override forward(input: Tensor): Tensor {
    const { negativeSlope } = this;
    return this.inplace ? F.leakyRelu_(input, negativeSlope) : F.leakyRelu(input, negativeSlope);
  }

  override extraRepr(): string {
    return `negative_slope=${formatNumber(this.negativeSlope)}${this.inplace ? ', inplace=True' : ''}`;
  }
}

interface AlphaOptions extends InPlace {
  /** Default 1. */
  alpha?: number;
}

/** x where positive, else alpha · (exp(x) - 1). */
export class ELU extends Module {
  readonly alpha: number;
  readonly inplace: boolean;

  constructor(alpha?: number | AlphaOptions, inplace?: boolean | InPlace) {
    super();
    const given = readOptions('ELU', { alpha: 1, inplace: false }, [alpha, inplace]);
    this.alpha = given.alpha;
    this.inplace = given.inplace;
  }

  override forward(input: Tensor): Tensor {
    return this.inplace ? F.elu_(input, this.alpha) : F.elu(input, this.alpha);
  }

  override extraRepr(): string {
    return `alpha=${formatFloat(this.alpha)}${this.inplace ? ', inplace=True' : ''}`;
  }
}

/** max(0, x) + min(0, alpha · (exp(x / alpha) - 1)). */
export class CELU extends Module {
  readonly alpha: number;
  readonly inplace: boolean;

  constructor(alpha?: number | AlphaOptions, inplace?: boolean | InPlace) {
    super();
    const given = readOptions('CELU', { alpha: 1, inplace: false }, [alpha, inplace]);
    this.alpha = given.alpha;
    this.inplace = given.inplace;
  }

  override forward(input: Tensor): Tensor {
    return this.inplace ? input.celu_(this.alpha) : F.celu(input, this.alpha);
  }

  override extraRepr(): string {
    return `alpha=${formatFloat(this.alpha)}${this.inplace ? ', inplace=True' : ''}`;
  }
}

interface SoftplusOptions {
  /** Default 1. */
  beta?: number;
  /** Above it the function is x itself. Default 20. */
  threshold?: number;
}

/** log(1 + exp(beta · x)) / beta. */
export class Softplus extends Module {
  readonly beta: number;
  readonly threshold: number;

  constructor(beta?: number | SoftplusOptions, threshold?: number | SoftplusOptions) {
    super();
    const given = readOptions('Softplus', { beta: 1, threshold: 20 }, [beta, threshold]);
    this.beta = given.beta;
    this.threshold = given.threshold;
  }

  override forward(input: Tensor): Tensor {
    return F.softplus(input, this.beta, this.threshold);
  }

  override extraRepr(): string {
    return `beta=${formatFloat(this.beta)}, threshold=${formatFloat(this.threshold)}`;
  }
}

interface HardtanhOptions extends InPlace {
  /** Default -1. */
  minVal?: number;
  /** Default 1. */
  maxVal?: number;
}

/** x limited to [minVal, maxVal]. */
export class Hardtanh extends Module {
  readonly minVal: number;
  readonly maxVal: number;
  readonly inplace: boolean;

  constructor(
    minVal?: number | HardtanhOptions,
    maxVal?: number | HardtanhOptions,
    inplace?: boolean | InPlace,
  ) {
    super();
    const defaults = { minVal: -1, maxVal: 1, inplace: false };
    const given = readOptions('Hardtanh', defaults, [minVal, maxVal, inplace]);
    this.minVal = given.minVal;
    this.maxVal = given.maxVal;
    this.inplace = given.inplace;
  }

  override forward(input: Tensor): Tensor {
    const { minVal, maxVal } = this;
    return this.inplace ? F.hardtanh_(input, minVal, maxVal) : F.hardtanh(input, minVal, maxVal);
  }

  override extraRepr(): string {
    return `min_val=${formatFloat(this.minVal)}, max_val=${formatFloat(this.maxVal)}${this.inplace ? ', inplace=True' : ''}`;
  }
}

/** x where greater than `threshold`, else `value`. */
export class Threshold extends Module {
  readonly inplace: boolean;

  constructor(
    readonly threshold: number,
    readonly value: number,
    inplace?: boolean | InPlace,
  ) {
    super();
    this.inplace = readOptions('Threshold', { inplace: false }, [inplace]).inplace;
  }

  override forward(input: Tensor): Tensor {
    const { threshold, value } = this;
    return this.inplace ? input.threshold_(threshold, value) : F.threshold(input, threshold, value);
  }

  override extraRepr(): string {
    return `threshold=${formatNumber(this.threshold)}, value=${formatNumber(this.value)}${this.inplace ? ', inplace=True' : ''}`;
  }
}

/** What shrinks towards zero by `lambd`. */
abstract class Shrink extends Module {
  readonly lambd: number;

  constructor(lambd?: number | { lambd?: number }) {
    super();
    this.lambd = readOptions(this.constructor.name, { lambd: 0.5 }, [lambd]).lambd;
  }

  abstract override forward(input: Tensor): Tensor;

  override extraRepr(): string {
    return formatFloat(this.lambd);
  }
}

/** Zero within [-lambd, lambd], else x. */
export class Hardshrink extends Shrink {
  override forward(input: Tensor): Tensor {
    return F.hardshrink(input, this.lambd);
  }
}

/** Zero within [-lambd, lambd], else x moved towards zero by lambd. */
export class Softshrink extends Shrink {
  override forward(input: Tensor): Tensor {
    return F.softshrink(input, this.lambd);
  }
}

interface PReLUOptions extends FactoryOptions {
  /** One slope for all channels, or one for each. Default 1. */
  numParameters?: number;
  /** What slopes begin with. Default 0.25. */
  init?: number;
}

/** x where positive, else weight · x with a learnt weight. */
export class PReLU extends Module {
  readonly numParameters: number;
  readonly init: number;
  weight: Parameter;

  constructor(numParameters?: number | PReLUOptions, init?: number | PReLUOptions, options?: PReLUOptions) {
    super();
    const defaults = {
      numParameters: 1,
      init: 0.25,
      device: null as FactoryOptions['device'],
      dtype: null as FactoryOptions['dtype'],
    };
    const given = readOptions('PReLU', defaults, [numParameters, init, options]);
    this.numParameters = given.numParameters;
    this.init = given.init;
    const { device = null, dtype = null } = given;
    this.weight = new Parameter(ops.full([given.numParameters], given.init, { device, dtype }));
    if (dtype === null && Number.isInteger(given.init)) this.weight.data = this.weight.data.float();
  }

  override forward(input: Tensor): Tensor {
    return F.prelu(input, this.weight);
  }

  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`;
  }
}

/** The first half of a dimension times the sigmoid of the second. */
export class GLU extends Module {
  readonly dim: number;

  constructor(dim?: number | { dim?: number }) {
    super();
    this.dim = readOptions('GLU', { dim: -1 }, [dim]).dim;
  }

  override forward(input: Tensor): Tensor {
    return F.glu(input, this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/** A function over one dimension. */
abstract class OverDim extends Module {
  readonly dim: number | null;

  constructor(dim?: number | null | { dim?: number | null }) {
    super();
    this.dim = readOptions(this.constructor.name, { dim: null as number | null }, [dim]).dim;
  }

  abstract override forward(input: Tensor): Tensor;

  override extraRepr(): string {
    return `dim=${this.dim ?? 'None'}`;
  }
}

/** exp(x) / Σ exp(x) over `dim`. */
export class Softmax extends OverDim {
  override forward(input: Tensor): Tensor {
    return F.softmax(input, this.dim);
  }
}

/** The logarithm of the softmax over `dim`. */
export class LogSoftmax extends OverDim {
  override forward(input: Tensor): Tensor {
    return F.logSoftmax(input, this.dim);
  }
}

/** The softmax of -x over `dim`. */
export class Softmin extends OverDim {
  override forward(input: Tensor): Tensor {
    return F.softmin(input, this.dim);
  }
}

/** The softmax over the channels of a [N, C, H, W] or [C, H, W] input. */
export class Softmax2d extends Plain {
  override forward(input: Tensor): Tensor {
    return F.softmax(input, -3);
  }
}
