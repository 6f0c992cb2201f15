/** `torchvision.ops`. */
export {
  Conv2dNormActivation,
  Conv3dNormActivation,
  FrozenBatchNorm2d,
  MLP,
  Permute,
  SqueezeExcitation,
  StochasticDepth,
} from './blocks.js';
export type { LayerFactory } from './layer_factories.js';
export { stochasticDepth } from './stochastic_depth.js';
