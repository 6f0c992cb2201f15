/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const AlexNet_Weights = /* @__PURE__ */ weightsEnum(
  'AlexNet_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/alexnet-owt-7be5be79.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        numParams: 61100840,
        minSize: [63, 63],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#alexnet-and-vgg',
        _metrics: { 'ImageNet-1K': { 'acc@1': 56.522, 'acc@5': 79.066 } },
        _ops: 0.714,
        _fileSize: 233.087,
      },
    },
  },
  'IMAGENET1K_V1',
);
