/** `numpy.loadtxt`. */
import { TypeError, ValueError } from '../../../core/errors.js';
import { isPlainObject } from '../../../core/plain.js';
import { formatValue, typeName } from '../../../core/repr.js';
import type { Tensor } from '../../../core/tensor.js';
import { warn } from '../../../core/warnings.js';
import { textRepr } from '../../text/python_text.js';
import { type OpenText, openText, type TextSource } from '../../text/text_lines.js';
import { type ControlCharacters, checkControls, RowSplitter } from './row_splitter.js';
import {
  type Element,
  elementName,
  elementOf,
  fieldsOf,
  shapeOfAtLeast,
  type TextArray,
  transposed,
  type Values,
  valuesOf,
} from './text_dtype.js';

/** Makes a value of a field's text. */
export type Converter = (text: string) => unknown;
/** A converter for all columns, or some by the numbers of their columns. */
export type Converters = Converter | Readonly<Record<number, Converter>> | ReadonlyMap<number, Converter>;

export interface LoadTextOptions {
  readonly fname: TextSource;
  readonly dtype: unknown;
  readonly comments: string | readonly string[] | null;
  readonly delimiter: string | null;
  readonly converters: Converters | null;
  readonly skiprows: number;
  readonly usecols: number | readonly number[] | null;
  readonly unpack: boolean;
  readonly ndmin: number;
  readonly encoding: string | null;
  readonly maxRows: number | null;
  readonly quotechar: string | null;
}

export function checkNdmin(ndmin: unknown): void {
  if (ndmin !== 0 && ndmin !== 1 && ndmin !== 2)
    throw new ValueError(`Illegal value of ndmin keyword: ${formatValue(ndmin)}`);
}

/** The numbers of the columns that are read; null for all. */
function columnsOf(usecols: unknown): readonly number[] | null {
  if (usecols === null) return null;
  return (Array.isArray(usecols) ? usecols : [usecols]).map((column: unknown) => {
    if (Number.isSafeInteger(column)) return column as number;
    throw new TypeError(
      `usecols must be an int or a sequence of ints but it contains at least one element of type '${typeName(column)}'`,
    );
  });
}

/** The single character that begins a comment, or the texts that do. */
function commentsOf({ comments, delimiter, quotechar }: LoadTextOptions): {
  readonly character: string | null;
  readonly texts: readonly string[];
} {
  if (comments === null) return { character: null, texts: [] };
  const all = typeof comments === 'string' ? [comments] : [...comments];
  if (all.includes(''))
    throw new ValueError('comments cannot be an empty string. Use comments=None to disable comments.');
  if (all.length === 0) return { character: null, texts: [] };
  if (all.length === 1 && [...all[0]].length === 1) return { character: all[0], texts: [] };
  if (all.length > 1 && delimiter !== null && all.includes(delimiter))
    throw new TypeError(
      `Comment characters '${formatValue(all)}' cannot include the delimiter '${delimiter}'`,
    );
  if (quotechar !== null)
    throw new ValueError(
      'when multiple comments or a multi-character comment is given, quotes are not supported.  In this case quotechar must be set to None.',
    );
  return { character: null, texts: all };
}

function convertersOf(
  converters: Converters,
  columns: number,
  usecols: readonly number[] | null,
): (Converter | undefined)[] {
  if (typeof converters === 'function') return new Array<Converter>(columns).fill(converters);
  const isMap = converters instanceof Map;
  if (!isMap && !isPlainObject(converters))
    throw new TypeError(
      'converters must be a dictionary mapping columns to converter functions or a single callable.',
    );
  const found = new Array<Converter | undefined>(columns).fill(undefined);
  for (const [key, converter] of isMap ? converters : Object.entries(converters)) {
    const column = typeof key === 'string' && /^-?\d+$/.test(key) ? Number(key) : (key as unknown);
    if (!Number.isSafeInteger(column))
      throw new TypeError(`keys of the converters dictionary must be integers; got ${formatValue(key)}`);
    let at = column as number;
    if (usecols !== null) {
      at = usecols.indexOf(at);
      if (at < 0) continue;
    } else {
      if (at < -columns || at >= columns)
        throw new ValueError(
          `converter specified for column ${at}, which is invalid for the number of fields ${columns}.`,
        );
      if (at < 0) at += columns;
    }
    if (typeof converter !== 'function')
      throw new TypeError(
        `values of the converters dictionary must be callable, but the value associated with key ${formatValue(column)} is not`,
      );
    found[at] = converter as Converter;
  }
  return found;
}

/** Takes rows in, of which the first says how many columns there are. */
class RowReader {
  rows = 0;
  columns: number | null;
  private converters: readonly (Converter | undefined)[] = [];
  private readonly values: readonly Values[];
  private hasBegun = false;

  constructor(
    private readonly elements: readonly Element[],
    private readonly isStructured: boolean,
    private readonly usecols: readonly number[] | null,
    private readonly givenConverters: Converters | null,
  ) {
    this.columns = usecols?.length ?? (isStructured ? elements.length : null);
    this.values = elements.map(valuesOf);
  }

  push(fields: readonly string[]): void {
    this.columns ??= fields.length;
    const { columns, usecols, values } = this;
    if (!this.hasBegun) {
      this.hasBegun = true;
      if (this.givenConverters !== null)
        this.converters = convertersOf(this.givenConverters, columns, usecols);
    }
    if (usecols === null && fields.length !== columns) throw this.wrongCount(fields.length);
    for (let i = 0; i < columns; i++) {
      let at = i;
      if (usecols !== null) {
        at = usecols[i] < 0 ? usecols[i] + fields.length : usecols[i];
        if (at < 0 || at >= fields.length)
          throw new ValueError(
            `invalid column index ${usecols[i]} at row ${this.rows + 1} with ${fields.length} columns`,
          );
      }
      const which = this.isStructured ? i : 0;
      const converter = this.converters[i];
      if (converter === undefined) {
        if (!values[which].pushText(fields[at])) throw this.cannotConvert(fields[at], which, at);
        continue;
      }
      let value: unknown;
      try {
        value = converter(fields[at]);
      } catch (error) {
        throw this.cannotConvert(fields[at], which, at, error);
      }
      if (!values[which].pushValue(value)) throw this.cannotConvert(fields[at], which, at);
    }
    this.rows++;
  }

  finish(shapes: readonly (readonly number[])[]): (Tensor | TextArray)[] {
    return this.values.map((values, i) => values.finish(shapes[i]));
  }

  private wrongCount(found: number): ValueError {
    const remedy = 'use `usecols` to select a subset and avoid this error';
    const { columns, rows } = this;
    return new ValueError(
      this.isStructured
        ? `the dtype passed requires ${columns} columns but ${found} were found at row ${rows + 1}; ${remedy}`
        : `the number of columns changed from ${columns} to ${found} at row ${rows + 1}; ${remedy}`,
    );
  }

  private cannotConvert(text: string, which: number, at: number, cause?: unknown): ValueError {
    const name = elementName(this.elements[which]);
    return new ValueError(
      `could not convert string ${textRepr(text)} to ${name} at row ${this.rows}, column ${at + 1}.`,
      cause === undefined ? undefined : { cause },
    );
  }
}

interface Limits {
  readonly skiprows: number;
  readonly maxRows: number | null;
}

async function readRows(
  file: OpenText,
  reader: RowReader,
  controls: ControlCharacters,
  comments: readonly string[],
  { skiprows, maxRows }: Limits,
): Promise<void> {
  const splitter = new RowSplitter(controls);
  let skipped = 0;
  let hasWarned = maxRows === null;
  if (maxRows === 0) return;
  const take = (fields: readonly string[]) => {
    if (fields.length > 0) reader.push(fields);
    else if (!hasWarned) {
      hasWarned = true;
      warn(
        `Input line ${reader.rows + skiprows + 1} contained no data and will not be counted towards \`max_rows=${maxRows}\`.  ` +
          'This differs from the behaviour in NumPy <=1.22 which counted lines rather than rows.',
      );
    }
  };
  for await (const lines of file.lines()) {
    for (let line of lines) {
      if (skipped < skiprows) {
        skipped++;
        continue;
      }
      for (const comment of comments) line = line.split(comment, 1)[0];
      const fields = splitter.push(line);
      if (fields !== null) take(fields);
      if (reader.rows === maxRows) return;
    }
  }
  const rest = splitter.finish();
  if (rest !== null) take(rest);
}

export async function loadText(
  options: LoadTextOptions,
): Promise<Tensor | TextArray | Record<string, Tensor | TextArray> | (Tensor | TextArray)[]> {
  const { ndmin, skiprows, maxRows, unpack, delimiter, quotechar } = options;
  const fields = fieldsOf(options.dtype ?? 'float');
  const elements = fields === null ? [elementOf(options.dtype ?? 'float')] : [...fields.values()];
  const usecols = columnsOf(options.usecols);
  checkNdmin(ndmin);
  const { character, texts } = commentsOf(options);
  for (const count of [skiprows, maxRows ?? 0]) {
    if (!Number.isSafeInteger(count)) throw new TypeError('argument must be an integer');
    if (count < 0) throw new ValueError('argument must be nonnegative');
  }
  const controls = { delimiter, comment: character, quote: quotechar };
  checkControls(controls);
  if (fields !== null && usecols !== null && usecols.length !== elements.length)
    throw new TypeError(
      `If a structured dtype is used, the number of columns in \`usecols\` must match the effective number of fields. But ${usecols.length} usecols were given and the number of fields is ${elements.length}.`,
    );
  const reader = new RowReader(elements, fields !== null, usecols, options.converters);
  const file = await openText(options.fname, options.encoding);
  try {
    await readRows(file, reader, controls, texts, options);
  } finally {
    await file.close();
  }
  const { rows } = reader;
  if (rows === 0) warn(`loadtxt: input contained no data: "${file.name}"`);
  if (fields !== null) {
    const columns = reader.finish(elements.map(() => [rows]));
    return unpack ? columns : Object.fromEntries([...fields.keys()].map((name, i) => [name, columns[i]]));
  }
  const shape = shapeOfAtLeast(ndmin, [rows, rows === 0 ? 1 : reader.columns!]);
  const [array] = reader.finish([shape]);
  return unpack ? transposed(array) : array;
}
