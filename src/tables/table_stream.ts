/** Tables as streams, which workers share. */
import { ValueError } from '../core/errors.js';
import { host } from '../core/host.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { IterableDataset } from '../utils/data/dataset.js';
import { type Portable, portable } from '../utils/data/portable.js';
import { getWorkerInfo } from '../utils/data/worker_info.js';
import { joined, lengthOfTable, padded, rowOf, sliceOf, type Table } from './columns.js';
import { type GroupedFile, type Share, type TableOptions, whole } from './table_file.js';
import { listOf, openFormat, type TableFormat } from './table_formats.js';
import { csvParameters, jsonlParameters, streamParameters, tableParameters } from './table_signatures.js';
import type { TableSource } from './table_source.js';

/** A row by its columns: numbers are tensors without dimensions, text strings, lists tensors. */
export type TableRow = Record<string, Tensor | string>;

const ofParquet = signature(`ParquetStream(TableFiles files, *, ${tableParameters}, ${streamParameters})`);
const ofArrow = signature(`ArrowStream(TableFiles files, *, ${tableParameters}, ${streamParameters})`);
const ofCsv = signature(
  `CSVStream(TableFiles files, *, ${tableParameters}, ${streamParameters}, ${csvParameters})`,
);
const ofJsonl = signature(
  `JSONLStream(TableFiles files, *, ${tableParameters}, ${streamParameters}, ${jsonlParameters})`,
);

type FillNull = { fillNull: unknown };

interface StreamOptions extends TableOptions {
  readonly files: TableSource | readonly TableSource[];
  readonly batchSize: number | null;
  readonly padLists: boolean;
  readonly padValue: number;
}

/** The tables of a share of files, as many groups of rows of each worker as of any other. */
async function* tablesOf(
  format: TableFormat,
  files: readonly TableSource[],
  options: TableOptions,
  { id, of }: Share,
): AsyncGenerator<Table> {
  let before = 0;
  for (const source of files) {
    const file = await openFormat(format, source, options);
    try {
      yield* file.groups({ id: (((id - before) % of) + of) % of, of });
      before += (file as Partial<GroupedFile>).rows?.length ?? 0;
    } finally {
      await file.close();
    }
  }
}

/** Tables of `size` rows each, the last of what is left. */
async function* batched(tables: AsyncIterable<Table>, size: number): AsyncGenerator<Table> {
  let held: Table[] = [];
  let count = 0;
  for await (const table of tables) {
    const length = lengthOfTable(table);
    let at = 0;
    while (count + length - at >= size) {
      const end = at + size - count;
      yield joined([...held, sliceOf(table, at, end)]);
      held = [];
      count = 0;
      at = end;
    }
    if (at < length) {
      held.push(sliceOf(table, at, length));
      count += length - at;
    }
  }
  if (count > 0) yield joined(held);
}

/** The base of streams of tables: rows, or with a batch's size tables of so many rows. */
export abstract class TableStream<Row = TableRow> extends IterableDataset<Row> {
  readonly #format: TableFormat;
  readonly #options: StreamOptions;

  constructor(format: TableFormat, options: StreamOptions) {
    super();
    this.#format = format;
    this.#options = options;
    const { batchSize } = options;
    if (batchSize !== null && batchSize < 1)
      throw new ValueError(
        `batchSize must be a positive number of rows, or null for single rows: ${batchSize}`,
      );
  }

  /** The rows, or tables of them; in a worker its share of the groups of rows. */
  override async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    const info = getWorkerInfo();
    const share = info === null ? whole : { id: info.id, of: info.numWorkers };
    const { files, batchSize, padLists, padValue } = this.#options;
    const tables = tablesOf(this.#format, listOf(files), this.#options, share);
    if (batchSize !== null) {
      for await (const table of batched(tables, batchSize))
        yield (padLists ? padded(table, padValue) : table) as Row;
      return;
    }
    for await (const table of tables) {
      const even = padLists ? padded(table, padValue) : table;
      const length = lengthOfTable(even);
      for (let i = 0; i < length; i++) yield rowOf(even, i) as Row;
    }
  }

  /** @internal */
  [portable](): Portable {
    return {
      module: host().module('tables/table_stream.js'),
      name: 'inWorker',
      args: [this.constructor.name, { ...this.#options }],
    };
  }
}

/**
 * A Parquet file, or several, as a stream of its rows. Needs the package `hyparquet`, and `hyparquet-compressors` for what is compressed otherwise than
 * by Snappy. Only the columns that are read are fetched, one group of rows after the other, and workers share the groups.
 *
 * @example
 * const stream = new ParquetStream('train.parquet', { columns: ['x', 'label'], batchSize: 64 });
 * for await (const { x, label } of new DataLoader(stream, { batchSize: null, numWorkers: 2 })) …
 */
export class ParquetStream<Row = TableRow> extends TableStream<Row> {
  /**
   * @param files paths, URLs, bytes or Blobs
   * @param columns the names of the columns that are read; null for all
   * @param fillNull what stands for values that are not there: for all columns, or by name; null refuses them in columns of numbers
   * @param padLists whether lists of numbers are filled up to the longest, as one tensor
   * @param padValue what they are filled up with
   * @param batchSize how many rows the tables have that are given; null gives single rows
   */
  constructor(...args: Arguments<typeof ofParquet, FillNull>) {
    super('parquet', ofParquet.bind(args) as StreamOptions);
  }
}

/**
 * An Arrow file or stream, or a Feather file (version 2), or several, as a stream of its rows. Needs the package `@uwdata/flechette`, and
 * `hyparquet-compressors` for what is compressed by zstd. One batch is read after the other, and workers share the batches.
 */
export class ArrowStream<Row = TableRow> extends TableStream<Row> {
  /**
   * @param files paths, URLs, bytes or Blobs
   * @param columns the names of the columns that are read; null for all
   * @param fillNull what stands for values that are not there: for all columns, or by name; null refuses them in columns of numbers
   * @param padLists whether lists of numbers are filled up to the longest, as one tensor
   * @param padValue what they are filled up with
   * @param batchSize how many rows the tables have that are given; null gives single rows
   */
  constructor(...args: Arguments<typeof ofArrow, FillNull>) {
    super('arrow', ofArrow.bind(args) as StreamOptions);
  }
}

/**
 * A CSV file, or several, as a stream of its rows: fields as numbers, truth values or text, by what the first rows hold. Every worker reads the file and keeps
 * its share of the rows.
 *
 * @example
 * const stream = new CSVStream('iris.csv', { dtypes: { species: 'str', petalWidth: torch.float32 } });
 */
export class CSVStream<Row = TableRow> extends TableStream<Row> {
  /**
   * @param files paths, URLs, bytes or Blobs
   * @param columns the names of the columns that are read; null for all
   * @param fillNull what stands for values that are not there: for all columns, or by name; null makes them NaN, and refuses them in columns of integers
   * @param padLists has no effect: there are no lists
   * @param padValue has no effect either
   * @param batchSize how many rows the tables have that are given; null gives single rows
   * @param delimiter the character between fields
   * @param quotechar the character around fields that hold delimiters or ends of lines; null for none
   * @param comments the character that begins a comment; null for none
   * @param skiprows how many lines are passed over first
   * @param names the columns' names; null takes them from the first row
   * @param missingValues texts that mean that there is no value
   * @param dtypes the types of columns, by name: a dtype, or 'str'; what is not named is found from the first rows
   * @param encoding of the text; null: UTF-8
   */
  constructor(
    ...args: Arguments<typeof ofCsv, FillNull & { dtypes: Readonly<Record<string, unknown>> | null }>
  ) {
    super('csv', ofCsv.bind(args) as unknown as StreamOptions);
  }
}

/** A file of lines each of which is a JSON object, or several, as a stream of its rows. Every worker reads the file and keeps its share of the rows. */
export class JSONLStream<Row = TableRow> extends TableStream<Row> {
  /**
   * @param files paths, URLs, bytes or Blobs
   * @param columns the names of the columns that are read; null for all
   * @param fillNull what stands for values that are not there: for all columns, or by name; null makes them NaN, and refuses them in columns of integers
   * @param padLists whether lists of numbers are filled up to the longest, as one tensor
   * @param padValue what they are filled up with
   * @param batchSize how many rows the tables have that are given; null gives single rows
   * @param dtypes the types of columns, by name: a dtype, or 'str'; what is not named is found from the first rows
   * @param encoding of the text; null: UTF-8
   */
  constructor(
    ...args: Arguments<typeof ofJsonl, FillNull & { dtypes: Readonly<Record<string, unknown>> | null }>
  ) {
    super('jsonl', ofJsonl.bind(args) as unknown as StreamOptions);
  }
}

const classes = { ParquetStream, ArrowStream, CSVStream, JSONLStream };

/** @internal How workers make one of these. */
export function inWorker(name: keyof typeof classes, options: object): IterableDataset<unknown> {
  return Reflect.construct(classes[name], [options]) as IterableDataset<unknown>;
}
