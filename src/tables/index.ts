/// <reference lib="esnext.disposable" preserve="true" />
/** `flambeau/tables`: Parquet, Arrow, CSV and JSON Lines as data sets and streams. */
export type { Column, Table } from './columns.js';
export { type Columns, readArrow, readCsv, readJsonl, readParquet } from './read_functions.js';
export { ArrowDataset, GroupedDataset, ParquetDataset, TableDataset } from './table_dataset.js';
export { type TableLibrary, useLibrary } from './table_libraries.js';
export type { TableSource } from './table_source.js';
export {
  ArrowStream,
  CSVStream,
  JSONLStream,
  ParquetStream,
  type TableRow,
  TableStream,
} from './table_stream.js';
export type * from './types.js';
