/** Tables of text whose fields are separated by a character (RFC 4180). */
import { bool, type DType, int64 } from '../core/dtype.js';
import { ValueError } from '../core/errors.js';
import type { ByteSource } from '../io/byte_source.js';
import { checkControls, RowSplitter } from '../io/numpy/text/row_splitter.js';
import { boundsOf } from '../io/text/number_buffer.js';
import { complexOf, floatOf, integerOf } from '../io/text/python_text.js';
import { linesOf, piecesOf } from '../io/text/text_lines.js';
import type { ColumnType } from './columns.js';
import { numberType, type RowReader, TextTable, type TextTableOptions } from './text_table.js';

export interface CsvOptions extends TextTableOptions {
  readonly delimiter: string;
  readonly quotechar: string | null;
  readonly comments: string | null;
  readonly skiprows: number;
  /** The columns' names, where the first row does not hold them. */
  readonly names: readonly string[] | null;
  /** Texts that mean that there is no value. */
  readonly missingValues: readonly string[];
}

async function* rowsOf(source: ByteSource, options: CsvOptions): AsyncGenerator<readonly string[]> {
  const { delimiter, quotechar: quote, comments: comment, encoding } = options;
  const splitter = new RowSplitter({ delimiter, quote, comment });
  let skipped = 0;
  for await (const lines of linesOf(piecesOf(source, encoding)))
    for (const line of lines) {
      if (skipped < options.skiprows) {
        skipped++;
        continue;
      }
      const fields = splitter.push(line);
      if (fields !== null && fields.length > 0) yield fields;
    }
  const last = splitter.finish();
  if (last !== null) throw new ValueError(`${source.name} ends within quotes`);
}

/** Rows that all have as many fields as there are names. */
async function* checked(rows: AsyncGenerator<readonly string[]>, names: number, name: string): RowReader {
  let number = 0;
  for await (const fields of rows) {
    if (fields.length !== names)
      throw new ValueError(`row ${number} of ${name} has ${fields.length} fields instead of ${names}`);
    number++;
    yield fields;
  }
}

export async function openCsv(source: ByteSource, options: CsvOptions): Promise<TextTable> {
  const { delimiter, quotechar: quote, comments: comment, missingValues } = options;
  checkControls({ delimiter, quote, comment });
  const rows = rowsOf(source, options);
  const head = options.names ?? (await rows.next()).value;
  if (head === undefined) throw new ValueError(`${source.name} is empty: there are no names of columns`);
  const names = unique(head as readonly string[], source.name);
  const missing = new Set(missingValues);
  const isMissing = (value: unknown): boolean => missing.has(String(value).trim());
  const find = (values: readonly unknown[]): ColumnType => {
    const present = values.filter((value) => !isMissing(value)) as string[];
    if (present.every((value) => isInt64(value)))
      return numberType(present.length > 0, present.length < values.length);
    if (present.every((value) => floatOf(value) !== undefined)) return numberType(false, true);
    return present.every((value) => truth(value) !== undefined) ? bool : 'str';
  };
  const convert = (value: unknown, type: ColumnType): unknown => {
    const text = value as string;
    if (type === 'str') return missing.has(text) && text !== '' ? null : text;
    const dtype = type as DType;
    if (isMissing(text)) return dtype.isFloatingPoint && options.fillNull === null ? Number.NaN : null;
    if (dtype === bool) return truth(text);
    if (dtype.isComplex) return complexOf(text);
    return dtype.isFloatingPoint ? floatOf(text) : integerOf(text);
  };
  const all = checked(rows, names.length, source.name);
  return TextTable.open(names, all, options, find, convert, () => source.close());
}

const [least, greatest] = boundsOf(int64);
function isInt64(text: string): boolean {
  const value = integerOf(text);
  return value !== undefined && value >= least && value <= greatest;
}

/** A truth value; undefined for anything else. */
function truth(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

function unique(names: readonly string[], file: string): readonly string[] {
  for (const [i, name] of names.entries())
    if (names.indexOf(name) !== i)
      throw new ValueError(`${file} has two columns '${name}': give other names by names`);
  return names;
}
