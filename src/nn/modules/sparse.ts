import { noGradSync } from '../../autograd/modes.js';
import { AssertionError } from '../../core/errors.js';
import { formatNumber } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { readOptions } from '../arguments.js';
import { functional as F } from '../functional.js';
import * as init from '../init.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { type FactoryOptions, parameter } from './linear.js';

export interface EmbeddingOptions extends FactoryOptions {
  /** The index whose vector stays as it is: zeros at first, without gradient. */
  paddingIdx?: number | null;
  /** Vectors longer than this are shortened when used. */
  maxNorm?: number | null;
  /** The p of that norm. Default 2. */
  normType?: number;
}

/** A learnt vector for each of `numEmbeddings` indices. */
export class Embedding extends Module {
  readonly paddingIdx: number | null;
  readonly maxNorm: number | null;
  readonly normType: number;
  /** [numEmbeddings, embeddingDim] */
  weight: Parameter;

  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: number,
    paddingIdx?: number | null | EmbeddingOptions,
    maxNorm?: number | null | EmbeddingOptions,
    normType?: number | EmbeddingOptions,
    options?: EmbeddingOptions,
  ) {
    super();
    const defaults = { paddingIdx: null, maxNorm: null, normType: 2, device: null, dtype: null };
    const given = readOptions<Required<EmbeddingOptions>>('Embedding', defaults, [
      paddingIdx,
      maxNorm,
      normType,
      options,
    ]);
    let padding = given.paddingIdx;
    if (padding !== null) {
      if (padding >= numEmbeddings || padding < -numEmbeddings)
        throw new AssertionError('Padding_idx must be within num_embeddings');
      if (padding < 0) padding += numEmbeddings;
    }
    this.paddingIdx = padding;
    this.maxNorm = given.maxNorm;
    this.normType = given.normType;
    this.weight = parameter([numEmbeddings, embeddingDim], given);
    this.resetParameters();
  }

  /** An embedding with these vectors; they are learnt only if `freeze` is false. */
  static fromPretrained(
    embeddings: Tensor,
    options: { freeze?: boolean } & EmbeddingOptions = {},
  ): Embedding {
    const { freeze = true, ...rest } = options;
    if (embeddings.ndim !== 2)
      throw new AssertionError('Embeddings parameter is expected to be 2-dimensional');
    const [rows, columns] = embeddings.shape;
    const made = new Embedding(rows, columns, { ...rest, dtype: embeddings.dtype });
    made.weight = new Parameter(embeddings, !freeze);
    return made;
  }

  /** Draws new values from the standard normal distribution. */
  resetParameters(): void {
    init.normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== null) noGradSync(() => this.weight.select(0, paddingIdx).fill_(0));
  }

  override forward(input: Tensor): Tensor {
    return F.embedding(input, this.weight, this.paddingIdx, this.maxNorm, this.normType);
  }

  override extraRepr(): string {
    let text = `${this.numEmbeddings}, ${this.embeddingDim}`;
    if (this.paddingIdx !== null) text += `, padding_idx=${this.paddingIdx}`;
    if (this.maxNorm !== null) text += `, max_norm=${formatNumber(this.maxNorm)}`;
    if (this.normType !== 2) text += `, norm_type=${formatNumber(this.normType)}`;
    return text;
  }
}
