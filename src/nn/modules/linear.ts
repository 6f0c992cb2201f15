import type { DeviceLike } from '../../core/device.js';
import type { DType } from '../../core/dtype.js';
import { ValueError } from '../../core/errors.js';
import { formatBool } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../functions.js';
import * as init from '../init.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';

/** Where and in what dtype a layer's parameters are made. */
export interface FactoryOptions {
  device?: DeviceLike | null;
  dtype?: DType | null;
}

/** A new parameter without values. */
export function parameter(
  size: readonly number[],
  { device, dtype }: FactoryOptions,
  requiresGrad = true,
): Parameter {
  return new Parameter(ops.empty(size, { device: device ?? null, dtype: dtype ?? null }), requiresGrad);
}

/** Returns its input. Arguments are ignored. */
export class Identity extends Module {
  constructor(..._args: unknown[]) {
    super();
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return input;
  }
}

const linear = signature(
  'Linear(int in_features, int out_features, bool bias=True, Device? device=None, ScalarType? dtype=None)',
);

/** input @ weightᵀ + bias, over the last dimension: [*, inFeatures] becomes [*, outFeatures]. */
export class Linear extends Module {
  inFeatures: number;
  outFeatures: number;
  /** [outFeatures, inFeatures] */
  declare weight: Parameter;
  declare bias: Parameter | null;

  /**
   * @param inFeatures the size of the input's last dimension
   * @param outFeatures the size of the output's last dimension
   * @param bias whether something is added to the product
   */
  constructor(...args: Arguments<typeof linear>) {
    super();
    const { inFeatures, outFeatures, bias, ...options } = linear.bind(args);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.registerParameter('weight', parameter([outFeatures, inFeatures], options));
    this.registerParameter('bias', bias ? parameter([outFeatures], options) : null);
    this.resetParameters();
  }

  /** Draws new values: uniform within 1 / sqrt(inFeatures). */
  resetParameters(): void {
    // kaimingUniform_ with a = √5 is uniform within 1 / √fanIn: PyTorch's choice, and its draws.
    init.kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    resetBias(this.weight, this.bias);
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.linear(input, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${formatBool(this.bias !== null)}`;
  }
}

takesNothing(Linear.prototype, ['resetParameters']);

/** A bias uniform within 1 / sqrt(fanIn) of the weight. */
export function resetBias(weight: Tensor, bias: Parameter | null): void {
  if (bias === null) return;
  const [fanIn] = init.fanInAndOut(weight);
  if (fanIn === 0 && weight.ndim > 2) return;
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  init.uniform_(bias, -bound, bound);
}

const bilinear = signature(
  'Bilinear(int in1_features, int in2_features, int out_features, bool bias=True, Device? device=None, ScalarType? dtype=None)',
);

const inputs = signature('forward(Tensor input1, Tensor input2)');

/**
 * input1ᵀ · weight · input2 + bias, over the last dimensions: [*, in1Features] and [*, in2Features] become [*,
 * outFeatures].
 */
export class Bilinear extends Module {
  in1Features: number;
  in2Features: number;
  outFeatures: number;
  /** [outFeatures, in1Features, in2Features] */
  declare weight: Parameter;
  declare bias: Parameter | null;

  /**
   * @param in1Features the size of the first input's last dimension
   * @param in2Features the size of the second input's last dimension
   * @param outFeatures the size of the output's last dimension
   * @param bias whether something is added to the product
   */
  constructor(...args: Arguments<typeof bilinear>) {
    super();
    const { in1Features, in2Features, outFeatures, bias, ...options } = bilinear.bind(args);
    if (in1Features <= 0)
      throw new ValueError(`in1_features must be > 0, but got (in1_features=${in1Features})`);
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.registerParameter('weight', parameter([outFeatures, in1Features, in2Features], options));
    this.registerParameter('bias', bias ? parameter([outFeatures], options) : null);
    this.resetParameters();
  }

  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.weight.shape[1]);
    init.uniform_(this.weight, -bound, bound);
    if (this.bias !== null) init.uniform_(this.bias, -bound, bound);
  }

  override forward(...args: Arguments<typeof inputs>): Tensor {
    const [input1, input2] = inputs.inOrder(args, this);
    return F.bilinear(input1, input2, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `in1_features=${this.in1Features}, in2_features=${this.in2Features}, out_features=${this.outFeatures}, bias=${formatBool(this.bias !== null)}`;
  }
}

takesNothing(Bilinear.prototype, ['resetParameters']);
