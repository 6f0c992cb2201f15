/** Element types. Codes are PyTorch's `ScalarType` numbers; the kernels use the same ones. */

import { RuntimeError } from './errors.js';
import { inspect } from './inspect.js';
import { libraryClass } from './object.js';

/** The kind of number that a dtype holds; the order is that of type promotion. */
export enum Category {
  bool = 0,
  int = 1,
  float = 2,
  complex = 3,
}

/** Types that PyTorch stores and converts, and computes little in: uint16, uint32 and uint64, and floats of eight bits. */
export type Family = 'uint' | 'float8';

/** The type of a tensor's elements, as `torch.float32`. One instance per type: compare with `===`. */
export class DType {
  /** @internal */
  constructor(
    /** PyTorch's name without the prefix: `'float32'`. */
    readonly name: string,
    /** PyTorch's `ScalarType` number. */
    readonly code: number,
    /** Bytes per element. */
    readonly itemsize: number,
    /** @internal */
    readonly category: Category,
    /** The word PyTorch's error texts use for it: `'Float'`. */
    readonly scalarName: string,
    /**
     * The family of types that are stored and converted while few ops compute in them; null for all others.
     *
     * @internal
     */
    readonly family: Family | null = null,
  ) {}

  /** Whether this is a floating-point type (complex types are not). */
  get isFloatingPoint(): boolean {
    return this.category === Category.float;
  }

  /** Whether this is a complex type. */
  get isComplex(): boolean {
    return this.category === Category.complex;
  }

  /** Whether gradients exist: floating-point and complex types. */
  get isDifferentiable(): boolean {
    return this.category >= Category.float;
  }

  /** The type of a complex number's parts; any other type itself. */
  toReal(): DType {
    return realTypes.get(this) ?? this;
  }

  /** The complex type whose parts hold this one's values. @throws RuntimeError for floats of eight bits */
  toComplex(): DType {
    if (this.isComplex) return this;
    if (this.family === 'float8') throw new RuntimeError(`Unknown Complex ScalarType for ${this.scalarName}`);
    return this === float64 ? complex128 : this === float16 ? complex32 : complex64;
  }

  /** Whether values can be negative. */
  get isSigned(): boolean {
    return this !== uint8 && this !== bool && this.family !== 'uint' && this !== float8_e8m0fnu;
  }

  toString(): string {
    return `torch.${this.name}`;
  }

  toJSON(): string {
    return this.toString();
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

libraryClass(DType);

export const uint8 = new DType('uint8', 0, 1, Category.int, 'Byte');
export const int8 = new DType('int8', 1, 1, Category.int, 'Char');
export const int16 = new DType('int16', 2, 2, Category.int, 'Short');
export const int32 = new DType('int32', 3, 4, Category.int, 'Int');
export const int64 = new DType('int64', 4, 8, Category.int, 'Long');
export const float16 = new DType('float16', 5, 2, Category.float, 'Half');
export const float32 = new DType('float32', 6, 4, Category.float, 'Float');
export const float64 = new DType('float64', 7, 8, Category.float, 'Double');
export const complex32 = new DType('complex32', 8, 4, Category.complex, 'ComplexHalf');
export const complex64 = new DType('complex64', 9, 8, Category.complex, 'ComplexFloat');
export const complex128 = new DType('complex128', 10, 16, Category.complex, 'ComplexDouble');
export const bool = new DType('bool', 11, 1, Category.bool, 'Bool');
export const bfloat16 = new DType('bfloat16', 15, 2, Category.float, 'BFloat16');
export const float8_e5m2 = new DType('float8_e5m2', 23, 1, Category.float, 'Float8_e5m2', 'float8');
export const float8_e4m3fn = new DType('float8_e4m3fn', 24, 1, Category.float, 'Float8_e4m3fn', 'float8');
export const float8_e5m2fnuz = new DType(
  'float8_e5m2fnuz',
  25,
  1,
  Category.float,
  'Float8_e5m2fnuz',
  'float8',
);
export const float8_e4m3fnuz = new DType(
  'float8_e4m3fnuz',
  26,
  1,
  Category.float,
  'Float8_e4m3fnuz',
  'float8',
);
export const uint16 = new DType('uint16', 27, 2, Category.int, 'UInt16', 'uint');
export const uint32 = new DType('uint32', 28, 4, Category.int, 'UInt32', 'uint');
export const uint64 = new DType('uint64', 29, 8, Category.int, 'UInt64', 'uint');
export const float8_e8m0fnu = new DType('float8_e8m0fnu', 44, 1, Category.float, 'Float8_e8m0fnu', 'float8');

/** Every dtype a tensor can have. */
export const dtypes: readonly DType[] = [
  uint8,
  int8,
  int16,
  int32,
  int64,
  float16,
  float32,
  float64,
  complex32,
  complex64,
  complex128,
  bool,
  bfloat16,
  uint16,
  uint32,
  uint64,
  float8_e5m2,
  float8_e4m3fn,
  float8_e5m2fnuz,
  float8_e4m3fnuz,
  float8_e8m0fnu,
];

const realTypes: ReadonlyMap<DType, DType> = new Map([
  [complex32, float16],
  [complex64, float32],
  [complex128, float64],
]);

const byName = new Map(dtypes.map((d) => [d.name, d]));

/** The dtype of this name (`'float32'`), or undefined. */
export function dtypeByName(name: string): DType | undefined {
  return byName.get(name);
}
