/** Measures how long code takes. */
import { getNumThreads, setNumThreads } from '../../backends/threads.js';
import * as webgpu from '../../backends/webgpu/index.js';
import { RuntimeError } from '../../core/errors.js';
import { libraryClass } from '../../core/object.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { Measurement, TaskSpec } from './measurement.js';

/** The variables of timed code: a copy of `globals`, in which `setup` may put more. */
export type TimerGlobals = Record<string, unknown>;

type Code = (globals: TimerGlobals) => unknown;

/** Told of each block: how many runs, and how many seconds they took. */
export type TimerCallback = (number: number, seconds: number) => void;

const ofTimer = signature(
  'Timer(Callable stmt, Callable? setup=None, *, Callable? timer=None, Dict? globals=None, str? label=None, str? sub_label=None, str? description=None, str? env=None, int num_threads=1)',
);
const timing = signature('timeit(int number=1000000)');
const blocked = signature('blocked_autorange(Callable? callback=None, float min_run_time=0.2)');
const adaptive = signature(
  'adaptive_autorange(float threshold=0.1, *, float min_run_time=0.01, float max_run_time=10.0, Callable? callback=None)',
);

/** Asks how long so many runs take, and ends with a measurement. */
type Measuring = Generator<number, Measurement, number>;

/** Nothing takes less than a nanosecond. */
const least = 1e-9;
const mostRuns = 2147483647;

const now = (): number => performance.now() / 1000;

/**
 * The code of a function as it stands in the source: a body of several lines moved to the left.
 */
function textOf(fn: unknown): string {
  const text = String(fn);
  const [, body] = /^(?:async\s*)?\([^()]*\)\s*=>\s*([\s\S]*)$/.exec(text) ?? [];
  const inner = /^\{([\s\S]*)\}$/.exec(body ?? text)?.[1] ?? body ?? text;
  const lines = inner
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^\s*/.exec(line)![0].length);
  // The first line begins where the function does, if nothing but the brace stands before it.
  const margin = indents.length === 0 ? 0 : Math.min(...indents);
  return lines
    .map((line) => line.slice(margin))
    .join('\n')
    .trim();
}

/**
 * Times code as `torch.utils.benchmark.Timer` does: after a warm-up, in blocks long enough for the clock, with a fixed number of threads (1, unless given).
 *
 * Code is a function here, and shown by its source. Where it returns a promise or works on a device that must be waited for, the methods ending in
 * `Async` measure it.
 *
 * @example
 * const x = torch.randn(64, 64);
 * const timer = new torch.utils.benchmark.Timer(() => x.matmul(x), { label: 'matmul' });
 * console.log(String(timer.blockedAutorange()));
 */
export class Timer {
  readonly #stmt: Code;
  readonly #setup: Code | null;
  readonly #clock: () => number;
  readonly #globals: TimerGlobals;
  readonly #task: TaskSpec;

  /**
   * @param stmt what is timed; it is given `globals`
   * @param setup runs before every block, is not timed, and may add to `globals`
   * @param timer the clock, in seconds
   * @param globals what `stmt` and `setup` are given, as a copy
   * @param label names what is done; `Compare` makes a table of each label
   * @param subLabel names the row
   * @param description names the column
   * @param env tells variants of the library apart
   * @param numThreads how many threads ops may use meanwhile
   */
  constructor(
    ...args: Arguments<
      typeof ofTimer,
      {
        stmt: Code;
        setup: Code | null;
        timer: (() => number) | null;
        globals: TimerGlobals | null;
      }
    >
  ) {
    const given = ofTimer.bind(args);
    this.#stmt = given.stmt as Code;
    this.#setup = given.setup as Code | null;
    this.#clock = (given.timer as (() => number) | null) ?? now;
    this.#globals = { ...(given.globals as TimerGlobals | null) };
    const { label, subLabel, description, env, numThreads } = given;
    if (numThreads < 1) throw new RuntimeError('set_num_threads expects a positive integer');
    this.#task = new TaskSpec({
      stmt: textOf(given.stmt),
      setup: given.setup === null ? '' : textOf(given.setup),
      label,
      subLabel,
      description,
      env,
      numThreads,
    });
  }

  /**
   * Runs the code so often, after a hundredth of that to warm up.
   *
   * @param number how often
   * @returns a measurement of one time
   */
  timeit(...args: Arguments<typeof timing>): Measurement {
    return this.#measure(this.#once(timing.bind(args).number));
  }

  /**
   * As `timeit`, of code that must be waited for.
   *
   * @param number how often
   */
  timeitAsync(...args: Arguments<typeof timing>): Promise<Measurement> {
    return this.#measureAsync(this.#once(timing.bind(args).number));
  }

  /**
   * Runs blocks of so many runs that the clock does not count, until there has been enough time.
   *
   * @param callback told of each block
   * @param minRunTime seconds that all blocks take at least
   */
  blockedAutorange(...args: Arguments<typeof blocked, { callback: TimerCallback | null }>): Measurement {
    return this.#measure(this.#blocks(blocked.bind(args)));
  }

  /**
   * As `blockedAutorange`, of code that must be waited for.
   *
   * @param callback told of each block
   * @param minRunTime seconds that all blocks take at least
   */
  blockedAutorangeAsync(
    ...args: Arguments<typeof blocked, { callback: TimerCallback | null }>
  ): Promise<Measurement> {
    return this.#measureAsync(this.#blocks(blocked.bind(args)));
  }

  /**
   * As `blockedAutorange`, until times scatter little.
   *
   * @param threshold the share of the median within which the quartiles must lie
   * @param minRunTime seconds that all blocks take at least
   * @param maxRunTime seconds after which it ends, however times scatter
   * @param callback told of each block
   */
  adaptiveAutorange(...args: Arguments<typeof adaptive, { callback: TimerCallback | null }>): Measurement {
    return this.#measure(this.#adapting(adaptive.bind(args)));
  }

  /**
   * As `adaptiveAutorange`, of code that must be waited for.
   *
   * @param threshold the share of the median within which the quartiles must lie
   * @param minRunTime seconds that all blocks take at least
   * @param maxRunTime seconds after which it ends, however times scatter
   * @param callback told of each block
   */
  adaptiveAutorangeAsync(
    ...args: Arguments<typeof adaptive, { callback: TimerCallback | null }>
  ): Promise<Measurement> {
    return this.#measureAsync(this.#adapting(adaptive.bind(args)));
  }

  *#once(number: number): Measuring {
    yield Math.max(Math.floor(number / 100), 2);
    return this.#measured(number, [yield number]);
  }

  #measured(numberPerRun: number, rawTimes: readonly number[]): Measurement {
    return new Measurement({ numberPerRun, rawTimes, taskSpec: this.#task });
  }

  /** So many runs that the clock takes next to nothing of their time. That warms up, too. */
  *#blockSize(minRunTime: number): Generator<number, number, number> {
    const overheads: number[] = [];
    for (let i = 0; i < 5; i++) overheads.push(yield 0);
    const overhead = overheads.sort((a, b) => a - b)[2];
    for (let number = 1; ; number *= 10) {
      const time = yield number;
      if (overhead / time <= 1e-4 && time >= minRunTime / 1000) return number;
      if (time > minRunTime || number * 10 > mostRuns) return number;
    }
  }

  *#blocks({ callback, minRunTime }: { callback: unknown; minRunTime: number }): Measuring {
    const number = yield* this.#blockSize(minRunTime);
    const times: number[] = [];
    for (let total = 0; total < minRunTime || times.length === 0; total += times[times.length - 1]) {
      times.push(yield number);
      (callback as TimerCallback | null)?.(number, times[times.length - 1]);
    }
    return this.#measured(number, times);
  }

  *#adapting({
    threshold,
    minRunTime,
    maxRunTime,
    callback,
  }: {
    threshold: number;
    minRunTime: number;
    maxRunTime: number;
    callback: unknown;
  }): Measuring {
    const number = yield* this.#blockSize(0.05);
    const times: number[] = [];
    let total = 0;
    let isSteady = false;
    while (total < minRunTime || !isSteady) {
      const time = yield number;
      times.push(time);
      total += time;
      (callback as TimerCallback | null)?.(number, time);
      isSteady = times.length > 3 && this.#measured(number, times).meetsConfidence(threshold);
      if (maxRunTime > 0 && total > maxRunTime) break;
    }
    return this.#measured(number, times);
  }

  #measure(measuring: Measuring): Measurement {
    const before = this.#enterThreads();
    try {
      let step = measuring.next();
      while (!step.done) step = measuring.next(this.#time(step.value));
      return step.value;
    } finally {
      setThreads(before);
    }
  }

  async #measureAsync(measuring: Measuring): Promise<Measurement> {
    const before = this.#enterThreads();
    try {
      let step = measuring.next();
      while (!step.done) step = measuring.next(await this.#timeAsync(step.value));
      return step.value;
    } finally {
      setThreads(before);
    }
  }

  /** @returns how many threads there were */
  #enterThreads(): number {
    const before = getNumThreads();
    setThreads(this.#task.numThreads);
    return before;
  }

  #time(number: number): number {
    const stmt = this.#stmt;
    const globals = { ...this.#globals };
    refusePromise(this.#setup?.(globals));
    let last: unknown;
    const start = this.#clock();
    for (let i = 0; i < number; i++) last = stmt(globals);
    const time = this.#clock() - start;
    refusePromise(last);
    return Math.max(time, least);
  }

  async #timeAsync(number: number): Promise<number> {
    const stmt = this.#stmt;
    const globals = { ...this.#globals };
    await this.#setup?.(globals);
    await settled();
    const start = this.#clock();
    for (let i = 0; i < number; i++) {
      const result = stmt(globals);
      // Awaiting what is there would be timed, too.
      if (isPromise(result)) await result;
    }
    await settled();
    return Math.max(this.#clock() - start, least);
  }
}
libraryClass(Timer);

function setThreads(number: number): void {
  if (number !== getNumThreads()) setNumThreads(number);
}

/** Waits for the GPU, if there is one. */
async function settled(): Promise<void> {
  if (webgpu.isAvailable()) await webgpu.synchronize();
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null)?.then === 'function';

function refusePromise(value: unknown): void {
  if (!isPromise(value)) return;
  (value as Promise<unknown>).then(undefined, () => {});
  throw new RuntimeError(
    'the code returns a promise: measure it with timeitAsync, blockedAutorangeAsync or adaptiveAutorangeAsync',
  );
}
