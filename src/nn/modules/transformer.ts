/** The Transformer of Vaswani et al., "Attention Is All You Need", 2017. */
import { RuntimeError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import * as init from '../init.js';
import { Module } from '../module.js';
import { asGiven } from '../settings.js';
import { causalMask } from './causal_mask.js';
import { LayerNorm } from './normalization.js';
import {
  type TransformerActivation,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
} from './transformer_layers.js';
import { TransformerDecoder, TransformerEncoder } from './transformer_stacks.js';

const transformer = signature(
  "Transformer(int d_model=512, int nhead=8, int num_encoder_layers=6, int num_decoder_layers=6, int dim_feedforward=2048, float dropout=0.1, Any activation='relu', Any custom_encoder=None, Any custom_decoder=None, float layer_norm_eps=1e-5, bool batch_first=False, bool norm_first=False, bool bias=True, Device? device=None, ScalarType? dtype=None)",
);

/** Arguments whose types the notation has no names for. */
interface TransformerParts {
  activation?: TransformerActivation;
  customEncoder?: Module | null;
  customDecoder?: Module | null;
}

const translate = signature(
  'forward(Tensor src, Tensor tgt, Tensor? src_mask=None, Tensor? tgt_mask=None, Tensor? memory_mask=None, Tensor? src_key_padding_mask=None, Tensor? tgt_key_padding_mask=None, Tensor? memory_key_padding_mask=None, bool? src_is_causal=None, bool? tgt_is_causal=None, bool memory_is_causal=False)',
);

/**
 * An encoder of sources and a decoder of targets that looks at what the encoder found.
 *
 * `forward` takes sources [S, N, dModel] and targets [T, N, dModel], with `batchFirst` [N, S, dModel] and [N, T, dModel], or without N,
 * and gives a result in the shape of the targets.
 *
 * @example
 * const model = new nn.Transformer({ dModel: 16, nhead: 4, batchFirst: true });
 * const mask = nn.Transformer.generateSquareSubsequentMask(5);
 * const output = model.forward(torch.rand(2, 7, 16), torch.rand(2, 5, 16), { tgtMask: mask });
 */
export class Transformer extends Module {
  encoder: Module;
  decoder: Module;
  dModel: number;
  nhead: number;
  batchFirst: boolean;

  /**
   * @param dModel the size of every position's vector
   * @param nhead how many heads attention has
   * @param numEncoderLayers how many layers the encoder has
   * @param numDecoderLayers how many layers the decoder has
   * @param dimFeedforward the size between the two products of a layer
   * @param dropout the probability with which elements are dropped in training
   * @param activation the function between the products: 'relu', 'gelu', a function or a module
   * @param customEncoder takes the encoder's place
   * @param customDecoder takes the decoder's place
   * @param layerNormEps added to the variances of normalizations
   * @param batchFirst whether inputs and the result begin with the batch
   * @param normFirst whether layers normalise before their parts instead of after them
   * @param bias whether products and normalizations add something
   */
  constructor(...args: Arguments<typeof transformer, TransformerParts>) {
    super();
    const given = transformer.bind(args);
    const { dModel, nhead, layerNormEps: eps, batchFirst, bias, device, dtype } = given;
    const { numEncoderLayers, numDecoderLayers, customEncoder, customDecoder } = given;
    const layerOptions = {
      dModel,
      nhead,
      dimFeedforward: given.dimFeedforward,
      dropout: asGiven(given, 'dropout'),
      activation: given.activation as TransformerActivation,
      layerNormEps: eps,
      batchFirst,
      normFirst: given.normFirst,
      bias,
      device,
      dtype,
    };
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps, bias, device, dtype });
    this.encoder =
      (customEncoder as Module | null) ??
      new TransformerEncoder(new TransformerEncoderLayer(layerOptions), numEncoderLayers, norm());
    this.decoder =
      (customDecoder as Module | null) ??
      new TransformerDecoder(new TransformerDecoderLayer(layerOptions), numDecoderLayers, norm());
    for (const parameter of this.parameters()) if (parameter.ndim > 1) init.xavierUniform_(parameter);
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = batchFirst;
  }

  override forward(...args: Arguments<typeof translate>): Tensor {
    const given = translate.bind(args, `${this.constructor.name}.forward`);
    const { src, tgt } = given;
    const batch = this.batchFirst ? 0 : 1;
    if (src.ndim === 3 && src.shape[batch] !== tgt.shape[batch])
      throw new RuntimeError('the batch number of src and tgt must be equal');
    if (src.shape.at(-1) !== this.dModel || tgt.shape.at(-1) !== this.dModel)
      throw new RuntimeError('the feature number of src and tgt must be equal to d_model');
    const memory = this.encoder.forward(src, {
      mask: given.srcMask,
      srcKeyPaddingMask: given.srcKeyPaddingMask,
      isCausal: given.srcIsCausal,
    }) as Tensor;
    return this.decoder.forward(tgt, memory, {
      tgtMask: given.tgtMask,
      memoryMask: given.memoryMask,
      tgtKeyPaddingMask: given.tgtKeyPaddingMask,
      memoryKeyPaddingMask: given.memoryKeyPaddingMask,
      tgtIsCausal: given.tgtIsCausal,
      memoryIsCausal: given.memoryIsCausal,
    }) as Tensor;
  }

  /** A mask [sz, sz] by which each position looks at itself and those before it: 0 there, -Infinity elsewhere. */
  static readonly generateSquareSubsequentMask = signed(
    'generate_square_subsequent_mask(int sz, Device? device=None, ScalarType? dtype=None)',
    ({ sz, device, dtype }) => causalMask(sz, device, dtype),
  );
}
