import { ValueError } from '../../core/errors.js';
import { formatTuple } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import * as init from '../../nn/init.js';
import { Module } from '../../nn/module.js';
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  Flatten,
  LayerNorm,
  Linear,
  ModuleList,
  Sequential,
  Tanh,
} from '../../nn/modules/index.js';
import { Conv2dNormActivation } from '../ops/blocks.js';
import { partial } from '../ops/layer_factories.js';
import { ofX } from '../ops/snake_module.js';
import { checkExpected, modelBuilder } from './builder.js';
import { halved, MaxVitBlock } from './maxvit_layers.js';
import { MaxVit_T_Weights } from './weights/maxvit_weights.js';

const common =
  "Layer? norm_layer=None, Layer activation_layer='GELU', float squeeze_ratio=0.25, float expansion_ratio=4, int mlp_ratio=4, float mlp_dropout=0.0, float attention_dropout=0.0, int num_classes=1000" as const;
const maxVit = signature(
  `MaxVit(int[2] input_size, int stem_channels, int partition_size, int[] block_channels, int[] block_layers, int head_dim, float stochastic_depth_prob, ${common})`,
);

/** MaxViT (Tu et al., 2022): convolutions, attention within windows and attention across them in every layer. */
export class MaxVit extends Module {
  declare partitionSize: number;
  declare stem: Sequential;
  declare blocks: ModuleList;
  declare classifier: Sequential;

  /**
   * @param inputSize the height and width of images
   * @param stemChannels the channels of the first convolutions
   * @param partitionSize the height and width of a window
   * @param blockChannels the channels of each block
   * @param blockLayers how many layers each block has
   * @param headDim the size of a head of attention
   * @param stochasticDepthProb the probability with which the last layer is left out in training; it grows from 0
   * @param normLayer makes the normalization; null: batch norms with an eps of 0.001 and a momentum of 0.01
   * @param activationLayer makes activations
   * @param squeezeRatio how many of the channels `SqueezeExcitation` has inside
   * @param expansionRatio how many times its channels a layer's convolutions have inside
   * @param mlpRatio how many times its channels a layer has between its products
   * @param mlpDropout the probability with which elements are dropped behind products in training
   * @param attentionDropout the same behind attention
   * @param numClasses the size of the result
   */
  constructor(...args: Arguments<typeof maxVit>) {
    super();
    const given = maxVit.bind(args);
    const { inputSize, stemChannels, partitionSize, blockChannels, blockLayers, activationLayer } = given;
    const normLayer = given.normLayer ?? partial(BatchNorm2d, { eps: 0.001, momentum: 0.01 });
    checkSizes(inputSize, blockChannels.length, partitionSize);
    this.partitionSize = partitionSize;
    this.stem = new Sequential(
      new Conv2dNormActivation(3, stemChannels, {
        kernelSize: 3,
        stride: 2,
        normLayer,
        activationLayer,
        bias: false,
        inplace: null,
      }),
      new Conv2dNormActivation(stemChannels, stemChannels, {
        kernelSize: 3,
        stride: 1,
        normLayer: null,
        activationLayer: null,
        bias: true,
      }),
    );
    const layers = blockLayers.reduce((sum, count) => sum + count, 0);
    const step = layers > 1 ? given.stochasticDepthProb / (layers - 1) : 0;
    const probabilities = Array.from({ length: layers }, (_, i) =>
      i > 0 && i === layers - 1 ? given.stochasticDepthProb : i * step,
    );
    const blocks: MaxVitBlock[] = [];
    let size = halved(inputSize);
    for (const [i, outputs] of blockChannels.entries()) {
      const inputs = i === 0 ? stemChannels : blockChannels[i - 1];
      const own = probabilities.splice(0, blockLayers[i]);
      const block = new MaxVitBlock(inputs, outputs, size, own, { ...given, normLayer });
      blocks.push(block);
      size = block.gridSize;
    }
    this.blocks = new ModuleList<Module>(blocks);
    const channels = blockChannels.at(-1)!;
    this.classifier = new Sequential(
      new AdaptiveAvgPool2d(1),
      new Flatten(),
      new LayerNorm(channels),
      new Linear(channels, channels),
      new Tanh(),
      new Linear(channels, given.numClasses, false),
    );
    this.initialize();
  }

  private initialize(): void {
    for (const m of this.modules()) {
      if (m instanceof Conv2d || m instanceof Linear) {
        init.normal_(m.weight, { std: 0.02 });
        if (m.bias !== null) init.zeros_(m.bias);
      } else if (m instanceof BatchNorm2d) {
        init.constant_(m.weight!, 1);
        init.constant_(m.bias!, 0);
      }
    }
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [input] = ofX.inOrder(args, this);
    let x = this.stem.forward(input);
    for (const block of this.blocks) x = block.forward(x) as Tensor;
    return this.classifier.forward(x);
  }
}

/** @throws ValueError in torchvision's words where windows do not fit */
function checkSizes(inputSize: readonly number[], blocks: number, partitionSize: number): void {
  const sizes: (readonly number[])[] = [];
  let size = halved(inputSize);
  for (let i = 0; i < blocks; i++) {
    size = halved(size);
    sizes.push(size);
  }
  for (const [i, [height, width]] of sizes.entries())
    if (height % partitionSize !== 0 || width % partitionSize !== 0)
      throw new ValueError(
        `Input size ${formatTuple([height, width])} of block ${i} is not divisible by partition size ${partitionSize}. Consider changing the partition size or the input size.\nCurrent configuration yields the following block input sizes: [${sizes.map(formatTuple).join(', ')}].`,
      );
}

/** MaxViT, the tiny one. */
export const maxvitT = /* @__PURE__ */ modelBuilder({
  name: 'maxvit_t',
  weights: MaxVit_T_Weights,
  options: `int[2] input_size=224, ${common}`,
  make: (given) =>
    new MaxVit({
      stemChannels: 64,
      blockChannels: [64, 128, 256, 512],
      blockLayers: [2, 2, 5, 2],
      headDim: 32,
      stochasticDepthProb: 0.2,
      partitionSize: 7,
      ...given,
    }),
  pretrained: (settings, { meta }) => {
    settings.overwrite('num_classes', meta.categories!.length);
    const [height, width] = meta.minSize!;
    checkExpected('min_size', height, width);
    settings.overwrite('input_size', [height, width]);
  },
});
