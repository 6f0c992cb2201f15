/** `torch.distributed.tensor.parallel`: modules that several processes compute together. */
export { ColwiseParallel, RowwiseParallel, SequenceParallel } from './linear_styles.js';
export { ParallelStyle } from './parallel_style.js';
export { type ParallelizePlan, parallelizeModule } from './parallelize_module.js';
export { type Layouts, PrepareModuleInput, PrepareModuleOutput } from './prepare_styles.js';
