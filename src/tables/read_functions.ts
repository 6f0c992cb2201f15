/** Whole tables in memory. */
import { signed } from '../core/signature/signed.js';
import type { Tensor } from '../core/tensor.js';
import { columnOf, joined, padded, type Table } from './columns.js';
import { type TableOptions, whole } from './table_file.js';
import { listOf, openFormat, type TableFormat } from './table_formats.js';
import { csvParameters, jsonlParameters, tableParameters } from './table_signatures.js';
import type { TableSource } from './table_source.js';

/** Columns by their names: numbers as tensors, text as strings, lists as a tensor for each row. */
export type Columns = Record<string, Tensor | readonly unknown[]>;

interface ReadOptions extends TableOptions {
  readonly files: TableSource | readonly TableSource[];
  readonly padLists: boolean;
  readonly padValue: number;
}

async function read(format: TableFormat, bound: unknown): Promise<Columns> {
  const options = bound as ReadOptions;
  const tables: Table[] = [];
  let none: Table = {};
  for (const source of listOf(options.files)) {
    const file = await openFormat(format, source, options);
    try {
      for await (const table of file.groups(whole)) tables.push(table);
      none = Object.fromEntries(
        [...file.columns].map(([name, type]) => [name, columnOf(name, type, [], options)]),
      );
    } finally {
      await file.close();
    }
  }
  const table = tables.length === 0 ? none : joined(tables);
  return options.padLists ? padded(table, options.padValue) : table;
}

/** Reads a Parquet file, or several below each other. Needs the package `hyparquet`. The arguments are those of `ParquetStream`. */
export const readParquet = signed(`read_parquet(TableFiles files, *, ${tableParameters})`, (options) =>
  read('parquet', options),
);

/** Reads an Arrow file or stream, or a Feather file (version 2), or several. Needs the package `@uwdata/flechette`. The arguments are those of `ArrowStream`. */
export const readArrow = signed(`read_arrow(TableFiles files, *, ${tableParameters})`, (options) =>
  read('arrow', options),
);

/** Reads a CSV file, or several below each other. The arguments are those of `CSVStream`. */
export const readCsv = signed(
  `read_csv(TableFiles files, *, ${tableParameters}, ${csvParameters})`,
  (options) => read('csv', options),
);

/** Reads a file of lines that are JSON objects, or several. The arguments are those of `JSONLStream`. */
export const readJsonl = signed(
  `read_jsonl(TableFiles files, *, ${tableParameters}, ${jsonlParameters})`,
  (options) => read('jsonl', options),
);
