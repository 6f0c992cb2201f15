/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const Inception_V3_Weights = /* @__PURE__ */ weightsEnum(
  'Inception_V3_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth',
      transforms: imageClassification({ cropSize: 299, resizeSize: 342 }),
      meta: {
        categories: imagenetCategories,
        numParams: 27161264,
        minSize: [75, 75],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#inception-v3',
        _metrics: { 'ImageNet-1K': { 'acc@1': 77.294, 'acc@5': 93.45 } },
        _ops: 5.713,
        _fileSize: 103.903,
      },
    },
  },
  'IMAGENET1K_V1',
);
