/** Element types. Codes are PyTorch's `ScalarType` numbers; the kernels use the same ones. */

import { inspect } from './inspect.js';
import { libraryClass } from './object.js';

/** The kind of number that a dtype holds; the order is that of type promotion. */
export enum Category {
  bool = 0,
  int = 1,
  float = 2,
  complex = 3,
}

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

  /** The complex type whose parts hold this one's values. */
  toComplex(): DType {
    if (this.isComplex) return this;
    return this === float64 ? complex128 : this === float16 ? complex32 : complex64;
  }

  /** Whether values can be negative. */
  get isSigned(): boolean {
    return this !== uint8 && this !== bool;
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
