/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const ShuffleNet_V2_X0_5_Weights = /* @__PURE__ */ weightsEnum(
  'ShuffleNet_V2_X0_5_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/shufflenetv2_x0.5-f707e7126e.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/ericsun99/Shufflenet-v2-Pytorch',
        numParams: 1366792,
        _metrics: { 'ImageNet-1K': { 'acc@1': 60.552, 'acc@5': 81.746 } },
        _ops: 0.04,
        _fileSize: 5.282,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const ShuffleNet_V2_X1_0_Weights = /* @__PURE__ */ weightsEnum(
  'ShuffleNet_V2_X1_0_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/shufflenetv2_x1-5666bf0f80.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/ericsun99/Shufflenet-v2-Pytorch',
        numParams: 2278604,
        _metrics: { 'ImageNet-1K': { 'acc@1': 69.362, 'acc@5': 88.316 } },
        _ops: 0.145,
        _fileSize: 8.791,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const ShuffleNet_V2_X1_5_Weights = /* @__PURE__ */ weightsEnum(
  'ShuffleNet_V2_X1_5_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/shufflenetv2_x1_5-3c479a10.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/pull/5906',
        numParams: 3503624,
        _metrics: { 'ImageNet-1K': { 'acc@1': 72.996, 'acc@5': 91.086 } },
        _ops: 0.296,
        _fileSize: 13.557,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const ShuffleNet_V2_X2_0_Weights = /* @__PURE__ */ weightsEnum(
  'ShuffleNet_V2_X2_0_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/shufflenetv2_x2_0-8be3c8ee.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/pull/5906',
        numParams: 7393996,
        _metrics: { 'ImageNet-1K': { 'acc@1': 76.23, 'acc@5': 93.006 } },
        _ops: 0.583,
        _fileSize: 28.433,
      },
    },
  },
  'IMAGENET1K_V1',
);
