/** `numpy.genfromtxt`. */
import type { Complex } from '../../../core/complex.js';
import { Category } from '../../../core/dtype.js';
import { NotImplementedError, TypeError, ValueError } from '../../../core/errors.js';
import { isPlainObject } from '../../../core/plain.js';
import { typeName } from '../../../core/repr.js';
import type { Tensor } from '../../../core/tensor.js';
import { warn } from '../../../core/warnings.js';
import { strip } from '../../text/python_text.js';
import { openText, type TextSource } from '../../text/text_lines.js';
import { type FieldDelimiter, lineSplitter } from './line_splitter.js';
import { type Converter, checkNdmin } from './loadtxt.js';
import { NameValidator, numbered } from './name_validator.js';
import { StringConverter, typeOfValues } from './string_converter.js';
import {
  type Element,
  elementName,
  elementOf,
  fieldsOf,
  shapeOfAtLeast,
  type TextArray,
  transposed,
  valuesOf,
} from './text_dtype.js';

/** A value for all columns, for the first ones, or by columns' numbers and names. */
export type ByColumn<T> = T | readonly T[] | Readonly<Record<string, T | readonly T[]>>;

export interface GenFromTextOptions {
  readonly fname: TextSource;
  readonly dtype: unknown;
  readonly comments: string | null;
  readonly delimiter: FieldDelimiter;
  readonly skipHeader: number;
  readonly skipFooter: number;
  readonly converters: Readonly<Record<string, Converter>> | null;
  readonly missingValues: ByColumn<string | number> | null;
  readonly fillingValues: ByColumn<unknown> | null;
  readonly usecols: string | number | readonly (string | number)[] | null;
  readonly names: boolean | string | readonly string[] | null;
  readonly excludelist: readonly string[] | null;
  readonly deletechars: string | null;
  readonly replaceSpace: string;
  readonly autostrip: boolean;
  readonly caseSensitive: boolean | string;
  readonly defaultfmt: string;
  readonly unpack: boolean | null;
  readonly usemask: boolean;
  readonly loose: boolean;
  readonly invalidRaise: boolean;
  readonly maxRows: number | null;
  readonly encoding: string | null;
  readonly ndmin: number;
}

type Result = Tensor | TextArray | Record<string, Tensor | TextArray> | (Tensor | TextArray)[];

function check({ ndmin, maxRows, skipFooter, converters, usemask }: GenFromTextOptions): void {
  checkNdmin(ndmin);
  if (maxRows !== null) {
    if (skipFooter !== 0)
      throw new ValueError(
        "The keywords 'skip_footer' and 'max_rows' can not be specified at the same time.",
      );
    if (maxRows < 1) throw new ValueError("'max_rows' must be at least 1.");
  }
  if (converters !== null && !isPlainObject(converters))
    throw new TypeError(
      `The input argument 'converter' should be a valid dictionary (got '<class '${typeName(converters)}'>' instead)`,
    );
  if (usemask)
    throw new NotImplementedError(
      'genfromtxt: masked arrays do not exist here: give fillingValues a value that does not come in the data, and compare with it',
    );
}

/** The lines of a file, one by one. */
async function* singleLines(batches: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  for await (const lines of batches) yield* lines;
}

/** Which column an object's key means: its number, or its name's place. Null if there is no such name. */
function columnOf(key: string, names: readonly string[] | null): number | null {
  if (names?.includes(key)) return names.indexOf(key);
  return /^\d+$/.test(key) ? Number(key) : null;
}

/** The columns that are chosen, as numbers of the file's. */
function chosen(
  usecols: GenFromTextOptions['usecols'],
  names: readonly string[] | null,
  count: number,
): number[] | null {
  if (usecols === null) return null;
  const list =
    typeof usecols === 'string'
      ? usecols.split(',').map((name) => name.trim())
      : Array.isArray(usecols)
        ? usecols
        : [usecols];
  return list.map((column: unknown) => {
    if (typeof column === 'string') {
      const at = names?.indexOf(column) ?? -1;
      if (at < 0) throw new ValueError(`'${column}' is not in list`);
      return at;
    }
    if (!Number.isSafeInteger(column))
      throw new TypeError(`list indices must be integers or slices, not ${typeName(column)}`);
    return (column as number) < 0 ? (column as number) + count : (column as number);
  });
}

/** Values for each column of an option that may be one for all, a list, or by column. */
function perColumn<T>(
  given: ByColumn<T> | null,
  count: number,
  at: (key: string) => number | null,
  put: (column: number, value: T | readonly T[]) => void,
): void {
  if (given === null) return;
  if (Array.isArray(given)) for (const [i, value] of given.slice(0, count).entries()) put(i, value as T);
  else if (isPlainObject(given)) {
    for (const [key, value] of Object.entries(given)) {
      const column = at(key);
      if (column !== null && column < count) put(column, value as T);
    }
  } else for (let i = 0; i < count; i++) put(i, given as T);
}

/** The table's columns, and what is wrong with other lines. */
interface Rows {
  readonly rows: (readonly string[])[];
  readonly invalid: (readonly [line: number, columns: number])[];
}

function refuseInvalid(
  { rows, invalid }: Rows,
  { skipHeader, skipFooter, invalidRaise }: GenFromTextOptions,
  columns: number,
): number {
  if (invalid.length === 0) return skipFooter;
  const read = rows.length + invalid.length - skipFooter;
  const within = skipFooter > 0 ? invalid.filter(([line]) => line <= read + skipHeader) : invalid;
  const message = within.map(
    ([line, found]) => `    Line #${line} (got ${found} columns instead of ${columns})`,
  );
  if (message.length > 0) {
    const text = ['Some errors were detected !', ...message].join('\n');
    if (invalidRaise) throw new ValueError(text);
    warn(text);
  }
  return skipFooter - (invalid.length - within.length);
}

/** Values of a column as a tensor or strings. */
function columnFrom(
  element: Element,
  values: readonly unknown[],
  shape: readonly number[],
): Tensor | TextArray {
  const made = valuesOf(element);
  for (const value of values)
    if (!made.pushValue(value)) {
      if (element?.category === Category.int && (typeof value === 'bigint' || typeof value === 'number'))
        throw new ValueError(`Python integer ${value} out of bounds for ${element.name}`);
      throw new ValueError(`could not convert ${describe(value)} to ${elementName(element)}`);
    }
  return made.finish(shape);
}

const describe = (value: unknown): string =>
  typeof value === 'string' ? `string to float: '${value}'` : String(value as Complex);

export async function genFromText(options: GenFromTextOptions): Promise<Result> {
  check(options);
  const { comments, skipHeader, maxRows, loose, ndmin, unpack, defaultfmt } = options;
  const split = lineSplitter(options.delimiter, comments, options.autostrip);
  const validator = new NameValidator(options);
  const file = await openText(options.fname, options.encoding);
  try {
    const lines = singleLines(file.lines());
    for (let i = 0; i < skipHeader; i++) await lines.next();
    const findsNames = options.names === true;
    let firstLine = '';
    let first: string[] = [];
    while (first.length === 0) {
      const next = await lines.next();
      if (next.done) {
        firstLine = '';
        warn(`genfromtxt: Empty input file: "${file.name}"`);
        break;
      }
      firstLine = next.value;
      if (findsNames && comments !== null && firstLine.includes(comments))
        firstLine = firstLine.split(comments).slice(1).join('');
      first = split(firstLine);
    }
    // A mark of a comment that stood before the names.
    if (findsNames && first.length > 0 && comments?.includes(first[0].trim())) first.shift();
    const { fields: given, element } = typesOf(options);
    let names = namesOf(options, first, validator);
    if (findsNames) firstLine = '';
    if (names === null && given !== null) names = [...given.keys()];
    if (names !== null && given !== null) names = validator.validate(names, 'f%i', given.size);

    const usecols = chosen(options.usecols, names, first.length);
    const count = usecols?.length ?? first.length;
    const types = elementsOf(given, element, usecols, count);
    if (names !== null && usecols !== null && names.length > count)
      names = usecols.map((column) => names![column]);
    /** The place among the columns that are read. */
    const placeOf = (key: string): number | null => {
      const column = columnOf(key, names);
      if (column === null) return null;
      if (usecols === null || (names?.includes(key) ?? false)) return column;
      const at = usecols.indexOf(column);
      return at < 0 ? null : at;
    };
    const missing = Array.from({ length: count }, () => ['']);
    const marks = options.missingValues;
    const byColumn = typeof marks === 'string' ? marks.split(',') : marks;
    if (typeof marks === 'string') for (const own of missing) own.push(...(byColumn as string[]));
    else
      perColumn(byColumn as ByColumn<string | number> | null, count, placeOf, (column, value) => {
        for (const one of [value].flat()) missing[column].push(String(one));
      });
    const filling = new Array<unknown>(count).fill(null);
    perColumn(options.fillingValues, count, placeOf, (column, value) => {
      filling[column] = value;
    });
    const converters = missing.map(
      (texts, i) => new StringConverter(types === null ? undefined : types[i], texts, filling[i]),
    );
    for (const [key, converter] of Object.entries(options.converters ?? {})) {
      const place = placeOf(key);
      if (place === null) continue;
      if (place >= count) throw new ValueError(`converter specified for column ${key}, of ${count} columns`);
      converters[place].use(converter, firstLine === '' ? null : (first[usecols?.[place] ?? place] ?? null));
    }

    const found: Rows = { rows: [], invalid: [] };
    let number = skipHeader;
    const take = (line: string): boolean => {
      number++;
      const values = split(line);
      if (values.length === 0) return true;
      if (usecols !== null ? usecols.some((column) => !(column in values)) : values.length !== count)
        found.invalid.push([number, values.length]);
      else found.rows.push(usecols === null ? values : usecols.map((column) => values[column]));
      return found.rows.length !== maxRows;
    };
    if (take(firstLine)) for await (const line of lines) if (!take(line)) break;
    if (types === null)
      for (const [i, converter] of converters.entries()) converter.upgrade(found.rows.map((row) => row[i]));
    const footer = refuseInvalid(found, options, count);
    const rows = footer > 0 ? found.rows.slice(0, -footer) : found.rows;
    const columns = converters.map((converter, i) => rows.map((row) => converter.convert(row[i], loose)));
    const kinds = kindsOf(converters, columns, types, given === null ? (element ?? null) : undefined);

    if (kinds.common !== undefined && names === null) {
      const shape = shapeOfAtLeast(
        ndmin,
        count === 1 || rows.length === 0 ? [rows.length] : [rows.length, count],
      );
      const all = rows.flatMap((_, r) => columns.map((column) => column[r]));
      const array = columnFrom(kinds.common, all, shape);
      return unpack ? transposed(array) : array;
    }
    const keys = names ?? kinds.elements.map((_, i) => numbered(defaultfmt, i));
    const arrays = kinds.elements.map((kind, i) => columnFrom(kind, columns[i], [rows.length]));
    if (unpack) return arrays.length === 1 ? arrays[0] : arrays;
    return Object.fromEntries(keys.slice(0, arrays.length).map((name, i) => [name, arrays[i]]));
  } finally {
    await file.close();
  }
}

/** A type for all columns, types by name, or null to find them. */
function typesOf({ dtype, defaultfmt }: GenFromTextOptions): {
  readonly fields: ReadonlyMap<string, Element> | null;
  /** Undefined to find it. */
  readonly element: Element | undefined;
} {
  if (dtype === null) return { fields: null, element: undefined };
  if (Array.isArray(dtype))
    return {
      fields: new Map(dtype.map((one: unknown, i) => [numbered(defaultfmt, i), elementOf(one)])),
      element: undefined,
    };
  const fields = fieldsOf(dtype);
  return { fields, element: fields === null ? elementOf(dtype) : undefined };
}

function namesOf(
  { names }: GenFromTextOptions,
  first: readonly string[],
  validator: NameValidator,
): string[] | null {
  if (names === true) return validator.validate(first.map(strip));
  if (typeof names === 'string') return validator.validate(names.split(',').map(strip));
  if (Array.isArray(names)) return validator.validate(names as string[]);
  return null;
}

/** The type of each column that is read; null where it is to be found. */
function elementsOf(
  given: ReadonlyMap<string, Element> | null,
  element: Element | undefined,
  usecols: readonly number[] | null,
  count: number,
): Element[] | null {
  if (given === null) return element === undefined ? null : new Array<Element>(count).fill(element);
  const all = [...given.values()];
  const types = usecols !== null && all.length > count ? usecols.map((column) => all[column]) : all;
  if (types.length !== count)
    throw new ValueError(`the dtype has ${types.length} fields, and the file ${count} columns`);
  return types;
}

/** The type of each column, and that of all if they are one array. */
function kindsOf(
  converters: readonly StringConverter[],
  columns: readonly (readonly unknown[])[],
  types: readonly Element[] | null,
  /** The type of all, where one was given. */
  common: Element | undefined,
): { readonly elements: readonly Element[]; readonly common: Element | undefined } {
  if (types === null) {
    const elements = converters.map((converter, i) =>
      converter.isCustom ? typeOfValues(converter.element, columns[i]) : converter.element,
    );
    const base = new Set(elements.filter((_, i) => converters[i].isChecked));
    return { elements, common: base.size === 1 ? [...base][0] : undefined };
  }
  if (common === undefined) return { elements: types, common: undefined };
  // A user's function can make another type of its column.
  const elements = types.map((type, i) => {
    const { element, isCustom } = converters[i];
    const isNumber = (kind: Element) => kind !== null && kind.category !== Category.bool;
    return isCustom && !(isNumber(element) && isNumber(type)) ? element : type;
  });
  const isCommon = elements.every((element, i) => element === types[i]);
  return { elements, common: isCommon ? common : undefined };
}
