/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const MobileNet_V3_Large_Weights = /* @__PURE__ */ weightsEnum(
  'MobileNet_V3_Large_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/mobilenet_v3_large-8738ca79.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 5483032,
        recipe:
          'https://github.com/pytorch/vision/tree/main/references/classification#mobilenetv3-large--small',
        _metrics: { 'ImageNet-1K': { 'acc@1': 74.042, 'acc@5': 91.34 } },
        _ops: 0.217,
        _fileSize: 21.114,
      },
    },
    IMAGENET1K_V2: {
      url: 'https://download.pytorch.org/models/mobilenet_v3_large-5c1a4163.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 5483032,
        recipe: 'https://github.com/pytorch/vision/issues/3995#new-recipe-with-reg-tuning',
        _metrics: { 'ImageNet-1K': { 'acc@1': 75.274, 'acc@5': 92.566 } },
        _ops: 0.217,
        _fileSize: 21.107,
      },
    },
  },
  'IMAGENET1K_V2',
);
export const MobileNet_V3_Small_Weights = /* @__PURE__ */ weightsEnum(
  'MobileNet_V3_Small_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/mobilenet_v3_small-047dcff4.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        numParams: 2542856,
        recipe:
          'https://github.com/pytorch/vision/tree/main/references/classification#mobilenetv3-large--small',
        _metrics: { 'ImageNet-1K': { 'acc@1': 67.668, 'acc@5': 87.402 } },
        _ops: 0.057,
        _fileSize: 9.829,
      },
    },
  },
  'IMAGENET1K_V1',
);
