/** `torch.utils.data`. */
export { type Collated, defaultCollate } from './collate.js';
export { type Converted, defaultConvert } from './convert.js';
export { DataLoader } from './dataloader.js';
export {
  ChainDataset,
  ConcatDataset,
  Dataset,
  IterableDataset,
  type MapDataset,
  randomSplit,
  Subset,
  TensorDataset,
} from './dataset.js';
export { DistributedSampler } from './distributed_sampler.js';
export {
  BatchSampler,
  RandomSampler,
  Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from './sampler.js';
export type { Sized } from './sized.js';
export { StackDataset, type Stacked } from './stack_dataset.js';
export { type WorkerFunction, workerDataset, workerFunction } from './worker_dataset.js';
export { getWorkerInfo, type WorkerInfo } from './worker_info.js';
