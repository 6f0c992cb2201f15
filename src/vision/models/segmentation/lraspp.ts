import { NotImplementedError } from '../../../core/errors.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import type { Tensor } from '../../../core/tensor.js';
import { ofInput } from '../../../nn/inputs.js';
import type { Module } from '../../../nn/module.js';
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  ReLU,
  Sequential,
  Sigmoid,
} from '../../../nn/modules/index.js';
import { SnakeModule } from '../../ops/snake_module.js';
import { IntermediateLayerGetter } from '../intermediate_layers.js';
import { type MobileNetV3, mobilenetV3Large } from '../mobilenet_v3.js';
import { LRASPP_MobileNet_V3_Large_Weights } from './lraspp_weights.js';
import { stagesOf } from './mobile_stages.js';
import { segmentationBuilder } from './segmentation_builder.js';
import { type SegmentationOutput, sized } from './segmentation_model.js';

class LRASPPHead extends SnakeModule {
  declare cbr: Sequential;
  declare scale: Sequential;
  declare lowClassifier: Conv2d;
  declare highClassifier: Conv2d;

  constructor(low: number, high: number, numClasses: number, inner: number) {
    super();
    this.cbr = new Sequential(
      new Conv2d(high, inner, 1, { bias: false }),
      new BatchNorm2d(inner),
      new ReLU({ inplace: true }),
    );
    this.scale = new Sequential(
      new AdaptiveAvgPool2d(1),
      new Conv2d(high, inner, 1, { bias: false }),
      new Sigmoid(),
    );
    this.lowClassifier = new Conv2d(low, numClasses, 1);
    this.highClassifier = new Conv2d(inner, numClasses, 1);
  }

  override forward({ low, high }: Readonly<Record<string, Tensor>>): Tensor {
    const scaled = this.cbr.forward(high).mul(this.scale.forward(high));
    return this.lowClassifier.forward(low).add(this.highClassifier.forward(sized(scaled, low)));
  }
}

const lraspp = signature(
  'LRASPP(Any backbone, int low_channels, int high_channels, int num_classes, int inter_channels=128)',
);

/** Lite R-ASPP (Howard et al., 2019). */
export class LRASPP extends SnakeModule {
  declare backbone: Module;
  declare classifier: Module;

  /**
   * @param backbone finds features: `low` and `high`
   * @param lowChannels the channels of `low`
   * @param highChannels the channels of `high`
   * @param numClasses how many classes there are
   * @param interChannels the channels of the classifier
   */
  constructor(...args: Arguments<typeof lraspp, { backbone: Module }>) {
    super();
    const { backbone, lowChannels, highChannels, numClasses, interChannels } = lraspp.bind(args);
    this.backbone = backbone as Module;
    this.classifier = new LRASPPHead(lowChannels, highChannels, numClasses, interChannels);
  }

  override forward(...args: Arguments<typeof ofInput>): SegmentationOutput {
    const [input] = ofInput.inOrder(args, this);
    const scores = this.classifier.forward(this.backbone.forward(input)) as Tensor;
    return { out: sized(scores, input) };
  }
}

/** Lite R-ASPP on MobileNet v3. */
export const lrasppMobilenetV3Large = /* @__PURE__ */ segmentationBuilder<MobileNetV3, LRASPP>({
  name: 'lraspp_mobilenet_v3_large',
  weights: LRASPP_MobileNet_V3_Large_Weights,
  backbone: mobilenetV3Large,
  hasAux: false,
  features: (inner, progress) => mobilenetV3Large({ dilated: true, weights: inner, progress }),
  make: ({ features }, numClasses, auxLoss) => {
    if (auxLoss) throw new NotImplementedError('This model does not use auxiliary loss');
    const stages = stagesOf(features);
    const [low, high] = [stages.at(-4)!, stages.at(-1)!];
    const returnLayers = { [low.name]: 'low', [high.name]: 'high' };
    const backbone = new IntermediateLayerGetter(features, { returnLayers });
    return new LRASPP(backbone, low.channels, high.channels, numClasses);
  },
});
