/** Element types. Codes are PyTorch's `ScalarType` numbers; the kernels use the same ones. */

/** What kind of number a dtype holds; the order is that of type promotion. */
export enum Category {
  bool = 0,
  int = 1,
  float = 2,
  complex = 3,
}

/** The type of a tensor's elements, as `torch.float32`. One instance per type: compare with `===`. */
export class DType {
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

  /** Whether values can be negative. */
  get isSigned(): boolean {
    return this !== uint8 && this !== bool;
  }

  toString(): string {
    return `torch.${this.name}`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

export const uint8 = new DType('uint8', 0, 1, Category.int, 'Byte');
export const int8 = new DType('int8', 1, 1, Category.int, 'Char');
export const int16 = new DType('int16', 2, 2, Category.int, 'Short');
export const int32 = new DType('int32', 3, 4, Category.int, 'Int');
export const int64 = new DType('int64', 4, 8, Category.int, 'Long');
export const float16 = new DType('float16', 5, 2, Category.float, 'Half');
export const float32 = new DType('float32', 6, 4, Category.float, 'Float');
export const float64 = new DType('float64', 7, 8, Category.float, 'Double');
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
  bool,
  bfloat16,
];

const byName = new Map(dtypes.map((d) => [d.name, d]));

/** The dtype of this name (`'float32'`), or undefined. */
export function dtypeByName(name: string): DType | undefined {
  return byName.get(name);
}
