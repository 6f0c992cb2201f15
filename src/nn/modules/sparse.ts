import '../../ops/nn/embedding_bag.js';
import { noGradSync } from '../../autograd/modes.js';
import { AssertionError } from '../../core/errors.js';
import { sameShape } from '../../core/layout.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import * as init from '../init.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { settingText, take } from '../settings.js';
import { parameter } from './linear.js';

/** The index of padding, counted from the start. @throws AssertionError with this text for an index of no vector */
function paddingWithin(index: number | null, count: number, refusal: string): number | null {
  if (index === null) return null;
  if (index >= count || index < -count) throw new AssertionError(refusal);
  return index < 0 ? index + count : index;
}

/** @throws AssertionError unless there are as many vectors of that length */
function fitting(weight: Tensor, count: number, length: number): Tensor {
  if (!sameShape(weight.shape, [count, length]))
    throw new AssertionError('Shape of weight does not match num_embeddings and embedding_dim');
  return weight;
}

function resetEmbeddings(weight: Tensor, paddingIdx: number | null): void {
  init.normal_(weight);
  if (paddingIdx !== null) noGradSync(() => weight.select(0, paddingIdx).fill_(0));
}

const fromPretrained = signature(
  'Embedding.from_pretrained(Tensor embeddings, bool freeze=True, int? padding_idx=None, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, bool sparse=False)',
);

const embedding = signature(
  'Embedding(int num_embeddings, int embedding_dim, int? padding_idx=None, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, bool sparse=False, Tensor? _weight=None, bool _freeze=False, Device? device=None, ScalarType? dtype=None)',
);

/**
 * The rows of `weight` that indices name: indices of shape [*] become vectors of shape [*, embeddingDim], one learnt
 * vector for each of `numEmbeddings` indices.
 */
export class Embedding extends Module {
  declare numEmbeddings: number;
  declare embeddingDim: number;
  declare paddingIdx: number | null;
  declare maxNorm: number | null;
  declare normType: number;
  declare scaleGradByFreq: boolean;
  /** Whether the weight's gradients are sparse tensors. */
  declare sparse: boolean;
  /** [numEmbeddings, embeddingDim] */
  declare weight: Parameter;

  /**
   * @param numEmbeddings how many indices there are
   * @param embeddingDim the length of a vector
   * @param paddingIdx the index whose vector stays as it is: zeros at first, without gradient
   * @param maxNorm vectors longer than this are shortened when used
   * @param normType the p of that norm
   * @param scaleGradByFreq whether gradients are divided by how often their index is used
   */
  constructor(...args: Arguments<typeof embedding>) {
    super();
    const { _weight, _freeze, device, dtype, ...given } = embedding.bind(args);
    const { numEmbeddings, embeddingDim } = given;
    const paddingIdx = paddingWithin(
      given.paddingIdx,
      numEmbeddings,
      'Padding_idx must be within num_embeddings',
    );
    take(this, { ...given, paddingIdx });
    if (_weight === null) {
      this.registerParameter('weight', parameter([numEmbeddings, embeddingDim], { device, dtype }, !_freeze));
      this.resetParameters();
    } else {
      const weight = fitting(_weight, numEmbeddings, embeddingDim);
      this.registerParameter('weight', new Parameter(weight, !_freeze));
    }
  }

  /**
   * Makes an embedding of these vectors.
   *
   * @param embeddings the vectors, [numEmbeddings, embeddingDim]
   * @param freeze whether they stay as they are instead of being learnt
   * @param paddingIdx the index whose vector gets no gradient
   * @param maxNorm vectors longer than this are shortened when used
   * @param normType the p of that norm
   * @param scaleGradByFreq whether gradients are divided by how often their index is used
   */
  static fromPretrained(...args: Arguments<typeof fromPretrained>): Embedding {
    const { embeddings, freeze, ...options } = fromPretrained.bind(args);
    if (embeddings.ndim !== 2)
      throw new AssertionError('Embeddings parameter is expected to be 2-dimensional');
    const [numEmbeddings, embeddingDim] = embeddings.shape;
    return new Embedding({
      numEmbeddings,
      embeddingDim,
      ...options,
      _weight: embeddings,
      _freeze: freeze,
    });
  }

  /** Draws new values from the standard normal distribution. */
  resetParameters(): void {
    resetEmbeddings(this.weight, this.paddingIdx);
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    const { weight, paddingIdx, maxNorm, normType, scaleGradByFreq, sparse } = this;
    return F.embedding(input, weight, paddingIdx, maxNorm, normType, scaleGradByFreq, sparse);
  }

  override extraRepr(): string {
    let text = `${this.numEmbeddings}, ${this.embeddingDim}`;
    if (this.paddingIdx !== null) text += `, padding_idx=${this.paddingIdx}`;
    if (this.maxNorm !== null) text += `, max_norm=${settingText(this, 'maxNorm')}`;
    if (this.normType !== 2) text += `, norm_type=${settingText(this, 'normType')}`;
    if (this.scaleGradByFreq) text += ', scale_grad_by_freq=True';
    if (this.sparse) text += ', sparse=True';
    return text;
  }
}

takesNothing(Embedding.prototype, ['resetParameters']);

const fromPretrainedBag = signature(
  "EmbeddingBag.from_pretrained(Tensor embeddings, bool freeze=True, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, 'sum'|'mean'|'max' mode='mean', bool sparse=False, bool include_last_offset=False, int? padding_idx=None)",
);

const embeddingBag = signature(
  "EmbeddingBag(int num_embeddings, int embedding_dim, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, 'sum'|'mean'|'max' mode='mean', bool sparse=False, Tensor? _weight=None, bool include_last_offset=False, int? padding_idx=None, Device? device=None, ScalarType? dtype=None)",
);

const ofBags = signature('forward(Tensor input, Tensor? offsets=None, Tensor? per_sample_weights=None)');

/**
 * Sums, means or maxima of the rows of `weight` that the indices of a bag name: the rows of a matrix of indices [B, N], or the
 * stretches of a list [N] that `offsets` [B] begins. The result is [B, embeddingDim].
 */
export class EmbeddingBag extends Module {
  declare numEmbeddings: number;
  declare embeddingDim: number;
  declare maxNorm: number | null;
  declare normType: number;
  declare scaleGradByFreq: boolean;
  declare mode: 'sum' | 'mean' | 'max';
  /** Whether the weight's gradients are sparse tensors. */
  declare sparse: boolean;
  declare includeLastOffset: boolean;
  declare paddingIdx: number | null;
  /** [numEmbeddings, embeddingDim] */
  declare weight: Parameter;

  /**
   * @param numEmbeddings how many indices there are
   * @param embeddingDim the length of a vector
   * @param maxNorm vectors longer than this are shortened when used
   * @param normType the p of that norm
   * @param scaleGradByFreq whether gradients are divided by how often their index is used
   * @param mode what becomes of a bag: 'sum', 'mean' or 'max'
   * @param includeLastOffset whether `offsets` ends with the length of the list
   * @param paddingIdx the index that takes no part and whose vector stays as it is
   */
  constructor(...args: Arguments<typeof embeddingBag>) {
    super();
    const { _weight, device, dtype, ...given } = embeddingBag.bind(args);
    const { numEmbeddings, embeddingDim } = given;
    const paddingIdx = paddingWithin(
      given.paddingIdx,
      numEmbeddings,
      'padding_idx must be within num_embeddings',
    );
    take(this, { ...given, paddingIdx });
    if (_weight === null) {
      this.registerParameter('weight', parameter([numEmbeddings, embeddingDim], { device, dtype }));
      this.resetParameters();
    } else this.registerParameter('weight', new Parameter(fitting(_weight, numEmbeddings, embeddingDim)));
  }

  /**
   * Makes an embedding of these vectors.
   *
   * @param embeddings the vectors, [numEmbeddings, embeddingDim]
   * @param freeze whether they stay as they are instead of being learnt
   */
  static fromPretrained(...args: Arguments<typeof fromPretrainedBag>): EmbeddingBag {
    const { embeddings, freeze, ...options } = fromPretrainedBag.bind(args);
    if (embeddings.ndim !== 2)
      throw new AssertionError('Embeddings parameter is expected to be 2-dimensional');
    const [numEmbeddings, embeddingDim] = embeddings.shape;
    const bag = new EmbeddingBag({ numEmbeddings, embeddingDim, ...options, _weight: embeddings });
    bag.weight.requiresGrad_(!freeze);
    return bag;
  }

  /** Draws new values from the standard normal distribution. */
  resetParameters(): void {
    resetEmbeddings(this.weight, this.paddingIdx);
  }

  override forward(...args: Arguments<typeof ofBags>): Tensor {
    const [input, offsets, perSampleWeights] = ofBags.inOrder(args, this);
    return F.embeddingBag(input, this.weight, offsets, {
      maxNorm: this.maxNorm,
      normType: this.normType,
      scaleGradByFreq: this.scaleGradByFreq,
      mode: this.mode,
      sparse: this.sparse,
      perSampleWeights,
      includeLastOffset: this.includeLastOffset,
      paddingIdx: this.paddingIdx,
    });
  }

  override extraRepr(): string {
    let text = `${this.numEmbeddings}, ${this.embeddingDim}`;
    if (this.maxNorm !== null) text += `, max_norm=${settingText(this, 'maxNorm')}`;
    if (this.normType !== 2) text += `, norm_type=${settingText(this, 'normType')}`;
    if (this.scaleGradByFreq) text += ', scale_grad_by_freq=True';
    text += `, mode='${this.mode}'`;
    if (this.paddingIdx !== null) text += `, padding_idx=${this.paddingIdx}`;
    return text;
  }
}

takesNothing(EmbeddingBag.prototype, ['resetParameters']);
