/** Values that `numpy.genfromtxt` makes of fields: of a given type, or of the first that all of a column are. */
import { isComplexNumber } from '../../../core/complex.js';
import { bool, Category, complex128, float64, int64 } from '../../../core/dtype.js';
import { ValueError } from '../../../core/errors.js';
import { boundsOf } from '../../text/number_buffer.js';
import { complexOf, floatOf, integerOf, strip, withoutUnderscores } from '../../text/python_text.js';
import type { Converter } from './loadtxt.js';
import type { Element } from './text_dtype.js';

type Read = (text: string) => unknown;

/** Marks what could not be read. */
const none = undefined;

const readBool: Read = (text) => {
  const upper = text.toUpperCase();
  return upper === 'TRUE' ? true : upper === 'FALSE' ? false : none;
};
const readInteger: Read = (text) => integerOf(withoutUnderscores(text));
const readFloat: Read = (text) => floatOf(withoutUnderscores(text));
const readText: Read = (text) => text;

const readComplex: Read = (text) => complexOf(withoutUnderscores(text));

const [least, greatest] = boundsOf(int64);
/** Numbers beyond int64 are floats. */
const readInt64: Read = (text) => {
  const value = readInteger(text);
  return typeof value === 'bigint' && (value < least || value > greatest) ? none : value;
};

/** The types that a column is tried as, with what stands for a missing value. */
const ladder: readonly { readonly element: Element; readonly read: Read; readonly missing: unknown }[] = [
  { element: bool, read: readBool, missing: false },
  { element: int64, read: readInt64, missing: -1 },
  { element: float64, read: readFloat, missing: Number.NaN },
  { element: complex128, read: readComplex, missing: Number.NaN },
  { element: null, read: readText, missing: '???' },
];

/** How fields of a given type are read. */
function readerOf(element: Element): { readonly read: Read; readonly missing: unknown } {
  if (element === null) return { read: readText, missing: '???' };
  if (element === bool) return ladder[0];
  if (element.isComplex) return { read: readComplex, missing: Number.NaN };
  if (element.category !== Category.int) return { read: readFloat, missing: Number.NaN };
  if (element.itemsize === 8) return { read: readInteger, missing: -1 };
  return {
    // As Python's int(float(text)).
    read: (text) => {
      const value = readFloat(text) as number | undefined;
      return value !== undefined && Number.isFinite(value) ? Math.trunc(value) : none;
    },
    missing: -1,
  };
}

/** Reads the fields of one column. */
export class StringConverter {
  element: Element;
  /** Whether it was tried on a value that was not missing. */
  isChecked = false;
  private read: Read;
  private missing: unknown;
  private step = 0;
  private readonly missingTexts: Set<string>;
  private custom: Converter | null = null;

  /** @param element the type; undefined finds it */
  constructor(
    element: Element | undefined,
    missingTexts: readonly string[],
    private readonly filling: unknown,
  ) {
    this.missingTexts = new Set(['', ...missingTexts]);
    this.element = element === undefined ? bool : element;
    const { read, missing } = element === undefined ? ladder[0] : readerOf(element);
    this.read = read;
    this.missing = filling ?? missing;
  }

  /** Whether a function of the user's reads the fields. */
  get isCustom(): boolean {
    return this.custom !== null;
  }

  /** Has a function of the user's read the fields. @param sample a field by which its type is found */
  use(converter: Converter, sample: string | null): void {
    this.custom = converter;
    let found: unknown = this.filling;
    if (found === null) {
      try {
        found = converter(sample === null || sample === '' ? '1' : sample);
      } catch {
        found = null;
      }
    }
    if (typeof found === 'string') this.element = null;
    else if (typeof found === 'boolean') this.element = bool;
    else if (isComplexNumber(found)) this.element = complex128;
    else if (typeof found === 'bigint') this.element = int64;
    else if (typeof found === 'number') this.element = float64;
  }

  /** Tries all fields of the column, each time with a more general type. */
  upgrade(fields: readonly string[]): void {
    this.isChecked = true;
    if (this.custom !== null) return;
    for (let i = 0; i < fields.length; ) {
      if (this.isRead(fields[i])) {
        i++;
        continue;
      }
      this.step = Math.min(this.step + 1, ladder.length - 1);
      const { element, read, missing } = ladder[this.step];
      this.element = element;
      this.read = read;
      this.missing = this.filling ?? missing;
      this.isChecked = true;
      i = 0;
    }
  }

  private isRead(text: string): boolean {
    if (this.read(text) !== none) return true;
    if (!this.missingTexts.has(strip(text))) return false;
    if (this.step === 0) this.isChecked = false;
    return true;
  }

  /** A field's value, or what stands for a missing one where it has none. @param isLoose whether any text may be that */
  convert(text: string, isLoose: boolean): unknown {
    let value: unknown;
    if (this.custom !== null) {
      try {
        value = this.custom(text);
      } catch (error) {
        // Python's functions raise this for text that is no value.
        if (!(error instanceof ValueError)) throw error;
        value = none;
      }
    } else value = this.read(text);
    if (value !== none) return value;
    if (isLoose || this.missingTexts.has(strip(text))) return this.missing;
    throw new ValueError(`Cannot convert string '${text}'`);
  }
}

/** The type of numbers of a column that a user's function made: integers if all are. */
export function typeOfValues(element: Element, values: readonly unknown[]): Element {
  if (element === float64 && values.every((value) => Number.isSafeInteger(value))) return int64;
  return element;
}
