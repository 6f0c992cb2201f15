/** Optimizers: `torch.optim`. */
export { Adadelta, type AdadeltaOptions, type AdadeltaState } from './adadelta.js';
export { Adafactor, type AdafactorOptions, type AdafactorState } from './adafactor.js';
export { Adagrad, type AdagradOptions, type AdagradState } from './adagrad.js';
export { Adam, type AdamOptions, type AdamState, AdamW } from './adam.js';
export { Adamax, type AdamaxOptions, type AdamaxState } from './adamax.js';
export { ASGD, type ASGDOptions, type ASGDState } from './asgd.js';
export * as optimizer from './every_optimizer.js';
export { LBFGS, type LBFGSOptions, type LBFGSState } from './lbfgs.js';
export * as lrScheduler from './lr_scheduler/index.js';
export { Muon, type MuonOptions, type MuonState } from './muon.js';
export { NAdam, type NAdamOptions, type NAdamState } from './nadam.js';
export { Optimizer, type OptimizerStateDict, type ParamGroup, type Params } from './optimizer.js';
export type { OptimizerHookTypes } from './optimizer_hooks.js';
export { RAdam, type RAdamOptions, type RAdamState } from './radam.js';
export { RMSprop, type RMSpropOptions, type RMSpropState } from './rmsprop.js';
export { Rprop, type RpropOptions, type RpropState } from './rprop.js';
export { SGD, type SGDOptions, type SGDState } from './sgd.js';
export * as swaUtils from './swa_utils.js';
