import { TypeError, ValueError } from '../../core/errors.js';
import { libraryClass } from '../../core/object.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { Module } from '../../nn/module.js';
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Dropout,
  Hardsigmoid,
  Hardswish,
  Linear,
  ReLU,
  Sequential,
} from '../../nn/modules/index.js';
import { asGiven } from '../../nn/settings.js';
import { Conv2dNormActivation, SqueezeExcitation } from '../ops/blocks.js';
import { type LayerFactory, makeLayer, partial } from '../ops/layer_factories.js';
import { ofX } from '../ops/snake_module.js';
import { modelBuilder } from './builder.js';
import { makeDivisible } from './channels.js';
import { initializeMobile, smallNormal } from './initial_weights.js';
import type { WeightsTable } from './model_weights.js';
import { MobileNet_V3_Large_Weights, MobileNet_V3_Small_Weights } from './weights/mobilenet_v3_weights.js';

const residualConfig = signature(
  "InvertedResidualConfig(int input_channels, int kernel, int expanded_channels, int out_channels, bool use_se, 'RE'|'HS' activation, int stride, int dilation, float width_mult)",
);

/** Settings of one of MobileNet v3's blocks. */
export class InvertedResidualConfig {
  readonly inputChannels: number;
  readonly kernel: number;
  readonly expandedChannels: number;
  readonly outChannels: number;
  readonly useSe: boolean;
  readonly useHs: boolean;
  readonly stride: number;
  readonly dilation: number;

  /**
   * @param inputChannels the channels of the input
   * @param kernel the size of the kernel
   * @param expandedChannels the channels inside
   * @param outChannels the channels of the result
   * @param useSe whether channels are weighted by `SqueezeExcitation`
   * @param activation 'RE' for rectifiers, 'HS' for Hardswish
   * @param stride how far the kernel moves
   * @param dilation the spacing of the kernel's elements
   * @param widthMult what numbers of channels are multiplied by
   */
  constructor(...args: Arguments<typeof residualConfig>) {
    const { widthMult, ...given } = residualConfig.bind(args);
    const adjusted = (channels: number) => makeDivisible(channels * widthMult, 8);
    this.inputChannels = adjusted(given.inputChannels);
    this.kernel = given.kernel;
    this.expandedChannels = adjusted(given.expandedChannels);
    this.outChannels = adjusted(given.outChannels);
    this.useSe = given.useSe;
    this.useHs = given.activation === 'HS';
    this.stride = given.stride;
    this.dilation = given.dilation;
  }
}

libraryClass(InvertedResidualConfig);

class InvertedResidual extends Module {
  declare block: Sequential;
  readonly outChannels: number;
  /** Whether the size shrinks here. */
  readonly isStrided: boolean;
  private readonly addsInput: boolean;

  constructor(config: InvertedResidualConfig, normLayer: LayerFactory) {
    super();
    const { inputChannels: inputs, expandedChannels: inner, outChannels, stride, dilation } = config;
    if (stride < 1 || stride > 2) throw new ValueError('illegal stride value');
    const layer = { normLayer, activationLayer: config.useHs ? Hardswish : ReLU };
    const layers: Module[] = [];
    if (inner !== inputs) layers.push(new Conv2dNormActivation(inputs, inner, { kernelSize: 1, ...layer }));
    layers.push(
      new Conv2dNormActivation(inner, inner, {
        kernelSize: config.kernel,
        stride: dilation > 1 ? 1 : stride,
        dilation,
        groups: inner,
        ...layer,
      }),
    );
    if (config.useSe)
      layers.push(
        new SqueezeExcitation(inner, makeDivisible(Math.floor(inner / 4), 8), {
          scaleActivation: Hardsigmoid,
        }),
      );
    layers.push(
      new Conv2dNormActivation(inner, outChannels, { kernelSize: 1, normLayer, activationLayer: null }),
    );
    this.block = new Sequential(...layers);
    this.outChannels = outChannels;
    this.isStrided = stride > 1;
    this.addsInput = stride === 1 && inputs === outChannels;
  }

  override forward(input: Tensor): Tensor {
    const found = this.block.forward(input);
    return this.addsInput ? found.add_(input) : found;
  }
}

/** Whether a part of MobileNet v3's features makes the size shrink: segmentation takes what comes before. */
export const isStrided = (module: Module): boolean => module instanceof InvertedResidual && module.isStrided;

const parameters =
  'int num_classes=1000, Layer? block=None, Layer? norm_layer=None, float dropout=0.2' as const;
const mobileNet = signature(`MobileNetV3(Any inverted_residual_setting, int last_channel, ${parameters})`);

/** MobileNet v3 (Howard et al., 2019). */
export class MobileNetV3 extends Module {
  declare features: Sequential;
  declare avgpool: AdaptiveAvgPool2d;
  declare classifier: Sequential;

  /**
   * @param invertedResidualSetting the settings of its blocks
   * @param lastChannel the size between the classifier's two products
   * @param numClasses the size of the result
   * @param block makes a block of its settings; null: MobileNet's own
   * @param normLayer makes the normalization; null: batch norms with an eps of 0.001 and a momentum of 0.01
   * @param dropout the probability with which elements are dropped in training
   */
  constructor(
    ...args: Arguments<typeof mobileNet, { invertedResidualSetting: readonly InvertedResidualConfig[] }>
  ) {
    super();
    const { lastChannel, numClasses, ...given } = mobileNet.bind(args);
    const setting = given.invertedResidualSetting as readonly InvertedResidualConfig[];
    if (Array.isArray(setting) && setting.length === 0)
      throw new ValueError('The inverted_residual_setting should not be empty');
    if (!Array.isArray(setting) || !setting.every((one) => one instanceof InvertedResidualConfig))
      throw new TypeError('The inverted_residual_setting should be List[InvertedResidualConfig]');
    const block: LayerFactory = given.block ?? InvertedResidual;
    const normLayer: LayerFactory = given.normLayer ?? partial(BatchNorm2d, { eps: 0.001, momentum: 0.01 });
    const layer = { normLayer, activationLayer: Hardswish };
    const last = setting.at(-1)!.outChannels;
    this.features = new Sequential(
      new Conv2dNormActivation(3, setting[0].inputChannels, { kernelSize: 3, stride: 2, ...layer }),
      ...setting.map((config) => makeLayer(block, config, normLayer)),
      new Conv2dNormActivation(last, 6 * last, { kernelSize: 1, ...layer }),
    );
    this.avgpool = new AdaptiveAvgPool2d(1);
    this.classifier = new Sequential(
      new Linear(6 * last, lastChannel),
      new Hardswish({ inplace: true }),
      new Dropout(asGiven(given, 'dropout'), true),
      new Linear(lastChannel, numClasses),
    );
    initializeMobile(this, smallNormal);
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    return this.classifier.forward(ops.flatten(this.avgpool.forward(this.features.forward(x)), 1));
  }
}

/** Options of the networks' shape. */
interface Shape {
  readonly widthMult: number;
  readonly reducedTail: boolean;
  readonly dilated: boolean;
}

type Row = [number, number, number, number, boolean, 'RE' | 'HS', number, number];

const configs = (rows: readonly Row[], widthMult: number) =>
  rows.map((row) => new InvertedResidualConfig(...row, widthMult));

function large({ widthMult, reducedTail, dilated }: Shape): [InvertedResidualConfig[], number] {
  const part = reducedTail ? 2 : 1;
  const dilation = dilated ? 2 : 1;
  const rows: Row[] = [
    [16, 3, 16, 16, false, 'RE', 1, 1],
    [16, 3, 64, 24, false, 'RE', 2, 1],
    [24, 3, 72, 24, false, 'RE', 1, 1],
    [24, 5, 72, 40, true, 'RE', 2, 1],
    [40, 5, 120, 40, true, 'RE', 1, 1],
    [40, 5, 120, 40, true, 'RE', 1, 1],
    [40, 3, 240, 80, false, 'HS', 2, 1],
    [80, 3, 200, 80, false, 'HS', 1, 1],
    [80, 3, 184, 80, false, 'HS', 1, 1],
    [80, 3, 184, 80, false, 'HS', 1, 1],
    [80, 3, 480, 112, true, 'HS', 1, 1],
    [112, 3, 672, 112, true, 'HS', 1, 1],
    [112, 5, 672, 160 / part, true, 'HS', 2, dilation],
    [160 / part, 5, 960 / part, 160 / part, true, 'HS', 1, dilation],
    [160 / part, 5, 960 / part, 160 / part, true, 'HS', 1, dilation],
  ];
  return [configs(rows, widthMult), makeDivisible((1280 / part) * widthMult, 8)];
}

function small({ widthMult, reducedTail, dilated }: Shape): [InvertedResidualConfig[], number] {
  const part = reducedTail ? 2 : 1;
  const dilation = dilated ? 2 : 1;
  const rows: Row[] = [
    [16, 3, 16, 16, true, 'RE', 2, 1],
    [16, 3, 72, 24, false, 'RE', 2, 1],
    [24, 3, 88, 24, false, 'RE', 1, 1],
    [24, 5, 96, 40, true, 'HS', 2, 1],
    [40, 5, 240, 40, true, 'HS', 1, 1],
    [40, 5, 240, 40, true, 'HS', 1, 1],
    [40, 5, 120, 48, true, 'HS', 1, 1],
    [48, 5, 144, 48, true, 'HS', 1, 1],
    [48, 5, 288, 96 / part, true, 'HS', 2, dilation],
    [96 / part, 5, 576 / part, 96 / part, true, 'HS', 1, dilation],
    [96 / part, 5, 576 / part, 96 / part, true, 'HS', 1, dilation],
  ];
  return [configs(rows, widthMult), makeDivisible((1024 / part) * widthMult, 8)];
}

const build = (
  name: string,
  weights: WeightsTable,
  shape: (options: Shape) => [InvertedResidualConfig[], number],
) =>
  modelBuilder({
    name,
    weights,
    options: `${parameters}, float width_mult=1.0, bool reduced_tail=False, bool dilated=False`,
    make: ({ widthMult, reducedTail, dilated, ...given }) =>
      new MobileNetV3(...shape({ widthMult, reducedTail, dilated }), given),
  });

/** MobileNet v3, the large one. */
export const mobilenetV3Large = /* @__PURE__ */ build(
  'mobilenet_v3_large',
  MobileNet_V3_Large_Weights,
  large,
);
/** MobileNet v3, the small one. */
export const mobilenetV3Small = /* @__PURE__ */ build(
  'mobilenet_v3_small',
  MobileNet_V3_Small_Weights,
  small,
);
