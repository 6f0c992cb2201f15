/** Types of elements: NumPy's names, the library's dtypes, and what comes of two. */
import { bool, type DType, float32, float64, int8, int16, int32, int64, uint8 } from '../../core/dtypes.js';
import { TypeError } from '../../core/errors.js';
import type { PyFloat } from '../../core/pyfloat.js';

const byName: Readonly<Record<string, DType>> = {
  bool,
  uint8,
  int8,
  int16,
  int32,
  int64,
  float32,
  float64,
  int: int64,
  float: float64,
  double: float64,
  single: float32,
};

/** The name of a type of elements: `'float32'`. */
export type DTypeName = keyof typeof byName & string;

/** The library's dtype of a name. @throws TypeError if there is none */
export function dtypeOf(name: string): DType {
  if (!Object.hasOwn(byName, name)) throw new TypeError(`data type '${name}' not understood`);
  return byName[name];
}

const ranks: readonly DType[] = [bool, uint8, int8, int16, int32, int64, float32, float64];

/** What an operation between arrays makes. */
export function promoted(a: DType, b: DType): DType {
  if (a === b) return a;
  const [low, high] = ranks.indexOf(a) < ranks.indexOf(b) ? [a, b] : [b, a];
  if (high === float32 && (low === int32 || low === int64)) return float64;
  if (low === uint8 && high === int8) return int16;
  return high;
}

/** The type in which an array meets a number of Python's, which takes its type where that can hold it. */
export function promotedWith(a: DType, value: number | boolean | PyFloat): DType {
  if (typeof value === 'boolean') return a;
  const isInt = typeof value === 'number' && Number.isInteger(value);
  if (isInt) return a === bool ? int64 : a;
  return a.isFloatingPoint ? a : float64;
}

/** The type in which functions of real numbers compute. */
export const floatOf = (dtype: DType): DType =>
  dtype.isFloatingPoint ? dtype : dtype === int16 ? float32 : float64;
