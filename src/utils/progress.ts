/** Progress on the terminal, drawn by `cli-progress`. Where there is no terminal only the end of a bar is printed. */
import type { SingleBar } from 'cli-progress';

export interface ProgressOptions {
  /** Stands before the bar. */
  description?: string;
  /** What is counted, for the speed: `'step'` shows `812 step/s`. */
  unit?: string;
  /** Shows counts in megabytes. */
  bytes?: boolean;
  /** Where to draw; standard error unless given, as tqdm does. */
  stream?: NodeJS.WriteStream;
}

/** A line that shows how far a job is, how fast it goes, how long it will take and values of the caller's, such as a loss. */
export class ProgressBar {
  private value = 0;
  private postfix = '';
  private readonly began = performance.now();

  private constructor(
    readonly total: number,
    private readonly options: ProgressOptions,
    private readonly stream: NodeJS.WriteStream,
    private readonly bar: SingleBar | null,
  ) {}

  static async start(total: number, options: ProgressOptions = {}): Promise<ProgressBar> {
    const stream = options.stream ?? process.stderr;
    let bar: SingleBar | null = null;
    if (stream.isTTY) {
      const { default: cliProgress } = await import('cli-progress');
      bar = new cliProgress.SingleBar({
        stream,
        format:
          '{description}|{bar}| {percentage}% {count} [{duration_formatted}<{eta_formatted}, {speed}]{postfix}',
        barCompleteChar: '█',
        barIncompleteChar: ' ',
        hideCursor: true,
        fps: 10,
        etaBuffer: 50,
      });
    }
    const progress = new ProgressBar(total, options, stream, bar);
    bar?.start(total, 0, progress.payload());
    return progress;
  }

  /** Goes on by `count`; `values` are shown behind the bar (`{ loss: 1.234 }`). */
  advance(count = 1, values?: Readonly<Record<string, string | number>>): void {
    this.set(this.value + count, values);
  }

  /** Goes to `value`. */
  set(value: number, values?: Readonly<Record<string, string | number>>): void {
    this.value = value;
    if (values !== undefined) {
      this.postfix = Object.entries(values)
        .map(([name, shown]) => ` ${name}=${shown}`)
        .join('');
    }
    // The library draws ten times a second; making its text at every step would cost more than drawing.
    if (this.bar !== null) this.bar.update(value, this.lazyPayload);
  }

  /** Ends the bar and leaves its last state on the screen. */
  stop(): void {
    if (this.bar !== null) {
      this.bar.update(this.value, this.payload());
      this.bar.stop();
      return;
    }
    const { description, count, speed, postfix } = this.payload();
    this.stream.write(`${description}${count} in ${this.seconds().toFixed(1)} s, ${speed}${postfix}\n`);
  }

  private seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  private payload() {
    const { description, unit = 'it', bytes } = this.options;
    const shown = (n: number) => (bytes ? (n / 1e6).toFixed(1) : String(n));
    const rate = this.value / Math.max(this.seconds(), 1e-9);
    return {
      description: description === undefined ? '' : `${description}: `,
      count: `${shown(this.value)}/${shown(this.total)}${bytes ? ' MB' : ''}`,
      speed: bytes ? `${shown(rate)} MB/s` : `${rate >= 100 ? Math.round(rate) : rate.toFixed(1)} ${unit}/s`,
      postfix: this.postfix,
    };
  }

  /** Made of getters: the library reads them only when it draws. */
  private readonly lazyPayload = Object.defineProperties(
    {},
    Object.fromEntries(
      (['description', 'count', 'speed', 'postfix'] as const).map((name) => [
        name,
        { enumerable: true, get: () => this.payload()[name] },
      ]),
    ),
  );
}
