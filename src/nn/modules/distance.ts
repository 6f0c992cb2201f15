import type { Tensor } from '../../core/tensor.js';
import { readOptions } from '../arguments.js';
import { functional as F } from '../functional.js';
import { Module } from '../module.js';

interface CosineOptions {
  /** Default 1. */
  dim?: number;
  /** The least length. Default 1e-8. */
  eps?: number;
}

/** The cosine of the angle between vectors along `dim`. */
export class CosineSimilarity extends Module {
  readonly dim: number;
  readonly eps: number;

  constructor(dim?: number | CosineOptions, eps?: number | CosineOptions) {
    super();
    const given = readOptions('CosineSimilarity', { dim: 1, eps: 1e-8 }, [dim, eps]);
    this.dim = given.dim;
    this.eps = given.eps;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return F.cosineSimilarity(x1, x2, this.dim, this.eps);
  }
}

interface PairwiseOptions {
  /** The p of the norm. Default 2. */
  p?: number;
  /** Added to differences. Default 1e-6. */
  eps?: number;
  /** Whether the last dimension stays, with size 1. Default false. */
  keepdim?: boolean;
}

/** The p-norm of the difference of vectors. */
export class PairwiseDistance extends Module {
  readonly p: number;
  readonly eps: number;
  readonly keepdim: boolean;

  constructor(
    p?: number | PairwiseOptions,
    eps?: number | PairwiseOptions,
    keepdim?: boolean | PairwiseOptions,
  ) {
    super();
    const given = readOptions('PairwiseDistance', { p: 2, eps: 1e-6, keepdim: false }, [p, eps, keepdim]);
    this.p = given.p;
    this.eps = given.eps;
    this.keepdim = given.keepdim;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return F.pairwiseDistance(x1, x2, this.p, this.eps, this.keepdim);
  }
}
