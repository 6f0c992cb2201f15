/** `torch.fx.experimental.proxyTensor`. */
export { makeFx } from './symbolic_trace.js';
