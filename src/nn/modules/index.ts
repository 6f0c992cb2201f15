/** The layers, each family in the file of PyTorch's name for it. */
export * from './activation.js';
export * from './adaptive_softmax.js';
export {
  ModuleDict,
  ModuleList,
  ParameterDict,
  ParameterList,
  Sequential,
} from './container.js';
export {
  Conv1d,
  Conv2d,
  Conv3d,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
} from './conv.js';
export * from './ctc_loss.js';
export { DataParallel } from './data_parallel.js';
export * from './distance.js';
export * from './dropout.js';
export * from './flatten.js';
export * from './fold.js';
export * from './fractional_pooling.js';
export * from './lazy_modules.js';
export { Bilinear, type FactoryOptions, Identity, Linear } from './linear.js';
export * from './linear_cross_entropy_loss.js';
export * from './local_response.js';
export {
  BCELoss,
  BCEWithLogitsLoss,
  CosineEmbeddingLoss,
  CrossEntropyLoss,
  GaussianNLLLoss,
  HingeEmbeddingLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  MarginRankingLoss,
  MSELoss,
  NLLLoss,
  PoissonNLLLoss,
  type Reduction,
  SmoothL1Loss,
  SoftMarginLoss,
  TripletMarginLoss,
} from './loss.js';
export * from './lp_pooling.js';
export * from './margin_losses.js';
export * from './max_unpooling.js';
export { MultiheadAttention } from './multihead_attention.js';
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  GroupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  LayerNorm,
  RMSNorm,
} from './normalization.js';
export * from './padding.js';
export * from './pooling.js';
export * from './rnn.js';
export * from './rnn_cells.js';
export * from './shuffling.js';
export * from './sparse.js';
export * from './transformer.js';
export { TransformerDecoderLayer, TransformerEncoderLayer } from './transformer_layers.js';
export * from './transformer_stacks.js';
export * from './upsampling.js';
