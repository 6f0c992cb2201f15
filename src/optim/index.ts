/** Optimizers: `torch.optim`. */
export { Adadelta, type AdadeltaOptions, type AdadeltaState } from './adadelta.js';
export { Adagrad, type AdagradOptions, type AdagradState } from './adagrad.js';
export { Adam, type AdamOptions, type AdamState, AdamW } from './adam.js';
export { Adamax, type AdamaxOptions, type AdamaxState } from './adamax.js';
export * as lrScheduler from './lr_scheduler/index.js';
export { NAdam, type NAdamOptions, type NAdamState } from './nadam.js';
export { Optimizer, type OptimizerStateDict, type ParamGroup, type Params } from './optimizer.js';
export { RAdam, type RAdamOptions, type RAdamState } from './radam.js';
export { RMSprop, type RMSpropOptions, type RMSpropState } from './rmsprop.js';
export { SGD, type SGDOptions, type SGDState } from './sgd.js';
