/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const DenseNet121_Weights = /* @__PURE__ */ weightsEnum(
  'DenseNet121_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/densenet121-a639ec97.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [29, 29],
        recipe: 'https://github.com/pytorch/vision/pull/116',
        numParams: 7978856,
        _metrics: { 'ImageNet-1K': { 'acc@1': 74.434, 'acc@5': 91.972 } },
        _ops: 2.834,
        _fileSize: 30.845,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const DenseNet161_Weights = /* @__PURE__ */ weightsEnum(
  'DenseNet161_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/densenet161-8d451a50.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [29, 29],
        recipe: 'https://github.com/pytorch/vision/pull/116',
        numParams: 28681000,
        _metrics: { 'ImageNet-1K': { 'acc@1': 77.138, 'acc@5': 93.56 } },
        _ops: 7.728,
        _fileSize: 110.369,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const DenseNet169_Weights = /* @__PURE__ */ weightsEnum(
  'DenseNet169_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/densenet169-b2777c0a.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [29, 29],
        recipe: 'https://github.com/pytorch/vision/pull/116',
        numParams: 14149480,
        _metrics: { 'ImageNet-1K': { 'acc@1': 75.6, 'acc@5': 92.806 } },
        _ops: 3.36,
        _fileSize: 54.708,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const DenseNet201_Weights = /* @__PURE__ */ weightsEnum(
  'DenseNet201_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/densenet201-c1103571.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [29, 29],
        recipe: 'https://github.com/pytorch/vision/pull/116',
        numParams: 20013928,
        _metrics: { 'ImageNet-1K': { 'acc@1': 76.896, 'acc@5': 93.37 } },
        _ops: 4.291,
        _fileSize: 77.373,
      },
    },
  },
  'IMAGENET1K_V1',
);
