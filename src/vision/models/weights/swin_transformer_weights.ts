/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const Swin_T_Weights = /* @__PURE__ */ weightsEnum(
  'Swin_T_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/swin_t-704ceda3.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        numParams: 28288354,
        minSize: [224, 224],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#swintransformer',
        _metrics: { 'ImageNet-1K': { 'acc@1': 81.474, 'acc@5': 95.776 } },
        _ops: 4.491,
        _fileSize: 108.19,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const Swin_S_Weights = /* @__PURE__ */ weightsEnum(
  'Swin_S_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/swin_s-5e29d889.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 246, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        numParams: 49606258,
        minSize: [224, 224],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#swintransformer',
        _metrics: { 'ImageNet-1K': { 'acc@1': 83.196, 'acc@5': 96.36 } },
        _ops: 8.741,
        _fileSize: 189.786,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const Swin_B_Weights = /* @__PURE__ */ weightsEnum(
  'Swin_B_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/swin_b-68c6b09e.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 238, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        numParams: 87768224,
        minSize: [224, 224],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#swintransformer',
        _metrics: { 'ImageNet-1K': { 'acc@1': 83.582, 'acc@5': 96.64 } },
        _ops: 15.431,
        _fileSize: 335.364,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const Swin_V2_T_Weights = /* @__PURE__ */ weightsEnum(
  'Swin_V2_T_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/swin_v2_t-b137f0e2.pth',
      transforms: imageClassification({ cropSize: 256, resizeSize: 260, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        numParams: 28351570,
        minSize: [256, 256],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#swintransformer-v2',
        _metrics: { 'ImageNet-1K': { 'acc@1': 82.072, 'acc@5': 96.132 } },
        _ops: 5.94,
        _fileSize: 108.626,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const Swin_V2_S_Weights = /* @__PURE__ */ weightsEnum(
  'Swin_V2_S_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/swin_v2_s-637d8ceb.pth',
      transforms: imageClassification({ cropSize: 256, resizeSize: 260, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        numParams: 49737442,
        minSize: [256, 256],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#swintransformer-v2',
        _metrics: { 'ImageNet-1K': { 'acc@1': 83.712, 'acc@5': 96.816 } },
        _ops: 11.546,
        _fileSize: 190.675,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const Swin_V2_B_Weights = /* @__PURE__ */ weightsEnum(
  'Swin_V2_B_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/swin_v2_b-781e5279.pth',
      transforms: imageClassification({ cropSize: 256, resizeSize: 272, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        numParams: 87930848,
        minSize: [256, 256],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#swintransformer-v2',
        _metrics: { 'ImageNet-1K': { 'acc@1': 84.112, 'acc@5': 96.864 } },
        _ops: 20.325,
        _fileSize: 336.372,
      },
    },
  },
  'IMAGENET1K_V1',
);
