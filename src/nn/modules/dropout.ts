import { formatBool } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { checkProbability } from '../../ops/nn/dropouts.js';
import { F } from '../functions.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { settingText, take } from '../settings.js';

const dropout = signature('Dropout(float p=0.5, bool inplace=False)');

abstract class DropoutNd extends Module {
  declare p: number;
  declare inplace: boolean;

  /**
   * @param p the probability of zero
   * @param inplace whether the input itself is changed
   */
  constructor(...args: Arguments<typeof dropout>) {
    super();
    take(this, dropout.bind(args, new.target.name));
    checkProbability(this.p);
  }

  abstract override forward(...args: Arguments<typeof ofInput>): Tensor;

  override extraRepr(): string {
    return `p=${settingText(this, 'p')}, inplace=${formatBool(this.inplace)}`;
  }
}

/** In training, zeros with probability `p`, and what is left times 1 / (1 - p); in evaluation the input as it is. */
export class Dropout extends DropoutNd {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.dropout(input, this.p, this.training, this.inplace);
  }
}

/**
 * In training, whole channels of a [N, C, L] or [C, L] input are zero with probability `p`, and the others times 1 /
 * (1 - p).
 */
export class Dropout1d extends DropoutNd {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.dropout1d(input, this.p, this.training, this.inplace);
  }
}

/** In training, whole channels of a [N, C, H, W] input are zero with probability `p`, and the others times 1 / (1 - p). */
export class Dropout2d extends DropoutNd {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.dropout2d(input, this.p, this.training, this.inplace);
  }
}

/**
 * In training, whole channels of a [N, C, D, H, W] or [C, D, H, W] input are zero with probability `p`, and the others
 * times 1 / (1 - p).
 */
export class Dropout3d extends DropoutNd {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.dropout3d(input, this.p, this.training, this.inplace);
  }
}

/**
 * In training, elements take the value where SELU saturates with probability `p`, and all are scaled and shifted so
 * that mean and variance stay.
 */
export class AlphaDropout extends DropoutNd {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.alphaDropout(input, this.p, this.training, this.inplace);
  }
}

/**
 * Alpha dropout of whole channels: they take the value where SELU saturates with probability `p`, and mean and
 * variance stay.
 */
export class FeatureAlphaDropout extends DropoutNd {
  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.featureAlphaDropout(input, this.p, this.training, this.inplace);
  }
}
