/** A training as callbacks see it. */
import type { Optimizer } from '../optim/optimizer.js';

/** A training as a checkpoint keeps it. */
export type TrainerCheckpoint = Readonly<Record<string, unknown>>;

/** The part of a trainer that callbacks may read and change. */
export interface Training {
  /** The epoch that runs, from 0 on. */
  readonly currentEpoch: number;
  /** How many steps optimizers have made. */
  readonly globalStep: number;
  /** Whether the last batch ended with a step. */
  readonly hasStepped: boolean;
  /** Whether this is the process that logs and saves: the first, or the only one. */
  readonly isGlobalZero: boolean;
  /** The last values of everything that has been logged. */
  readonly callbackMetrics: Readonly<Record<string, number>>;
  readonly optimizers: readonly Optimizer[];
  /** Ends the training after the batch that runs. */
  shouldStop: boolean;
  checkpoint(): TrainerCheckpoint;
}
