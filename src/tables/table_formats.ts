/** The formats of tables, by name: what opens them is imported when it is asked for. */
import type { ByteSource } from '../io/byte_source.js';
import type { CsvOptions } from './csv_file.js';
import type { TableFile, TableOptions } from './table_file.js';
import { openTable, type TableSource } from './table_source.js';
import type { TextTableOptions } from './text_table.js';

export type TableFormat = 'parquet' | 'arrow' | 'csv' | 'jsonl';

const openers: Readonly<
  Record<TableFormat, (source: ByteSource, options: TableOptions) => Promise<TableFile>>
> = {
  parquet: async (source, options) => (await import('./parquet_file.js')).openParquet(source, options),
  arrow: async (source, options) => (await import('./arrow_file.js')).openArrow(source, options),
  csv: async (source, options) => (await import('./csv_file.js')).openCsv(source, options as CsvOptions),
  jsonl: async (source, options) =>
    (await import('./jsonl_file.js')).openJsonl(source, options as TextTableOptions),
};

/** Opens a table. The file is closed if that fails. */
export async function openFormat(
  format: TableFormat,
  from: TableSource,
  options: TableOptions,
): Promise<TableFile> {
  const source = await openTable(from);
  try {
    return await openers[format](source, options);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** One file, or several. */
export const listOf = (files: TableSource | readonly TableSource[]): readonly TableSource[] =>
  Array.isArray(files) ? files : [files as TableSource];
