/** Training of one module on many processes, each with its share of the data. */
export type { CommHook, Reduced } from './comm_hook.js';
export {
  allreduceHook,
  bf16CompressHook,
  bf16CompressWrapper,
  fp16CompressHook,
  fp16CompressWrapper,
} from './default_hooks.js';
export { DistributedDataParallel } from './distributed_data_parallel.js';
export { GradBucket } from './grad_bucket.js';
export { Join, type Joinable, JoinHook } from './join.js';
export { batchedPowerSGDHook, powerSGDHook } from './power_sgd_hooks.js';
export { PowerSGDState } from './power_sgd_state.js';
export { SyncBatchNorm } from './sync_batch_norm.js';
