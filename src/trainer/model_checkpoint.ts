/** Keeps a training's best and last states. */
import { RuntimeError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takes } from '../core/signature/takes.js';
import { save } from '../io/index.js';
import { folderAt, type LogFolder } from '../tensorboard/log_folder.js';
import { Callback } from './callback.js';
import { checkedMode, type MonitorMode } from './early_stopping.js';
import type { Training } from './training.js';

const modelCheckpoint = signature(
  "ModelCheckpoint(Any dirpath='checkpoints', str filename='{epoch}-{step}', str? monitor=None, bool save_last=False, int save_top_k=1, str mode='min', int every_n_epochs=1, int every_n_train_steps=0)",
);

/** Saves the training at the end of epochs, or after numbers of steps: the best by a logged value, the last, or all. */
export class ModelCheckpoint extends Callback {
  readonly monitor: string | null;
  readonly mode: MonitorMode;
  readonly #folder: LogFolder;
  readonly #filename: string;
  readonly #saveLast: boolean;
  readonly #saveTopK: number;
  readonly #everyNEpochs: number;
  readonly #everyNTrainSteps: number;
  /** Values of the files that are kept. */
  #kept = new Map<string, number>();
  /** The file of the best state, or an empty text. */
  bestModelPath = '';
  /** Its value, or null. */
  bestModelScore: number | null = null;
  /** The file of the last state, or an empty text. */
  lastModelPath = '';

  /**
   * @param dirpath the folder: a path, or an object such as a `MemoryFolder`
   * @param filename the files' name, without `.ckpt`; `{epoch}`, `{step}` and names of logged values become `epoch=3`
   * @param monitor the value by which states are compared; null keeps the last ones
   * @param saveLast whether `last.ckpt` is the last state, too
   * @param saveTopK so many are kept: -1 for all
   * @param mode whether less (`'min'`) or more (`'max'`) is better
   * @param everyNEpochs saves after so many epochs
   * @param everyNTrainSteps saves after so many steps instead
   */
  constructor(
    ...args: Arguments<typeof modelCheckpoint, { dirpath: string | LogFolder; mode: MonitorMode }>
  ) {
    super();
    const given = modelCheckpoint.bind(args);
    this.#folder = typeof given.dirpath === 'string' ? folderAt(given.dirpath) : (given.dirpath as LogFolder);
    this.monitor = given.monitor;
    this.mode = checkedMode(given.mode);
    this.#filename = given.filename;
    this.#saveLast = given.saveLast;
    this.#saveTopK = given.saveTopK;
    this.#everyNEpochs = given.everyNEpochs;
    this.#everyNTrainSteps = given.everyNTrainSteps;
  }

  override async onTrainBatchEnd(trainer: Training): Promise<void> {
    const every = this.#everyNTrainSteps;
    if (every > 0 && trainer.hasStepped && trainer.globalStep % every === 0) await this.#save(trainer);
  }

  override async onEpochSettled(trainer: Training): Promise<void> {
    if (this.#everyNTrainSteps > 0 || this.#everyNEpochs < 1) return;
    if ((trainer.currentEpoch + 1) % this.#everyNEpochs === 0) await this.#save(trainer);
  }

  #nameFor(trainer: Training): string {
    const values: Record<string, number> = {
      ...trainer.callbackMetrics,
      epoch: trainer.currentEpoch,
      step: trainer.globalStep,
    };
    const name = this.#filename.replace(/\{([^{}:]+)(?::\.(\d+)f)?\}/g, (_, key: string, digits?: string) => {
      const value = values[key] ?? 0;
      return `${key}=${digits === undefined ? value : value.toFixed(Number(digits))}`;
    });
    return `${name.replaceAll('/', '_')}.ckpt`;
  }

  async #save(trainer: Training): Promise<void> {
    const value = this.monitor === null ? trainer.globalStep : trainer.callbackMetrics[this.monitor];
    if (value === undefined)
      throw new RuntimeError(
        `\`ModelCheckpoint(monitor='${this.monitor}')\` could not find the monitored key in the returned metrics: [${Object.keys(
          trainer.callbackMetrics,
        )
          .map((name) => `'${name}'`)
          .join(', ')}]. HINT: Did you call \`log('${this.monitor}', value)\` in the \`LightningModule\`?`,
      );
    // Without a value to look at, later is better.
    const sign = this.monitor === null || this.mode === 'max' ? -1 : 1;
    const ranked = [...this.#kept].sort(([, a], [, b]) => sign * (a - b));
    const isFull = this.#saveTopK >= 0 && ranked.length >= this.#saveTopK;
    const worst = ranked.at(-1);
    const isKept = this.#saveTopK !== 0 && (!isFull || worst === undefined || sign * (value - worst[1]) < 0);
    const name = this.#nameFor(trainer);
    if (isKept) {
      this.#kept.set(name, value);
      if (isFull && worst !== undefined && worst[0] !== name) {
        this.#kept.delete(worst[0]);
        if (trainer.isGlobalZero) this.#folder.remove?.(worst[0]);
      }
      const [best] = [...this.#kept].sort(([, a], [, b]) => sign * (a - b));
      [this.bestModelPath, this.bestModelScore] = [
        this.#path(best[0]),
        this.monitor === null ? null : best[1],
      ];
    }
    if (this.#saveLast) this.lastModelPath = this.#path('last.ckpt');
    if ((!isKept && !this.#saveLast) || !trainer.isGlobalZero) return;
    const bytes = await save(trainer.checkpoint());
    const files = [...(isKept ? [name] : []), ...(this.#saveLast ? ['last.ckpt'] : [])];
    for (const path of files) {
      const file = this.#folder.create(path);
      await file.write(bytes);
      await file.close?.();
    }
  }

  #path(name: string): string {
    return `${this.#folder.name}/${name}`;
  }

  override stateDict(): Record<string, unknown> {
    return {
      best_model_path: this.bestModelPath,
      best_model_score: this.bestModelScore,
      last_model_path: this.lastModelPath,
      kept: Object.fromEntries(this.#kept),
    };
  }

  override loadStateDict(state: Record<string, unknown>): void {
    this.bestModelPath = state.best_model_path as string;
    this.bestModelScore = state.best_model_score as number | null;
    this.lastModelPath = state.last_model_path as string;
    this.#kept = new Map(Object.entries(state.kept as Record<string, number>));
  }
}

takes(ModelCheckpoint.prototype, ['stateDict()', 'load_state_dict(Object state)']);
