/** Tables with rows at indices. */
import { IndexError, ValueError } from '../core/errors.js';
import { host } from '../core/host.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';
import { Dataset } from '../utils/data/dataset.js';
import { type Portable, portable } from '../utils/data/portable.js';
import { lengthOfTable, rowOf, type Table } from './columns.js';
import type { GroupedFile, TableOptions } from './table_file.js';
import { listOf, openFormat, type TableFormat } from './table_formats.js';
import type { TableSource } from './table_source.js';
import type { TableRow } from './table_stream.js';
import './table_signatures.js';

const ofTable = signature('TableDataset(Object table)');
const rowParameters = 'str[]? columns=None, Any fill_null=None, int cached_groups=8';
const openingParquet = signature(`open(TableFiles files, *, ${rowParameters})`);
const openingArrow = signature(`open(TableFiles files, *, ${rowParameters})`);

function placeOf(index: number, length: number): number {
  const at = index < 0 ? index + length : index;
  if (!(at >= 0 && at < length)) throw new IndexError('list index out of range');
  return at;
}

/**
 * The rows of a table in memory, as `readCsv` gives it.
 *
 * @example
 * const set = new TableDataset(await readCsv('iris.csv'));
 */
export class TableDataset<Row = TableRow> extends Dataset<Row> {
  readonly table: Table;
  readonly length: number;

  /** @param table columns by their names, all of one length */
  constructor(...args: Arguments<typeof ofTable, { table: Table }>) {
    super();
    // The table itself is an object by names.
    const [given] = args as readonly [Table | { table: Table }];
    const isNamed = Object.keys(given).length === 1 && 'table' in given && !('length' in given.table);
    this.table = ofTable.bind([isNamed ? given.table : given, {}]).table as Table;
    this.length = lengthOfTable(this.table);
    for (const [name, { length }] of Object.entries(this.table))
      if (length !== this.length)
        throw new ValueError(`column '${name}' has ${length} values, and the first column ${this.length}`);
  }

  at(index: number): Row {
    return rowOf(this.table, placeOf(index, this.length)) as Row;
  }

  /** @internal */
  [portable](): Portable {
    return { module: host().module('tables/table_dataset.js'), name: 'TableDataset', args: [this.table] };
  }
}

interface DatasetOptions extends TableOptions {
  readonly files: TableSource | readonly TableSource[];
  readonly cachedGroups: number;
}

/** The base of data sets of files that are read in groups of rows, of which the last ones stay in memory. */
export abstract class GroupedDataset<Row = TableRow> extends Dataset<Promise<Row>> {
  readonly length: number;
  readonly #files: readonly GroupedFile[];
  readonly #options: DatasetOptions;
  /** Of each group, the last first row after it. */
  readonly #ends: number[] = [];
  readonly #groups: [file: GroupedFile, group: number][] = [];
  readonly #cache = new Map<number, Promise<Table>>();

  /** @internal */
  constructor(files: readonly GroupedFile[], options: object) {
    super();
    this.#files = files;
    this.#options = options as DatasetOptions;
    let end = 0;
    for (const file of files)
      for (const [group, rows] of file.rows.entries()) {
        end += rows;
        this.#ends.push(end);
        this.#groups.push([file, group]);
      }
    this.length = end;
  }

  /** Row `index`: a promise, which a `DataLoader` awaits. Its whole group is read, unless that is in memory. */
  async at(index: number): Promise<Row> {
    const row = placeOf(index, this.length);
    let low = 0;
    for (let high = this.#ends.length - 1; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle] > row) high = middle;
      else low = middle + 1;
    }
    const start = low === 0 ? 0 : this.#ends[low - 1];
    return rowOf(await this.#group(low), row - start) as Row;
  }

  #group(index: number): Promise<Table> {
    let table = this.#cache.get(index);
    if (table === undefined) {
      const [file, group] = this.#groups[index];
      table = file.read(group);
      // A read that failed is tried again.
      table.catch(() => this.#cache.delete(index));
    } else this.#cache.delete(index);
    this.#cache.set(index, table);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > Math.max(1, this.#options.cachedGroups)) this.#cache.delete(oldest);
    return table;
  }

  /** Closes the files. */
  async close(): Promise<void> {
    for (const file of this.#files) await file.close();
  }

  /** @internal */
  [portable](): Portable {
    return {
      module: host().module('tables/table_dataset.js'),
      name: 'inWorker',
      args: [this.constructor.name, { ...this.#options }],
    };
  }
}

takesNothing(GroupedDataset.prototype, ['close']);

async function filesOf(format: TableFormat, options: DatasetOptions): Promise<GroupedFile[]> {
  const opened: GroupedFile[] = [];
  try {
    for (const file of listOf(options.files))
      opened.push((await openFormat(format, file, options)) as GroupedFile);
    return opened;
  } catch (error) {
    for (const file of opened) await file.close();
    throw error;
  }
}

/**
 * The rows of a Parquet file, or of several, at indices. Needs the package `hyparquet`. A row is found by reading its group, so that a random order
 * over many groups reads much: `ParquetStream` reads each once.
 *
 * @example
 * const set = await ParquetDataset.open('train.parquet', { columns: ['text', 'label'] });
 * const { text, label } = await set.at(0);
 */
export class ParquetDataset<Row = TableRow> extends GroupedDataset<Row> {
  /**
   * Opens the files, of which only the footers are read.
   *
   * @param files paths, URLs, bytes or Blobs
   * @param columns the names of the columns that are read; null for all
   * @param fillNull what stands for values that are not there: for all columns, or by name; null refuses them in columns of numbers
   * @param cachedGroups how many groups of rows stay in memory
   */
  static async open<Row = TableRow>(
    ...args: Arguments<typeof openingParquet, { fillNull: unknown }>
  ): Promise<ParquetDataset<Row>> {
    const options = openingParquet.bind(args, 'ParquetDataset.open') as DatasetOptions;
    return new ParquetDataset<Row>(await filesOf('parquet', options), options);
  }
}

/** The rows of an Arrow file or stream, or a Feather file (version 2), or of several, at indices. Needs the package `@uwdata/flechette`. */
export class ArrowDataset<Row = TableRow> extends GroupedDataset<Row> {
  /**
   * Opens the files and finds their batches.
   *
   * @param files paths, URLs, bytes or Blobs
   * @param columns the names of the columns that are read; null for all
   * @param fillNull what stands for values that are not there: for all columns, or by name; null refuses them in columns of numbers
   * @param cachedGroups how many batches stay in memory
   */
  static async open<Row = TableRow>(
    ...args: Arguments<typeof openingArrow, { fillNull: unknown }>
  ): Promise<ArrowDataset<Row>> {
    const options = openingArrow.bind(args, 'ArrowDataset.open') as DatasetOptions;
    return new ArrowDataset<Row>(await filesOf('arrow', options), options);
  }
}

/** @internal How workers make one of these. */
export function inWorker(name: string, options: object): Promise<Dataset<unknown>> {
  const { files, columns, fillNull, cachedGroups } = options as DatasetOptions;
  const given = { files, columns, fillNull, cachedGroups };
  return name === 'ArrowDataset' ? ArrowDataset.open(given) : ParquetDataset.open(given);
}
