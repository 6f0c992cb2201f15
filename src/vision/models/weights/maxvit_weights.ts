/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const MaxVit_T_Weights = /* @__PURE__ */ weightsEnum(
  'MaxVit_T_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/maxvit_t-bc5ab103.pth',
      transforms: imageClassification({ cropSize: 224, resizeSize: 224, interpolation: 'bicubic' }),
      meta: {
        categories: imagenetCategories,
        numParams: 30919624,
        minSize: [224, 224],
        recipe: 'https://github.com/pytorch/vision/tree/main/references/classification#maxvit',
        _metrics: { 'ImageNet-1K': { 'acc@1': 83.7, 'acc@5': 96.722 } },
        _ops: 5.558,
        _fileSize: 118.769,
      },
    },
  },
  'IMAGENET1K_V1',
);
