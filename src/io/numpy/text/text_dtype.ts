/** Types of the columns of a text file: tensors of a dtype, or strings. */
import { isComplexNumber } from '../../../core/complex.js';
import { bool, Category, complex128, DType, dtypeByName, float64, int64 } from '../../../core/dtype.js';
import { TypeError } from '../../../core/errors.js';
import { isPlainObject } from '../../../core/plain.js';
import { formatBool, formatNumber } from '../../../core/repr.js';
import type { Tensor } from '../../../core/tensor.js';
import { type ElementValue, NumberBuffer } from '../../text/number_buffer.js';
import { complexOf, floatOf, integerOf } from '../../text/python_text.js';

/** An element type: a dtype, its name, or Python's `'float'`, `'int'`, `'complex'`, `'bool'`; `'str'` keeps text as it is. */
export type TextElement = DType | 'float' | 'int' | 'complex' | 'bool' | 'str' | (string & {});

/** An element type for all columns, or one for each by its name. */
export type TextDType = TextElement | Readonly<Record<string, TextElement>>;

/** Strings in the shape that a tensor would have. */
export type TextArray = string | string[] | string[][];

/** Types of columns by those of their elements. */
export type ColumnOf<E> = E extends 'str' ? string[] : E extends DType ? Tensor : Tensor | string[];

/** Elements that are read with a dtype. */
export type Loaded<D> = D extends DType | 'float' | 'int' | 'complex' | 'bool'
  ? Tensor
  : D extends 'str'
    ? TextArray
    : D extends string
      ? Tensor | TextArray
      : { -readonly [K in keyof D]: ColumnOf<D[K]> };

/** An element type that was looked up: null for text. */
export type Element = DType | null;

const named: Readonly<Record<string, Element>> = {
  float: float64,
  int: int64,
  complex: complex128,
  bool,
  str: null,
};

export function elementOf(given: unknown): Element {
  if (given instanceof DType) return given;
  if (typeof given === 'string') {
    const found = Object.hasOwn(named, given) ? named[given] : dtypeByName(given);
    if (found !== undefined) return found;
    throw new TypeError(`data type '${given}' not understood`);
  }
  throw new TypeError(`Cannot interpret '${String(given)}' as a data type`);
}

/** Element types by columns' names; null for one of all columns. */
export function fieldsOf(dtype: unknown): ReadonlyMap<string, Element> | null {
  if (!isPlainObject(dtype)) return null;
  return new Map(Object.entries(dtype).map(([name, element]) => [name, elementOf(element)]));
}

export const elementName = (element: Element): string => element?.name ?? 'str';

/** Python's `str` of what a converter gives. */
export function textOf(value: unknown): string {
  if (typeof value === 'boolean') return formatBool(value);
  if (typeof value === 'number') return formatNumber(value);
  return value === null || value === undefined ? 'None' : String(value);
}

/** A field's text as a number of a dtype; undefined if it is none. */
export function parsed(dtype: DType, text: string): ElementValue | undefined {
  if (dtype.isComplex) return complexOf(text);
  return dtype.isFloatingPoint ? floatOf(text) : integerOf(text);
}

/** A converter's result as a number of a dtype, as NumPy assigns Python's objects; undefined where it cannot. */
export function assigned(dtype: DType, value: unknown): ElementValue | undefined {
  if (typeof value === 'string') return dtype === bool ? Number(value !== '') : parsed(dtype, value);
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return Number(value);
  if (value === null || value === undefined) {
    if (dtype === bool) return 0;
    return dtype.category >= Category.float ? Number.NaN : undefined;
  }
  return dtype.isComplex && isComplexNumber(value) ? value : undefined;
}

/** The values of one column, or of all where they are of one type. */
export interface Values {
  /** Takes a field. Returns false if it is no value of the type. */
  pushText(text: string): boolean;
  /** Takes what a converter gave. Returns false as well. */
  pushValue(value: unknown): boolean;
  finish(shape: readonly number[]): Tensor | TextArray;
}

class Numbers implements Values {
  private readonly buffer: NumberBuffer;

  constructor(private readonly dtype: DType) {
    this.buffer = new NumberBuffer(dtype);
  }

  pushText(text: string): boolean {
    return this.take(parsed(this.dtype, text));
  }

  pushValue(value: unknown): boolean {
    return this.take(assigned(this.dtype, value));
  }

  private take(value: ElementValue | undefined): boolean {
    return value !== undefined && this.buffer.push(value);
  }

  finish(shape: readonly number[]): Tensor {
    return this.buffer.toTensor(shape);
  }
}

class Texts implements Values {
  private readonly texts: string[] = [];

  pushText(text: string): boolean {
    this.texts.push(text);
    return true;
  }

  pushValue(value: unknown): boolean {
    return this.pushText(textOf(value));
  }

  finish(shape: readonly number[]): TextArray {
    if (shape.length === 0) return this.texts[0];
    if (shape.length === 1) return this.texts;
    const [rows, columns] = shape;
    return Array.from({ length: rows }, (_, i) => this.texts.slice(i * columns, (i + 1) * columns));
  }
}

export const valuesOf = (element: Element): Values => (element === null ? new Texts() : new Numbers(element));

/** The shape with at least so many dimensions, and none of one element beyond: what NumPy's `ndmin` means. */
export function shapeOfAtLeast(ndmin: number, shape: readonly number[]): readonly number[] {
  const squeezed = shape.length > ndmin ? shape.filter((size) => size !== 1) : shape;
  if (squeezed.length >= ndmin) return squeezed;
  if (ndmin === 1) return [1];
  return squeezed.length === 0 ? [1, 1] : [squeezed[0], 1];
}

/** Rows for columns, of strings as of tensors. */
export function transposed(array: Tensor | TextArray): Tensor | TextArray {
  if (typeof array === 'string') return array;
  if (!Array.isArray(array)) return array.ndim < 2 ? array : array.t();
  if (!Array.isArray(array[0])) return array;
  const rows = array as string[][];
  return rows[0].map((_, i) => rows.map((row) => row[i]));
}
