/** A module that a trainer trains. */
import { NotImplementedError, RuntimeError, ValueError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { Module } from '../nn/module.js';
import type { LRScheduler } from '../optim/lr_scheduler/index.js';
import type { Optimizer } from '../optim/optimizer.js';

/** A schedule, and when it goes on: after every epoch or step, or after so many; by a logged value where it asks for one. */
export interface SchedulerConfig {
  readonly scheduler:
    | LRScheduler
    | { step(value: number): void; stateDict(): object; loadStateDict(state: never): void };
  readonly interval?: 'epoch' | 'step';
  readonly frequency?: number;
  /** The logged value that a schedule such as `ReduceLROnPlateau` looks at. */
  readonly monitor?: string;
}

/** The results that `configureOptimizers` may have. */
export type OptimizerConfig =
  | Optimizer
  | readonly Optimizer[]
  | {
      readonly optimizer: Optimizer | readonly Optimizer[];
      readonly lrScheduler?: SchedulerConfig['scheduler'] | SchedulerConfig | readonly SchedulerConfig[];
    };

/** The result of a step: the loss, or an object with it. */
export type StepOutput = Tensor | { readonly loss: Tensor } | null | undefined;

/** A value that is logged. */
export interface LoggedValue {
  readonly name: string;
  readonly value: Tensor | number;
  readonly progBar: boolean;
  readonly logger: boolean;
  readonly onStep: boolean | null;
  readonly onEpoch: boolean | null;
  readonly batchSize: number | null;
}

const log = signature(
  'log(str name, Tensor|float value, bool prog_bar=False, bool logger=True, bool? on_step=None, bool? on_epoch=None, int? batch_size=None)',
);

/** @internal Where `log` goes while a trainer runs. */
export const receivers = new WeakMap<object, (value: LoggedValue) => void>();

/**
 * A module that says how it is trained, in the style of Lightning: a training step, an optimizer, and further steps if it is to be
 * validated and tested.
 *
 * @example
 * class Classifier extends LightningModule {
 *   net = new nn.Linear(784, 10);
 *   override trainingStep([x, y]: [Tensor, Tensor]) {
 *     const loss = nn.functional.crossEntropy(this.net.forward(x), y);
 *     this.log('train_loss', loss);
 *     return loss;
 *   }
 *   override configureOptimizers() {
 *     return new optim.Adam(this.parameters(), { lr: 1e-3 });
 *   }
 * }
 */
export abstract class LightningModule<B = unknown> extends Module {
  /** Whether the trainer computes gradients and steps; false: `trainingStep` does. */
  automaticOptimization = true;

  /** The loss of a batch, whose gradient is followed; null skips the batch. */
  abstract trainingStep(batch: B, batchIdx: number): StepOutput | Promise<StepOutput>;

  /** The optimizer, or that and schedules. */
  abstract configureOptimizers(): OptimizerConfig;

  /** Looks at a batch of the validation set. */
  validationStep?(batch: B, batchIdx: number): unknown;

  /** Looks at a batch of the test set. */
  testStep?(batch: B, batchIdx: number): unknown;

  override forward(..._args: unknown[]): unknown {
    throw new NotImplementedError(
      `Module [${this.constructor.name}] is missing the required "forward" function`,
    );
  }

  /**
   * Logs a value, in a step. In training it is that step's, elsewhere the mean over the epoch, unless it is said otherwise.
   *
   * @param name its name
   * @param value a number or a tensor of one element
   * @param progBar whether progress shows it
   * @param logger whether it goes to the loggers
   * @param onStep whether it is logged by steps
   * @param onEpoch whether its mean over the epoch is logged
   * @param batchSize how much it counts in that mean; by default the size of the batch
   */
  log(...args: Arguments<typeof log>): void {
    const given = log.bind(args);
    const receive = receivers.get(this);
    if (receive === undefined)
      throw new RuntimeError(
        'You are trying to `self.log()` but the `self.trainer` reference is not registered on the model yet.',
      );
    if (given.value instanceof Tensor && given.value.numel() !== 1)
      throw new ValueError(
        `\`self.log(${given.name}, ${given.value})\` was called, but the tensor must have a single element. You can try doing \`self.log(${given.name}, ${given.value}.mean())\``,
      );
    receive(given);
  }
}
