/** `torch.distributed.tensor`: tensors that lie on several processes. */
export { DTensor, distributeTensor } from './dtensor.js';
export type { Mesh } from './meshes.js';
export * as parallel from './parallel/index.js';
export { Partial, Placement, Replicate, Shard } from './placements.js';
