/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const ConvNeXt_Tiny_Weights = /* @__PURE__ */ weightsEnum(
  'ConvNeXt_Tiny_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/convnext_tiny-983f1562.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 236 }),
      meta: {
        categories: imagenetCategories,
        minSize: [32, 32],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#convnext',
        numParams: 28589128,
        _metrics: { 'ImageNet-1K': { 'acc@1': 82.52, 'acc@5': 96.146 } },
        _ops: 4.456,
        _fileSize: 109.119,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const ConvNeXt_Small_Weights = /* @__PURE__ */ weightsEnum(
  'ConvNeXt_Small_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/convnext_small-0c510722.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 230 }),
      meta: {
        categories: imagenetCategories,
        minSize: [32, 32],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#convnext',
        numParams: 50223688,
        _metrics: { 'ImageNet-1K': { 'acc@1': 83.616, 'acc@5': 96.65 } },
        _ops: 8.684,
        _fileSize: 191.703,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const ConvNeXt_Base_Weights = /* @__PURE__ */ weightsEnum(
  'ConvNeXt_Base_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/convnext_base-6075fbad.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [32, 32],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#convnext',
        numParams: 88591464,
        _metrics: { 'ImageNet-1K': { 'acc@1': 84.062, 'acc@5': 96.87 } },
        _ops: 15.355,
        _fileSize: 338.064,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const ConvNeXt_Large_Weights = /* @__PURE__ */ weightsEnum(
  'ConvNeXt_Large_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/convnext_large-ea097f82.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [32, 32],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#convnext',
        numParams: 197767336,
        _metrics: { 'ImageNet-1K': { 'acc@1': 84.414, 'acc@5': 96.976 } },
        _ops: 34.361,
        _fileSize: 754.537,
      },
    },
  },
  'IMAGENET1K_V1',
);
