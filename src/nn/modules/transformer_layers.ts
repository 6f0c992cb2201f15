/** The layers of a Transformer: attention and a feed-forward part, each added to its input and normalised. */
import { RuntimeError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { additiveMask } from '../../ops/nn/attention_mask.js';
import { F } from '../functions.js';
import { Module } from '../module.js';
import { asGiven } from '../settings.js';
import { Dropout } from './dropout.js';
import { Linear } from './linear.js';
import { MultiheadAttention } from './multihead_attention.js';
import { LayerNorm } from './normalization.js';

/** The function between the two products of a layer. */
export type TransformerActivation = 'relu' | 'gelu' | ((input: Tensor) => Tensor) | Module;

const parameters =
  "int d_model, int nhead, int dim_feedforward=2048, float dropout=0.1, Any activation='relu', float layer_norm_eps=1e-5, bool batch_first=False, bool norm_first=False, bool bias=True, Device? device=None, ScalarType? dtype=None";

const encoderLayer = signature(`TransformerEncoderLayer(${parameters})`);
const decoderLayer = signature(`TransformerDecoderLayer(${parameters})`);

type Settings = ReturnType<typeof encoderLayer.bind>;

/** @throws RuntimeError in PyTorch's words for a name of no activation */
function activationOf(given: unknown): ((input: Tensor) => Tensor) | Module {
  if (typeof given === 'function' || given instanceof Module) return given as Module;
  if (given === 'relu') return F.relu;
  if (given === 'gelu') return F.gelu;
  throw new RuntimeError(`activation should be relu/gelu, not ${String(given)}`);
}

/** Parts that both kinds of layers have. */
abstract class TransformerLayer extends Module {
  declare selfAttn: MultiheadAttention;
  declare linear1: Linear;
  declare dropout: Dropout;
  declare linear2: Linear;
  declare normFirst: boolean;
  declare norm1: LayerNorm;
  declare norm2: LayerNorm;
  declare dropout1: Dropout;
  declare dropout2: Dropout;
  declare activation: ((input: Tensor) => Tensor) | Module;

  protected override stateKey(property: string): string {
    return { selfAttn: 'self_attn', multiheadAttn: 'multihead_attn' }[property] ?? property;
  }

  protected attention({
    dModel,
    nhead,
    dropout,
    bias,
    batchFirst,
    device,
    dtype,
  }: Settings): MultiheadAttention {
    return new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, device, dtype });
  }

  /** Makes the parts that come after the attention, in PyTorch's order: it decides which numbers they draw. */
  protected addParts(given: Settings, norms: 2 | 3): void {
    const { dModel, dimFeedforward, layerNormEps: eps, bias, device, dtype } = given;
    const p = asGiven(given, 'dropout');
    const numbers = [1, 2, 3].slice(0, norms);
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, device, dtype });
    this.dropout = new Dropout(p);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, device, dtype });
    this.normFirst = given.normFirst;
    for (const i of numbers)
      Reflect.set(this, `norm${i}`, new LayerNorm(dModel, { eps, bias, device, dtype }));
    for (const i of numbers) Reflect.set(this, `dropout${i}`, new Dropout(p));
    this.activation = activationOf(given.activation);
  }

  /** Adds what a part finds to its input, which is normalised before or after. */
  protected residual(x: Tensor, norm: LayerNorm, part: (x: Tensor) => Tensor): Tensor {
    return this.normFirst ? x.add(part(norm.forward(x))) : norm.forward(x.add(part(x)));
  }

  protected feedForward(x: Tensor, last: Dropout): Tensor {
    const { activation, linear1, linear2, dropout } = this;
    const inner = linear1.forward(x);
    const active = activation instanceof Module ? (activation.forward(inner) as Tensor) : activation(inner);
    return last.forward(linear2.forward(dropout.forward(active)));
  }

  protected attendToSelf(
    x: Tensor,
    attnMask: Tensor | null,
    keyPaddingMask: Tensor | null,
    isCausal: boolean,
  ): Tensor {
    const [found] = this.selfAttn.forward(x, x, x, {
      attnMask,
      keyPaddingMask,
      needWeights: false,
      isCausal,
    });
    return this.dropout1.forward(found);
  }
}

const encode = signature(
  'forward(Tensor src, Tensor? src_mask=None, Tensor? src_key_padding_mask=None, bool is_causal=False)',
);

/**
 * A layer of a Transformer's encoder: self-attention and a feed-forward part.
 *
 * `forward` takes [S, N, dModel], with `batchFirst` [N, S, dModel], or [S, dModel], and gives the same shape.
 *
 * @example
 * const layer = new nn.TransformerEncoderLayer(16, 4, { batchFirst: true });
 * const output = layer.forward(torch.rand(2, 5, 16));
 */
export class TransformerEncoderLayer extends TransformerLayer {
  /**
   * @param dModel the size of every position's vector
   * @param nhead how many heads attention has
   * @param dimFeedforward the size between the two products
   * @param dropout the probability with which elements are dropped in training
   * @param activation the function between the products: 'relu', 'gelu', a function or a module
   * @param layerNormEps added to the variances of normalizations
   * @param batchFirst whether inputs and the result begin with the batch
   * @param normFirst whether the layer normalises before its parts instead of after them
   * @param bias whether products and normalizations add something
   */
  constructor(...args: Arguments<typeof encoderLayer, { activation?: TransformerActivation }>) {
    super();
    const given = encoderLayer.bind(args);
    this.selfAttn = this.attention(given);
    this.addParts(given, 2);
  }

  override forward(...args: Arguments<typeof encode>): Tensor {
    const given = encode.bind(args, `${this.constructor.name}.forward`);
    const { src, isCausal } = given;
    const padding = additiveMask(given.srcKeyPaddingMask, 'src_key_padding_mask', src.dtype, {
      mask: given.srcMask,
      name: 'src_mask',
    });
    const mask = additiveMask(given.srcMask, 'src_mask', src.dtype);
    const attended = this.residual(src, this.norm1, (x) => this.attendToSelf(x, mask, padding, isCausal));
    return this.residual(attended, this.norm2, (x) => this.feedForward(x, this.dropout2));
  }
}

const decode = signature(
  'forward(Tensor tgt, Tensor memory, Tensor? tgt_mask=None, Tensor? memory_mask=None, Tensor? tgt_key_padding_mask=None, Tensor? memory_key_padding_mask=None, bool tgt_is_causal=False, bool memory_is_causal=False)',
);

/**
 * A layer of a Transformer's decoder: self-attention, attention to what the encoder found, and a feed-forward part.
 *
 * `forward` takes targets [T, N, dModel] and the encoder's result [S, N, dModel], with `batchFirst` [N, T, dModel] and [N, S, dModel], or
 * without N, and gives the shape of the targets.
 *
 * @example
 * const layer = new nn.TransformerDecoderLayer(16, 4, { batchFirst: true });
 * const output = layer.forward(torch.rand(2, 5, 16), torch.rand(2, 7, 16));
 */
export class TransformerDecoderLayer extends TransformerLayer {
  declare multiheadAttn: MultiheadAttention;
  declare norm3: LayerNorm;
  declare dropout3: Dropout;

  /**
   * @param dModel the size of every position's vector
   * @param nhead how many heads attention has
   * @param dimFeedforward the size between the two products
   * @param dropout the probability with which elements are dropped in training
   * @param activation the function between the products: 'relu', 'gelu', a function or a module
   * @param layerNormEps added to the variances of normalizations
   * @param batchFirst whether inputs and the result begin with the batch
   * @param normFirst whether the layer normalises before its parts instead of after them
   * @param bias whether products and normalizations add something
   */
  constructor(...args: Arguments<typeof decoderLayer, { activation?: TransformerActivation }>) {
    super();
    const given = decoderLayer.bind(args);
    this.selfAttn = this.attention(given);
    this.multiheadAttn = this.attention(given);
    this.addParts(given, 3);
  }

  override forward(...args: Arguments<typeof decode>): Tensor {
    const given = decode.bind(args, `${this.constructor.name}.forward`);
    const { tgt, memory, tgtMask, tgtKeyPaddingMask, tgtIsCausal } = given;
    const own = this.residual(tgt, this.norm1, (x) =>
      this.attendToSelf(x, tgtMask, tgtKeyPaddingMask, tgtIsCausal),
    );
    const found = this.residual(own, this.norm2, (x) => {
      const [attended] = this.multiheadAttn.forward(x, memory, memory, {
        attnMask: given.memoryMask,
        keyPaddingMask: given.memoryKeyPaddingMask,
        isCausal: given.memoryIsCausal,
        needWeights: false,
      });
      return this.dropout2.forward(attended);
    });
    return this.residual(found, this.norm3, (x) => this.feedForward(x, this.dropout3));
  }
}
