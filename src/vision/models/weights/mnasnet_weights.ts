/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const MNASNet0_5_Weights = /* @__PURE__ */ weightsEnum(
  'MNASNet0_5_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/mnasnet0.5_top1_67.823-3ffadce67e.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/1e100/mnasnet_trainer',
        numParams: 2218512,
        _metrics: { 'ImageNet-1K': { 'acc@1': 67.734, 'acc@5': 87.49 } },
        _ops: 0.104,
        _fileSize: 8.591,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const MNASNet0_75_Weights = /* @__PURE__ */ weightsEnum(
  'MNASNet0_75_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/mnasnet0_75-7090bc5f.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/pull/6019',
        numParams: 3170208,
        _metrics: { 'ImageNet-1K': { 'acc@1': 71.18, 'acc@5': 90.496 } },
        _ops: 0.215,
        _fileSize: 12.303,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const MNASNet1_0_Weights = /* @__PURE__ */ weightsEnum(
  'MNASNet1_0_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/mnasnet1.0_top1_73.512-f206786ef8.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/1e100/mnasnet_trainer',
        numParams: 4383312,
        _metrics: { 'ImageNet-1K': { 'acc@1': 73.456, 'acc@5': 91.51 } },
        _ops: 0.314,
        _fileSize: 16.915,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const MNASNet1_3_Weights = /* @__PURE__ */ weightsEnum(
  'MNASNet1_3_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/mnasnet1_3-a4c69d6f.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/pull/6019',
        numParams: 6282256,
        _metrics: { 'ImageNet-1K': { 'acc@1': 76.506, 'acc@5': 93.522 } },
        _ops: 0.526,
        _fileSize: 24.246,
      },
    },
  },
  'IMAGENET1K_V1',
);
