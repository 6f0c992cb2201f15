/** float16 and bfloat16 bit patterns, for reading and writing single elements. */
import { bfloat16, type DType, float16, float32 } from './dtype.js';

const f32 = new Float32Array(1);
const u32 = new Uint32Array(f32.buffer);

export function bfloat16ToNumber(bits: number): number {
  u32[0] = bits << 16;
  return f32[0];
}

/** Rounds to nearest, ties to even. */
export function numberToBfloat16(value: number): number {
  f32[0] = value;
  const bits = u32[0];
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Rounds through float32, as PyTorch does, to nearest, ties to even. */
export function numberToFloat16(value: number): number {
  const v = Math.fround(value);
  if (Number.isNaN(v)) return 0x7e00;
  const sign = v < 0 || Object.is(v, -0) ? 0x8000 : 0;
  const a = Math.abs(v);
  if (a >= 65520) return sign | 0x7c00;
  if (a < 2 ** -14) return sign | roundHalfEven(a * 2 ** 24);
  const exponent = Math.floor(Math.log2(a));
  // log2 may be off by one just below a power of two.
  const e = a < 2 ** exponent ? exponent - 1 : a >= 2 ** (exponent + 1) ? exponent + 1 : exponent;
  return sign | (((e + 15) << 10) + roundHalfEven((a / 2 ** e - 1) * 1024));
}

function roundHalfEven(x: number): number {
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

/** The number of a floating dtype that is nearest to a number. */
export function roundedTo(dtype: DType, value: number): number {
  switch (dtype) {
    case float16:
      return float16ToNumber(numberToFloat16(value));
    case bfloat16:
      return bfloat16ToNumber(numberToBfloat16(value));
    case float32:
      return Math.fround(value);
    default:
      return value;
  }
}
