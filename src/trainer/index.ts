/// <reference lib="esnext.disposable" preserve="true" />
/** `flambeau/trainer`: trainings in the style of Lightning, in Node and in pages. */
export { Callback } from './callback.js';
export { EarlyStopping, type MonitorMode } from './early_stopping.js';
export {
  LightningModule,
  type LoggedValue,
  type OptimizerConfig,
  type SchedulerConfig,
  type StepOutput,
} from './lightning_module.js';
export { CSVLogger, type Logger, TensorBoardLogger } from './loggers.js';
export { ModelCheckpoint } from './model_checkpoint.js';
export {
  type Batches,
  type ProgressMaker,
  Trainer,
  type TrainerProgress,
} from './trainer.js';
export type { TrainerCheckpoint, Training } from './training.js';
export type * from './types.js';
