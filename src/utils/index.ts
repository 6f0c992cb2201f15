/** `torch.utils`. */
export * as benchmark from './benchmark/index.js';
export * as checkpoint from './checkpoint/index.js';
export * as collectEnv from './collect_env.js';
export * as data from './data/index.js';
export { deterministic } from './deterministic.js';
export { ProgressBar, type ProgressOptions, type ProgressValues } from './progress.js';
