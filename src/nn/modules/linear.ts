import type { DeviceLike } from '../../core/device.js';
import type { DType } from '../../core/dtype.js';
import { formatBool } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../ops/registry.js';
import { readOptions } from '../arguments.js';
import { functional as F } from '../functional.js';
import * as init from '../init.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';

/** Where and in what dtype a layer's parameters are made. */
export interface FactoryOptions {
  device?: DeviceLike | null;
  dtype?: DType | null;
}

/** A new parameter without values. */
export function parameter(size: readonly number[], { device, dtype }: FactoryOptions): Parameter {
  return new Parameter(ops.empty(size, { device: device ?? null, dtype: dtype ?? null }));
}

/** Returns its input. Arguments are ignored. */
export class Identity extends Module {
  constructor(..._args: unknown[]) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return input;
  }
}

interface LinearOptions extends FactoryOptions {
  /** Whether something is added to the product. Default true. */
  bias?: boolean;
}

/** input @ weightᵀ + bias. */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** [outFeatures, inFeatures] */
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    inFeatures: number,
    outFeatures: number,
    bias?: boolean | LinearOptions,
    options?: LinearOptions,
  ) {
    super();
    const given = readOptions('Linear', { bias: true, device: null, dtype: null }, [bias, options]);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = parameter([outFeatures, inFeatures], given);
    this.bias = given.bias ? parameter([outFeatures], given) : null;
    this.resetParameters();
  }

  /** Draws new values: uniform within 1 / sqrt(inFeatures). */
  resetParameters(): void {
    // kaimingUniform_ with a = √5 is uniform within 1 / √fanIn: PyTorch's choice, and its draws.
    init.kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    resetBias(this.weight, this.bias);
  }

  override forward(input: Tensor): Tensor {
    return F.linear(input, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${formatBool(this.bias !== null)}`;
  }
}

/** A bias uniform within 1 / sqrt(fanIn) of the weight. */
export function resetBias(weight: Tensor, bias: Parameter | null): void {
  if (bias === null) return;
  const [fanIn] = init.fanInAndOut(weight);
  if (fanIn === 0 && weight.ndim > 2) return;
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  init.uniform_(bias, -bound, bound);
}

/** input1ᵀ · weight · input2 + bias. */
export class Bilinear extends Module {
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    bias?: boolean | LinearOptions,
    options?: LinearOptions,
  ) {
    super();
    const given = readOptions('Bilinear', { bias: true, device: null, dtype: null }, [bias, options]);
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.weight = parameter([outFeatures, in1Features, in2Features], given);
    this.bias = given.bias ? parameter([outFeatures], given) : null;
    this.resetParameters();
  }

  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.weight.shape[1]);
    init.uniform_(this.weight, -bound, bound);
    if (this.bias !== null) init.uniform_(this.bias, -bound, bound);
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return F.bilinear(input1, input2, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `in1_features=${this.in1Features}, in2_features=${this.in2Features}, out_features=${this.outFeatures}, bias=${formatBool(this.bias !== null)}`;
  }
}
