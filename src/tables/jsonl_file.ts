/** Tables of lines each of which is a JSON object (https://jsonlines.org). */
import { bool } from '../core/dtype.js';
import { ValueError } from '../core/errors.js';
import { isPlainObject } from '../core/plain.js';
import type { ByteSource } from '../io/byte_source.js';
import { linesOf, piecesOf } from '../io/text/text_lines.js';
import type { ColumnType } from './columns.js';
import { isNumber, numberType, TextTable, type TextTableOptions } from './text_table.js';

/** How many rows say which columns there are. */
const rowsForNames = 1024;

type JsonRow = Readonly<Record<string, unknown>>;

async function* objectsOf(source: ByteSource, encoding: string | null): AsyncGenerator<JsonRow> {
  let number = 0;
  for await (const lines of linesOf(piecesOf(source, encoding)))
    for (const line of lines) {
      number++;
      if (line.trim() === '') continue;
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch (error) {
        throw new ValueError(`line ${number} of ${source.name} is no JSON: ${(error as Error).message}`, {
          cause: error,
        });
      }
      if (!isPlainObject(value)) throw new ValueError(`line ${number} of ${source.name} is no JSON object`);
      yield value;
    }
}

function typeOfValues(values: readonly unknown[]): ColumnType {
  const present = values.filter((value) => value !== null && value !== undefined);
  const hasMissing = present.length < values.length;
  if (present.length > 0 && present.every((value) => typeof value === 'string')) return 'str';
  if (present.length > 0 && present.every((value) => typeof value === 'boolean')) return bool;
  if (present.every((value) => typeof value === 'number'))
    return numberType(present.length > 0 && present.every(Number.isSafeInteger), hasMissing);
  if (present.every(Array.isArray)) {
    const items = (present as unknown[][]).flat();
    const item = typeOfValues(items);
    return item === bool || isNumber(item) ? { list: item } : 'other';
  }
  return 'other';
}

function convert(value: unknown, type: ColumnType, hasFill: boolean): unknown {
  if (value === null || value === undefined)
    return isNumber(type) && type.isFloatingPoint && !hasFill ? Number.NaN : null;
  if (type === 'other') return value;
  if (type === 'str') return typeof value === 'string' ? value : JSON.stringify(value);
  if (type === bool) return typeof value === 'boolean' ? value : undefined;
  if (isNumber(type)) {
    const fits = typeof value === 'number' && (type.isFloatingPoint || Number.isSafeInteger(value));
    return fits ? value : undefined;
  }
  return Array.isArray(value) ? value : undefined;
}

export async function openJsonl(source: ByteSource, options: TextTableOptions): Promise<TextTable> {
  const objects = objectsOf(source, options.encoding);
  const first: JsonRow[] = [];
  while (first.length < rowsForNames) {
    const next = await objects.next();
    if (next.done) break;
    first.push(next.value);
  }
  const names = [...new Set(first.flatMap((row) => Object.keys(row)))];
  async function* rows(): AsyncGenerator<readonly unknown[]> {
    const known = new Set(names);
    const listed = (row: JsonRow) => names.map((name) => (Object.hasOwn(row, name) ? row[name] : null));
    for (const row of first.splice(0)) yield listed(row);
    for await (const row of objects) {
      const other = Object.keys(row).find((name) => !known.has(name));
      if (other !== undefined && options.columns === null)
        throw new ValueError(
          `${source.name} has '${other}' in a row, which none of the first ${rowsForNames} has: say which columns are read by columns`,
        );
      yield listed(row);
    }
  }
  return TextTable.open(
    names,
    rows(),
    options,
    typeOfValues,
    (value, type) => convert(value, type, options.fillNull !== null),
    () => source.close(),
  );
}
