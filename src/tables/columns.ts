/** Columns of tables: numbers as tensors, text as strings, lists as tensors for each row. */
import { bool, Category, type DType, dtypes } from '../core/dtype.js';
import { arrayClasses } from '../core/elements.js';
import { ValueError } from '../core/errors.js';
import { isPlainObject } from '../core/plain.js';
import { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { tensorOf } from '../io/raw_elements.js';
import { NumberBuffer } from '../io/text/number_buffer.js';

/** The type of a column: numbers of a dtype, text, lists, or values that stay as they are. */
export type ColumnType = DType | 'str' | 'other' | { readonly list: ColumnType };

/** A column's values: a tensor; strings; a tensor for each row, of lists; or what else there is. */
export type Column = Tensor | readonly unknown[];

/** Columns by their names, all of one length. */
export type Table = Readonly<Record<string, Column>>;

export interface NullRule {
  /** The value in place of those that are not there: for all columns, or by name; null refuses them in columns of numbers. */
  readonly fillNull: unknown;
}

const isDType = (type: ColumnType): type is DType => dtypes.includes(type as DType);

/** The value that fills a column; undefined if there is none. */
function filling({ fillNull }: NullRule, name: string): unknown {
  if (fillNull === null || fillNull === undefined) return undefined;
  return isPlainObject(fillNull) ? fillNull[name] : fillNull;
}

/** Makes a column of a file's values. */
export function columnOf(name: string, type: ColumnType, values: ArrayLike<unknown>, rule: NullRule): Column {
  const fill = filling(rule, name);
  if (isDType(type)) return numbersOf(name, type, values, fill);
  const list = Array.from(values, (value) => value ?? fill ?? null);
  if (typeof type === 'string' || !isDType(type.list)) return list;
  const { list: item } = type;
  const empty = () => numbersOf(name, item, [], undefined);
  // A list that is not there stays null, unless it is filled.
  return Array.from(values, (value) => {
    if (value === null || value === undefined) return fill === undefined ? null : empty();
    return numbersOf(name, item, value as ArrayLike<unknown>, fill);
  });
}

function numbersOf(name: string, dtype: DType, values: ArrayLike<unknown>, fill: unknown): Tensor {
  const Class = arrayClasses.get(dtype);
  if (Class !== undefined && values instanceof Class) {
    const { buffer, byteOffset, byteLength } = values as Uint8Array;
    return tensorOf(new Uint8Array(buffer, byteOffset, byteLength), dtype, [values.length]);
  }
  const made = new NumberBuffer(dtype, values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? fill;
    if (value === undefined)
      throw new ValueError(
        `column '${name}' has no value in row ${i}: give fillNull, as { fillNull: { ${name}: 0 } }, or leave the column out by columns`,
      );
    if (!isElement(dtype, value) || !made.push(typeof value === 'boolean' ? Number(value) : value))
      throw new ValueError(`column '${name}' holds ${String(value)} in row ${i}, which is no ${dtype.name}`);
  }
  return made.toTensor([values.length]);
}

/** Whether a value is one of a dtype: no fraction becomes an integer, and no number a truth value. */
function isElement(dtype: DType, value: unknown): value is number | bigint | boolean {
  if (dtype === bool) return typeof value === 'boolean';
  if (typeof value === 'bigint') return true;
  return typeof value === 'number' && (dtype.category !== Category.int || Number.isSafeInteger(value));
}

/** How many rows there are. */
export function lengthOfTable(table: Table): number {
  const first = Object.values(table)[0];
  if (first === undefined) return 0;
  return first.length;
}

/** Some rows of a table. */
export function sliceOf(table: Table, from: number, to: number): Table {
  return mapped(table, (column) =>
    column instanceof Tensor ? column.narrow(0, from, to - from) : column.slice(from, to),
  );
}

/** One row: numbers as tensors without dimensions, which keep their dtypes. */
export function rowOf(table: Table, row: number): Record<string, unknown> {
  return mapped(table, (column) => (column instanceof Tensor ? column.select(0, row) : column[row]));
}

function mapped<T>(table: Table, change: (column: Column, name: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(table).map(([name, column]) => [name, change(column, name)]));
}

/** Tables below each other. */
export function joined(tables: readonly Table[]): Table {
  if (tables.length === 1) return tables[0];
  return mapped(tables[0], (first, name) => {
    const parts = tables.map((table) => table[name]);
    return first instanceof Tensor ? ops.cat(parts as Tensor[]) : parts.flat(1);
  });
}

/** Lists of numbers as one tensor of [rows, longest], or of as many values as the lists have if all have as many. */
export function padded(table: Table, value: number): Table {
  return mapped(table, (column) => {
    if (column instanceof Tensor || column.length === 0) return column;
    if (!column.every((item) => item instanceof Tensor || item === null)) return column;
    const lists = column.filter((item) => item !== null) as Tensor[];
    if (lists.length === 0) return column;
    const longest = lists.reduce((most, { length }) => Math.max(most, length), 0);
    const result = ops.full([column.length, longest], value, { dtype: lists[0].dtype });
    for (const [row, list] of (column as (Tensor | null)[]).entries())
      if (list !== null && list.length > 0) result.select(0, row).narrow(0, 0, list.length).copy_(list);
    return result;
  });
}
