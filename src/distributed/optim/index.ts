/** `torch.distributed.optim`. */
export {
  type OptimizerClass,
  type ZeroOptions,
  ZeroRedundancyOptimizer,
} from './zero_redundancy_optimizer.js';
