/** Trains, validates and tests modules. */
import { noGrad } from '../autograd/modes.js';
import { RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { libraryClass } from '../core/object.js';
import { isPlainObject } from '../core/plain.js';
import { typeName } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takes } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';
import { load, type Readable } from '../io/index.js';
import { clipGradNorm_Async, clipGradValue_ } from '../nn/utils/index.js';
import { ReduceLROnPlateau } from '../optim/lr_scheduler/index.js';
import type { Optimizer } from '../optim/optimizer.js';
import { ProgressBar } from '../utils/progress.js';
import type { Callback } from './callback.js';
import {
  LightningModule,
  type OptimizerConfig,
  receivers,
  type SchedulerConfig,
  type StepOutput,
} from './lightning_module.js';
import { LoggedResults, sizeOf } from './logged_results.js';
import type { Logger } from './loggers.js';
import type { ParallelTraining } from './parallel_training.js';
import type { TrainerCheckpoint, Training } from './training.js';
import { batchesOf, type Chance, chanceOf, generatorsOf, setChance, startEpoch } from './training_state.js';

const trainer = signature(
  "Trainer(*, int? max_epochs=None, int max_steps=-1, Any logger=None, Any callbacks=None, float? limit_train_batches=None, float? limit_val_batches=None, float? limit_test_batches=None, int check_val_every_n_epoch=1, int log_every_n_steps=50, bool enable_progress_bar=True, Callable? progress=None, int accumulate_grad_batches=1, float? gradient_clip_val=None, str gradient_clip_algorithm='norm', str strategy='auto')",
);
const fit = signature('fit(Any model, Any train_dataloaders, Any val_dataloaders=None, Any ckpt_path=None)');
const evaluation = signature('validate(Any model, Any dataloaders)');

const strategies = ['auto', 'ddp', 'ddp_find_unused_parameters_true'] as const;
type Strategy = (typeof strategies)[number];

/** Batches: a loader, or anything that can be iterated. */
export type Batches<B = unknown> = Iterable<B> | AsyncIterable<B>;

/** Shows how far a pass over the data is. */
export interface TrainerProgress {
  advance(count: number, values: Readonly<Record<string, string>>): void;
  stop(): void;
}

/** Makes what shows a pass. */
export type ProgressMaker = (
  total: number,
  description: string,
) => TrainerProgress | Promise<TrainerProgress>;

type Event = Exclude<
  { [K in keyof Callback]: K extends `on${string}` ? K : never }[keyof Callback],
  undefined
>;

interface Course {
  readonly model: LightningModule;
  readonly optimizers: readonly Optimizer[];
  readonly schedulers: readonly SchedulerConfig[];
}

/**
 * Trains modules, in the style of Lightning: epochs, validation, callbacks, loggers, checkpoints that a training goes on from to the
 * digit. The same in Node and in pages.
 *
 * @example
 * const trainer = new Trainer({ maxEpochs: 5, callbacks: [new EarlyStopping('val_loss')], logger: new CSVLogger('logs') });
 * await trainer.fit(new Classifier(), trainLoader, valLoader);
 */
export class Trainer implements Training {
  readonly #given: ReturnType<typeof trainer.bind>;
  readonly callbacks: readonly Callback[];
  readonly loggers: readonly Logger[];
  /** The epoch that runs, from 0 on. */
  currentEpoch = 0;
  /** How many steps optimizers have made. */
  globalStep = 0;
  /** Ends the training after the batch that runs. */
  shouldStop = false;
  /** Whether the last batch ended with a step. */
  hasStepped = false;
  /** The last values of everything that has been logged. */
  callbackMetrics: Record<string, number> = {};
  #course: Course | null = null;
  #results = new LoggedResults(true);
  #loader: Batches | null = null;
  #epochChance: Chance = [];
  /** Batches of the epoch that are done. */
  #batchIdx = 0;
  /** Whether the epoch is over. */
  #isSettled = false;
  /** Batches whose gradients wait for a step. */
  #pending = 0;
  /** The other processes, if there are any. */
  #parallel: ParallelTraining | null = null;

  /**
   * @param maxEpochs so many epochs at most; without it and `maxSteps` 1000
   * @param maxSteps so many steps at most; -1: any number
   * @param logger a logger, or a list
   * @param callbacks a callback, or a list
   * @param limitTrainBatches so many batches an epoch, or (below 1) such a share
   * @param limitValBatches as that, of validation
   * @param limitTestBatches as that, of tests
   * @param checkValEveryNEpoch validates after so many epochs
   * @param logEveryNSteps values of steps go to loggers after so many steps
   * @param enableProgressBar whether progress is shown
   * @param progress what shows it in the place of the terminal's bar
   * @param accumulateGradBatches gradients of so many batches make a step
   * @param gradientClipVal limits gradients before a step
   * @param gradientClipAlgorithm `'norm'` or `'value'`
   * @param strategy `'ddp'` trains on all processes that `mpirun` has started, each with its share of the data (`DistributedSampler`), and
   *   `'ddp_find_unused_parameters_true'` also modules of which not all parameters are used; only the first process logs, shows and saves
   */
  constructor(
    ...args: Arguments<
      typeof trainer,
      {
        logger: Logger | readonly Logger[] | null;
        callbacks: Callback | readonly Callback[] | null;
        progress: ProgressMaker | null;
        gradientClipAlgorithm: 'norm' | 'value';
        strategy: Strategy;
      }
    >
  ) {
    const given = trainer.bind(args);
    this.#given = given;
    if (given.accumulateGradBatches < 1)
      throw new ValueError(
        `accumulate_grad_batches should be at least 1, got ${given.accumulateGradBatches}`,
      );
    if (!['norm', 'value'].includes(given.gradientClipAlgorithm))
      throw new ValueError(
        `\`gradient_clip_algorithm\` ${given.gradientClipAlgorithm} is invalid. Allowed algorithms: ['value', 'norm'].`,
      );
    if (!strategies.includes(given.strategy as Strategy))
      throw new ValueError(
        `You selected an invalid strategy name: \`strategy=${given.strategy}\`. Available names: ${strategies.join(', ')}`,
      );
    const listed = <T>(one: unknown): T[] =>
      one === null || one === undefined ? [] : ((Array.isArray(one) ? [...one] : [one]) as T[]);
    this.loggers = listed<Logger>(given.logger);
    this.callbacks = listed<Callback>(given.callbacks);
  }

  /** The schedules' and optimizers' owner while it is trained. @throws RuntimeError before */
  #running(): Course {
    if (this.#course === null) throw new RuntimeError('nothing is trained: call fit() first');
    return this.#course;
  }

  /** The optimizers of the training. */
  get optimizers(): readonly Optimizer[] {
    return this.#running().optimizers;
  }

  /**
   * Trains a module.
   *
   * @param model the module
   * @param trainDataloaders the batches to train with
   * @param valDataloaders the batches to validate with
   * @param ckptPath a checkpoint to go on from: a path, bytes, or what `checkpoint()` gave
   */
  async fit(
    ...args: Arguments<
      typeof fit,
      {
        model: LightningModule<never>;
        trainDataloaders: Batches;
        valDataloaders: Batches | null;
        ckptPath: Readable | TrainerCheckpoint | null;
      }
    >
  ): Promise<void> {
    const { model, trainDataloaders, valDataloaders, ckptPath } = fit.bind(args);
    checkModule(model);
    this.#parallel = await this.#beginParallel(model);
    this.#course = { model, ...configured(model.configureOptimizers(), model.automaticOptimization) };
    this.#loader = trainDataloaders as Batches;
    [this.currentEpoch, this.globalStep, this.#batchIdx] = [0, 0, 0];
    [this.shouldStop, this.#isSettled] = [false, false];
    this.#results = new LoggedResults(true);
    this.callbackMetrics = {};
    let resumed: Resumed | null = null;
    if (ckptPath !== null && ckptPath !== undefined) resumed = await this.#restore(ckptPath);
    try {
      await this.#tell('onFitStart');
      model.train();
      const maxEpochs = this.#given.maxEpochs ?? (this.#given.maxSteps < 0 ? 1000 : Number.POSITIVE_INFINITY);
      while (this.currentEpoch < maxEpochs && !this.#isDone()) {
        await this.#trainEpoch(model, resumed, valDataloaders as Batches | null);
        resumed = null;
        if (this.currentEpoch + 1 >= maxEpochs || this.#isDone()) break;
        this.currentEpoch++;
      }
      await this.#tell('onFitEnd');
    } catch (error) {
      await this.#tell('onException', error);
      throw error;
    } finally {
      receivers.delete(model);
      for (const logger of this.loggers) await logger.finalize?.();
    }
  }

  async #beginParallel(model: LightningModule): Promise<ParallelTraining | null> {
    const { strategy } = this.#given;
    if (strategy === 'auto') return null;
    const { ParallelTraining } = await import('./parallel_training.js');
    return ParallelTraining.begin(model, strategy === 'ddp_find_unused_parameters_true');
  }

  /** Whether this is the process that logs and saves: the first, or the only one. */
  get isGlobalZero(): boolean {
    return this.#parallel?.isFirst ?? true;
  }

  #isDone(): boolean {
    const { maxSteps } = this.#given;
    return this.shouldStop || (maxSteps >= 0 && this.globalStep >= maxSteps);
  }

  async #tell(event: Event, ...rest: unknown[]): Promise<void> {
    const { model } = this.#running();
    for (const callback of this.callbacks)
      await (callback[event] as ((...args: unknown[]) => unknown) | undefined)?.call(
        callback,
        this,
        model,
        ...rest,
      );
  }

  async #trainEpoch(
    model: LightningModule,
    resumed: Resumed | null,
    valLoader: Batches | null,
  ): Promise<void> {
    const loader = this.#loader!;
    const generators = generatorsOf(loader);
    startEpoch(loader, this.currentEpoch);
    this.#isSettled = false;
    this.#pending = 0;
    this.#results = new LoggedResults(true);
    let skip = 0;
    if (resumed === null) {
      this.#batchIdx = 0;
      this.#epochChance = chanceOf(generators);
    } else {
      skip = resumed.batches;
      this.#epochChance = resumed.epochChance;
      this.#results.loadStateDict(resumed.means);
      setChance(generators, skip > 0 ? resumed.epochChance : resumed.chance);
    }
    receivers.set(model, (value) => this.#results.add(value));
    if (skip === 0) await this.#tell('onTrainEpochStart');
    const total = batchesOf(loader, this.#given.limitTrainBatches);
    const progress = await this.#progress(total, `epoch ${this.currentEpoch}`);
    let index = 0;
    for await (const batch of loader) {
      if (index < skip) {
        index++;
        // The draws between batches are not made again.
        if (index === skip) setChance(generators, resumed!.chance);
        continue;
      }
      await this.#trainBatch(model, batch, index, total !== null && index === total - 1);
      progress?.advance(1, await this.#shown());
      index++;
      if (this.#isDone() || (total !== null && index >= total)) break;
    }
    if (this.#pending > 0) {
      await this.#parallel?.average();
      await this.#step(model);
    }
    progress?.stop();
    await this.#schedule('epoch');
    const every = this.#given.checkValEveryNEpoch;
    if (valLoader !== null && valLoader !== undefined && (this.currentEpoch + 1) % every === 0) {
      await this.#evaluate(model, valLoader, 'validation');
      model.train();
      receivers.set(model, (value) => this.#results.add(value));
    }
    const means = await this.#common(await this.#results.epoch());
    Object.assign(this.callbackMetrics, means);
    await this.#log(this.#results.forLoggers(means));
    await this.#tell('onTrainEpochEnd');
    await this.#schedule('epoch', true);
    this.#isSettled = true;
    await this.#tell('onEpochSettled');
  }

  async #trainBatch(model: LightningModule, batch: unknown, index: number, isLast: boolean): Promise<void> {
    this.hasStepped = false;
    this.#results.batchSize = sizeOf(batch);
    await this.#tell('onTrainBatchStart', batch, index);
    const { accumulateGradBatches } = this.#given;
    const steps = this.#pending + 1 === accumulateGradBatches || isLast;
    let hasLoss = false;
    const backward = (result: StepOutput): void => {
      const loss = model.automaticOptimization ? lossOf(result) : null;
      hasLoss = loss !== null;
      if (loss !== null) (accumulateGradBatches === 1 ? loss : loss.div(accumulateGradBatches)).backward();
    };
    let output: StepOutput;
    if (this.#parallel !== null) output = await this.#parallel.step(batch, index, steps, backward);
    else {
      output = await model.trainingStep(batch, index);
      backward(output);
    }
    if (hasLoss) {
      this.#pending++;
      if (steps) await this.#step(model);
    } else if (!model.automaticOptimization) {
      this.globalStep++;
      this.hasStepped = true;
    }
    this.#batchIdx = index + 1;
    if (this.hasStepped && this.globalStep % this.#given.logEveryNSteps === 0) {
      const values = await this.#results.steps();
      Object.assign(this.callbackMetrics, values);
      await this.#log(this.#results.forLoggers(values));
    }
    await this.#tell('onTrainBatchEnd', output, batch, index);
  }

  async #step(model: LightningModule): Promise<void> {
    const { gradientClipVal: limit, gradientClipAlgorithm } = this.#given;
    const { optimizers } = this.#running();
    if (limit !== null && limit > 0) {
      if (gradientClipAlgorithm === 'value') clipGradValue_(model.parameters(), limit);
      else await clipGradNorm_Async(model.parameters(), limit);
    }
    for (const optimizer of optimizers) {
      optimizer.step();
      optimizer.zeroGrad();
    }
    this.#pending = 0;
    this.globalStep++;
    this.hasStepped = true;
    await this.#schedule('step');
  }

  /** Lets schedules go on: those that look at a value when there is one. */
  async #schedule(interval: 'epoch' | 'step', watching = false): Promise<void> {
    const count = interval === 'epoch' ? this.currentEpoch + 1 : this.globalStep;
    for (const { scheduler, interval: own = 'epoch', frequency = 1, monitor } of this.#running().schedulers) {
      const watches = scheduler instanceof ReduceLROnPlateau;
      if (own !== interval || (watches !== watching && interval === 'epoch') || count % frequency !== 0)
        continue;
      if (!watches) {
        (scheduler.step as () => void)();
        continue;
      }
      const name = monitor ?? 'val_loss';
      const value = this.callbackMetrics[name];
      if (value === undefined)
        throw new RuntimeError(
          `ReduceLROnPlateau conditioned on metric ${name} which is not available. Available metrics are: [${Object.keys(
            this.callbackMetrics,
          ).join(', ')}]. Condition can be set using \`monitor\` key in lr scheduler dict`,
        );
      (scheduler.step as (value: number) => void)(value);
    }
  }

  /** Values as all processes see them. */
  #common(values: Record<string, number>): Promise<Record<string, number>> {
    return this.#parallel?.means(values) ?? Promise.resolve(values);
  }

  async #log(values: Readonly<Record<string, number>>): Promise<void> {
    if (Object.keys(values).length === 0 || !this.isGlobalZero) return;
    for (const logger of this.loggers)
      await logger.logMetrics({ epoch: this.currentEpoch, ...values }, Math.max(this.globalStep - 1, 0));
  }

  /** The values that progress shows. */
  async #shown(): Promise<Record<string, string>> {
    if (this.#results.shown.size === 0) return {};
    const values = { ...this.callbackMetrics, ...(await this.#results.steps()) };
    return Object.fromEntries(
      [...this.#results.shown].flatMap((name) =>
        name in values ? [[name, values[name].toPrecision(4)]] : [],
      ),
    );
  }

  async #progress(total: number | null, description: string): Promise<TrainerProgress | null> {
    const { enableProgressBar, progress } = this.#given;
    if (!this.isGlobalZero) return null;
    if (progress !== null) return (progress as unknown as ProgressMaker)(total ?? 0, description);
    return enableProgressBar ? ProgressBar.start(total ?? 0, { description, unit: 'batch' }) : null;
  }

  async #evaluate(
    model: LightningModule,
    loader: Batches,
    kind: 'validation' | 'test',
  ): Promise<Record<string, number>> {
    const step = kind === 'validation' ? model.validationStep : model.testStep;
    if (step === undefined)
      throw new RuntimeError(
        `No \`${kind}_step()\` method defined to run \`Trainer.${kind === 'test' ? 'test' : 'validate'}\`.`,
      );
    await this.#tell(kind === 'test' ? 'onTestStart' : 'onValidationStart');
    const wasTraining = model.training;
    model.eval();
    const results = new LoggedResults(false);
    receivers.set(model, (value) => results.add(value));
    const { limitValBatches, limitTestBatches } = this.#given;
    const total = batchesOf(loader, kind === 'test' ? limitTestBatches : limitValBatches);
    const progress = await this.#progress(total, kind);
    try {
      await noGrad(async () => {
        let index = 0;
        for await (const batch of loader) {
          if (total !== null && index >= total) break;
          results.batchSize = sizeOf(batch);
          await step.call(model, batch as never, index++);
          progress?.advance(1, {});
        }
      });
    } finally {
      progress?.stop();
      model.train(wasTraining);
      receivers.delete(model);
    }
    const means = await this.#common(await results.epoch());
    Object.assign(this.callbackMetrics, means);
    await this.#log(results.forLoggers(means));
    await this.#tell(kind === 'test' ? 'onTestEnd' : 'onValidationEnd');
    return means;
  }

  async #evaluateAlone(
    args: readonly unknown[],
    kind: 'validation' | 'test',
  ): Promise<Record<string, number>> {
    const { model, dataloaders } = evaluation.bind(args, kind === 'test' ? 'test' : 'validate');
    checkModule(model);
    const before = this.#course;
    this.#course = { model, optimizers: [], schedulers: [] };
    try {
      return await this.#evaluate(model, dataloaders as Batches, kind);
    } finally {
      this.#course = before;
      for (const logger of this.loggers) await logger.finalize?.();
    }
  }

  /** Validates a module. @returns the means of what its validation steps log */
  async validate(
    ...args: Arguments<typeof evaluation, { model: LightningModule<never>; dataloaders: Batches }>
  ): Promise<Record<string, number>> {
    return this.#evaluateAlone(args, 'validation');
  }

  /** Tests a module. @returns the means of what its test steps log */
  async test(
    ...args: Arguments<typeof evaluation, { model: LightningModule<never>; dataloaders: Batches }>
  ): Promise<Record<string, number>> {
    return this.#evaluateAlone(args, 'test');
  }

  /** The training as it is, for `torch.save`: Lightning's dictionary, with the states of chance and data beside it. */
  checkpoint(): TrainerCheckpoint {
    const { model, optimizers, schedulers } = this.#running();
    const generators = generatorsOf(this.#loader);
    return {
      epoch: this.currentEpoch,
      global_step: this.globalStep,
      state_dict: model.stateDict(),
      optimizer_states: optimizers.map((optimizer) => optimizer.stateDict()),
      lr_schedulers: schedulers.map(({ scheduler }) => scheduler.stateDict()),
      callbacks: Object.fromEntries(
        this.callbacks.flatMap((one) =>
          one.stateDict === undefined ? [] : [[one.stateKey, one.stateDict()]],
        ),
      ),
      course: {
        chance: chanceOf(generators),
        epoch_chance: this.#epochChance,
        batches: this.#batchIdx,
        is_settled: this.#isSettled,
        means: this.#isSettled ? {} : this.#results.stateDict(),
      },
    };
  }

  async #restore(given: unknown): Promise<Resumed> {
    const isState = isPlainObject(given) && 'state_dict' in given;
    const state = (isState ? given : await load(given as Readable)) as Record<string, never>;
    const { model, optimizers, schedulers } = this.#running();
    model.loadStateDict(state.state_dict);
    for (const [i, optimizer] of optimizers.entries()) optimizer.loadStateDict(state.optimizer_states[i]);
    for (const [i, { scheduler }] of schedulers.entries())
      scheduler.loadStateDict(state.lr_schedulers[i] as never);
    const states = state.callbacks as Record<string, Record<string, unknown>>;
    for (const callback of this.callbacks)
      if (states[callback.stateKey] !== undefined) callback.loadStateDict?.(states[callback.stateKey]);
    const course = state.course as unknown as CourseState | undefined;
    if (course === undefined)
      throw new RuntimeError(
        "the checkpoint does not say how far its training was: 'course' is missing in it",
      );
    this.globalStep = state.global_step;
    this.currentEpoch = Number(state.epoch) + (course.is_settled ? 1 : 0);
    return {
      chance: course.chance,
      epochChance: course.is_settled ? course.chance : course.epoch_chance,
      batches: course.is_settled ? 0 : course.batches,
      means: course.means,
    };
  }
}

takes(Trainer.prototype, ['checkpoint()']);
libraryClass(Trainer, { shown: ['currentEpoch', 'globalStep'] });

interface Resumed {
  readonly chance: Chance;
  readonly epochChance: Chance;
  readonly batches: number;
  readonly means: ReturnType<LoggedResults['stateDict']>;
}

interface CourseState extends Omit<Resumed, 'epochChance'> {
  readonly epoch_chance: Chance;
  readonly is_settled: boolean;
}

function lossOf(output: StepOutput): Tensor | null {
  if (output === null || output === undefined) return null;
  const loss = output instanceof Tensor ? output : output.loss;
  if (!(loss instanceof Tensor))
    throw new TypeError(
      `In automatic_optimization, when \`training_step\` returns a dict, the 'loss' key needs to be present, not ${typeName(loss)}`,
    );
  return loss;
}

function checkModule(model: unknown): asserts model is LightningModule {
  if (!(model instanceof LightningModule))
    throw new TypeError(`\`model\` must be a \`LightningModule\`, got \`${typeName(model)}\``);
}

function configured(
  given: OptimizerConfig,
  isAutomatic: boolean,
): { optimizers: readonly Optimizer[]; schedulers: readonly SchedulerConfig[] } {
  const isConfig = isPlainObject(given);
  const found = isConfig ? (given as { optimizer: Optimizer | readonly Optimizer[] }).optimizer : given;
  const optimizers = (Array.isArray(found) ? found : [found]) as readonly Optimizer[];
  if (isAutomatic && optimizers.length > 1)
    throw new RuntimeError(
      'Training with multiple optimizers is only supported with manual optimization. Set `self.automatic_optimization = False`, then access your optimizers in `training_step` with `opt1, opt2, ... = self.optimizers()`.',
    );
  const schedule = isConfig ? (given as { lrScheduler?: unknown }).lrScheduler : undefined;
  const listed = schedule === undefined ? [] : Array.isArray(schedule) ? schedule : [schedule];
  const schedulers = listed.map((one: unknown) =>
    isPlainObject(one)
      ? (one as unknown as SchedulerConfig)
      : { scheduler: one as SchedulerConfig['scheduler'] },
  );
  return { optimizers, schedulers };
}
