/**
 * Progress on the terminal, drawn by the package `cli-progress`. Where that is not installed, or where there is no terminal (in browsers: the
 * console), only the end of a bar is printed.
 */

import type { SingleBar } from 'cli-progress';
import { host } from '../core/host.js';
import { libraryClass } from '../core/object.js';
import { takes } from '../core/signature/takes.js';
import type { TextStream } from '../core/text_stream.js';

export interface ProgressOptions {
  /** Stands before the bar. */
  description?: string;
  /** The unit that is counted, for the speed: `'step'` shows `812 step/s`. */
  unit?: string;
  /** Shows counts in megabytes. */
  bytes?: boolean;
  /** Where to draw; standard error unless given, as tqdm does, and the console in browsers. */
  stream?: TextStream;
}

/** Values that are shown behind the bar: `{ loss: 1.234 }`. */
export type ProgressValues = Readonly<Record<string, string | number>>;

/**
 * A line that shows how far a job is, how fast it goes, how long it will take and values such as a loss.
 *
 * @example
 * const progress = await torch.utils.ProgressBar.start(loader.length, { description: 'epoch 1', unit: 'step' });
 * for (const batch of loader) progress.advance(1, { loss: step(batch).toFixed(3) });
 * progress.stop();
 */
export class ProgressBar {
  private value = 0;
  private values: ProgressValues = {};
  private bar: SingleBar | null = null;
  private readonly began = performance.now();

  private constructor(
    readonly total: number,
    private readonly options: ProgressOptions,
    private readonly stream: TextStream,
  ) {}

  static async start(total: number, options: ProgressOptions = {}): Promise<ProgressBar> {
    const progress = new ProgressBar(total, options, options.stream ?? host().progress().stream);
    if (progress.stream.isTTY) await progress.draw();
    return progress;
  }

  /** Goes on by `count`. */
  advance(count = 1, values?: ProgressValues): void {
    this.set(this.value + count, values);
  }

  /** Goes to `value`. */
  set(value: number, values: ProgressValues = this.values): void {
    this.value = value;
    this.values = values;
    this.bar?.update(value);
  }

  /** Ends the bar and leaves its last state on the screen. */
  stop(): void {
    if (this.bar !== null) this.bar.stop();
    else
      this.stream.write(
        `${this.prefix()}${this.count()} in ${this.seconds().toFixed(1)} s, ${this.speed()}${this.postfix()}\n`,
      );
  }

  private async draw(): Promise<void> {
    const drawing = await host()
      .progress()
      .bars()
      .catch(() => null);
    if (drawing === null) return;
    const { SingleBar, Format } = drawing;
    this.bar = new SingleBar({
      stream: this.stream as NodeJS.WriteStream,
      barCompleteChar: '█',
      barIncompleteChar: ' ',
      hideCursor: true,
      fps: 10,
      etaBuffer: 50,
      // The text is made when it is drawn, ten times a second: making it at every step would cost more than drawing.
      format: (options, { progress, eta }) => {
        const bar = Format.BarFormat(progress, options);
        const time = (seconds: number, step: number) => Format.TimeFormat(Math.round(seconds), options, step);
        const times = `${time(this.seconds(), 1)}<${time(Number(eta), 5)}`;
        const percent = Math.floor(progress * 100);
        return `${this.prefix()}${percent}%|${bar}| ${this.count()} [${times}, ${this.speed()}]${this.postfix()}`;
      },
    });
    this.bar.start(this.total, 0);
  }

  private seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  private prefix(): string {
    const { description } = this.options;
    return description === undefined ? '' : `${description}: `;
  }

  private shown(n: number): string {
    return this.options.bytes ? (n / 1e6).toFixed(1) : String(n);
  }

  private count(): string {
    return `${this.shown(this.value)}/${this.shown(this.total)}${this.options.bytes ? ' MB' : ''}`;
  }

  private speed(): string {
    const { bytes, unit = 'it' } = this.options;
    const rate = this.value / Math.max(this.seconds(), 1e-9);
    if (bytes) return `${this.shown(rate)} MB/s`;
    return `${rate >= 100 ? Math.round(rate) : rate.toFixed(1)} ${unit}/s`;
  }

  private postfix(): string {
    return Object.entries(this.values)
      .map(([name, value]) => ` ${name}=${value}`)
      .join('');
  }
}

libraryClass(ProgressBar, { shown: [] });
takes(ProgressBar.prototype, [
  'advance(float count=1, Object? values=None)',
  'set(float value, Object? values=None)',
  'stop()',
]);
