/** Swin Transformer (Liu et al., 2021) and its second version (Liu et al., 2022). */
import { PyFloat } from '../../core/pyfloat.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import * as init from '../../nn/init.js';
import type { Module } from '../../nn/module.js';
import {
  AdaptiveAvgPool2d,
  Conv2d,
  Flatten,
  GELU,
  LayerNorm,
  Linear,
  Sequential,
} from '../../nn/modules/index.js';
import { MLP, Permute, StochasticDepth } from '../ops/blocks.js';
import { type LayerFactory, makeLayer, partial } from '../ops/layer_factories.js';
import { ofX, SnakeModule } from '../ops/snake_module.js';
import { modelBuilder } from './builder.js';
import type { WeightsTable } from './model_weights.js';
import {
  type Dropouts,
  type Pair,
  ShiftedWindowAttention,
  ShiftedWindowAttentionV2,
} from './swin_attention.js';
import {
  Swin_B_Weights,
  Swin_S_Weights,
  Swin_T_Weights,
  Swin_V2_B_Weights,
  Swin_V2_S_Weights,
  Swin_V2_T_Weights,
} from './weights/swin_transformer_weights.js';

/** The channels of four neighbours side by side. */
function merged(input: Tensor): Tensor {
  const [height, width] = input.shape.slice(-3);
  const x = F.pad(input, [0, 0, 0, width % 2, 0, height % 2]);
  const every = (row: number, column: number) => x.slice(-3, row, null, 2).slice(-2, column, null, 2);
  return ops.cat([every(0, 0), every(1, 0), every(0, 1), every(1, 1)], -1);
}

class PatchMerging extends SnakeModule {
  declare reduction: Linear;
  declare norm: Module;

  constructor(dim: number, normLayer: LayerFactory) {
    super();
    this.reduction = new Linear(4 * dim, 2 * dim, false);
    this.norm = makeLayer(normLayer, this.normalized(dim));
  }

  protected normalized(dim: number): number {
    return 4 * dim;
  }

  override forward(x: Tensor): Tensor {
    return this.reduction.forward(this.norm.forward(merged(x)) as Tensor);
  }
}

class PatchMergingV2 extends PatchMerging {
  protected override normalized(dim: number): number {
    return 2 * dim;
  }

  override forward(x: Tensor): Tensor {
    return this.norm.forward(this.reduction.forward(merged(x))) as Tensor;
  }
}

interface BlockOptions extends Dropouts {
  readonly windowSize: Pair;
  readonly shiftSize: Pair;
  readonly mlpRatio: number;
  readonly stochasticDepthProb: number;
  readonly normLayer: LayerFactory;
}

class SwinTransformerBlock extends SnakeModule {
  declare norm1: Module;
  declare attn: Module;
  declare stochasticDepth: StochasticDepth;
  declare norm2: Module;
  declare mlp: MLP;

  constructor(dim: number, heads: number, { normLayer, windowSize, shiftSize, ...given }: BlockOptions) {
    super();
    this.norm1 = makeLayer(normLayer, dim);
    this.attn = makeLayer(this.attention, dim, windowSize, shiftSize, heads, given);
    this.stochasticDepth = new StochasticDepth(new PyFloat(given.stochasticDepthProb), 'row');
    this.norm2 = makeLayer(normLayer, dim);
    this.mlp = new MLP(dim, [Math.trunc(dim * given.mlpRatio), dim], {
      activationLayer: GELU,
      dropout: given.dropout,
    });
    for (const m of this.mlp.modules()) {
      if (!(m instanceof Linear)) continue;
      init.xavierUniform_(m.weight);
      init.normal_(m.bias!, { std: 1e-6 });
    }
  }

  protected get attention(): LayerFactory {
    return ShiftedWindowAttention;
  }

  override forward(input: Tensor): Tensor {
    const found = this.attn.forward(this.norm1.forward(input)) as Tensor;
    const x = input.add(this.stochasticDepth.forward(found));
    return x.add(this.stochasticDepth.forward(this.mlp.forward(this.norm2.forward(x))));
  }
}

class SwinTransformerBlockV2 extends SwinTransformerBlock {
  protected override get attention(): LayerFactory {
    return ShiftedWindowAttentionV2;
  }

  override forward(input: Tensor): Tensor {
    const found = this.norm1.forward(this.attn.forward(input)) as Tensor;
    const x = input.add(this.stochasticDepth.forward(found));
    return x.add(this.stochasticDepth.forward(this.norm2.forward(this.mlp.forward(x)) as Tensor));
  }
}

const common =
  'float mlp_ratio=4.0, float dropout=0.0, float attention_dropout=0.0, float stochastic_depth_prob=0.1, int num_classes=1000, Layer? norm_layer=None, Layer? block=None, Layer? downsample_layer=None' as const;
const swin = signature(
  `SwinTransformer(int[] patch_size, int embed_dim, int[] depths, int[] num_heads, int[] window_size, ${common})`,
);

/** A transformer whose attention stays within windows, in stages of half the size and twice the channels. */
export class SwinTransformer extends SnakeModule {
  declare numClasses: number;
  declare features: Sequential;
  declare norm: Module;
  declare permute: Permute;
  declare avgpool: AdaptiveAvgPool2d;
  declare flatten: Flatten;
  declare head: Linear;

  /**
   * @param patchSize the height and width of a patch
   * @param embedDim the channels of the first stage
   * @param depths how many blocks each stage has
   * @param numHeads how many heads attention has in each stage
   * @param windowSize the height and width of a window, in patches
   * @param mlpRatio how many times its channels a block has between its products
   * @param dropout the probability with which elements are dropped in training
   * @param attentionDropout the same of attention's weights
   * @param stochasticDepthProb the probability with which the last block is left out in training; it grows from 0
   * @param numClasses the size of the result
   * @param normLayer makes the normalization; null: layer norms
   * @param block makes a block; null: that of the first version
   * @param downsampleLayer makes what leads from stage to stage; null: that of the first version
   */
  constructor(...args: Arguments<typeof swin>) {
    super();
    const { patchSize, embedDim, depths, numHeads, windowSize, numClasses, ...given } = swin.bind(args);
    const block = given.block ?? SwinTransformerBlock;
    const downsample = given.downsampleLayer ?? PatchMerging;
    const normLayer = given.normLayer ?? partial(LayerNorm, { eps: 1e-5 });
    const { mlpRatio, dropout, attentionDropout, stochasticDepthProb: last } = given;
    this.numClasses = numClasses;
    const layers: Module[] = [
      new Sequential(
        new Conv2d(3, embedDim, patchSize, { stride: patchSize }),
        new Permute([0, 2, 3, 1]),
        makeLayer(normLayer, embedDim),
      ),
    ];
    const blocks = depths.reduce((sum, depth) => sum + depth, 0);
    let id = 0;
    for (const [i, depth] of depths.entries()) {
      const dim = embedDim * 2 ** i;
      const stage = Array.from({ length: depth }, (_, j) =>
        makeLayer(block, dim, numHeads[i], {
          windowSize,
          shiftSize: windowSize.map((size) => (j % 2 === 0 ? 0 : size >> 1)),
          mlpRatio,
          dropout,
          attentionDropout,
          stochasticDepthProb: (last * id++) / (blocks - 1),
          normLayer,
        }),
      );
      layers.push(new Sequential(...stage));
      if (i < depths.length - 1) layers.push(makeLayer(downsample, dim, normLayer));
    }
    this.features = new Sequential(...layers);
    const channels = embedDim * 2 ** (depths.length - 1);
    this.norm = makeLayer(normLayer, channels);
    this.permute = new Permute([0, 3, 1, 2]);
    this.avgpool = new AdaptiveAvgPool2d(1);
    this.flatten = new Flatten(1);
    this.head = new Linear(channels, numClasses);
    for (const m of this.modules()) {
      if (!(m instanceof Linear)) continue;
      init.truncNormal_(m.weight, { std: 0.02 });
      if (m.bias !== null) init.zeros_(m.bias);
    }
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    const found = this.permute.forward(this.norm.forward(this.features.forward(x)) as Tensor);
    return this.head.forward(this.flatten.forward(this.avgpool.forward(found)));
  }
}

const build = (
  name: string,
  weights: WeightsTable,
  [embedDim, third, firstHeads]: readonly [number, number, number],
  probability: string,
) =>
  modelBuilder({
    name,
    weights,
    options: common.replace('prob=0.1', `prob=${probability}`) as typeof common,
    make: (given) => {
      const isSecond = name.startsWith('swin_v2');
      const side = isSecond ? 8 : 7;
      return new SwinTransformer({
        patchSize: [4, 4],
        embedDim,
        depths: [2, 2, third, 2],
        numHeads: [1, 2, 4, 8].map((times) => firstHeads * times),
        windowSize: [side, side],
        ...given,
        ...(isSecond && {
          block: given.block ?? SwinTransformerBlockV2,
          downsampleLayer: given.downsampleLayer ?? PatchMergingV2,
        }),
      });
    },
  });

/** Swin Transformer, the tiny one. */
export const swinT = /* @__PURE__ */ build('swin_t', Swin_T_Weights, [96, 6, 3], '0.2');
/** Swin Transformer, the small one. */
export const swinS = /* @__PURE__ */ build('swin_s', Swin_S_Weights, [96, 18, 3], '0.3');
/** Swin Transformer, the base. */
export const swinB = /* @__PURE__ */ build('swin_b', Swin_B_Weights, [128, 18, 4], '0.5');
/** Swin Transformer v2, the tiny one. */
export const swinV2T = /* @__PURE__ */ build('swin_v2_t', Swin_V2_T_Weights, [96, 6, 3], '0.2');
/** Swin Transformer v2, the small one. */
export const swinV2S = /* @__PURE__ */ build('swin_v2_s', Swin_V2_S_Weights, [96, 18, 3], '0.3');
/** Swin Transformer v2, the base. */
export const swinV2B = /* @__PURE__ */ build('swin_v2_b', Swin_V2_B_Weights, [128, 18, 4], '0.5');
