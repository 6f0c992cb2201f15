/** Files of tables, by the groups of rows that they are read in. */
import { KeyError, ValueError } from '../core/errors.js';
import type { Column, ColumnType, NullRule, Table } from './columns.js';

/** The columns to read, and what fills gaps. */
export interface TableOptions extends NullRule {
  /** The names of the columns, in this order; null for all. */
  readonly columns: readonly string[] | null;
}

/** A share of a file's groups or rows: that of one worker. */
export interface Share {
  readonly id: number;
  readonly of: number;
}

export const whole: Share = { id: 0, of: 1 };

/** A file that is read in groups of rows. */
export interface TableFile {
  /** The columns that are read, and their types. */
  readonly columns: ReadonlyMap<string, ColumnType>;
  /** The tables of the share's groups. */
  groups(share: Share): AsyncIterable<Table>;
  close(): Promise<void>;
}

/** A file any of whose groups can be read at any time. */
export interface GroupedFile extends TableFile {
  /** How many rows each group has. */
  readonly rows: readonly number[];
  read(group: number): Promise<Table>;
}

/** The groups of a share, one after the other. */
export async function* groupsOf(
  file: Pick<GroupedFile, 'rows' | 'read'>,
  { id, of }: Share,
): AsyncGenerator<Table> {
  for (let group = id; group < file.rows.length; group += of) yield await file.read(group);
}

/** The columns that are asked for. @throws KeyError for one that there is not */
export function chosenColumns(
  all: ReadonlyMap<string, ColumnType>,
  { columns }: TableOptions,
): ReadonlyMap<string, ColumnType> {
  if (columns === null) return all;
  return new Map(
    columns.map((name) => {
      const type = all.get(name);
      if (type === undefined)
        throw new KeyError(`no column '${name}'; the columns are '${[...all.keys()].join("', '")}'`);
      return [name, type];
    }),
  );
}

/** A table of columns, all as long as each other. @throws ValueError where they are not */
export function tableOf(columns: Iterable<readonly [string, Column]>, rows: number): Table {
  const table = Object.fromEntries(columns);
  for (const [name, column] of Object.entries(table))
    if (column.length !== rows)
      throw new ValueError(`column '${name}' has ${column.length} values for ${rows} rows`);
  return table;
}
