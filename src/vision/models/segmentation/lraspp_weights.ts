/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { semanticSegmentation } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { vocCategories } from '../weights/voc_categories.js';

export const LRASPP_MobileNet_V3_Large_Weights = /* @__PURE__ */ weightsEnum(
  'LRASPP_MobileNet_V3_Large_Weights',
  {
    COCO_WITH_VOC_LABELS_V1: {
      url: 'https://download.pytorch.org/models/lraspp_mobilenet_v3_large-d234d4ea.pth',
      transforms: semanticSegmentation({ resizeSize: 520 }),
      meta: {
        categories: vocCategories,
        numParams: 3221538,
        minSize: [1, 1],
        recipe:
          'https://github.com/pytorch/vision/tree/main/references/segmentation#lraspp_mobilenet_v3_large',
        _metrics: { 'COCO-val2017-VOC-labels': { miou: 57.9, pixelAcc: 91.2 } },
        _ops: 2.086,
        _fileSize: 12.49,
      },
    },
  },
  'COCO_WITH_VOC_LABELS_V1',
);
