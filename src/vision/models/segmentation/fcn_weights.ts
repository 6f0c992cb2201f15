/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { semanticSegmentation } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { vocCategories } from '../weights/voc_categories.js';

export const FCN_ResNet50_Weights = /* @__PURE__ */ weightsEnum(
  'FCN_ResNet50_Weights',
  {
    COCO_WITH_VOC_LABELS_V1: {
      url: 'https://download.pytorch.org/models/fcn_resnet50_coco-1167a1af.pth',
      transforms: semanticSegmentation({ resizeSize: 520 }),
      meta: {
        categories: vocCategories,
        minSize: [1, 1],
        numParams: 35322218,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/segmentation#fcn_resnet50',
        _metrics: { 'COCO-val2017-VOC-labels': { miou: 60.5, pixelAcc: 91.4 } },
        _ops: 152.717,
        _fileSize: 135.009,
      },
    },
  },
  'COCO_WITH_VOC_LABELS_V1',
);
export const FCN_ResNet101_Weights = /* @__PURE__ */ weightsEnum(
  'FCN_ResNet101_Weights',
  {
    COCO_WITH_VOC_LABELS_V1: {
      url: 'https://download.pytorch.org/models/fcn_resnet101_coco-7ecb50ca.pth',
      transforms: semanticSegmentation({ resizeSize: 520 }),
      meta: {
        categories: vocCategories,
        minSize: [1, 1],
        numParams: 54314346,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/segmentation#deeplabv3_resnet101',
        _metrics: { 'COCO-val2017-VOC-labels': { miou: 63.7, pixelAcc: 91.9 } },
        _ops: 232.738,
        _fileSize: 207.711,
      },
    },
  },
  'COCO_WITH_VOC_LABELS_V1',
);
