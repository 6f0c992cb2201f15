/** `torch.autograd`: gradients of whatever was recorded. */

export type { RemovableHandle } from '../core/grad_fn.js';
export { detectAnomaly, setDetectAnomaly } from './anomaly.js';
export { backward } from './backward.js';
export * as forwardAd from './forward_ad.js';
export { Function, FunctionContext, type VmapInfo } from './function.js';
export { grad } from './grad.js';
export { gradcheck, gradgradcheck } from './gradcheck.js';
export * as functional from './jacobian_products.js';
export { enableGrad, inferenceMode, noGrad, setGradEnabled } from './modes.js';
export { type Gradient, Node } from './node.js';
export * as profiler from './profiler.js';
export * as graph from './recorded_graph.js';
