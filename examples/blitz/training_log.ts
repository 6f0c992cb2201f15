import * as torch from 'flambeau';

/** A parameter before training, in few numbers. */
interface Fingerprint {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly first: readonly number[];
}

/** Mean losses are logged over so many steps. */
const window = 200;
/** So many losses and labels are logged one by one. */
const detailed = 20;

/** The log that `--log` writes: enough to compare a run with the same run in Python. */
export class TrainingLog {
  /** The loss of every step. */
  readonly losses: number[] = [];
  private readonly firstLabels: number[][] = [];
  private readonly means: { epoch: number; step: number; loss: number }[] = [];
  private epoch = 0;
  private stepInEpoch = 0;
  private running = 0;
  private began = performance.now();
  private seconds = 0;

  private constructor(
    private readonly initialState: Readonly<Record<string, Fingerprint>>,
    private readonly seed: number,
  ) {}

  /** A log of the training that begins with these weights, on whatever device they are. */
  static async of(initialState: Readonly<Record<string, torch.Tensor>>, seed: number): Promise<TrainingLog> {
    const fingerprints: Record<string, Fingerprint> = {};
    for (const [name, weights] of Object.entries(initialState)) {
      const tensor = await weights.to('cpu').ready();
      fingerprints[name] = {
        shape: [...tensor.shape],
        sum: tensor.double().sum().item(),
        first: tensor.flatten().slice(0, 0, 4).tolist() as number[],
      };
    }
    return new TrainingLog(fingerprints, seed);
  }

  /** Begins an epoch. */
  beginEpoch(): void {
    if (this.epoch === 0) this.began = performance.now();
    this.epoch++;
    this.stepInEpoch = 0;
    this.running = 0;
  }

  /** Notes a step's loss and, at the very beginning, its labels. */
  step(loss: number, labels: torch.Tensor): void {
    if (this.losses.length < detailed && this.epoch === 1) this.firstLabels.push(labels.tolist() as number[]);
    this.losses.push(loss);
    this.running += loss;
    if (++this.stepInEpoch % window !== 0) return;
    this.means.push({ epoch: this.epoch, step: this.stepInEpoch, loss: this.running / window });
    this.running = 0;
  }

  /** The mean of the last losses. */
  recentLoss(): number {
    const recent = this.losses.slice(-window);
    return recent.reduce((sum, loss) => sum + loss, 0) / recent.length;
  }

  /** Ends the training. */
  end(): void {
    this.seconds = (performance.now() - this.began) / 1000;
  }

  /** The log with the results of the test: images and right answers of each class. */
  toJSON(perClassCorrect: readonly number[], perClassTotal: readonly number[]): object {
    const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
    return {
      seed: this.seed,
      epochs: this.epoch,
      initial_state: this.initialState,
      first_20_losses: this.losses.slice(0, this.firstLabels.length),
      first_20_labels: this.firstLabels,
      log: this.means,
      test_correct: total(perClassCorrect),
      test_total: total(perClassTotal),
      per_class_correct: perClassCorrect,
      per_class_total: perClassTotal,
      threads: torch.getNumThreads(),
      train_seconds_on_the_machine_that_made_this: this.seconds,
    };
  }
}
