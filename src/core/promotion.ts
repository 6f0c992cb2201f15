/**
 * PyTorch's type promotion: tensors with dimensions outrank 0-d tensors, which outrank numbers; a lower rank decides
 * only where its category (bool < int < float < complex) is higher. See PyTorch's notes on tensor attributes.
 */
import { getDefaultDtype } from './defaults.js';
import {
  bfloat16,
  bool,
  Category,
  complex32,
  complex64,
  complex128,
  type DType,
  float16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  uint8,
} from './dtype.js';
import { RuntimeError } from './errors.js';

const order: readonly DType[] = [
  bool,
  uint8,
  int8,
  int16,
  int32,
  int64,
  float16,
  bfloat16,
  float32,
  float64,
  complex32,
  complex64,
  complex128,
];

/** The smallest dtype that holds both. @throws RuntimeError where one is of a family that is not promoted */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  refuseFamilies(a, b);
  if (a.category !== b.category) {
    const [high, low] = a.category > b.category ? [a, b] : [b, a];
    // A complex type must hold a float's precision, too.
    return high.isComplex && low.category === Category.float ? promoteTypes(high, low.toComplex()) : high;
  }
  // Within a category the larger wins, but uint8 and int8 meet in int16, and the two half types in float32.
  if ((a === uint8 && b === int8) || (a === int8 && b === uint8)) return int16;
  if ((a === float16 && b === bfloat16) || (a === bfloat16 && b === float16)) return float32;
  return order.indexOf(a) > order.indexOf(b) ? a : b;
}

/** Floats of eight bits meet nothing, wide unsigned integers only floats. */
function refuseFamilies(a: DType, b: DType): void {
  const families = [a.family, b.family];
  const types = families.includes('float8')
    ? 'Float8 Types'
    : families.includes('uint') && !a.isFloatingPoint && !b.isFloatingPoint
      ? 'uint16, uint32, uint64 types'
      : null;
  if (types !== null)
    throw new RuntimeError(
      `Promotion for ${types} is not supported, attempted to promote ${a.scalarName} and ${b.scalarName}`,
    );
}

/** The category of a JavaScript number: a safe integer and not -0 is Python's int, any other its float. */
export function numberCategory(value: number): Category {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? Category.int : Category.float;
}

/** Collects operands of one op and tells their common dtype. */
export class Promotion {
  private dimmed: DType | null = null;
  private scalar: DType | null = null;
  private number: DType | null = null;

  /** Adds a tensor of this dtype and number of dimensions. */
  tensor(dtype: DType, ndim: number): void {
    if (ndim > 0) this.dimmed = this.dimmed === null ? dtype : promoteTypes(this.dimmed, dtype);
    else this.scalar = this.scalar === null ? dtype : promoteTypes(this.scalar, dtype);
  }

  /** Adds a number of this category. */
  category(category: Category): void {
    const dtype = numberDtype(category);
    this.number = this.number === null ? dtype : promoteTypes(this.number, dtype);
  }

  result(): DType {
    return combine(combine(this.dimmed, this.scalar), this.number) ?? getDefaultDtype();
  }
}

/** The dtype of a number of this category. */
export function numberDtype(category: Category): DType {
  if (category >= Category.float)
    return category === Category.float ? getDefaultDtype() : getDefaultDtype().toComplex();
  return category === Category.int ? int64 : bool;
}

function combine(higher: DType | null, lower: DType | null): DType | null {
  if (higher === null) return lower;
  if (lower === null || lower.category <= higher.category) return higher;
  if (lower.isComplex && higher.category === Category.float) return higher.toComplex();
  return promoteTypes(higher, lower);
}

/** Whether a value of `from` may be stored in `to` by an in-place op or `out`: categories may not fall. */
export function canCast(from: DType, to: DType): boolean {
  return from.category <= to.category;
}
