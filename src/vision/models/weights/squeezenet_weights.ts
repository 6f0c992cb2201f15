/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { imageClassification } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { imagenetCategories } from './imagenet_categories.js';

export const SqueezeNet1_0_Weights = /* @__PURE__ */ weightsEnum(
  'SqueezeNet1_0_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/squeezenet1_0-b66bff10.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        recipe: 'https://github.com/pytorch/vision/pull/49#issuecomment-277560717',
        minSize: [21, 21],
        numParams: 1248424,
        _metrics: { 'ImageNet-1K': { 'acc@1': 58.092, 'acc@5': 80.42 } },
        _ops: 0.819,
        _fileSize: 4.778,
      },
    },
  },
  'IMAGENET1K_V1',
);
export const SqueezeNet1_1_Weights = /* @__PURE__ */ weightsEnum(
  'SqueezeNet1_1_Weights',
  {
    IMAGENET1K_V1: {
      url: 'https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth',
      transforms: imageClassification({ cropSize: 224 }),
      meta: {
        categories: imagenetCategories,
        recipe: 'https://github.com/pytorch/vision/pull/49#issuecomment-277560717',
        minSize: [17, 17],
        numParams: 1235496,
        _metrics: { 'ImageNet-1K': { 'acc@1': 58.178, 'acc@5': 80.624 } },
        _ops: 0.349,
        _fileSize: 4.729,
      },
    },
  },
  'IMAGENET1K_V1',
);
