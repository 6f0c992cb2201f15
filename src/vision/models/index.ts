/** `torchvision.models`. */
export * from './alexnet.js';
export type { ModelBuilder } from './builder.js';
export * from './convnext.js';
export * from './densenet.js';
export * as detection from './detection/index.js';
export * from './efficientnet.js';
export {
  createFeatureExtractor,
  type DualGraphModule,
  getGraphNodeNames,
  type ReturnNodes,
  type TracerKwargs,
} from './feature_extraction.js';
export type { LeafClass } from './feature_trace.js';
export * from './googlenet.js';
export * from './inception.js';
export { IntermediateLayerGetter, type ReturnLayers } from './intermediate_layers.js';
export * from './maxvit.js';
export * from './mnasnet.js';
export * from './mobilenet_v2.js';
export { InvertedResidualConfig, MobileNetV3, mobilenetV3Large, mobilenetV3Small } from './mobilenet_v3.js';
export * from './model_registry.js';
export { type ImageTransform, type Weights, WeightsEnum, type WeightsMeta } from './model_weights.js';
export * from './regnet.js';
export * from './resnet.js';
export * as segmentation from './segmentation/index.js';
export * from './shufflenet_v2.js';
export * from './squeezenet.js';
export * from './swin_transformer.js';
export * from './vgg.js';
export * from './vision_transformer.js';
export * from './weights/alexnet_weights.js';
export * from './weights/convnext_weights.js';
export * from './weights/densenet_weights.js';
export * from './weights/efficientnet_weights.js';
export * from './weights/googlenet_weights.js';
export * from './weights/inception_weights.js';
export * from './weights/maxvit_weights.js';
export * from './weights/mnasnet_weights.js';
export * from './weights/mobilenet_v2_weights.js';
export * from './weights/mobilenet_v3_weights.js';
export * from './weights/regnet_weights.js';
export * from './weights/resnet_weights.js';
export * from './weights/shufflenet_v2_weights.js';
export * from './weights/squeezenet_weights.js';
export * from './weights/swin_transformer_weights.js';
export * from './weights/vgg_weights.js';
export * from './weights/vision_transformer_weights.js';
