import '../../ops/nn/multi_head_attention.js';
import type { DeviceLike } from '../../core/device.js';
import type { DType } from '../../core/dtype.js';
import { AssertionError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import * as init from '../init.js';
import { Module } from '../module.js';
import type { Parameter } from '../parameter.js';
import { Linear, parameter } from './linear.js';

/** The projection of what attention found, under the name that PyTorch prints. */
export class NonDynamicallyQuantizableLinear extends Linear {}

const multiheadAttention = signature(
  'MultiheadAttention(int embed_dim, int num_heads, float dropout=0.0, bool bias=True, bool add_bias_kv=False, bool add_zero_attn=False, int? kdim=None, int? vdim=None, bool batch_first=False, Device? device=None, ScalarType? dtype=None)',
);

const attend = signature(
  'forward(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask=None, bool need_weights=True, Tensor? attn_mask=None, bool average_attn_weights=True, bool is_causal=False)',
);

const stateKeys: Readonly<Record<string, string>> = {
  inProjWeight: 'in_proj_weight',
  qProjWeight: 'q_proj_weight',
  kProjWeight: 'k_proj_weight',
  vProjWeight: 'v_proj_weight',
  inProjBias: 'in_proj_bias',
  biasK: 'bias_k',
  biasV: 'bias_v',
  outProj: 'out_proj',
};

/**
 * For each query a mean of values, weighted by how well their keys match it, by several heads side by side (Vaswani et al.,
 * "Attention Is All You Need", 2017).
 *
 * `forward` takes queries [L, N, embedDim], keys [S, N, kdim] and values [S, N, vdim], with `batchFirst` [N, L, embedDim] and so on, or
 * without N, and gives [the result in the shape of the queries, the weights [N, L, S] or null].
 *
 * @example
 * const attention = new nn.MultiheadAttention(16, 4, { batchFirst: true });
 * const x = torch.rand(2, 5, 16);
 * const [output, weights] = attention.forward(x, x, x);
 */
export class MultiheadAttention extends Module {
  embedDim: number;
  kdim: number;
  vdim: number;
  numHeads: number;
  dropout: number;
  batchFirst: boolean;
  headDim: number;
  /** The projections of queries, keys and values in one where all have the same size: [3 · embedDim, embedDim]. */
  declare inProjWeight: Parameter | null;
  declare qProjWeight: Parameter | null;
  declare kProjWeight: Parameter | null;
  declare vProjWeight: Parameter | null;
  declare inProjBias: Parameter | null;
  /** A key and a value that are added to every sequence. */
  declare biasK: Parameter | null;
  declare biasV: Parameter | null;
  declare outProj: NonDynamicallyQuantizableLinear;
  addZeroAttn: boolean;

  /**
   * @param embedDim the size of queries and of the result
   * @param numHeads how many heads share it
   * @param dropout the probability with which a weight is dropped in training
   * @param bias whether projections add something
   * @param addBiasKv whether a learnt key and value are added to every sequence
   * @param addZeroAttn whether a key and value of zeros are added
   * @param kdim the size of keys; null: that of queries
   * @param vdim the size of values; null: that of queries
   * @param batchFirst whether inputs and the result begin with the batch
   */
  constructor(...args: Arguments<typeof multiheadAttention>) {
    const given = multiheadAttention.bind(args);
    const { embedDim, numHeads, bias, device, dtype } = given;
    if (embedDim <= 0 || numHeads <= 0)
      throw new ValueError(
        `embed_dim and num_heads must be greater than 0, got embed_dim=${embedDim} and num_heads=${numHeads} instead`,
      );
    super();
    const options: { device: DeviceLike | null; dtype: DType | null } = { device, dtype };
    this.embedDim = embedDim;
    this.kdim = given.kdim ?? embedDim;
    this.vdim = given.vdim ?? embedDim;
    this.numHeads = numHeads;
    this.dropout = given.dropout;
    this.batchFirst = given.batchFirst;
    this.headDim = Math.floor(embedDim / numHeads);
    if (this.headDim * numHeads !== embedDim)
      throw new AssertionError('embed_dim must be divisible by num_heads');
    const isJoint = this.kdim === embedDim && this.vdim === embedDim;
    const projection = (size: number): Parameter | null =>
      isJoint ? null : parameter([embedDim, size], options);
    this.registerParameter('qProjWeight', projection(embedDim));
    this.registerParameter('kProjWeight', projection(this.kdim));
    this.registerParameter('vProjWeight', projection(this.vdim));
    this.registerParameter('inProjWeight', isJoint ? parameter([3 * embedDim, embedDim], options) : null);
    this.registerParameter('inProjBias', bias ? parameter([3 * embedDim], options) : null);
    this.registerParameter('biasK', given.addBiasKv ? parameter([1, 1, embedDim], options) : null);
    this.registerParameter('biasV', given.addBiasKv ? parameter([1, 1, embedDim], options) : null);
    this.outProj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, bias, options);
    this.addZeroAttn = given.addZeroAttn;
    this.resetOwnParameters();
  }

  protected override stateKey(property: string): string {
    return stateKeys[property] ?? property;
  }

  private resetOwnParameters(): void {
    const { inProjWeight, qProjWeight, kProjWeight, vProjWeight, inProjBias, biasK, biasV } = this;
    for (const weight of [inProjWeight, qProjWeight, kProjWeight, vProjWeight])
      if (weight !== null) init.xavierUniform_(weight);
    if (inProjBias !== null) {
      init.zeros_(inProjBias);
      init.zeros_(this.outProj.bias!);
    }
    for (const bias of [biasK, biasV]) if (bias !== null) init.xavierNormal_(bias);
  }

  override forward(...args: Arguments<typeof attend>): [output: Tensor, weights: Tensor | null] {
    const given = attend.bind(args, `${this.constructor.name}.forward`);
    const isTurned = this.batchFirst && given.query.ndim === 3;
    const turned = (x: Tensor): Tensor => (isTurned ? x.transpose(0, 1) : x);
    const query = turned(given.query);
    // The same tensor stays the same: one product then projects all three.
    const key = given.key === given.query ? query : turned(given.key);
    const value = given.value === given.key ? key : turned(given.value);
    const { keyPaddingMask, needWeights, attnMask, averageAttnWeights, isCausal } = given;
    const [output, weights] = F.multiHeadAttentionForward(
      query,
      key,
      value,
      this.embedDim,
      this.numHeads,
      this.inProjWeight,
      this.inProjBias,
      this.biasK,
      this.biasV,
      this.addZeroAttn,
      this.dropout,
      this.outProj.weight,
      this.outProj.bias,
      {
        training: this.training,
        keyPaddingMask,
        needWeights,
        attnMask,
        useSeparateProjWeight: this.inProjWeight === null,
        qProjWeight: this.qProjWeight,
        kProjWeight: this.kProjWeight,
        vProjWeight: this.vProjWeight,
        averageAttnWeights,
        isCausal,
      },
    );
    return [turned(output), weights];
  }
}
