/** `torch.nn.modules`: what is not in `torch.nn` itself. */
export * as module from './global_hooks.js';
