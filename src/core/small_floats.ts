/** Floating-point types of 8 and 16 bits: their bit patterns, for reading and writing single elements. */
import {
  bfloat16,
  type DType,
  float8_e4m3fn,
  float8_e4m3fnuz,
  float8_e5m2,
  float8_e5m2fnuz,
  float8_e8m0fnu,
  float16,
  float32,
  float64,
} from './dtype.js';

/** How a floating-point type divides its bits, and what lies beyond its numbers. */
export interface FloatFormat {
  /** Bits of the significand, the hidden one left out. */
  readonly fraction: number;
  /** Addend of the exponent. */
  readonly bias: number;
  /** The bits of the largest number. */
  readonly largest: number;
  /** Bits of all that is rounded beyond it, their sign left out. */
  readonly overflow: number;
  /** The bits of NaN, its sign left out. */
  readonly nan: number;
  /** Decimal digits that any number of so many keeps. */
  readonly digits: number;
}

/** Of types whose only special value is a NaN in the place of a negative zero. */
const nuz = { largest: 0x7f, overflow: 0x80, nan: 0x80, digits: 0 };

/** The formats; those of float32 and float64 are JavaScript's, too, and their bits are not looked at here. */
export const floatFormats: ReadonlyMap<DType, FloatFormat> = new Map([
  [float64, { fraction: 52, bias: 1023, largest: 0, overflow: 0, nan: 0, digits: 15 }],
  [float32, { fraction: 23, bias: 127, largest: 0, overflow: 0, nan: 0, digits: 6 }],
  [float16, { fraction: 10, bias: 15, largest: 0x7bff, overflow: 0x7c00, nan: 0x7e00, digits: 3 }],
  [bfloat16, { fraction: 7, bias: 127, largest: 0x7f7f, overflow: 0x7f80, nan: 0x7fc0, digits: 2 }],
  [float8_e5m2, { fraction: 2, bias: 15, largest: 0x7b, overflow: 0x7c, nan: 0x7f, digits: 0 }],
  [float8_e4m3fn, { fraction: 3, bias: 7, largest: 0x7e, overflow: 0x7e, nan: 0x7f, digits: 0 }],
  [float8_e5m2fnuz, { fraction: 2, bias: 16, ...nuz }],
  [float8_e4m3fnuz, { fraction: 3, bias: 8, ...nuz }],
  // Powers of two, without a sign and without a zero.
  [float8_e8m0fnu, { fraction: 0, bias: 127, largest: 0xfe, overflow: 0xff, nan: 0xff, digits: 0 }],
]);

/** Whether a dtype's elements are read and written by their bits. */
export const isSmallFloat = (dtype: DType): boolean => dtype.isFloatingPoint && dtype.itemsize < 4;

const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);
const tables = new Map<DType, Float32Array>();

/** The number that each bit pattern of a small floating-point type stands for. */
export function valuesOf(dtype: DType): Float32Array {
  let table = tables.get(dtype);
  if (table === undefined) {
    const { fraction, bias, largest, overflow, nan } = floatFormats.get(dtype)!;
    const sign = fraction === 0 ? 256 : 2 ** (8 * dtype.itemsize - 1);
    table = new Float32Array(2 ** (8 * dtype.itemsize));
    for (let bits = 0; bits < table.length; bits++) {
      const m = bits % sign;
      const exponent = m >> fraction;
      const significand = (m % 2 ** fraction) / 2 ** fraction;
      let x =
        exponent > 0 || fraction === 0
          ? (1 + significand) * 2 ** (exponent - bias)
          : significand * 2 ** (1 - bias);
      if (m > largest) x = m === overflow && overflow !== nan ? Infinity : NaN;
      table[bits] = bits === nan ? NaN : bits < sign ? x : -x;
    }
    tables.set(dtype, table);
  }
  return table;
}

/** The bits of the number that is nearest to this one, ties to even; rounded through float32, as PyTorch does. */
export function bitsOf(dtype: DType, value: number): number {
  const { fraction, bias, largest, overflow, nan } = floatFormats.get(dtype)!;
  f32[0] = value;
  const all = u32[0];
  const x = all & 0x7fffffff;
  // Without a sign and a fraction, halves go up.
  if (fraction === 0) return x >= 0x7f800000 ? nan : (x + (x >>> 23 > 0 ? 0x400000 : 0x3fffff)) >>> 23;
  const shift = 23 - fraction;
  const rebias = (127 - bias) << 23;
  let m: number;
  if (x < rebias + (1 << 23)) {
    // Adding a number whose last place is that of subnormal ones lets the addition round.
    const magic = (151 - bias - fraction) << 23;
    u32[0] = magic;
    const place = f32[0];
    u32[0] = x;
    f32[0] += place;
    m = u32[0] - magic;
  } else m = (x + (2 ** (shift - 1) - 1) + ((x >>> shift) & 1) - rebias) >>> shift;
  if (x > 0x7f800000) m = nan;
  else if (m > largest) m = overflow;
  const sign = 8 * dtype.itemsize - 1;
  // Where NaN has the place of a negative zero there is none.
  return nan === 2 ** sign && (m === 0 || m === nan) ? m : m + (all >>> 31) * 2 ** sign;
}

/** The number of a floating dtype that is nearest to a number. */
export function roundedTo(dtype: DType, value: number): number {
  if (dtype === float32) return Math.fround(value);
  return isSmallFloat(dtype) ? valuesOf(dtype)[bitsOf(dtype, value)] : value;
}
