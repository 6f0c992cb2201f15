/** Learning-rate schedules: `torch.optim.lrScheduler`. */
export { ChainedScheduler, SequentialLR } from './combined.js';
export { CosineAnnealingLR, CosineAnnealingWarmRestarts } from './cosine.js';
export { CyclicLR } from './cyclic_lr.js';
export { OneCycleLR } from './one_cycle.js';
export { ReduceLROnPlateau } from './plateau.js';
export { LRScheduler, type SchedulerStateDict } from './scheduler.js';
export {
  ConstantLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiplicativeLR,
  MultiStepLR,
  PolynomialLR,
  StepLR,
} from './stepwise.js';
