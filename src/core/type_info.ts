import { formatExponential } from './printing.js';
/** `torch.finfo` and `torch.iinfo`: the limits of numeric dtypes. */

import { getDefaultDtype } from './defaults.js';
import { bool, Category, type DType, float8_e5m2fnuz } from './dtype.js';
import { TypeError } from './errors.js';
import { libraryClass } from './object.js';
import { floatFormats, isSmallFloat, valuesOf } from './small_floats.js';

/** A number in C's general format, with six digits. */
function general(x: number | bigint): string {
  const text = formatExponential(Number(x), 5);
  const [mantissa, exponent] = text.split('e');
  if (Number(exponent) >= -4 && Number(exponent) < 6) return String(Number(text));
  return `${Number(mantissa)}e${exponent}`;
}

/** Limits of a floating-point dtype. */
export class FloatInfo {
  readonly bits: number;
  /** The distance from 1 to the next number. */
  readonly eps: number;
  readonly max: number;
  readonly min: number;
  /** The smallest positive number with full precision. */
  readonly smallestNormal: number;
  /** The same. */
  readonly tiny: number;
  /** Roughly the precision in decimal. */
  readonly resolution: number;
  /** The dtype's name. */
  readonly dtype: string;

  constructor(dtype: DType) {
    const { fraction, bias, largest, digits } = floatFormats.get(dtype)!;
    this.bits = dtype.itemsize * 8;
    // PyTorch has it so, for 2^-2.
    this.eps = dtype === float8_e5m2fnuz ? 0.125 : 2 ** -fraction;
    this.max = isSmallFloat(dtype) ? valuesOf(dtype)[largest] : (2 - this.eps) * 2 ** bias;
    this.smallestNormal = dtype.isSigned ? 2 ** (1 - bias) : 2 ** -bias;
    this.min = dtype.isSigned ? -this.max : this.smallestNormal;
    this.tiny = this.smallestNormal;
    this.resolution = 10 ** -digits;
    this.dtype = dtype.name;
  }

  toString(): string {
    const { resolution, min, max, eps, smallestNormal, tiny, dtype } = this;
    return `finfo(resolution=${general(resolution)}, min=${general(min)}, max=${general(max)}, eps=${general(eps)}, smallest_normal=${general(smallestNormal)}, tiny=${general(tiny)}, dtype=${dtype})`;
  }
}

libraryClass(FloatInfo);

/** Limits of an integer dtype. Those of int64 are bigints, since no number holds them. */
export class IntInfo {
  readonly bits: number;
  readonly max: number | bigint;
  readonly min: number | bigint;
  /** The dtype's name. */
  readonly dtype: string;

  constructor(dtype: DType) {
    this.bits = dtype.itemsize * 8;
    const magnitude = dtype.isSigned ? this.bits - 1 : this.bits;
    const max = 2n ** BigInt(magnitude) - 1n;
    const min = dtype.isSigned ? -max - 1n : 0n;
    const exact = this.bits <= 32;
    this.max = exact ? Number(max) : max;
    this.min = exact ? Number(min) : min;
    this.dtype = dtype.name;
  }

  toString(): string {
    return `iinfo(min=${general(this.min)}, max=${general(this.max)}, dtype=${this.dtype})`;
  }
}

libraryClass(IntInfo);

const known = new Map<DType, FloatInfo | IntInfo>();

/** The limits of a dtype, worked out once. */
function infoOf<Info extends FloatInfo | IntInfo>(dtype: DType, kind: new (dtype: DType) => Info): Info {
  let info = known.get(dtype);
  if (info === undefined) {
    info = new kind(dtype);
    known.set(dtype, info);
  }
  return info as Info;
}

/** Limits of a floating-point dtype, by default the default one. @throws TypeError for any other */
export function finfo(dtype: DType = getDefaultDtype()): FloatInfo {
  if (!dtype.isDifferentiable)
    throw new TypeError(
      "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'",
    );
  return infoOf(dtype.toReal(), FloatInfo);
}

/** Limits of an integer dtype. @throws TypeError for any other */
export function iinfo(dtype: DType): IntInfo {
  if (dtype === bool) throw new TypeError('torch.bool is not supported by torch.iinfo');
  if (dtype.category !== Category.int)
    throw new TypeError(
      "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'",
    );
  return infoOf(dtype, IntInfo);
}
