/** `torch.backends`: which engines there are and what they run on. */
export * as cpu from './cpu/info.js';
