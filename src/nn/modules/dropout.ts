import { formatBool, formatNumber } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { checkProbability } from '../../ops/nn/dropout.js';
import { readOptions } from '../arguments.js';
import { functional as F } from '../functional.js';
import { Module } from '../module.js';

interface DropoutOptions {
  /** The probability of zero. Default 0.5. */
  p?: number;
  /** Whether the input itself is changed. Default false. */
  inplace?: boolean;
}

abstract class DropoutNd extends Module {
  readonly p: number;
  readonly inplace: boolean;

  constructor(p?: number | DropoutOptions, inplace?: boolean | DropoutOptions) {
    super();
    const given = readOptions(this.constructor.name, { p: 0.5, inplace: false }, [p, inplace]);
    checkProbability(given.p);
    this.p = given.p;
    this.inplace = given.inplace;
  }

  abstract override forward(input: Tensor): Tensor;

  override extraRepr(): string {
    return `p=${formatNumber(this.p)}, inplace=${formatBool(this.inplace)}`;
  }
}

/** In training, zero with probability `p`, else times 1 / (1 - p). */
export class Dropout extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.dropout(input, this.p, this.training, this.inplace);
  }
}

/** Dropout of whole channels of [N, C, L] or [C, L]. */
export class Dropout1d extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.dropout1d(input, this.p, this.training, this.inplace);
  }
}

/** Dropout of whole channels of [N, C, H, W]. */
export class Dropout2d extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.dropout2d(input, this.p, this.training, this.inplace);
  }
}

/** Dropout of whole channels of [N, C, D, H, W] or [C, D, H, W]. */
export class Dropout3d extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.dropout3d(input, this.p, this.training, this.inplace);
  }
}

/** Dropout that keeps mean and variance of SELU activations. */
export class AlphaDropout extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.alphaDropout(input, this.p, this.training, this.inplace);
  }
}

/** Alpha dropout of whole channels. */
export class FeatureAlphaDropout extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.featureAlphaDropout(input, this.p, this.training, this.inplace);
  }
}
