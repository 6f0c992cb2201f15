/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { semanticSegmentation } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { vocCategories } from '../weights/voc_categories.js';

export const DeepLabV3_ResNet50_Weights = /* @__PURE__ */ weightsEnum(
  'DeepLabV3_ResNet50_Weights',
  {
    COCO_WITH_VOC_LABELS_V1: {
      url: 'https://download.pytorch.org/models/deeplabv3_resnet50_coco-cd0a2569.pth',
      transforms: semanticSegmentation({ resizeSize: 520 }),
      meta: {
        categories: vocCategories,
        minSize: [1, 1],
        numParams: 42004074,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/segmentation#deeplabv3_resnet50',
        _metrics: { 'COCO-val2017-VOC-labels': { miou: 66.4, pixelAcc: 92.4 } },
        _ops: 178.722,
        _fileSize: 160.515,
      },
    },
  },
  'COCO_WITH_VOC_LABELS_V1',
);
export const DeepLabV3_ResNet101_Weights = /* @__PURE__ */ weightsEnum(
  'DeepLabV3_ResNet101_Weights',
  {
    COCO_WITH_VOC_LABELS_V1: {
      url: 'https://download.pytorch.org/models/deeplabv3_resnet101_coco-586e9e4e.pth',
      transforms: semanticSegmentation({ resizeSize: 520 }),
      meta: {
        categories: vocCategories,
        minSize: [1, 1],
        numParams: 60996202,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/segmentation#fcn_resnet101',
        _metrics: { 'COCO-val2017-VOC-labels': { miou: 67.4, pixelAcc: 92.4 } },
        _ops: 258.743,
        _fileSize: 233.217,
      },
    },
  },
  'COCO_WITH_VOC_LABELS_V1',
);
export const DeepLabV3_MobileNet_V3_Large_Weights = /* @__PURE__ */ weightsEnum(
  'DeepLabV3_MobileNet_V3_Large_Weights',
  {
    COCO_WITH_VOC_LABELS_V1: {
      url: 'https://download.pytorch.org/models/deeplabv3_mobilenet_v3_large-fc3c493d.pth',
      transforms: semanticSegmentation({ resizeSize: 520 }),
      meta: {
        categories: vocCategories,
        minSize: [1, 1],
        numParams: 11029328,
        recipe:
          'https://github.com/pytorch/vision/tree/main/references/segmentation#deeplabv3_mobilenet_v3_large',
        _metrics: { 'COCO-val2017-VOC-labels': { miou: 60.3, pixelAcc: 91.2 } },
        _ops: 10.452,
        _fileSize: 42.301,
      },
    },
  },
  'COCO_WITH_VOC_LABELS_V1',
);
