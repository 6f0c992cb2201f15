/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const GoogLeNet_Weights = /* @__PURE__ */ weightsEnum(
  'GoogLeNet_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/googlenet-1378be20.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        numParams: 6624904,
        minSize: [15, 15],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#googlenet',
        _metrics: { 'ImageNet-1K': { 'acc@1': 69.778, 'acc@5': 89.53 } },
        _ops: 1.498,
        _fileSize: 49.731,
      },
    },
  },
  'IMAGENET1K_V1',
);
