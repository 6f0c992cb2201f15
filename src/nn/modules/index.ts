/** The layers, each family in the file of PyTorch's name for it. */
export * from './activation.js';
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
export * from './distance.js';
export * from './dropout.js';
export * from './flatten.js';
export { Bilinear, type FactoryOptions, Identity, Linear } from './linear.js';
export * from './loss.js';
export * from './normalization.js';
export * from './padding.js';
export * from './pooling.js';
export * from './sparse.js';
