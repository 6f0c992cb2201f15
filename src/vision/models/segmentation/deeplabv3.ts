import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { Module } from '../../../nn/module.js';
import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  ModuleList,
  ReLU,
  Sequential,
} from '../../../nn/modules/index.js';
import { IntermediateLayerGetter } from '../intermediate_layers.js';
import { type MobileNetV3, mobilenetV3Large } from '../mobilenet_v3.js';
import type { WeightsTable } from '../model_weights.js';
import { type ResNet, resnet50, resnet101 } from '../resnet.js';
import {
  DeepLabV3_MobileNet_V3_Large_Weights,
  DeepLabV3_ResNet50_Weights,
  DeepLabV3_ResNet101_Weights,
} from './deeplabv3_weights.js';
import { dilated, FCNHead, inOrder, residualFeatures } from './fcn.js';
import { stagesOf } from './mobile_stages.js';
import { segmentationBuilder } from './segmentation_builder.js';
import { SegmentationModel, sized } from './segmentation_model.js';

/** DeepLab v3 (Chen et al., 2017). */
export class DeepLabV3 extends SegmentationModel {}

class ASPPConv extends Sequential {
  constructor(inputs: number, outputs: number, dilation: number) {
    super(
      new Conv2d(inputs, outputs, 3, { padding: dilation, dilation, bias: false }),
      new BatchNorm2d(outputs),
      new ReLU(),
    );
  }
}

/** Features of the whole image, at every place. */
class ASPPPooling extends Sequential {
  constructor(inputs: number, outputs: number) {
    super(
      new AdaptiveAvgPool2d(1),
      new Conv2d(inputs, outputs, 1, { bias: false }),
      new BatchNorm2d(outputs),
      new ReLU(),
    );
  }

  override forward(x: Tensor): Tensor {
    return sized(super.forward(x), x);
  }
}

/** Convolutions of several spreads beside each other. */
class ASPP extends Module {
  declare convs: ModuleList;
  declare project: Sequential;

  constructor(inputs: number, rates: readonly number[], outputs = 256) {
    super();
    const pointwise = (from: number) => [
      new Conv2d(from, outputs, 1, { bias: false }),
      new BatchNorm2d(outputs),
      new ReLU(),
    ];
    this.convs = new ModuleList<Module>([
      new Sequential(...pointwise(inputs)),
      ...rates.map((rate) => new ASPPConv(inputs, outputs, rate)),
      new ASPPPooling(inputs, outputs),
    ]);
    this.project = new Sequential(...pointwise((rates.length + 2) * outputs), new Dropout(0.5));
  }

  override forward(x: Tensor): Tensor {
    const found = [...this.convs].map((conv) => conv.forward(x) as Tensor);
    return this.project.forward(ops.cat(found, 1));
  }
}

class DeepLabHead extends Sequential {
  constructor(inputs: number, numClasses: number) {
    super(
      new ASPP(inputs, [12, 24, 36]),
      new Conv2d(256, 256, 3, { padding: 1, bias: false }),
      new BatchNorm2d(256),
      new ReLU(),
      new Conv2d(256, numClasses, 1),
    );
  }
}

const build = (name: string, weights: WeightsTable, backbone: typeof resnet50) =>
  segmentationBuilder<ResNet, DeepLabV3>({
    name,
    weights,
    backbone,
    features: (inner, progress) => backbone({ ...dilated, weights: inner, progress }),
    make: (resnet, numClasses, auxLoss) =>
      new DeepLabV3(
        residualFeatures(resnet, auxLoss),
        ...inOrder(
          () => (auxLoss ? new FCNHead(1024, numClasses) : null),
          () => new DeepLabHead(2048, numClasses),
        ),
      ),
  });

/** DeepLab v3 on ResNet-50. */
export const deeplabv3Resnet50 = /* @__PURE__ */ build(
  'deeplabv3_resnet50',
  DeepLabV3_ResNet50_Weights,
  resnet50,
);
/** DeepLab v3 on ResNet-101. */
export const deeplabv3Resnet101 = /* @__PURE__ */ build(
  'deeplabv3_resnet101',
  DeepLabV3_ResNet101_Weights,
  resnet101,
);
/** DeepLab v3 on MobileNet v3. */
export const deeplabv3MobilenetV3Large = /* @__PURE__ */ segmentationBuilder<MobileNetV3, DeepLabV3>({
  name: 'deeplabv3_mobilenet_v3_large',
  weights: DeepLabV3_MobileNet_V3_Large_Weights,
  backbone: mobilenetV3Large,
  features: (inner, progress) => mobilenetV3Large({ dilated: true, weights: inner, progress }),
  make: ({ features }, numClasses, auxLoss) => {
    const stages = stagesOf(features);
    const [out, aux] = [stages.at(-1)!, stages.at(-4)!];
    const returnLayers = { [out.name]: 'out', ...(auxLoss && { [aux.name]: 'aux' }) };
    return new DeepLabV3(
      new IntermediateLayerGetter(features, { returnLayers }),
      ...inOrder(
        () => (auxLoss ? new FCNHead(aux.channels, numClasses) : null),
        () => new DeepLabHead(out.channels, numClasses),
      ),
    );
  },
});
