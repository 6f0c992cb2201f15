/** `torch.amp`: mixed precision. */
export { type AutocastOptions, autocast, isAutocastAvailable } from './autocast.js';
