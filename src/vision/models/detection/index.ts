/** `torchvision.models.detection`. */
export { AnchorGenerator, type AnchorSettings, DefaultBoxGenerator } from './anchors.js';
export type { DetectorBuilder, DetectorOptions, PlainDetectorBuilder } from './detection_builder.js';
export type { Detection, DetectionLosses, DetectionTarget } from './detection_types.js';
export * from './detection_weights.js';
export {
  type DetectorBackbone,
  FasterRCNN,
  FastRCNNConvFCHead,
  FastRCNNPredictor,
  fasterrcnnMobilenetV3Large320Fpn,
  fasterrcnnMobilenetV3LargeFpn,
  fasterrcnnResnet50Fpn,
  fasterrcnnResnet50FpnV2,
  TwoMLPHead,
} from './faster_rcnn.js';
export { FCOS, fcosResnet50Fpn } from './fcos.js';
export type { ImageList } from './image_list.js';
export {
  KeypointRCNN,
  KeypointRCNNHeads,
  KeypointRCNNPredictor,
  keypointrcnnResnet50Fpn,
} from './keypoint_rcnn.js';
export {
  MaskRCNN,
  MaskRCNNHeads,
  MaskRCNNPredictor,
  maskrcnnResnet50Fpn,
  maskrcnnResnet50FpnV2,
} from './mask_rcnn.js';
export { BackboneWithFPN } from './pyramid_backbones.js';
export { RPNHead } from './region_proposals.js';
export { RetinaNet, retinanetResnet50Fpn, retinanetResnet50FpnV2 } from './retinanet.js';
export { type ScaledBackbone, SSD, ssd300Vgg16 } from './ssd.js';
export { ssdlite320MobilenetV3Large } from './ssdlite.js';
