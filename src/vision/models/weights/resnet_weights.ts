/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const ResNet18_Weights = /* @__PURE__ */ weightsEnum(
  'ResNet18_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/resnet18-f37072fd.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 11689512,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#resnet',
        _metrics: { 'ImageNet-1K': { 'acc@1': 69.758, 'acc@5': 89.078 } },
        _ops: 1.814,
        _fileSize: 44.661,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const ResNet34_Weights = /* @__PURE__ */ weightsEnum(
  'ResNet34_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/resnet34-b627a593.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 21797672,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#resnet',
        _metrics: { 'ImageNet-1K': { 'acc@1': 73.314, 'acc@5': 91.42 } },
        _ops: 3.664,
        _fileSize: 83.275,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const ResNet50_Weights = /* @__PURE__ */ weightsEnum(
  'ResNet50_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/resnet50-0676ba61.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 25557032,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#resnet',
        _metrics: { 'ImageNet-1K': { 'acc@1': 76.13, 'acc@5': 92.862 } },
        _ops: 4.089,
        _fileSize: 97.781,
      },
    },
    IMAGENET1K_V2: {
      url: 'https://download.pytorch.org/models/resnet50-11ad3fa6.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 25557032,
        recipe: 'https://github.com/pytorch/vision/issues/3995#issuecomment-1013906621',
        _metrics: { 'ImageNet-1K': { 'acc@1': 80.858, 'acc@5': 95.434 } },
        _ops: 4.089,
        _fileSize: 97.79,
      },
    },
  },
  'IMAGENET1K_V2',
);
export const ResNet101_Weights = /* @__PURE__ */ weightsEnum(
  'ResNet101_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/resnet101-63fe2227.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 44549160,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#resnet',
        _metrics: { 'ImageNet-1K': { 'acc@1': 77.374, 'acc@5': 93.546 } },
        _ops: 7.801,
        _fileSize: 170.511,
      },
    },
    IMAGENET1K_V2: {
      url: 'https://download.pytorch.org/models/resnet101-cd907fc2.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 44549160,
        recipe: 'https://github.com/pytorch/vision/issues/3995#new-recipe',
        _metrics: { 'ImageNet-1K': { 'acc@1': 81.886, 'acc@5': 95.78 } },
        _ops: 7.801,
        _fileSize: 170.53,
      },
    },
  },
  'IMAGENET1K_V2',
);
export const ResNet152_Weights = /* @__PURE__ */ weightsEnum(
  'ResNet152_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/resnet152-394f9c45.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 60192808,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#resnet',
        _metrics: { 'ImageNet-1K': { 'acc@1': 78.312, 'acc@5': 94.046 } },
        _ops: 11.514,
        _fileSize: 230.434,
      },
    },
    IMAGENET1K_V2: {
      url: 'https://download.pytorch.org/models/resnet152-f82ba261.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 60192808,
        recipe: 'https://github.com/pytorch/vision/issues/3995#new-recipe',
        _metrics: { 'ImageNet-1K': { 'acc@1': 82.284, 'acc@5': 96.002 } },
        _ops: 11.514,
        _fileSize: 230.474,
      },
    },
  },
  'IMAGENET1K_V2',
);
export const ResNeXt50_32X4D_Weights = /* @__PURE__ */ weightsEnum(
  'ResNeXt50_32X4D_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/resnext50_32x4d-7cdf4587.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 25028904,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#resnext',
        _metrics: { 'ImageNet-1K': { 'acc@1': 77.618, 'acc@5': 93.698 } },
        _ops: 4.23,
        _fileSize: 95.789,
      },
    },
    IMAGENET1K_V2: {
      url: 'https://download.pytorch.org/models/resnext50_32x4d-1a0047aa.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 25028904,
        recipe: 'https://github.com/pytorch/vision/issues/3995#new-recipe',
        _metrics: { 'ImageNet-1K': { 'acc@1': 81.198, 'acc@5': 95.34 } },
        _ops: 4.23,
        _fileSize: 95.833,
      },
    },
  },
  'IMAGENET1K_V2',
);
export const ResNeXt101_32X8D_Weights = /* @__PURE__ */ weightsEnum(
  'ResNeXt101_32X8D_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/resnext101_32x8d-8ba56ff5.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 88791336,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#resnext',
        _metrics: { 'ImageNet-1K': { 'acc@1': 79.312, 'acc@5': 94.526 } },
        _ops: 16.414,
        _fileSize: 339.586,
      },
    },
    IMAGENET1K_V2: {
      url: 'https://download.pytorch.org/models/resnext101_32x8d-110c445d.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 88791336,
        recipe: 'https://github.com/pytorch/vision/issues/3995#new-recipe-with-fixres',
        _metrics: { 'ImageNet-1K': { 'acc@1': 82.834, 'acc@5': 96.228 } },
        _ops: 16.414,
        _fileSize: 339.673,
      },
    },
  },
  'IMAGENET1K_V2',
);
export const ResNeXt101_64X4D_Weights = /* @__PURE__ */ weightsEnum(
  'ResNeXt101_64X4D_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/resnext101_64x4d-173b62eb.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 83455272,
        recipe: 'https://github.com/pytorch/vision/pull/5935',
        _metrics: { 'ImageNet-1K': { 'acc@1': 83.246, 'acc@5': 96.454 } },
        _ops: 15.46,
        _fileSize: 319.318,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const Wide_ResNet50_2_Weights = /* @__PURE__ */ weightsEnum(
  'Wide_ResNet50_2_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/wide_resnet50_2-95faca4d.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 68883240,
        recipe: 'https://github.com/pytorch/vision/pull/912#issue-445437439',
        _metrics: { 'ImageNet-1K': { 'acc@1': 78.468, 'acc@5': 94.086 } },
        _ops: 11.398,
        _fileSize: 131.82,
      },
    },
    IMAGENET1K_V2: {
      url: 'https://download.pytorch.org/models/wide_resnet50_2-9ba9bcbe.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 68883240,
        recipe: 'https://github.com/pytorch/vision/issues/3995#new-recipe-with-fixres',
        _metrics: { 'ImageNet-1K': { 'acc@1': 81.602, 'acc@5': 95.758 } },
        _ops: 11.398,
        _fileSize: 263.124,
      },
    },
  },
  'IMAGENET1K_V2',
);
export const Wide_ResNet101_2_Weights = /* @__PURE__ */ weightsEnum(
  'Wide_ResNet101_2_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/wide_resnet101_2-32ee1156.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 126886696,
        recipe: 'https://github.com/pytorch/vision/pull/912#issue-445437439',
        _metrics: { 'ImageNet-1K': { 'acc@1': 78.848, 'acc@5': 94.284 } },
        _ops: 22.753,
        _fileSize: 242.896,
      },
    },
    IMAGENET1K_V2: {
      url: 'https://download.pytorch.org/models/wide_resnet101_2-d733dc28.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 126886696,
        recipe: 'https://github.com/pytorch/vision/issues/3995#new-recipe',
        _metrics: { 'ImageNet-1K': { 'acc@1': 82.51, 'acc@5': 96.02 } },
        _ops: 22.753,
        _fileSize: 484.747,
      },
    },
  },
  'IMAGENET1K_V2',
);
