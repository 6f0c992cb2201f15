/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const VGG11_Weights = /* @__PURE__ */ weightsEnum(
  'VGG11_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/vgg11-8a719046.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [32, 32],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg',
        numParams: 132863336,
        _metrics: { 'ImageNet-1K': { 'acc@1': 69.02, 'acc@5': 88.628 } },
        _ops: 7.609,
        _fileSize: 506.84,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const VGG11_BN_Weights = /* @__PURE__ */ weightsEnum(
  'VGG11_BN_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/vgg11_bn-6002323d.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [32, 32],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg',
        numParams: 132868840,
        _metrics: { 'ImageNet-1K': { 'acc@1': 70.37, 'acc@5': 89.81 } },
        _ops: 7.609,
        _fileSize: 506.881,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const VGG13_Weights = /* @__PURE__ */ weightsEnum(
  'VGG13_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/vgg13-19584684.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [32, 32],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg',
        numParams: 133047848,
        _metrics: { 'ImageNet-1K': { 'acc@1': 69.928, 'acc@5': 89.246 } },
        _ops: 11.308,
        _fileSize: 507.545,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const VGG13_BN_Weights = /* @__PURE__ */ weightsEnum(
  'VGG13_BN_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/vgg13_bn-abd245e5.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [32, 32],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg',
        numParams: 133053736,
        _metrics: { 'ImageNet-1K': { 'acc@1': 71.586, 'acc@5': 90.374 } },
        _ops: 11.308,
        _fileSize: 507.59,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const VGG16_Weights = /* @__PURE__ */ weightsEnum(
  'VGG16_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/vgg16-397923af.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [32, 32],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg',
        numParams: 138357544,
        _metrics: { 'ImageNet-1K': { 'acc@1': 71.592, 'acc@5': 90.382 } },
        _ops: 15.47,
        _fileSize: 527.796,
      },
    },
    IMAGENET1K_FEATURES: {
      url: 'https://download.pytorch.org/models/vgg16_features-amdegroot-88682ab5.pth',
      transforms: imageClassification({
        cropSize: 224,
        mean: [0.48235, 0.45882, 0.40784],
        std: [0.00392156862745098, 0.00392156862745098, 0.00392156862745098],
      }),
      meta: {
        categories: null,
        minSize: [32, 32],
        recipe: 'https://github.com/amdegroot/ssd.pytorch#training-ssd',
        numParams: 138357544,
        _metrics: { 'ImageNet-1K': { 'acc@1': Number.NaN, 'acc@5': Number.NaN } },
        _ops: 15.47,
        _fileSize: 527.802,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const VGG16_BN_Weights = /* @__PURE__ */ weightsEnum(
  'VGG16_BN_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/vgg16_bn-6c64b313.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [32, 32],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg',
        numParams: 138365992,
        _metrics: { 'ImageNet-1K': { 'acc@1': 73.36, 'acc@5': 91.516 } },
        _ops: 15.47,
        _fileSize: 527.866,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const VGG19_Weights = /* @__PURE__ */ weightsEnum(
  'VGG19_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/vgg19-dcbb9e9d.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [32, 32],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg',
        numParams: 143667240,
        _metrics: { 'ImageNet-1K': { 'acc@1': 72.376, 'acc@5': 90.876 } },
        _ops: 19.632,
        _fileSize: 548.051,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const VGG19_BN_Weights = /* @__PURE__ */ weightsEnum(
  'VGG19_BN_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/vgg19_bn-c79401a0.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [32, 32],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg',
        numParams: 143678248,
        _metrics: { 'ImageNet-1K': { 'acc@1': 74.218, 'acc@5': 91.842 } },
        _ops: 19.632,
        _fileSize: 548.143,
      },
    },
  },
  'IMAGENET1K_V1',
);
