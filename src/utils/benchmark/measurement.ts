/** The times that a `Timer` has measured. */
import { AttributeError } from '../../core/errors.js';
import { libraryClass } from '../../core/object.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import { quantile, unitOf } from './statistics.js';

const leastInterval = 25e-9;
const mostFigures = 4;
/** From these shares of the median on the range between the quartiles is warned of. */
const wide = 0.1;
const veryWide = 0.25;

const indented = (text: string): string => text.replace(/^(?=.*\S)/gm, '  ');

const ofTask = signature(
  'TaskSpec(str stmt, str setup="", str global_setup="", str? label=None, str? sub_label=None, str? description=None, str? env=None, int num_threads=1)',
);

/** A measured task in words: the names that tables have for it. */
export class TaskSpec {
  /** The text of the code that is timed. */
  readonly stmt: string;
  readonly setup: string;
  readonly globalSetup: string;
  readonly label: string | null;
  readonly subLabel: string | null;
  readonly description: string | null;
  readonly env: string | null;
  readonly numThreads: number;

  /**
   * @param stmt the text of the code that is timed
   * @param setup the text of what runs once before
   * @param globalSetup nothing: what C++ has before both
   * @param label names what is done; tables are made by labels
   * @param subLabel names the row
   * @param description names the column
   * @param env tells variants of the library apart
   * @param numThreads how many threads there are
   */
  constructor(...args: Arguments<typeof ofTask>) {
    const given = ofTask.bind(args);
    this.stmt = given.stmt;
    this.setup = given.setup;
    this.globalSetup = given.globalSetup;
    this.label = given.label;
    this.subLabel = given.subLabel;
    this.description = given.description;
    this.env = given.env;
    this.numThreads = given.numThreads;
  }

  /** A name for the measurement: its labels, or the code. */
  get title(): string {
    const { label, stmt, subLabel } = this;
    const behind = subLabel ? `: ${subLabel}` : '';
    if (label !== null) return label + behind;
    if (!stmt.includes('\n')) return stmt + behind;
    return `stmt:${subLabel ? ` (${subLabel})` : ''}\n${indented(stmt)}`;
  }

  /** The code that runs once before, as measurements show it. */
  setupStr(): string {
    const { setup } = this;
    if (setup === 'pass' || setup === '') return '';
    return setup.includes('\n') ? `setup:\n${indented(setup)}` : `setup: ${setup}`;
  }

  /** The title, the description and the setup. */
  summarize(): string {
    return [this.title, this.description ?? '', this.setupStr()]
      .filter((text) => text !== '')
      .map((text) => (text.includes('\n') ? `${text}\n` : text))
      .join('\n');
  }
}
libraryClass(TaskSpec);
takesNothing(TaskSpec.prototype, ['setupStr', 'summarize']);

interface Statistics {
  readonly sorted: readonly number[];
  readonly median: number;
  readonly mean: number;
  readonly p25: number;
  readonly p75: number;
  readonly warnings: readonly string[];
}

const ofMeasurement = signature(
  'Measurement(int number_per_run, float[] raw_times, Any task_spec, Any metadata=None)',
);
const confidence = signature('meets_confidence(float threshold=0.1)');
const merging = signature('merge(Any measurements)');

/** Times of some code that was run so often, with their statistics. Times are in seconds. */
export class Measurement {
  readonly numberPerRun: number;
  /** The time of each block of `numberPerRun` runs. */
  readonly rawTimes: readonly number[];
  readonly taskSpec: TaskSpec;
  /** A value that its user wants to keep with it. */
  metadata: unknown;
  #statistics: Statistics | null = null;

  /**
   * @param numberPerRun how often the code ran for each time
   * @param rawTimes the times
   * @param taskSpec what was measured
   * @param metadata whatever is to be kept with it
   */
  constructor(...args: Arguments<typeof ofMeasurement, { taskSpec: TaskSpec }>) {
    const given = ofMeasurement.bind(args);
    this.numberPerRun = given.numberPerRun;
    this.rawTimes = [...given.rawTimes];
    this.taskSpec = given.taskSpec as TaskSpec;
    this.metadata = given.metadata;
  }

  /** The time of one run, for each block. */
  get times(): number[] {
    return this.rawTimes.map((time) => time / this.numberPerRun);
  }

  get median(): number {
    return this.#computed().median;
  }

  get mean(): number {
    return this.#computed().mean;
  }

  /** How far the quartiles are apart. */
  get iqr(): number {
    const { p25, p75 } = this.#computed();
    return p75 - p25;
  }

  /** About how many figures of the median mean something, from how times between the quartiles scatter. */
  get significantFigures(): number {
    const { sorted, median } = this.#computed();
    const middle = sorted.slice(Math.floor(sorted.length / 4), Math.ceil((3 * sorted.length) / 4));
    const mean = middle.reduce((sum, time) => sum + time, 0) / middle.length;
    const variance = middle.reduce((sum, time) => sum + (time - mean) ** 2, 0) / middle.length;
    const interval = Math.max((1.645 * Math.sqrt(variance)) / Math.sqrt(middle.length), leastInterval);
    const figures = Math.floor(Math.fround(Math.log10(Math.fround(median / interval))));
    return Math.min(Math.max(figures, 1), mostFigures);
  }

  /** Whether times scatter so widely that something else was at work. */
  get hasWarnings(): boolean {
    return this.#computed().warnings.length > 0;
  }

  /**
   * Whether the quartiles are near each other.
   *
   * @param threshold the share of the median within which they must lie
   */
  meetsConfidence(...args: Arguments<typeof confidence>): boolean {
    return this.iqr / this.median < confidence.bind(args).threshold;
  }

  get title(): string {
    return this.taskSpec.title;
  }

  get env(): string | null {
    return this.taskSpec.env;
  }

  get stmt(): string {
    return this.taskSpec.stmt;
  }

  get setup(): string {
    return this.taskSpec.setup;
  }

  get label(): string | null {
    return this.taskSpec.label;
  }

  get subLabel(): string | null {
    return this.taskSpec.subLabel;
  }

  get description(): string | null {
    return this.taskSpec.description;
  }

  get numThreads(): number {
    return this.taskSpec.numThreads;
  }

  /** The name of its row in a table. */
  get asRowName(): string {
    return this.subLabel || this.stmt || '[Unknown]';
  }

  #computed(): Statistics {
    this.#statistics ??= statisticsOf(this.times);
    return this.#statistics;
  }

  toString(): string {
    const { sorted, median, p25, p75, warnings } = this.#computed();
    const [unit, scale] = unitOf(median);
    const time = (seconds: number) => (seconds / scale).toFixed(2);
    const count = sorted.length;
    const several = count > 1;
    return [
      '<torch.utils.benchmark.utils.common.Measurement object>',
      this.taskSpec.summarize(),
      `  ${several ? 'Median: ' : ''}${time(median)} ${unit}`,
      ...(count >= 4 ? [`  IQR:    ${time(p75 - p25)} ${unit} (${time(p25)} to ${time(p75)})`] : []),
      `  ${count} measurement${several ? 's' : ''}, ${this.numberPerRun} runs ${several ? 'per measurement,' : ','} ${this.numThreads} thread${this.numThreads > 1 ? 's' : ''}`,
      ...warnings,
    ].join('\n');
  }

  /**
   * Measurements of the same task as one each, of times of one run.
   *
   * @param measurements the measurements
   */
  static merge(...args: Arguments<typeof merging, { measurements: Iterable<Measurement> }>): Measurement[] {
    const { measurements } = merging.bind(args);
    const groups = new Map<string, Measurement[]>();
    for (const one of measurements as Iterable<Measurement>) {
      const key = JSON.stringify(one.taskSpec);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [one]);
      else group.push(one);
    }
    return [...groups.values()].map(
      (group) =>
        new Measurement(
          1,
          group.flatMap(({ times }) => times),
          group[0].taskSpec,
        ),
    );
  }
}
libraryClass(Measurement);

/** @throws AttributeError where there are no times, as Python has it */
function statisticsOf(times: readonly number[]): Statistics {
  if (times.length === 0) throw new AttributeError('a measurement without times has no statistics');
  const sorted = [...times].sort((a, b) => a - b);
  const [p25, median, p75] = [0.25, 0.5, 0.75].map((q) => quantile(sorted, q));
  const share = (p75 - p25) / median;
  const why =
    share >= veryWide
      ? 'This suggests significant environmental influence.'
      : 'This could indicate system fluctuation.';
  const warning = `  WARNING: Interquartile range is ${(100 * share).toFixed(1)}% of the median measurement.\n           ${why}`;
  const mean = sorted.reduce((sum, time) => sum + time, 0) / sorted.length;
  return { sorted, median, mean, p25, p75, warnings: share >= wide ? [warning] : [] };
}
