/** `torch.utils`. */
export * as data from './data/index.js';
export { ProgressBar, type ProgressOptions } from './progress.js';
