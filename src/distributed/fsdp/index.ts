/** `torch.distributed.fsdp`: parameters, gradients and optimizers' state in parts. */
export { type FSDPModule, registerFsdpForwardMethod, UnshardHandle } from './fsdp_module.js';
export { fullyShard } from './fully_shard.js';
export { CPUOffloadPolicy, MixedPrecisionPolicy, OffloadPolicy } from './policies.js';
