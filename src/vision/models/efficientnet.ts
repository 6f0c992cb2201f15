/** EfficientNet (Tan and Le, 2019) and EfficientNet v2 (Tan and Le, 2021). */
import { TypeError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import * as init from '../../nn/init.js';
import type { Module } from '../../nn/module.js';
import { AdaptiveAvgPool2d, BatchNorm2d, Dropout, Linear, Sequential, SiLU } from '../../nn/modules/index.js';
import { asGiven } from '../../nn/settings.js';
import { Conv2dNormActivation } from '../ops/blocks.js';
import { type LayerFactory, makeLayer, partial } from '../ops/layer_factories.js';
import { ofX, SnakeModule } from '../ops/snake_module.js';
import { modelBuilder } from './builder.js';
import { BlockConfig, FusedMBConvConfig, MBConvConfig } from './efficientnet_blocks.js';
import { initializeMobile } from './initial_weights.js';
import type { WeightsTable } from './model_weights.js';
import {
  EfficientNet_B0_Weights,
  EfficientNet_B1_Weights,
  EfficientNet_B2_Weights,
  EfficientNet_B3_Weights,
  EfficientNet_B4_Weights,
  EfficientNet_B5_Weights,
  EfficientNet_B6_Weights,
  EfficientNet_B7_Weights,
  EfficientNet_V2_L_Weights,
  EfficientNet_V2_M_Weights,
  EfficientNet_V2_S_Weights,
} from './weights/efficientnet_weights.js';

export { FusedMBConvConfig, MBConvConfig };

const parameters = 'float stochastic_depth_prob=0.2, int num_classes=1000, Layer? norm_layer=None' as const;
const efficientNet = signature(
  `EfficientNet(Any inverted_residual_setting, float dropout, ${parameters}, int? last_channel=None)`,
);

/** A network of inverted residuals whose width, depth and resolution grow together. */
export class EfficientNet extends SnakeModule {
  declare features: Sequential;
  declare avgpool: AdaptiveAvgPool2d;
  declare classifier: Sequential;

  /**
   * @param invertedResidualSetting the settings of its stages
   * @param dropout the probability with which elements are dropped in training
   * @param stochasticDepthProb the probability with which the last block is left out in training; it grows from 0
   * @param numClasses the size of the result
   * @param normLayer makes the normalization; null: batch norms
   * @param lastChannel the channels of the last convolution; null: four times those of the last stage
   */
  constructor(...args: Arguments<typeof efficientNet, { invertedResidualSetting: readonly BlockConfig[] }>) {
    super();
    const { stochasticDepthProb, numClasses, lastChannel, ...given } = efficientNet.bind(args);
    const setting = given.invertedResidualSetting as readonly BlockConfig[];
    if (Array.isArray(setting) && setting.length === 0)
      throw new ValueError('The inverted_residual_setting should not be empty');
    if (!Array.isArray(setting) || !setting.every((one) => one instanceof BlockConfig))
      throw new TypeError('The inverted_residual_setting should be List[MBConvConfig]');
    const normLayer: LayerFactory = given.normLayer ?? BatchNorm2d;
    const layer = { normLayer, activationLayer: SiLU };
    const layers: Module[] = [
      new Conv2dNormActivation(3, setting[0].inputChannels, { kernelSize: 3, stride: 2, ...layer }),
    ];
    const blocks = setting.reduce((sum, { numLayers }) => sum + numLayers, 0);
    let id = 0;
    for (const config of setting) {
      const stage: Module[] = [];
      for (let i = 0; i < config.numLayers; i++) {
        const probability = (stochasticDepthProb * id++) / blocks;
        const own = i === 0 ? config : config.following();
        stage.push(makeLayer(config.block, own, probability, normLayer));
      }
      layers.push(new Sequential(...stage));
    }
    const last = setting.at(-1)!.outChannels;
    const outputs = lastChannel ?? 4 * last;
    layers.push(new Conv2dNormActivation(last, outputs, { kernelSize: 1, ...layer }));
    this.features = new Sequential(...layers);
    this.avgpool = new AdaptiveAvgPool2d(1);
    this.classifier = new Sequential(
      new Dropout(asGiven(given, 'dropout'), true),
      new Linear(outputs, numClasses),
    );
    initializeMobile(this, ({ weight, outFeatures }) => {
      const range = 1 / Math.sqrt(outFeatures);
      init.uniform_(weight, -range, range);
    });
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    return this.classifier.forward(ops.flatten(this.avgpool.forward(this.features.forward(x)), 1));
  }
}

/** Of each stage: expansion, kernel, stride, input channels, output channels, layers. */
type Row = [number, number, number, number, number, number];

const first: readonly Row[] = [
  [1, 3, 1, 32, 16, 1],
  [6, 3, 2, 16, 24, 2],
  [6, 5, 2, 24, 40, 2],
  [6, 3, 2, 40, 80, 3],
  [6, 5, 1, 80, 112, 3],
  [6, 5, 2, 112, 192, 4],
  [6, 3, 1, 192, 320, 1],
];

const options = <const D extends string>(dropout: D) => `float dropout=${dropout}, ${parameters}` as const;

const careful = { eps: 0.001, momentum: 0.01 };

const buildFirst = (
  name: string,
  weights: WeightsTable,
  [widthMult, depthMult]: [number, number],
  dropout: string,
  norm: object | null = null,
) =>
  modelBuilder({
    name,
    weights,
    options: options('0.2').replace('=0.2', `=${dropout}`) as ReturnType<typeof options<'0.2'>>,
    make: (given) =>
      new EfficientNet({
        ...given,
        normLayer: given.normLayer ?? (norm === null ? null : partial(BatchNorm2d, { ...norm })),
        invertedResidualSetting: first.map((row) => new MBConvConfig(...row, widthMult, depthMult)),
      }),
  });

/** So many of the stages fuse the convolution per channel with the one before. */
const buildSecond = (name: string, weights: WeightsTable, rows: readonly Row[], dropout: string) =>
  modelBuilder({
    name,
    weights,
    options: options('0.2').replace('=0.2', `=${dropout}`) as ReturnType<typeof options<'0.2'>>,
    make: (given) =>
      new EfficientNet({
        ...given,
        normLayer: given.normLayer ?? partial(BatchNorm2d, { eps: 0.001 }),
        invertedResidualSetting: rows.map((row, i) =>
          i < 3 ? new FusedMBConvConfig(...row) : new MBConvConfig(...row),
        ),
        lastChannel: 1280,
      }),
  });

/** EfficientNet B0. */
export const efficientnetB0 = /* @__PURE__ */ buildFirst(
  'efficientnet_b0',
  EfficientNet_B0_Weights,
  [1, 1],
  '0.2',
);
/** EfficientNet B1. */
export const efficientnetB1 = /* @__PURE__ */ buildFirst(
  'efficientnet_b1',
  EfficientNet_B1_Weights,
  [1, 1.1],
  '0.2',
);
/** EfficientNet B2. */
export const efficientnetB2 = /* @__PURE__ */ buildFirst(
  'efficientnet_b2',
  EfficientNet_B2_Weights,
  [1.1, 1.2],
  '0.3',
);
/** EfficientNet B3. */
export const efficientnetB3 = /* @__PURE__ */ buildFirst(
  'efficientnet_b3',
  EfficientNet_B3_Weights,
  [1.2, 1.4],
  '0.3',
);
/** EfficientNet B4. */
export const efficientnetB4 = /* @__PURE__ */ buildFirst(
  'efficientnet_b4',
  EfficientNet_B4_Weights,
  [1.4, 1.8],
  '0.4',
);
/** EfficientNet B5. */
export const efficientnetB5 = /* @__PURE__ */ buildFirst(
  'efficientnet_b5',
  EfficientNet_B5_Weights,
  [1.6, 2.2],
  '0.4',
  careful,
);
/** EfficientNet B6. */
export const efficientnetB6 = /* @__PURE__ */ buildFirst(
  'efficientnet_b6',
  EfficientNet_B6_Weights,
  [1.8, 2.6],
  '0.5',
  careful,
);
/** EfficientNet B7. */
export const efficientnetB7 = /* @__PURE__ */ buildFirst(
  'efficientnet_b7',
  EfficientNet_B7_Weights,
  [2, 3.1],
  '0.5',
  careful,
);
/** EfficientNet v2, the small one. */
export const efficientnetV2S = /* @__PURE__ */ buildSecond(
  'efficientnet_v2_s',
  EfficientNet_V2_S_Weights,
  [
    [1, 3, 1, 24, 24, 2],
    [4, 3, 2, 24, 48, 4],
    [4, 3, 2, 48, 64, 4],
    [4, 3, 2, 64, 128, 6],
    [6, 3, 1, 128, 160, 9],
    [6, 3, 2, 160, 256, 15],
  ],
  '0.2',
);
/** EfficientNet v2, the one between. */
export const efficientnetV2M = /* @__PURE__ */ buildSecond(
  'efficientnet_v2_m',
  EfficientNet_V2_M_Weights,
  [
    [1, 3, 1, 24, 24, 3],
    [4, 3, 2, 24, 48, 5],
    [4, 3, 2, 48, 80, 5],
    [4, 3, 2, 80, 160, 7],
    [6, 3, 1, 160, 176, 14],
    [6, 3, 2, 176, 304, 18],
    [6, 3, 1, 304, 512, 5],
  ],
  '0.3',
);
/** EfficientNet v2, the large one. */
export const efficientnetV2L = /* @__PURE__ */ buildSecond(
  'efficientnet_v2_l',
  EfficientNet_V2_L_Weights,
  [
    [1, 3, 1, 32, 32, 4],
    [4, 3, 2, 32, 64, 7],
    [4, 3, 2, 64, 96, 7],
    [4, 3, 2, 96, 192, 10],
    [6, 3, 1, 192, 224, 19],
    [6, 3, 2, 224, 384, 25],
    [6, 3, 1, 384, 640, 7],
  ],
  '0.4',
);
