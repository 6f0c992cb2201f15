/** `torch.autograd`: gradients of whatever was recorded. */

export { detectAnomaly, setDetectAnomaly } from './anomaly.js';
export { backward, grad } from './backward.js';
export * as forwardAd from './forward_ad.js';
export { Function, FunctionContext } from './function.js';
export { gradcheck, gradgradcheck } from './gradcheck.js';
export * as functional from './jacobian_products.js';
export { enableGrad, inferenceMode, noGrad, setGradEnabled } from './modes.js';
export { type Gradient, Node, type RemovableHandle } from './node.js';
export * as profiler from './profiler.js';
