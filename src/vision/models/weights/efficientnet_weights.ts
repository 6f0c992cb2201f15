/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const EfficientNet_B0_Weights = /* @__PURE__ */ weightsEnum(
  'EfficientNet_B0_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/efficientnet_b0_rwightman-7f5810bc.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 256, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1',
        numParams: 5288548,
        _metrics: { 'ImageNet-1K': { 'acc@1': 77.692, 'acc@5': 93.532 } },
        _ops: 0.386,
        _fileSize: 20.451,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const EfficientNet_B1_Weights = /* @__PURE__ */ weightsEnum(
  'EfficientNet_B1_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/efficientnet_b1_rwightman-bac287d4.pth',
      transforms: imageClassification({ cropSize: 240, resizeSize: 256, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1',
        numParams: 7794184,
        _metrics: { 'ImageNet-1K': { 'acc@1': 78.642, 'acc@5': 94.186 } },
        _ops: 0.687,
        _fileSize: 30.134,
      },
    },
    IMAGENET1K_V2: {
      url: 'https://download.pytorch.org/models/efficientnet_b1-c27df63c.pth',
      transforms: imageClassification({ cropSize: 240, resizeSize: 255, interpolation: 'bilinear' }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/issues/3995#new-recipe-with-lr-wd-crop-tuning',
        numParams: 7794184,
        _metrics: { 'ImageNet-1K': { 'acc@1': 79.838, 'acc@5': 94.934 } },
        _ops: 0.687,
        _fileSize: 30.136,
      },
    },
  },
  'IMAGENET1K_V2',
);
export const EfficientNet_B2_Weights = /* @__PURE__ */ weightsEnum(
  'EfficientNet_B2_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/efficientnet_b2_rwightman-c35c1473.pth',
      transforms: imageClassification({ cropSize: 288, resizeSize: 288, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1',
        numParams: 9109994,
        _metrics: { 'ImageNet-1K': { 'acc@1': 80.608, 'acc@5': 95.31 } },
        _ops: 1.088,
        _fileSize: 35.174,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const EfficientNet_B3_Weights = /* @__PURE__ */ weightsEnum(
  'EfficientNet_B3_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/efficientnet_b3_rwightman-b3899882.pth',
      transforms: imageClassification({ cropSize: 300, resizeSize: 320, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1',
        numParams: 12233232,
        _metrics: { 'ImageNet-1K': { 'acc@1': 82.008, 'acc@5': 96.054 } },
        _ops: 1.827,
        _fileSize: 47.184,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const EfficientNet_B4_Weights = /* @__PURE__ */ weightsEnum(
  'EfficientNet_B4_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/efficientnet_b4_rwightman-23ab8bcd.pth',
      transforms: imageClassification({ cropSize: 380, resizeSize: 384, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1',
        numParams: 19341616,
        _metrics: { 'ImageNet-1K': { 'acc@1': 83.384, 'acc@5': 96.594 } },
        _ops: 4.394,
        _fileSize: 74.489,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const EfficientNet_B5_Weights = /* @__PURE__ */ weightsEnum(
  'EfficientNet_B5_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/efficientnet_b5_lukemelas-1a07897c.pth',
      transforms: imageClassification({ cropSize: 456, resizeSize: 456, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1',
        numParams: 30389784,
        _metrics: { 'ImageNet-1K': { 'acc@1': 83.444, 'acc@5': 96.628 } },
        _ops: 10.266,
        _fileSize: 116.864,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const EfficientNet_B6_Weights = /* @__PURE__ */ weightsEnum(
  'EfficientNet_B6_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/efficientnet_b6_lukemelas-24a108a5.pth',
      transforms: imageClassification({ cropSize: 528, resizeSize: 528, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1',
        numParams: 43040704,
        _metrics: { 'ImageNet-1K': { 'acc@1': 84.008, 'acc@5': 96.916 } },
        _ops: 19.068,
        _fileSize: 165.362,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const EfficientNet_B7_Weights = /* @__PURE__ */ weightsEnum(
  'EfficientNet_B7_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/efficientnet_b7_lukemelas-c5b4e57e.pth',
      transforms: imageClassification({ cropSize: 600, resizeSize: 600, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v1',
        numParams: 66347960,
        _metrics: { 'ImageNet-1K': { 'acc@1': 84.122, 'acc@5': 96.908 } },
        _ops: 37.746,
        _fileSize: 254.675,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const EfficientNet_V2_S_Weights = /* @__PURE__ */ weightsEnum(
  'EfficientNet_V2_S_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/efficientnet_v2_s-dd5fe13b.pth',
      transforms: imageClassification({ cropSize: 384, resizeSize: 384, interpolation: 'bilinear' }),
      meta: {
        categories: imagenetCategories,
        minSize: [33, 33],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v2',
        numParams: 21458488,
        _metrics: { 'ImageNet-1K': { 'acc@1': 84.228, 'acc@5': 96.878 } },
        _ops: 8.366,
        _fileSize: 82.704,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const EfficientNet_V2_M_Weights = /* @__PURE__ */ weightsEnum(
  'EfficientNet_V2_M_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/efficientnet_v2_m-dc08266a.pth',
      transforms: imageClassification({ cropSize: 480, resizeSize: 480, interpolation: 'bilinear' }),
      meta: {
        categories: imagenetCategories,
        minSize: [33, 33],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v2',
        numParams: 54139356,
        _metrics: { 'ImageNet-1K': { 'acc@1': 85.112, 'acc@5': 97.156 } },
        _ops: 24.582,
        _fileSize: 208.01,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const EfficientNet_V2_L_Weights = /* @__PURE__ */ weightsEnum(
  'EfficientNet_V2_L_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/efficientnet_v2_l-59c71312.pth',
      transforms: imageClassification({
        cropSize: 480,
        resizeSize: 480,
        interpolation: 'bicubic',
        mean: [0.5, 0.5, 0.5],
        std: [0.5, 0.5, 0.5],
      }),
      meta: {
        categories: imagenetCategories,
        minSize: [33, 33],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#efficientnet-v2',
        numParams: 118515272,
        _metrics: { 'ImageNet-1K': { 'acc@1': 85.808, 'acc@5': 97.788 } },
        _ops: 56.08,
        _fileSize: 454.573,
      },
    },
  },
  'IMAGENET1K_V1',
);
