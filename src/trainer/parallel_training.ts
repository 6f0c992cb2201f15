/** Trainings on many processes: what a trainer does beside its own then. */
import { float64 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import {
  allReduce,
  DistributedDataParallel,
  getRank,
  initProcessGroup,
  isInitialized,
  ReduceOp,
} from '../distributed/index.js';
import { Module } from '../nn/module.js';
import { tensor } from '../ops/from_data.js';
import type { LightningModule, StepOutput } from './lightning_module.js';

/** A module whose forward pass is another's training step. */
class TrainingStep extends Module {
  constructor(readonly module: LightningModule) {
    super();
  }

  override forward(batch: unknown, index: number): StepOutput | Promise<StepOutput> {
    return this.module.trainingStep(batch, index);
  }
}

export class ParallelTraining {
  private constructor(private readonly ddp: DistributedDataParallel<TrainingStep>) {}

  /** Begins the communication, if nobody has, and gives all processes the module of the first one. */
  static async begin(model: LightningModule, findUnusedParameters: boolean): Promise<ParallelTraining> {
    if (!model.automaticOptimization)
      throw new RuntimeError(
        "strategy 'ddp' wants automatic optimization: wrap the module in trainingStep yourself",
      );
    if (!isInitialized()) await initProcessGroup();
    const ddp = new DistributedDataParallel(new TrainingStep(model), { findUnusedParameters });
    return new ParallelTraining(await ddp.ready());
  }

  /** Whether this is the first process, which logs, shows and saves. */
  get isFirst(): boolean {
    return getRank() === 0;
  }

  /** Makes a training step. `steps` says whether an optimizer's step follows: only then gradients are averaged. */
  step(
    batch: unknown,
    index: number,
    steps: boolean,
    backward: (output: StepOutput) => void,
  ): Promise<StepOutput> {
    const run = async (): Promise<StepOutput> => {
      const output = await this.ddp.forward(batch, index);
      backward(output);
      return output;
    };
    if (!steps) return this.ddp.noSync(run);
    return run().then(async (output) => {
      await this.ddp.finish();
      return output;
    });
  }

  /** Averages the gradients that have come without a step. */
  async average(): Promise<void> {
    for (const { grad } of this.ddp.parameters()) if (grad !== null) await allReduce(grad, ReduceOp.AVG);
  }

  /** The averages of values over all processes. */
  async means(values: Readonly<Record<string, number>>): Promise<Record<string, number>> {
    const names = Object.keys(values).sort();
    if (names.length === 0) return {};
    const all: Tensor = tensor(
      names.map((name) => values[name]),
      { dtype: float64 },
    );
    await allReduce(all, ReduceOp.AVG);
    const means = all.tolist() as number[];
    return Object.fromEntries(names.map((name, i) => [name, means[i]]));
  }
}
