/// <reference lib="esnext.disposable" preserve="true" />
/** `flambeau/distributed`: programs of several processes, as `torch.distributed` has them. */

export * from './availability.js';
export * as checkpoint from './checkpoint/index.js';
export * from './coalesced.js';
export { DeviceMesh, initDeviceMesh } from './device_mesh.js';
export * as nn from './differentiable.js';
export * from './messages.js';
export * from './moving_collectives.js';
export * from './object_collectives.js';
export { GroupMember, group, ProcessGroup } from './process_group.js';
export * from './process_groups.js';
export { premulSum, ReduceOp, supportsComplex } from './reduce_op.js';
export * from './reducing_collectives.js';
export * from './subgroups.js';
export type * from './types.js';
export { Work } from './work.js';

// Training with them:

export {
  allreduceHook,
  batchedPowerSGDHook,
  bf16CompressHook,
  bf16CompressWrapper,
  type CommHook,
  DistributedDataParallel,
  fp16CompressHook,
  fp16CompressWrapper,
  GradBucket,
  Join,
  type Joinable,
  JoinHook,
  PowerSGDState,
  powerSGDHook,
  type Reduced,
  SyncBatchNorm,
} from './data_parallel/index.js';
export * as fsdp from './fsdp/index.js';
export * as optim from './optim/index.js';
export * as tensor from './tensor/index.js';
