import { AssertionError, ValueError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import { PyFloat } from '../../core/pyfloat.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import * as init from '../../nn/init.js';
import type { Module } from '../../nn/module.js';
import type { StateDict } from '../../nn/module_state.js';
import {
  BatchNorm2d,
  Conv2d,
  Dropout,
  GELU,
  LayerNorm,
  Linear,
  MultiheadAttention,
  ReLU,
  Sequential,
  Tanh,
} from '../../nn/modules/index.js';
import { Parameter } from '../../nn/parameter.js';
import { Conv2dNormActivation, MLP } from '../ops/blocks.js';
import { type LayerFactory, makeLayer, partial } from '../ops/layer_factories.js';
import { ofX, SnakeModule } from '../ops/snake_module.js';
import { checkExpected, modelBuilder } from './builder.js';
import type { WeightsTable } from './model_weights.js';
import {
  ViT_B_16_Weights,
  ViT_B_32_Weights,
  ViT_H_14_Weights,
  ViT_L_16_Weights,
  ViT_L_32_Weights,
} from './weights/vision_transformer_weights.js';

/** A convolution of a stem in place of the projection of patches. */
export interface ConvStemConfig {
  readonly outChannels: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly normLayer?: LayerFactory;
  readonly activationLayer?: LayerFactory;
}

function assert(condition: boolean, message: string): void {
  if (!condition) throw new AssertionError(message);
}

class MLPBlock extends MLP {
  constructor(size: number, inner: number, dropout: number) {
    super(size, [inner, size], { activationLayer: GELU, dropout });
    for (const m of this.modules()) {
      if (!(m instanceof Linear)) continue;
      init.xavierUniform_(m.weight);
      init.normal_(m.bias!, { std: 1e-6 });
    }
  }

  /** The first version had names in place of positions. */
  protected override upgradeStateDict(stateDict: Record<string, unknown>, prefix: string): void {
    for (const i of [0, 1])
      for (const name of ['weight', 'bias']) {
        const old = `${prefix}linear_${i + 1}.${name}`;
        if (!(old in stateDict)) continue;
        stateDict[`${prefix}${3 * i}.${name}`] = stateDict[old];
        Reflect.deleteProperty(stateDict, old);
      }
  }
}

interface Sizes {
  readonly numHeads: number;
  readonly hiddenDim: number;
  readonly mlpDim: number;
  readonly dropout: number;
  readonly attentionDropout: number;
}

class EncoderBlock extends SnakeModule {
  declare ln1: Module;
  declare selfAttention: MultiheadAttention;
  declare dropout: Dropout;
  declare ln2: Module;
  declare mlp: MLPBlock;

  constructor({ numHeads, hiddenDim, mlpDim, dropout, attentionDropout }: Sizes, norm: LayerFactory) {
    super();
    this.ln1 = makeLayer(norm, hiddenDim);
    this.selfAttention = new MultiheadAttention(hiddenDim, numHeads, {
      dropout: attentionDropout,
      batchFirst: true,
    });
    this.dropout = new Dropout(new PyFloat(dropout));
    this.ln2 = makeLayer(norm, hiddenDim);
    this.mlp = new MLPBlock(hiddenDim, mlpDim, dropout);
  }

  protected override stateKey(property: string): string {
    return super.stateKey(property).replace(/^ln(\d)/, 'ln_$1');
  }

  override forward(input: Tensor): Tensor {
    const normalized = this.ln1.forward(input) as Tensor;
    const [found] = this.selfAttention.forward(normalized, normalized, normalized, { needWeights: false });
    const x = this.dropout.forward(found).add(input);
    return x.add(this.mlp.forward(this.ln2.forward(x)));
  }
}

class Encoder extends SnakeModule {
  declare posEmbedding: Parameter;
  declare dropout: Dropout;
  declare layers: Sequential;
  declare ln: Module;

  constructor(length: number, numLayers: number, sizes: Sizes, norm: LayerFactory) {
    super();
    this.posEmbedding = new Parameter(ops.empty([1, length, sizes.hiddenDim]).normal_(0, 0.02));
    this.dropout = new Dropout(new PyFloat(sizes.dropout));
    const layers: Record<string, Module> = {};
    for (let i = 0; i < numLayers; i++) layers[`encoder_layer_${i}`] = new EncoderBlock(sizes, norm);
    this.layers = new Sequential(layers);
    this.ln = makeLayer(norm, sizes.hiddenDim);
  }

  override forward(input: Tensor): Tensor {
    const x = this.dropout.forward(input.add(this.posEmbedding));
    return this.ln.forward(this.layers.forward(x)) as Tensor;
  }
}

const common =
  'float dropout=0.0, float attention_dropout=0.0, int num_classes=1000, int? representation_size=None, Layer? norm_layer=None, Any conv_stem_configs=None' as const;
const visionTransformer = signature(
  `VisionTransformer(int image_size, int patch_size, int num_layers, int num_heads, int hidden_dim, int mlp_dim, ${common})`,
);

/** Vision Transformer (Dosovitskiy et al., 2021), for square images of one size. */
export class VisionTransformer extends SnakeModule {
  declare imageSize: number;
  declare patchSize: number;
  declare hiddenDim: number;
  declare numClasses: number;
  declare representationSize: number | null;
  declare classToken: Parameter;
  declare convProj: Module;
  declare encoder: Module;
  declare heads: Sequential;
  declare seqLength: number;

  /**
   * @param imageSize the height and width of images
   * @param patchSize the height and width of a patch
   * @param numLayers how many layers the encoder has
   * @param numHeads how many heads attention has
   * @param hiddenDim the size of a patch's vector
   * @param mlpDim the size between the products of a layer
   * @param dropout the probability with which elements are dropped in training
   * @param attentionDropout the same of attention's weights
   * @param numClasses the size of the result
   * @param representationSize the size of a further product; null: there is none
   * @param normLayer makes the normalization; null: layer norms with an eps of 1e-6
   * @param convStemConfigs convolutions in place of the projection of patches
   */
  constructor(
    ...args: Arguments<typeof visionTransformer, { convStemConfigs?: readonly ConvStemConfig[] | null }>
  ) {
    super();
    const { imageSize, patchSize, numLayers, numClasses, representationSize, ...given } =
      visionTransformer.bind(args);
    const { hiddenDim } = given;
    assert(imageSize % patchSize === 0, 'Input shape indivisible by patch size!');
    const norm: LayerFactory = given.normLayer ?? partial(LayerNorm, { eps: 1e-6 });
    this.imageSize = imageSize;
    this.patchSize = patchSize;
    this.hiddenDim = hiddenDim;
    this.numClasses = numClasses;
    this.representationSize = representationSize;
    const stem = given.convStemConfigs as readonly ConvStemConfig[] | null;
    this.convProj =
      stem === null ? new Conv2d(3, hiddenDim, patchSize, { stride: patchSize }) : stemOf(stem, hiddenDim);
    this.classToken = new Parameter(ops.zeros([1, 1, hiddenDim]));
    this.seqLength = (imageSize / patchSize) ** 2 + 1;
    this.encoder = new Encoder(this.seqLength, numLayers, given, norm);
    this.heads = new Sequential(
      representationSize === null
        ? { head: new Linear(hiddenDim, numClasses) }
        : {
            pre_logits: new Linear(hiddenDim, representationSize),
            act: new Tanh(),
            head: new Linear(representationSize, numClasses),
          },
    );
    this.initialize();
  }

  private initialize(): void {
    const projection =
      this.convProj instanceof Conv2d ? this.convProj : (this.convProj.getSubmodule('conv_last') as Conv2d);
    const { inChannels, outChannels, kernelSize, weight } = projection;
    if (projection === this.convProj) {
      const fanIn = inChannels * kernelSize[0] * kernelSize[1];
      init.truncNormal_(weight, { std: Math.sqrt(1 / fanIn) });
    } else init.normal_(weight, 0, Math.sqrt(2 / outChannels));
    init.zeros_(projection.bias!);
    for (const [name, layer] of this.heads.namedChildren()) {
      if (!(layer instanceof Linear)) continue;
      if (name === 'head') init.zeros_(layer.weight);
      else init.truncNormal_(layer.weight, { std: Math.sqrt(1 / layer.inFeatures) });
      init.zeros_(layer.bias!);
    }
  }

  private patches(x: Tensor): Tensor {
    const [batch, , height, width] = x.shape;
    const { imageSize, patchSize, hiddenDim } = this;
    assert(height === imageSize, `Wrong image height! Expected ${imageSize} but got ${height}!`);
    assert(width === imageSize, `Wrong image width! Expected ${imageSize} but got ${width}!`);
    const found = this.convProj.forward(x) as Tensor;
    return found.reshape([batch, hiddenDim, (imageSize / patchSize) ** 2]).permute([0, 2, 1]);
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    const token = this.classToken.expand([x.shape[0], -1, -1]);
    const encoded = this.encoder.forward(ops.cat([token, this.patches(x)], 1)) as Tensor;
    return this.heads.forward(encoded.select(1, 0));
  }
}

function stemOf(configs: readonly ConvStemConfig[], hiddenDim: number): Sequential {
  const stem = new Sequential();
  let channels = 3;
  for (const [i, { outChannels, kernelSize, stride, ...made }] of configs.entries()) {
    const { normLayer = BatchNorm2d, activationLayer = ReLU } = made;
    stem.addModule(
      `conv_bn_relu_${i}`,
      new Conv2dNormActivation(channels, outChannels, { kernelSize, stride, normLayer, activationLayer }),
    );
    channels = outChannels;
  }
  stem.addModule('conv_last', new Conv2d(channels, hiddenDim, 1));
  return stem;
}

/**
 * Weights of a Vision Transformer for images or patches of another size: the embeddings of positions are resized.
 *
 * @param imageSize the new height and width of images
 * @param patchSize the new height and width of a patch
 * @param modelState the weights
 * @param interpolationMode how they are resized
 * @param resetHeads whether the classifier's weights are left out
 */
export const interpolateEmbeddings = signed(
  "interpolate_embeddings(int image_size, int patch_size, Object model_state, str interpolation_mode='bicubic', bool reset_heads=False)",
  ({ imageSize, patchSize, modelState, interpolationMode, resetHeads }): StateDict => {
    const state = modelState as StateDict;
    const embedding = state['encoder.pos_embedding'];
    const [n, length, size] = embedding.shape;
    if (n !== 1) throw new ValueError(`Unexpected position embedding shape: ${formatShape(embedding.shape)}`);
    const side = Math.floor(imageSize / patchSize);
    if (side * side + 1 === length) return state;
    const before = Math.trunc(Math.sqrt(length - 1));
    if (before * before !== length - 1)
      throw new ValueError(
        `seq_length is not a perfect square! Instead got seq_length_1d * seq_length_1d = ${before * before} and seq_length = ${length - 1}`,
      );
    const image = embedding
      .narrow(1, 1, length - 1)
      .permute([0, 2, 1])
      .reshape([1, size, before, before]);
    const resized = F.interpolate(image, {
      size: [side, side],
      mode: interpolationMode as 'bicubic',
      alignCorners: true,
    })
      .reshape([1, size, side * side])
      .permute([0, 2, 1]);
    state['encoder.pos_embedding'] = ops.cat([embedding.narrow(1, 0, 1), resized], 1);
    return resetHeads
      ? Object.fromEntries(Object.entries(state).filter(([key]) => !key.startsWith('heads')))
      : state;
  },
);

const build = (
  name: string,
  weights: WeightsTable,
  [patchSize, numLayers, numHeads, hiddenDim, mlpDim]: readonly [number, number, number, number, number],
) =>
  modelBuilder({
    name,
    weights,
    options: `int image_size=224, ${common}`,
    make: (given) =>
      new VisionTransformer({ patchSize, numLayers, numHeads, hiddenDim, mlpDim, ...given } as never),
    pretrained: (settings, { meta }) => {
      settings.overwrite('num_classes', meta.categories!.length);
      const [height, width] = meta.minSize!;
      checkExpected('min_size', height, width);
      settings.overwrite('image_size', height);
    },
  });

/** Vision Transformer, base, with patches of 16 × 16. */
export const vitB16 = /* @__PURE__ */ build('vit_b_16', ViT_B_16_Weights, [16, 12, 12, 768, 3072]);
/** Vision Transformer, base, with patches of 32 × 32. */
export const vitB32 = /* @__PURE__ */ build('vit_b_32', ViT_B_32_Weights, [32, 12, 12, 768, 3072]);
/** Vision Transformer, large, with patches of 16 × 16. */
export const vitL16 = /* @__PURE__ */ build('vit_l_16', ViT_L_16_Weights, [16, 24, 16, 1024, 4096]);
/** Vision Transformer, large, with patches of 32 × 32. */
export const vitL32 = /* @__PURE__ */ build('vit_l_32', ViT_L_32_Weights, [32, 24, 16, 1024, 4096]);
/** Vision Transformer, huge, with patches of 14 × 14. */
export const vitH14 = /* @__PURE__ */ build('vit_h_14', ViT_H_14_Weights, [14, 32, 16, 1280, 5120]);
