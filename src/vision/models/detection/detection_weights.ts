/** Weights that torchvision publishes: where they are, what they need, and how good they are. */
import { objectDetection } from '../../transforms/presets.js';
import { weightsEnum } from '../model_weights.js';
import { cocoCategories, personCategories, personKeypoints } from '../weights/coco_categories.js';

export const FasterRCNN_ResNet50_FPN_Weights = /* @__PURE__ */ weightsEnum(
  'FasterRCNN_ResNet50_FPN_Weights',
  {
    COCO_V1: {
      url: 'https://download.pytorch.org/models/fasterrcnn_resnet50_fpn_coco-258fb6c6.pth',
      transforms: objectDetection,
      meta: {
        categories: cocoCategories,
        minSize: [1, 1],
        numParams: 41755286,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/detection#faster-r-cnn-resnet-50-fpn',
        _metrics: { 'COCO-val2017': { boxMap: 37.0 } },
        _ops: 134.38,
        _fileSize: 159.743,
      },
    },
  },
  'COCO_V1',
);
export const FasterRCNN_ResNet50_FPN_V2_Weights = /* @__PURE__ */ weightsEnum(
  'FasterRCNN_ResNet50_FPN_V2_Weights',
  {
    COCO_V1: {
      url: 'https://download.pytorch.org/models/fasterrcnn_resnet50_fpn_v2_coco-dd69338a.pth',
      transforms: objectDetection,
      meta: {
        categories: cocoCategories,
        minSize: [1, 1],
        numParams: 43712278,
        recipe: 'https://github.com/pytorch/vision/pull/5763',
        _metrics: { 'COCO-val2017': { boxMap: 46.7 } },
        _ops: 280.371,
        _fileSize: 167.104,
      },
    },
  },
  'COCO_V1',
);
export const FasterRCNN_MobileNet_V3_Large_FPN_Weights = /* @__PURE__ */ weightsEnum(
  'FasterRCNN_MobileNet_V3_Large_FPN_Weights',
  {
    COCO_V1: {
      url: 'https://download.pytorch.org/models/fasterrcnn_mobilenet_v3_large_fpn-fb6a3cc7.pth',
      transforms: objectDetection,
      meta: {
        categories: cocoCategories,
        minSize: [1, 1],
        numParams: 19386354,
        recipe:
          'https://github.com/pytorch/vision/tree/main/references/detection#faster-r-cnn-mobilenetv3-large-fpn',
        _metrics: { 'COCO-val2017': { boxMap: 32.8 } },
        _ops: 4.494,
        _fileSize: 74.239,
      },
    },
  },
  'COCO_V1',
);
export const FasterRCNN_MobileNet_V3_Large_320_FPN_Weights = /* @__PURE__ */ weightsEnum(
  'FasterRCNN_MobileNet_V3_Large_320_FPN_Weights',
  {
    COCO_V1: {
      url: 'https://download.pytorch.org/models/fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth',
      transforms: objectDetection,
      meta: {
        categories: cocoCategories,
        minSize: [1, 1],
        numParams: 19386354,
        recipe:
          'https://github.com/pytorch/vision/tree/main/references/detection#faster-r-cnn-mobilenetv3-large-320-fpn',
        _metrics: { 'COCO-val2017': { boxMap: 22.8 } },
        _ops: 0.719,
        _fileSize: 74.239,
      },
    },
  },
  'COCO_V1',
);
export const FCOS_ResNet50_FPN_Weights = /* @__PURE__ */ weightsEnum(
  'FCOS_ResNet50_FPN_Weights',
  {
    COCO_V1: {
      url: 'https://download.pytorch.org/models/fcos_resnet50_fpn_coco-99b0c9b7.pth',
      transforms: objectDetection,
      meta: {
        categories: cocoCategories,
        minSize: [1, 1],
        numParams: 32269600,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/detection#fcos-resnet-50-fpn',
        _metrics: { 'COCO-val2017': { boxMap: 39.2 } },
        _ops: 128.207,
        _fileSize: 123.608,
      },
    },
  },
  'COCO_V1',
);
export const KeypointRCNN_ResNet50_FPN_Weights = /* @__PURE__ */ weightsEnum(
  'KeypointRCNN_ResNet50_FPN_Weights',
  {
    COCO_LEGACY: {
      url: 'https://download.pytorch.org/models/keypointrcnn_resnet50_fpn_coco-9f466800.pth',
      transforms: objectDetection,
      meta: {
        categories: personCategories,
        keypointNames: personKeypoints,
        minSize: [1, 1],
        numParams: 59137258,
        recipe: 'https://github.com/pytorch/vision/issues/1606',
        _metrics: { 'COCO-val2017': { boxMap: 50.6, kpMap: 61.1 } },
        _ops: 133.924,
        _fileSize: 226.054,
      },
    },
    COCO_V1: {
      url: 'https://download.pytorch.org/models/keypointrcnn_resnet50_fpn_coco-fc266e95.pth',
      transforms: objectDetection,
      meta: {
        categories: personCategories,
        keypointNames: personKeypoints,
        minSize: [1, 1],
        numParams: 59137258,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/detection#keypoint-r-cnn',
        _metrics: { 'COCO-val2017': { boxMap: 54.6, kpMap: 65.0 } },
        _ops: 137.42,
        _fileSize: 226.054,
      },
    },
  },
  'COCO_V1',
);
export const MaskRCNN_ResNet50_FPN_Weights = /* @__PURE__ */ weightsEnum(
  'MaskRCNN_ResNet50_FPN_Weights',
  {
    COCO_V1: {
      url: 'https://download.pytorch.org/models/maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth',
      transforms: objectDetection,
      meta: {
        categories: cocoCategories,
        minSize: [1, 1],
        numParams: 44401393,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/detection#mask-r-cnn',
        _metrics: { 'COCO-val2017': { boxMap: 37.9, maskMap: 34.6 } },
        _ops: 134.38,
        _fileSize: 169.84,
      },
    },
  },
  'COCO_V1',
);
export const MaskRCNN_ResNet50_FPN_V2_Weights = /* @__PURE__ */ weightsEnum(
  'MaskRCNN_ResNet50_FPN_V2_Weights',
  {
    COCO_V1: {
      url: 'https://download.pytorch.org/models/maskrcnn_resnet50_fpn_v2_coco-73cbd019.pth',
      transforms: objectDetection,
      meta: {
        categories: cocoCategories,
        minSize: [1, 1],
        numParams: 46359409,
        recipe: 'https://github.com/pytorch/vision/pull/5773',
        _metrics: { 'COCO-val2017': { boxMap: 47.4, maskMap: 41.8 } },
        _ops: 333.577,
        _fileSize: 177.219,
      },
    },
  },
  'COCO_V1',
);
export const RetinaNet_ResNet50_FPN_Weights = /* @__PURE__ */ weightsEnum(
  'RetinaNet_ResNet50_FPN_Weights',
  {
    COCO_V1: {
      url: 'https://download.pytorch.org/models/retinanet_resnet50_fpn_coco-eeacb38b.pth',
      transforms: objectDetection,
      meta: {
        categories: cocoCategories,
        minSize: [1, 1],
        numParams: 34014999,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/detection#retinanet',
        _metrics: { 'COCO-val2017': { boxMap: 36.4 } },
        _ops: 151.54,
        _fileSize: 130.267,
      },
    },
  },
  'COCO_V1',
);
export const RetinaNet_ResNet50_FPN_V2_Weights = /* @__PURE__ */ weightsEnum(
  'RetinaNet_ResNet50_FPN_V2_Weights',
  {
    COCO_V1: {
      url: 'https://download.pytorch.org/models/retinanet_resnet50_fpn_v2_coco-5905b1c5.pth',
      transforms: objectDetection,
      meta: {
        categories: cocoCategories,
        minSize: [1, 1],
        numParams: 38198935,
        recipe: 'https://github.com/pytorch/vision/pull/5756',
        _metrics: { 'COCO-val2017': { boxMap: 41.5 } },
        _ops: 152.238,
        _fileSize: 146.037,
      },
    },
  },
  'COCO_V1',
);
export const SSD300_VGG16_Weights = /* @__PURE__ */ weightsEnum(
  'SSD300_VGG16_Weights',
  {
    COCO_V1: {
      url: 'https://download.pytorch.org/models/ssd300_vgg16_coco-b556d3b4.pth',
      transforms: objectDetection,
      meta: {
        categories: cocoCategories,
        minSize: [1, 1],
        numParams: 35641826,
        recipe: 'https://github.com/pytorch/vision/tree/main/references/detection#ssd300-vgg16',
        _metrics: { 'COCO-val2017': { boxMap: 25.1 } },
        _ops: 34.858,
        _fileSize: 135.988,
      },
    },
  },
  'COCO_V1',
);
export const SSDLite320_MobileNet_V3_Large_Weights = /* @__PURE__ */ weightsEnum(
  'SSDLite320_MobileNet_V3_Large_Weights',
  {
    COCO_V1: {
      url: 'https://download.pytorch.org/models/ssdlite320_mobilenet_v3_large_coco-a79551df.pth',
      transforms: objectDetection,
      meta: {
        categories: cocoCategories,
        minSize: [1, 1],
        numParams: 3440060,
        recipe:
          'https://github.com/pytorch/vision/tree/main/references/detection#ssdlite320-mobilenetv3-large',
        _metrics: { 'COCO-val2017': { boxMap: 21.3 } },
        _ops: 0.583,
        _fileSize: 13.418,
      },
    },
  },
  'COCO_V1',
);
