import { ValueError } from '../../core/errors.js';
import { formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import { Module } from '../../nn/module.js';
import { BatchNorm2d, Conv2d, Dropout, Linear, ReLU6, Sequential } from '../../nn/modules/index.js';
import { asGiven } from '../../nn/settings.js';
import { Conv2dNormActivation } from '../ops/blocks.js';
import { type LayerFactory, makeLayer } from '../ops/layer_factories.js';
import { ofX } from '../ops/snake_module.js';
import { modelBuilder } from './builder.js';
import { makeDivisible, roundEven } from './channels.js';
import { initializeMobile, smallNormal } from './initial_weights.js';
import { MobileNet_V2_Weights } from './weights/mobilenet_v2_weights.js';

interface ResidualOptions {
  readonly expandRatio: number;
  readonly normLayer: LayerFactory;
}

/** A convolution per channel between one that adds channels and one that takes them away. */
class InvertedResidual extends Module {
  declare conv: Sequential;
  private readonly addsInput: boolean;

  constructor(inputs: number, outputs: number, stride: number, { expandRatio, normLayer }: ResidualOptions) {
    super();
    if (stride !== 1 && stride !== 2) throw new ValueError(`stride should be 1 or 2 instead of ${stride}`);
    const hidden = roundEven(inputs * expandRatio);
    const layer = { normLayer, activationLayer: ReLU6 };
    const layers: Module[] = [];
    if (expandRatio !== 1) layers.push(new Conv2dNormActivation(inputs, hidden, { kernelSize: 1, ...layer }));
    layers.push(
      new Conv2dNormActivation(hidden, hidden, { stride, groups: hidden, ...layer }),
      new Conv2d(hidden, outputs, 1, 1, 0, { bias: false }),
      makeLayer(normLayer, outputs),
    );
    this.conv = new Sequential(...layers);
    this.addsInput = stride === 1 && inputs === outputs;
  }

  override forward(x: Tensor): Tensor {
    const found = this.conv.forward(x);
    return this.addsInput ? x.add(found) : found;
  }
}

/** Of each stage: how many times channels are multiplied inside, the channels, how many blocks, the stride. */
const stages: readonly (readonly number[])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

const parameters =
  'int num_classes=1000, float width_mult=1.0, Any inverted_residual_setting=None, int round_nearest=8, Layer? block=None, Layer? norm_layer=None, float dropout=0.2' as const;
const mobileNet = signature(`MobileNetV2(${parameters})`);

/** MobileNet v2 (Sandler et al., 2018). */
export class MobileNetV2 extends Module {
  declare lastChannel: number;
  declare features: Sequential;
  declare classifier: Sequential;

  /**
   * @param numClasses the size of the result
   * @param widthMult what numbers of channels are multiplied by
   * @param invertedResidualSetting of each stage: how many times channels are multiplied inside, the channels, how many blocks, the stride
   * @param roundNearest what divides numbers of channels
   * @param block makes a block; null: MobileNet's own
   * @param normLayer makes the normalization; null: batch norms
   * @param dropout the probability with which elements are dropped in training
   */
  constructor(
    ...args: Arguments<typeof mobileNet, { invertedResidualSetting?: readonly (readonly number[])[] | null }>
  ) {
    super();
    const { numClasses, widthMult, roundNearest, ...given } = mobileNet.bind(args);
    const setting = (given.invertedResidualSetting ?? stages) as readonly (readonly number[])[];
    const block: LayerFactory = given.block ?? InvertedResidual;
    const normLayer: LayerFactory = given.normLayer ?? BatchNorm2d;
    if (setting.length === 0 || setting[0].length !== 4)
      throw new ValueError(
        `inverted_residual_setting should be non-empty or a 4-element list, got ${formatValue(setting)}`,
      );
    const layer = { normLayer, activationLayer: ReLU6 };
    let channels = makeDivisible(32 * widthMult, roundNearest);
    this.lastChannel = makeDivisible(1280 * Math.max(1, widthMult), roundNearest);
    const features: Module[] = [new Conv2dNormActivation(3, channels, { stride: 2, ...layer })];
    for (const [expandRatio, c, n, s] of setting) {
      const outputs = makeDivisible(c * widthMult, roundNearest);
      for (let i = 0; i < n; i++) {
        features.push(makeLayer(block, channels, outputs, i === 0 ? s : 1, { expandRatio, normLayer }));
        channels = outputs;
      }
    }
    features.push(new Conv2dNormActivation(channels, this.lastChannel, { kernelSize: 1, ...layer }));
    this.features = new Sequential(...features);
    this.classifier = new Sequential(
      new Dropout(asGiven(given, 'dropout')),
      new Linear(this.lastChannel, numClasses),
    );
    initializeMobile(this, smallNormal);
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    const pooled = F.adaptiveAvgPool2d(this.features.forward(x), [1, 1]);
    return this.classifier.forward(ops.flatten(pooled, 1));
  }
}

/** MobileNet v2. */
export const mobilenetV2 = /* @__PURE__ */ modelBuilder({
  name: 'mobilenet_v2',
  weights: MobileNet_V2_Weights,
  options: parameters,
  make: (given) => new MobileNetV2(given as never),
});
