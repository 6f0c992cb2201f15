/** Texts of arrays, as NumPy's `array2string` makes them. */
import { positional, scientific } from './element_text.js';

/** What printing asks of an array. */
export interface PrintedArray {
  readonly shape: readonly number[];
  readonly kind: 'float' | 'int' | 'bool';
  readonly isSingle: boolean;
  /** The value at a place of the flat array. */
  at(place: number): number;
}

const threshold = 1000;
const edge = 3;
const width = 75;
const precision = 8;

/** The text between brackets; `separator` is `' '` for `str` and `', '` for `repr`, `prefix` what stands before it on the first line. */
export function arrayText(array: PrintedArray, separator: string, prefix: string): string {
  const { shape } = array;
  const count = shape.reduce((a, b) => a * b, 1);
  if (count === 0) return '[]';
  const isLong = count > threshold;
  const shown = shape.map((size) =>
    isLong && size > 2 * edge
      ? [0, 1, 2, -1, size - 3, size - 2, size - 1]
      : Array.from({ length: size }, (_, i) => i),
  );
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const places: number[] = [];
  const collect = (axis: number, at: number): void => {
    if (axis === shape.length) places.push(at);
    else for (const i of shown[axis]) if (i >= 0) collect(axis + 1, at + i * strides[axis]);
  };
  collect(0, 0);
  const format = formatOf(
    array,
    places.map((place) => array.at(place)),
  );
  const walk = (axis: number, at: number, indent: string, room: number): string => {
    const left = shape.length - axis;
    if (left === 0) return format(array.at(at));
    const inner = `${indent} `;
    let text = '';
    if (left === 1) {
      const most = room - Math.max(separator.trimEnd().length, 1);
      let line = indent;
      const put = (word: string): void => {
        if (line.length + word.length > most && line.length > indent.length) {
          text += `${line.trimEnd()}\n`;
          line = indent;
        }
        line += word;
      };
      shown[axis].forEach((i, k) => {
        put(i < 0 ? '...' : walk(axis + 1, at + i * strides[axis], inner, room - 1));
        if (k < shown[axis].length - 1) line += separator;
      });
      text += line;
    } else {
      const between = separator.trimEnd() + '\n'.repeat(left - 1);
      text = shown[axis]
        .map((i) => indent + (i < 0 ? '...' : walk(axis + 1, at + i * strides[axis], inner, room - 1)))
        .join(between);
    }
    return `[${text.slice(indent.length)}]`;
  };
  return walk(0, 0, ` ${' '.repeat(prefix.length)}`, width);
}

/** How all elements are written, so that they stand below each other. */
function formatOf(
  { kind, isSingle, shape }: PrintedArray,
  values: readonly number[],
): (value: number) => string {
  if (kind === 'bool') return (value) => (value ? (shape.length === 0 ? 'True' : ' True') : 'False');
  if (kind === 'int') {
    const wide = Math.max(...values.map((value) => String(value).length));
    return (value) => String(value).padStart(wide);
  }
  const finite = values.filter(Number.isFinite);
  const sizes = finite.map(Math.abs).filter((value) => value !== 0);
  const [most, least] = [
    sizes.reduce((a, b) => Math.max(a, b), 0),
    sizes.reduce((a, b) => Math.min(a, b), Infinity),
  ];
  const limit = isSingle ? 1e6 : 1e8;
  const isScientific = sizes.length > 0 && (most >= limit || least < 0.0001 || most / least > 1000);
  let left = 0;
  let right = 0;
  let write: (value: number) => string;
  if (finite.length === 0) write = String;
  else if (isScientific) {
    const parts = finite.map((value) => scientific(value, precision, isSingle));
    const digits = Math.max(...parts.map(([text]) => text.split('.')[1].length));
    const powers = Math.max(...parts.map(([, power]) => power.length - 1));
    left = Math.max(...parts.map(([text]) => text.split('.')[0].length));
    right = powers + 2 + digits;
    write = (value) => {
      const [text, power] = scientific(value, digits, isSingle);
      const [whole, fraction] = text.split('.');
      return `${whole.padStart(left)}.${fraction.padEnd(digits, '0')}e${power[0]}${power.slice(1).padStart(powers, '0')}`;
    };
  } else {
    const parts = finite.map((value) => positional(value, precision, isSingle).split('.'));
    left = Math.max(...parts.map(([whole]) => whole.length));
    right = Math.max(...parts.map(([, fraction]) => fraction.length));
    write = (value) => {
      const [whole, fraction] = positional(value, precision, isSingle).split('.');
      return `${whole.padStart(left)}.${fraction.padEnd(right)}`;
    };
  }
  if (finite.length < values.length) {
    const isBelow = values.includes(-Infinity) ? 1 : 0;
    left = Math.max(left, 3 - (right + 1), 3 + isBelow - (right + 1));
  }
  return (value) =>
    Number.isFinite(value)
      ? write(value)
      : (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf').padStart(left + right + 1);
}
