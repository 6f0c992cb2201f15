import { noGradSync } from '../../autograd/modes.js';
import { AssertionError } from '../../core/errors.js';
import { sameShape } from '../../core/layout.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { functional as F } from '../functional.js';
import * as init from '../init.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { settingText, take } from '../settings.js';
import { parameter } from './linear.js';

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
  /** Kept as PyTorch has it: gradients are dense. */
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
    let { paddingIdx } = given;
    if (paddingIdx !== null) {
      if (paddingIdx >= numEmbeddings || paddingIdx < -numEmbeddings)
        throw new AssertionError('Padding_idx must be within num_embeddings');
      if (paddingIdx < 0) paddingIdx += numEmbeddings;
    }
    take(this, { ...given, paddingIdx });
    if (_weight === null) {
      this.registerParameter('weight', parameter([numEmbeddings, embeddingDim], { device, dtype }, !_freeze));
      this.resetParameters();
    } else {
      if (!sameShape(_weight.shape, [numEmbeddings, embeddingDim]))
        throw new AssertionError('Shape of weight does not match num_embeddings and embedding_dim');
      this.registerParameter('weight', new Parameter(_weight, !_freeze));
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
    init.normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== null) noGradSync(() => this.weight.select(0, paddingIdx).fill_(0));
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
