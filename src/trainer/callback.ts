/** Hooks that run while a model is trained. */
import type { LightningModule, StepOutput } from './lightning_module.js';
import type { Training } from './training.js';

/** Hooks; all of them may be asynchronous, and are waited for. Subclasses override what they need. */
export abstract class Callback {
  onFitStart?(trainer: Training, module: LightningModule): unknown;
  onFitEnd?(trainer: Training, module: LightningModule): unknown;
  onTrainEpochStart?(trainer: Training, module: LightningModule): unknown;
  onTrainBatchStart?(trainer: Training, module: LightningModule, batch: unknown, batchIdx: number): unknown;
  onTrainBatchEnd?(
    trainer: Training,
    module: LightningModule,
    outputs: StepOutput,
    batch: unknown,
    batchIdx: number,
  ): unknown;
  onTrainEpochEnd?(trainer: Training, module: LightningModule): unknown;
  /** The very end of an epoch, when schedules have gone on: where a training may be left and taken up again. */
  onEpochSettled?(trainer: Training, module: LightningModule): unknown;
  onValidationStart?(trainer: Training, module: LightningModule): unknown;
  onValidationEnd?(trainer: Training, module: LightningModule): unknown;
  onTestStart?(trainer: Training, module: LightningModule): unknown;
  onTestEnd?(trainer: Training, module: LightningModule): unknown;
  onException?(trainer: Training, module: LightningModule, error: unknown): unknown;
  /** The part of it that a checkpoint keeps. */
  stateDict?(): Record<string, unknown>;
  loadStateDict?(state: Record<string, unknown>): void;

  /** The name of its state in checkpoints. */
  get stateKey(): string {
    return this.constructor.name;
  }
}
