import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import { ofPair } from '../inputs.js';
import { Module } from '../module.js';
import { take } from '../settings.js';

const cosineSimilarity = signature('CosineSimilarity(int dim=1, float eps=1e-8)');

/** The cosine of the angle between the vectors of two tensors along `dim`: x1 · x2 / max(|x1| |x2|, eps). */
export class CosineSimilarity extends Module {
  declare dim: number;
  declare eps: number;

  /**
   * @param dim the dimension along which vectors lie
   * @param eps the least length
   */
  constructor(...args: Arguments<typeof cosineSimilarity>) {
    super();
    take(this, cosineSimilarity.bind(args));
  }

  override forward(...args: Arguments<typeof ofPair>): Tensor {
    const [x1, x2] = ofPair.inOrder(args, this);
    return F.cosineSimilarity(x1, x2, this.dim, this.eps);
  }
}

const pairwiseDistance = signature('PairwiseDistance(float p=2.0, float eps=1e-6, bool keepdim=False)');

/** The p-norm of the difference of two tensors' vectors along the last dimension, with `eps` added to each element of it. */
export class PairwiseDistance extends Module {
  declare p: number;
  declare eps: number;
  declare keepdim: boolean;

  /**
   * @param p the p of the norm
   * @param eps added to differences
   * @param keepdim whether the last dimension stays, with size 1
   */
  constructor(...args: Arguments<typeof pairwiseDistance>) {
    super();
    take(this, pairwiseDistance.bind(args));
  }

  override forward(...args: Arguments<typeof ofPair>): Tensor {
    const [x1, x2] = ofPair.inOrder(args, this);
    return F.pairwiseDistance(x1, x2, this.p, this.eps, this.keepdim);
  }
}
