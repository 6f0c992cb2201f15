/** Where logged values go. */
import { ValueError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takes } from '../core/signature/takes.js';
import { folderAt, type LogFolder } from '../tensorboard/log_folder.js';
import { SummaryWriter } from '../tensorboard/summary_writer.js';

/** Takes logged values. */
export interface Logger {
  logMetrics(metrics: Readonly<Record<string, number>>, step: number): unknown;
  /** Called at the end. */
  finalize?(): unknown;
}

const toTensorBoard = signature('TensorBoardLogger(Any save_dir)');
const toCsv = signature('CSVLogger(Any save_dir, *, str[]? chart=None)');

const asFolder = (given: unknown): LogFolder =>
  typeof given === 'string' ? folderAt(given) : (given as LogFolder);

/** Writes values for TensorBoard. */
export class TensorBoardLogger implements Logger {
  /** The writer of the files. */
  readonly experiment: SummaryWriter;

  /** @param saveDir the folder: a path, or an object such as a `MemoryFolder` */
  constructor(...args: Arguments<typeof toTensorBoard, { saveDir: string | LogFolder }>) {
    this.experiment = new SummaryWriter({ logDir: asFolder(toTensorBoard.bind(args).saveDir) });
  }

  logMetrics(metrics: Readonly<Record<string, number>>, step: number): void {
    for (const [name, value] of Object.entries(metrics)) this.experiment.addScalar(name, value, step);
  }

  async finalize(): Promise<void> {
    await this.experiment.close();
  }
}

takes(TensorBoardLogger.prototype, ['log_metrics(Object metrics, int step)', 'finalize()']);

/** Writes values to `metrics.csv`: a column for each name, a line for each step; and curves of some of them to `metrics.svg`, if asked. */
export class CSVLogger implements Logger {
  readonly #folder: LogFolder;
  readonly #rows: Record<string, number>[] = [];
  readonly #chart: readonly string[] | null;

  /**
   * @param saveDir the folder: a path, or an object such as a `MemoryFolder`
   * @param chart the names of values that are drawn over their steps, such as `['train_loss', 'val_loss']`
   */
  constructor(...args: Arguments<typeof toCsv, { saveDir: string | LogFolder }>) {
    const { saveDir, chart } = toCsv.bind(args);
    this.#folder = asFolder(saveDir);
    this.#chart = chart;
  }

  logMetrics(metrics: Readonly<Record<string, number>>, step: number): void {
    const last = this.#rows.at(-1);
    if (last !== undefined && last.step === step) Object.assign(last, metrics);
    else this.#rows.push({ step, ...metrics });
  }

  async finalize(): Promise<void> {
    const names = [...new Set(this.#rows.flatMap(Object.keys))];
    const quoted = (name: string): string => (/[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
    const lines = [
      names.map(quoted).join(','),
      ...this.#rows.map((row) => names.map((name) => row[name] ?? '').join(',')),
    ];
    await this.#write('metrics.csv', `${lines.join('\n')}\n`);
    if (this.#chart === null) return;
    const { lineChart } = await import('../charts/index.js');
    const curves = this.#chart.map((name): [string, [number, number][]] => {
      if (!names.includes(name))
        throw new ValueError(
          `chart names '${name}', which was not logged; what was logged is '${names.slice(1).join("', '")}'`,
        );
      const points = this.#rows.filter((row) => row[name] !== undefined);
      return [name, points.map((row) => [row.step, row[name]])];
    });
    await this.#write('metrics.svg', lineChart(Object.fromEntries(curves), { xLabel: 'step' }));
  }

  async #write(name: string, content: string): Promise<void> {
    const file = this.#folder.create(name);
    await file.write(new TextEncoder().encode(content));
    await file.close?.();
  }
}

takes(CSVLogger.prototype, ['log_metrics(Object metrics, int step)', 'finalize()']);
