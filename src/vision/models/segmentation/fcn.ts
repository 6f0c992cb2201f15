import type { Module } from '../../../nn/module.js';
import { BatchNorm2d, Conv2d, Dropout, ReLU, Sequential } from '../../../nn/modules/index.js';
import { IntermediateLayerGetter } from '../intermediate_layers.js';
import type { WeightsTable } from '../model_weights.js';
import { type ResNet, resnet50, resnet101 } from '../resnet.js';
import { FCN_ResNet50_Weights, FCN_ResNet101_Weights } from './fcn_weights.js';
import { segmentationBuilder } from './segmentation_builder.js';
import { SegmentationModel } from './segmentation_model.js';

/** A fully convolutional network (Long et al., 2015). */
export class FCN extends SegmentationModel {}

/** Classifies the places of features. */
export class FCNHead extends Sequential {
  constructor(inputs: number, outputs: number) {
    const inner = inputs >> 2;
    super(
      new Conv2d(inputs, inner, 3, { padding: 1, bias: false }),
      new BatchNorm2d(inner),
      new ReLU(),
      new Dropout(0.1),
      new Conv2d(inner, outputs, 1),
    );
  }
}

/** The last features of a ResNet, and those before for the second classifier. */
export function residualFeatures(resnet: Module, auxLoss: boolean): IntermediateLayerGetter {
  return new IntermediateLayerGetter(resnet, {
    returnLayers: { layer4: 'out', ...(auxLoss && { layer3: 'aux' }) },
  });
}

/** Options that keep the size in the last two stages. */
export const dilated = { replaceStrideWithDilation: [false, true, true] } as const;

const build = (name: string, weights: WeightsTable, backbone: typeof resnet50) =>
  segmentationBuilder<ResNet, FCN>({
    name,
    weights,
    backbone,
    features: (inner, progress) => backbone({ ...dilated, weights: inner, progress }),
    make: (resnet, numClasses, auxLoss) =>
      new FCN(
        residualFeatures(resnet, auxLoss),
        ...inOrder(
          () => (auxLoss ? new FCNHead(1024, numClasses) : null),
          () => new FCNHead(2048, numClasses),
        ),
      ),
  });

/** The classifier and the second one, of which the second draws its weights first. */
export function inOrder(aux: () => Module | null, main: () => Module): [Module, Module | null] {
  const second = aux();
  return [main(), second];
}

/** A fully convolutional network on ResNet-50. */
export const fcnResnet50 = /* @__PURE__ */ build('fcn_resnet50', FCN_ResNet50_Weights, resnet50);
/** A fully convolutional network on ResNet-101. */
export const fcnResnet101 = /* @__PURE__ */ build('fcn_resnet101', FCN_ResNet101_Weights, resnet101);
