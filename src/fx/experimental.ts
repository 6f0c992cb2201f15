/** `torch.fx.experimental`. */
export * as proxyTensor from './proxy_tensor.js';
