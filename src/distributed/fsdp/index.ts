/** `torch.distributed.fsdp`: parameters, gradients and optimizers' state in parts. */
export type { FSDPModule } from './fsdp_module.js';
export { fullyShard } from './fully_shard.js';
export { MixedPrecisionPolicy } from './policies.js';
