/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const MobileNet_V2_Weights = /* @__PURE__ */ weightsEnum(
  'MobileNet_V2_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/mobilenet_v2-b0353104.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        numParams: 3504872,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#mobilenetv2',
        _metrics: { 'ImageNet-1K': { 'acc@1': 71.878, 'acc@5': 90.286 } },
        _ops: 0.301,
        _fileSize: 13.555,
      },
    },
    IMAGENET1K_V2: {
      url: 'https://download.pytorch.org/models/mobilenet_v2-7ebf99e0.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 232 }),
      meta: {
        categories: imagenetCategories,
        numParams: 3504872,
        minSize: [1, 1],
        recipe: 'https://github.com/pytorch/vision/issues/3995#new-recipe-with-reg-tuning',
        _metrics: { 'ImageNet-1K': { 'acc@1': 72.154, 'acc@5': 90.822 } },
        _ops: 0.301,
        _fileSize: 13.598,
      },
    },
  },
  'IMAGENET1K_V2',
);
