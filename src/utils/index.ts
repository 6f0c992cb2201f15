/** `torch.utils`. */
export * as checkpoint from './checkpoint/index.js';
export * as data from './data/index.js';
export { deterministic } from './deterministic.js';
export { ProgressBar, type ProgressOptions, type ProgressValues } from './progress.js';
