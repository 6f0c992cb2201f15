/** Tables of measurements, as PyTorch prints them. */
import { ValueError } from '../../core/errors.js';
import { libraryClass } from '../../core/object.js';
import { typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import { Measurement } from './measurement.js';
import { type TimeUnit, trimmed, unitInWords, unitOf } from './statistics.js';

const best = '\x1b[92m';
const good = '\x1b[34m';
const bad = '\x1b[2m\x1b[91m';
const veryBad = '\x1b[31m';
const bold = '\x1b[1m';
const plain = '\x1b[0m';

/** Which times a time is compared with, where times are coloured. */
type Colouring = 'none' | 'columnwise' | 'rowwise';

interface Look {
  readonly trims: boolean;
  readonly colouring: Colouring;
  readonly warns: boolean;
}

/** Both sides padded as Python's `str.center` does. */
function centred(text: string, width: number): string {
  const missing = width - text.length;
  if (missing <= 0) return text;
  const left = Math.floor(missing / 2) + (missing & width & 1);
  return ' '.repeat(left) + text + ' '.repeat(missing - left);
}

/** A time in its colour, from how often it is the best one. */
function coloured(text: string, value: number, least: number): string {
  const around = (before: string) => `${before}${text}${plain.repeat(2)}`;
  if (value <= least * 1.01 || value <= least + 100e-9) return around(best + bold);
  if (value <= least * 1.1) return around(good + bold);
  if (value >= least * 5) return around(veryBad + bold);
  if (value >= least * 2) return around(bad);
  return text;
}

type Cell = Measurement | null;

/** How a column writes numbers. */
class Column {
  readonly #width: number;
  readonly #decimals: number;
  readonly #hasNotes: boolean;

  constructor(
    readonly cells: readonly Cell[],
    private readonly scale: number,
    private readonly look: Look,
  ) {
    const found = cells.filter((cell) => cell !== null);
    this.#hasNotes = look.warns && found.some((one) => one.hasWarnings);
    const digits = found.map((one) => Math.ceil(Math.fround(Math.log10(Math.fround(one.median / scale)))));
    const whole = Math.max(...digits);
    this.#decimals = look.trims
      ? Math.min(...found.map((one, i) => Math.max(one.significantFigures - digits[i], 0)))
      : 1;
    this.#width = whole + this.#decimals + (this.#decimals > 0 ? 1 : 0);
  }

  text(cell: Cell): string {
    if (cell === null) return ' '.repeat(this.#number(1, 1, null).length);
    const { median, significantFigures, hasWarnings, iqr } = cell;
    return this.#number(median / this.scale, significantFigures, hasWarnings ? iqr / median : null);
  }

  #number(value: number, figures: number, spread: number | null): string {
    const shown = this.look.trims ? trimmed(value, figures) : value;
    const note = this.#hasNotes && spread !== null ? ` (! ${(spread * 100).toFixed(0)}%)` : '';
    return shown.toFixed(this.#decimals).padStart(this.#width) + note.padStart(this.#hasNotes ? 7 : 0);
  }
}

interface Row {
  readonly cells: readonly Cell[];
  readonly name: string;
  readonly numThreads: number;
}

function compareRows(a: Measurement, b: Measurement): number {
  const [x, y] = [a.env ?? '', b.env ?? ''];
  return a.numThreads - b.numThreads || (x < y ? -1 : x > y ? 1 : 0);
}

/** The table of measurements of one label. */
function tableOf(results: readonly Measurement[], look: Look): string {
  const [unit, scale] = unitOf(Math.min(...results.map(({ median }) => median)));
  const rowKey = ({ numThreads, env, asRowName }: Measurement) =>
    JSON.stringify([numThreads, env, asRowName]);
  const titles = [...new Set(results.map(({ description }) => description))];
  const firsts = [...new Map([...results].reverse().map((one) => [rowKey(one), one])).values()].reverse();
  const order = [...new Set(results.map(rowKey))];
  firsts.sort((a, b) => compareRows(a, b) || order.indexOf(rowKey(a)) - order.indexOf(rowKey(b)));

  const envs = new Set(results.map(({ env }) => env));
  const envWidth = Math.max(...[...envs].map((env) => (env ?? '').length));
  let before: Measurement | null = null;
  const rows = firsts.map((first): Row => {
    const key = rowKey(first);
    const found = results.filter((one) => rowKey(one) === key);
    const isNew = before === null || before.numThreads !== first.numThreads || before.env !== first.env;
    before = first;
    const env = envs.size > 1 ? (isNew ? `(${first.env})` : '').padEnd(envWidth + 4) : '    ';
    return {
      cells: titles.map((title) => found.findLast(({ description }) => description === title) ?? null),
      name: `  ${env}${first.asRowName}`,
      numThreads: first.numThreads,
    };
  });
  const columns = titles.map(
    (_, i) =>
      new Column(
        rows.map(({ cells }) => cells[i]),
        scale,
        look,
      ),
  );
  return rendered(results, rows, columns, titles, unit, look);
}

function rendered(
  results: readonly Measurement[],
  rows: readonly Row[],
  columns: readonly Column[],
  titles: readonly (string | null)[],
  unit: TimeUnit,
  look: Look,
): string {
  const texts = rows.map(({ name, cells }) => [name, ...cells.map((cell, i) => columns[i].text(cell))]);
  const header = ['', ...titles.map((title) => title ?? '')];
  const widths = header.map((title, i) => Math.max(title.length, ...texts.map((row) => row[i].length)));
  const lines = [header.map((title, i) => centred(title, widths[i])).join('  |  ')];
  const { length } = lines[0];
  for (const [r, { cells, numThreads }] of rows.entries()) {
    if (numThreads !== rows[r - 1]?.numThreads) lines.push(`${numThreads} threads: `.padEnd(length, '-'));
    const group = rows.filter((row) => row.numThreads === numThreads);
    const shown = cells.map((cell, i) => {
      const text = centred(texts[r][i + 1], widths[i + 1]);
      if (cell === null || look.colouring === 'none') return text;
      const rivals = look.colouring === 'rowwise' ? cells : group.map((row) => row.cells[i]);
      const medians = rivals.filter((one) => one !== null).map(({ median }) => median);
      return coloured(text, cell.median, Math.min(...medians));
    });
    lines.push([texts[r][0].padEnd(widths[0]), ...shown].join('  |  '));
  }
  const title = ` ${results[0].label ?? ''} `;
  const missing = Math.max(length - 2 - title.length, 0);
  const left = Math.floor(missing / 2) + (missing & (length - 2) & 1);
  const warning =
    look.warns && results.some((one) => one.hasWarnings)
      ? '(! XX%) Measurement has high variance, where XX is the IQR / median * 100.\n'
      : '';
  return [
    `[${'-'.repeat(left)}${title}${'-'.repeat(missing - left)}]`,
    ...lines,
    '',
    `Times are in ${unitInWords(unit)}s (${unit}).`,
    warning,
  ].join('\n');
}

const ofResults = signature('Compare(Any results)');
const extending = signature('extend_results(Any results)');
const colouring = signature('colorize(bool rowwise=False)');

/**
 * A table of measurements: a row for each sub-label, a column for each description, a table for each label.
 *
 * @example
 * const compare = new torch.utils.benchmark.Compare(measurements);
 * compare.trimSignificantFigures();
 * compare.print();
 */
export class Compare {
  readonly #results: Measurement[] = [];
  #trims = false;
  #colouring: Colouring = 'none';
  #warns = false;

  /** @param results the measurements */
  constructor(...args: Arguments<typeof ofResults, { results: Iterable<Measurement> }>) {
    this.extendResults(ofResults.bind(args).results as Iterable<Measurement>);
  }

  /**
   * Adds measurements.
   *
   * @param results the measurements
   */
  extendResults(...args: Arguments<typeof extending, { results: Iterable<Measurement> }>): void {
    const results = [...(extending.bind(args).results as Iterable<Measurement>)];
    for (const one of results)
      if (!(one instanceof Measurement))
        throw new ValueError(`Expected an instance of \`Measurement\`, got ${typeName(one)} instead.`);
    this.#results.push(...results);
  }

  /** Shows figures that mean something only. */
  trimSignificantFigures(): void {
    this.#trims = true;
  }

  /**
   * Colours times, the best ones green.
   *
   * @param rowwise compares within rows, not columns
   */
  colorize(...args: Arguments<typeof colouring>): void {
    this.#colouring = colouring.bind(args).rowwise ? 'rowwise' : 'columnwise';
  }

  /** Marks times that scatter widely. */
  highlightWarnings(): void {
    this.#warns = true;
  }

  /** Prints the tables. */
  print(): void {
    console.log(String(this));
  }

  toString(): string {
    const merged = Measurement.merge(this.#results);
    const labels = [...new Set(merged.map(({ label }) => label))];
    const look = { trims: this.#trims, colouring: this.#colouring, warns: this.#warns };
    return labels
      .map((label) =>
        tableOf(
          merged.filter((one) => one.label === label),
          look,
        ),
      )
      .join('\n');
  }
}
libraryClass(Compare);
takesNothing(Compare.prototype, ['trimSignificantFigures', 'highlightWarnings', 'print']);
