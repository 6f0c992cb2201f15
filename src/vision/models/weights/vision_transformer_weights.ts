/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const ViT_B_16_Weights = /* @__PURE__ */ weightsEnum(
  'ViT_B_16_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/vit_b_16-c867db91.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        numParams: 86567656,
        minSize: [224, 224],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#vit_b_16',
        _metrics: { 'ImageNet-1K': { 'acc@1': 81.072, 'acc@5': 95.318 } },
        _ops: 17.564,
        _fileSize: 330.285,
      },
    },
    IMAGENET1K_SWAG_E2E_V1: {
      url: 'https://download.pytorch.org/models/vit_b_16_swag-9ac1b537.pth',
      transforms: imageClassification({ cropSize: 384, resizeSize: 384, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        recipe: 'https://github.com/facebookresearch/SWAG',
        license: 'https://github.com/facebookresearch/SWAG/blob/main/LICENSE',
        numParams: 86859496,
        minSize: [384, 384],
        _metrics: { 'ImageNet-1K': { 'acc@1': 85.304, 'acc@5': 97.65 } },
        _ops: 55.484,
        _fileSize: 331.398,
      },
    },
    IMAGENET1K_SWAG_LINEAR_V1: {
      url: 'https://download.pytorch.org/models/vit_b_16_lc_swag-4e70ced5.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 224, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        recipe: 'https://github.com/pytorch/vision/pull/5793',
        license: 'https://github.com/facebookresearch/SWAG/blob/main/LICENSE',
        numParams: 86567656,
        minSize: [224, 224],
        _metrics: { 'ImageNet-1K': { 'acc@1': 81.886, 'acc@5': 96.18 } },
        _ops: 17.564,
        _fileSize: 330.285,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const ViT_B_32_Weights = /* @__PURE__ */ weightsEnum(
  'ViT_B_32_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/vit_b_32-d86f8d99.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        numParams: 88224232,
        minSize: [224, 224],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#vit_b_32',
        _metrics: { 'ImageNet-1K': { 'acc@1': 75.912, 'acc@5': 92.466 } },
        _ops: 4.409,
        _fileSize: 336.604,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const ViT_L_16_Weights = /* @__PURE__ */ weightsEnum(
  'ViT_L_16_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/vit_l_16-852ce7e3.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 242 }),
      meta: {
        categories: imagenetCategories,
        numParams: 304326632,
        minSize: [224, 224],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#vit_l_16',
        _metrics: { 'ImageNet-1K': { 'acc@1': 79.662, 'acc@5': 94.638 } },
        _ops: 61.555,
        _fileSize: 1161.023,
      },
    },
    IMAGENET1K_SWAG_E2E_V1: {
      url: 'https://download.pytorch.org/models/vit_l_16_swag-4f3808c9.pth',
      transforms: imageClassification({ cropSize: 512, resizeSize: 512, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        recipe: 'https://github.com/facebookresearch/SWAG',
        license: 'https://github.com/facebookresearch/SWAG/blob/main/LICENSE',
        numParams: 305174504,
        minSize: [512, 512],
        _metrics: { 'ImageNet-1K': { 'acc@1': 88.064, 'acc@5': 98.512 } },
        _ops: 361.986,
        _fileSize: 1164.258,
      },
    },
    IMAGENET1K_SWAG_LINEAR_V1: {
      url: 'https://download.pytorch.org/models/vit_l_16_lc_swag-4d563306.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 224, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        recipe: 'https://github.com/pytorch/vision/pull/5793',
        license: 'https://github.com/facebookresearch/SWAG/blob/main/LICENSE',
        numParams: 304326632,
        minSize: [224, 224],
        _metrics: { 'ImageNet-1K': { 'acc@1': 85.146, 'acc@5': 97.422 } },
        _ops: 61.555,
        _fileSize: 1161.023,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const ViT_L_32_Weights = /* @__PURE__ */ weightsEnum(
  'ViT_L_32_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/vit_l_32-c7638314.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        numParams: 306535400,
        minSize: [224, 224],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#vit_l_32',
        _metrics: { 'ImageNet-1K': { 'acc@1': 76.972, 'acc@5': 93.07 } },
        _ops: 15.378,
        _fileSize: 1169.449,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const ViT_H_14_Weights = /* @__PURE__ */ weightsEnum(
  'ViT_H_14_Weights',
  {
    IMAGENET1K_SWAG_E2E_V1: {
      url: 'https://download.pytorch.org/models/vit_h_14_swag-80465313.pth',
      transforms: imageClassification({ cropSize: 518, resizeSize: 518, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        recipe: 'https://github.com/facebookresearch/SWAG',
        license: 'https://github.com/facebookresearch/SWAG/blob/main/LICENSE',
        numParams: 633470440,
        minSize: [518, 518],
        _metrics: { 'ImageNet-1K': { 'acc@1': 88.552, 'acc@5': 98.694 } },
        _ops: 1016.717,
        _fileSize: 2416.643,
      },
    },
    IMAGENET1K_SWAG_LINEAR_V1: {
      url: 'https://download.pytorch.org/models/vit_h_14_lc_swag-c1eb923e.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 224, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        recipe: 'https://github.com/pytorch/vision/pull/5793',
        license: 'https://github.com/facebookresearch/SWAG/blob/main/LICENSE',
        numParams: 632045800,
        minSize: [224, 224],
        _metrics: { 'ImageNet-1K': { 'acc@1': 85.708, 'acc@5': 97.73 } },
        _ops: 167.295,
        _fileSize: 2411.209,
      },
    },
  },
  'IMAGENET1K_SWAG_E2E_V1',
);
