/** Normalization by what neighbouring channels hold (Krizhevsky et al., ImageNet Classification with Deep CNNs, 2012). */
import '../../ops/nn/window_maximum.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { settingText, take } from '../settings.js';

const localResponseNorm = signature(
  'LocalResponseNorm(int size, float alpha=0.0001, float beta=0.75, float k=1.0)',
);

/** Divides a [N, C, …] input by (k + alpha · mean of the squares of `size` neighbouring channels) to the power `beta`. */
export class LocalResponseNorm extends Module {
  declare size: number;
  declare alpha: number;
  declare beta: number;
  declare k: number;

  /**
   * @param size how many channels count as neighbours
   * @param alpha the factor of the mean
   * @param beta the power
   * @param k added to the mean
   */
  constructor(...args: Arguments<typeof localResponseNorm>) {
    super();
    take(this, localResponseNorm.bind(args));
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.localResponseNorm(input, this.size, this.alpha, this.beta, this.k);
  }

  override extraRepr(): string {
    const [alpha, beta, k] = ['alpha', 'beta', 'k'].map((name) => settingText(this, name));
    return `${this.size}, alpha=${alpha}, beta=${beta}, k=${k}`;
  }
}
