/** Tables of text: what their columns are is found from the first rows, unless it is said. */
import { bool, DType, float64, int64 } from '../core/dtype.js';
import { ValueError } from '../core/errors.js';
import { elementOf } from '../io/numpy/text/text_dtype.js';
import { type ColumnType, columnOf, type Table } from './columns.js';
import { chosenColumns, type Share, type TableFile, type TableOptions, tableOf } from './table_file.js';

export interface TextTableOptions extends TableOptions {
  /** The types of columns, by their names, where they are not to be found. */
  readonly dtypes: Readonly<Record<string, unknown>> | null;
  readonly encoding: string | null;
}

/** Rows that become a table at once; the first ones say what columns are. */
const rowsAtOnce = 4096;

/** A value of a row, of whatever type it is. */
export type RowReader = AsyncGenerator<readonly unknown[]>;

/** Makes values of a column's type of what stands in the text; null where there is none. */
export type Convert = (value: unknown, type: ColumnType) => unknown;

/** A table whose rows come one after the other. */
export class TextTable implements TableFile {
  private constructor(
    readonly columns: ReadonlyMap<string, ColumnType>,
    private readonly names: readonly string[],
    private readonly first: readonly (readonly unknown[])[],
    private readonly rest: RowReader,
    private readonly convert: Convert,
    private readonly options: TextTableOptions,
    private readonly closes: () => Promise<void>,
  ) {}

  /** @param find says what a column is by values of it */
  static async open(
    names: readonly string[],
    rows: RowReader,
    options: TextTableOptions,
    find: (values: readonly unknown[]) => ColumnType,
    convert: Convert,
    closes: () => Promise<void>,
  ): Promise<TextTable> {
    const first: (readonly unknown[])[] = [];
    while (first.length < rowsAtOnce) {
      const next = await rows.next();
      if (next.done) break;
      first.push(next.value);
    }
    const given = new Map(Object.entries(options.dtypes ?? {}));
    const all = new Map(
      names.map((name, i): [string, ColumnType] => {
        const element = given.get(name);
        return [
          name,
          element === undefined ? find(first.map((row) => row[i])) : (elementOf(element) ?? 'str'),
        ];
      }),
    );
    return new TextTable(chosenColumns(all, options), names, first, rows, convert, options, closes);
  }

  async *groups({ id, of }: Share): AsyncGenerator<Table> {
    let number = 0;
    let group: (readonly unknown[])[] = [];
    let start = 0;
    const flush = (): Table => {
      const table = this.tableOf(group, start);
      start = number;
      group = [];
      return table;
    };
    for (const row of this.first) if (number++ % of === id) group.push(row);
    if (group.length > 0) yield flush();
    for await (const row of this.rest) {
      if (number++ % of === id) group.push(row);
      if (group.length === rowsAtOnce) yield flush();
    }
    if (group.length > 0) yield flush();
  }

  private tableOf(rows: readonly (readonly unknown[])[], start: number): Table {
    const columns = [...this.columns].map(([name, type]) => {
      const at = this.names.indexOf(name);
      const values = rows.map((row, i) => {
        const value = this.convert(row[at], type);
        if (value !== undefined) return value;
        throw new ValueError(
          `could not convert '${String(row[at])}' in column '${name}', about row ${start + i}, to ${String(type)}: ` +
            `say what the column is by dtypes, as { dtypes: { ${name}: 'str' } }`,
        );
      });
      return [name, columnOf(name, type, values, this.options)] as const;
    });
    return tableOf(columns, rows.length);
  }

  async close(): Promise<void> {
    await this.rest.return(undefined);
    await this.closes();
  }
}

/** The narrowest type of numbers that holds all values. @param isWhole whether there are integers only */
export function numberType(isWhole: boolean, hasMissing: boolean): ColumnType {
  return isWhole && !hasMissing ? int64 : float64;
}

export const isNumber = (type: ColumnType): type is DType => type instanceof DType && type !== bool;
