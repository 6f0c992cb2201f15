/** Stacks of equal Transformer layers. */

import { context } from '../../core/context.js';
import { deepcopy } from '../../core/deepcopy.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { additiveMask } from '../../ops/nn/attention_mask.js';
import { F } from '../functions.js';
import { Module } from '../module.js';
import { GELU, ReLU } from './activation.js';
import { isCausalMask } from './causal_mask.js';
import { ModuleList } from './container.js';
import { TransformerDecoderLayer, TransformerEncoderLayer } from './transformer_layers.js';

/** How long sequences are. */
function lengthOf({ ndim, shape }: Tensor, batchFirst: boolean): number {
  return ndim === 3 && batchFirst ? shape[1] : shape[0];
}

const copies = (layer: Module, count: number): ModuleList =>
  new ModuleList(Array.from({ length: count }, () => deepcopy(layer)));

/** Whether the layers of a stack say that the batch comes first. */
const isBatchFirst = (layers: ModuleList): boolean => {
  const layer = layers.at(0);
  return layer instanceof TransformerEncoderLayer || layer instanceof TransformerDecoderLayer
    ? layer.selfAttn.batchFirst
    : false;
};

const encoder = signature(
  'TransformerEncoder(Any encoder_layer, int num_layers, Any norm=None, bool enable_nested_tensor=True, bool mask_check=True)',
);

const encode = signature(
  'forward(Tensor src, Tensor? mask=None, Tensor? src_key_padding_mask=None, bool? is_causal=None)',
);

/** Why padded positions are computed although nobody looks at them; '' where they are not. */
function reasonForPadding(layer: Module): string {
  if (!(layer instanceof TransformerEncoderLayer)) return 'encoder_layer was not TransformerEncoderLayer';
  const { selfAttn, norm1, norm2, activation } = layer;
  const isKnown =
    activation === F.relu ||
    activation === F.gelu ||
    activation instanceof ReLU ||
    activation instanceof GELU;
  if (layer.normFirst) return 'encoder_layer.norm_first was True';
  if (!selfAttn.batchFirst)
    return 'encoder_layer.self_attn.batch_first was not True(use batch_first for better inference performance)';
  if (selfAttn.inProjWeight === null) return 'encoder_layer.self_attn._qkv_same_embed_dim was not True';
  if (selfAttn.inProjBias === null) return 'encoder_layer.self_attn was passed bias=False';
  if (!isKnown) return 'encoder_layer.activation_relu_or_gelu was not True';
  if (norm1.eps !== norm2.eps) return 'encoder_layer.norm1.eps was not equal to encoder_layer.norm2.eps';
  return selfAttn.numHeads % 2 === 1 ? 'encoder_layer.self_attn.num_heads is odd' : '';
}

/**
 * Layers of an encoder, one after the other, each a copy of the given one.
 *
 * @example
 * const layer = new nn.TransformerEncoderLayer({ dModel: 16, nhead: 4, batchFirst: true });
 * const encoder = new nn.TransformerEncoder(layer, 2);
 * const output = encoder.forward(torch.rand(2, 5, 16));
 */
export class TransformerEncoder extends Module {
  layers: ModuleList;
  numLayers: number;
  norm: Module | null;
  enableNestedTensor: boolean;
  useNestedTensor: boolean;
  maskCheck: boolean;

  /**
   * @param encoderLayer the layer that is copied
   * @param numLayers how many copies there are
   * @param norm a normalization after the last one
   * @param enableNestedTensor whether padded positions give zeros in evaluation, as in PyTorch, where layers allow it
   * @param maskCheck whether that is only done if all padding is at the end
   */
  constructor(...args: Arguments<typeof encoder, { encoderLayer: Module; norm?: Module | null }>) {
    super();
    const { encoderLayer, numLayers, norm, enableNestedTensor, maskCheck } = encoder.bind(args);
    const layer = encoderLayer as Module;
    this.layers = copies(layer, numLayers);
    this.numLayers = numLayers;
    this.norm = norm as Module | null;
    this.enableNestedTensor = enableNestedTensor;
    this.maskCheck = maskCheck;
    const reason = reasonForPadding(layer);
    this.useNestedTensor = enableNestedTensor && reason === '';
    if (enableNestedTensor && reason !== '')
      warn(`enable_nested_tensor is True, but self.use_nested_tensor is False because ${reason}`);
  }

  override forward(...args: Arguments<typeof encode>): Tensor {
    const given = encode.bind(args, `${this.constructor.name}.forward`);
    const { src } = given;
    const padding = additiveMask(given.srcKeyPaddingMask, 'src_key_padding_mask', src.dtype, {
      mask: given.mask,
      name: 'mask',
    });
    const mask = additiveMask(given.mask, 'mask', src.dtype);
    const isCausal = isCausalMask(mask, given.isCausal, lengthOf(src, isBatchFirst(this.layers)));
    let output = src;
    for (const layer of this.layers)
      output = layer.forward(output, { srcMask: mask, isCausal, srcKeyPaddingMask: padding }) as Tensor;
    if (padding !== null && mask === null && this.leavesPadding(src, padding))
      output = output.maskedFill(padding.eq(-Infinity).unsqueeze(-1), 0);
    return this.norm === null ? output : (this.norm.forward(output) as Tensor);
  }

  /** Whether PyTorch would take the padding out and give zeros in its place. */
  private leavesPadding(src: Tensor, padding: Tensor): boolean {
    if (!this.useNestedTensor || this.layers.at(0).training || src.ndim !== 3) return false;
    if (context().grad && [src, ...this.layers.at(0).parameters()].some((t) => t.requiresGrad)) return false;
    if (!this.maskCheck) return true;
    // Nothing may follow what is masked.
    const masked = padding.ne(0);
    return (
      !masked.isReadable ||
      masked
        .narrow(1, 1, masked.shape[1] - 1)
        .logicalOr(masked.narrow(1, 0, masked.shape[1] - 1).logicalNot())
        .all()
        .item() === 1
    );
  }
}

const decoder = signature('TransformerDecoder(Any decoder_layer, int num_layers, Any norm=None)');

const decode = signature(
  'forward(Tensor tgt, Tensor memory, Tensor? tgt_mask=None, Tensor? memory_mask=None, Tensor? tgt_key_padding_mask=None, Tensor? memory_key_padding_mask=None, bool? tgt_is_causal=None, bool memory_is_causal=False)',
);

/**
 * Layers of a decoder, one after the other, each a copy of the given one.
 *
 * @example
 * const layer = new nn.TransformerDecoderLayer({ dModel: 16, nhead: 4, batchFirst: true });
 * const decoder = new nn.TransformerDecoder(layer, 2);
 * const output = decoder.forward(torch.rand(2, 5, 16), torch.rand(2, 7, 16));
 */
export class TransformerDecoder extends Module {
  layers: ModuleList;
  numLayers: number;
  norm: Module | null;

  /**
   * @param decoderLayer the layer that is copied
   * @param numLayers how many copies there are
   * @param norm a normalization after the last one
   */
  constructor(...args: Arguments<typeof decoder, { decoderLayer: Module; norm?: Module | null }>) {
    super();
    const { decoderLayer, numLayers, norm } = decoder.bind(args);
    this.layers = copies(decoderLayer as Module, numLayers);
    this.numLayers = numLayers;
    this.norm = norm as Module | null;
  }

  override forward(...args: Arguments<typeof decode>): Tensor {
    const { tgt, memory, tgtIsCausal, ...rest } = decode.bind(args, `${this.constructor.name}.forward`);
    const isCausal = isCausalMask(rest.tgtMask, tgtIsCausal, lengthOf(tgt, isBatchFirst(this.layers)));
    let output = tgt;
    for (const layer of this.layers)
      output = layer.forward(output, memory, { ...rest, tgtIsCausal: isCausal }) as Tensor;
    return this.norm === null ? output : (this.norm.forward(output) as Tensor);
  }
}
