/**
 * Forms of operands: all that the choice of a program depends on. A tensor's is its dtype and whether it has dimensions, a number's
 * its category. Each has a code, so that what was chosen before is found by looking into a few arrays.
 */
import { Category, type DType, dtypes } from '../core/dtype.js';
import { isScalar, scalarCategory } from '../core/scalar.js';
import { Tensor } from '../core/tensor.js';

/** A tensor as type promotion sees it. */
export interface Typed {
  readonly dtype: DType;
  readonly ndim: number;
}

/** An operand as it is known before its values: a tensor's dtype and dimensions, or a number's category. */
export type Form = Typed | Category;

export const isTyped = (form: Form): form is Typed => typeof form === 'object';

const nothing = 0;
const firstNumber = 1;
const firstTensor = firstNumber + Category.complex + 1;

/** The code of an argument's form. */
export function formCode(value: unknown): number {
  if (value instanceof Tensor) return firstTensor + 2 * value.dtype.code + (value.shape.length === 0 ? 0 : 1);
  return isScalar(value) ? firstNumber + scalarCategory(value) : nothing;
}

/** The form that a code stands for; null for an argument that is neither a tensor nor a number. */
export function formOf(code: number): Form | null {
  if (code === nothing) return null;
  if (code < firstTensor) return code - firstNumber;
  const ndim = (code - firstTensor) % 2;
  return { dtype: dtypes.find((d) => firstTensor + 2 * d.code + ndim === code)!, ndim };
}

/** A tree in which a row of codes leads to what was made for it. */
export class CodeTree<T> {
  /** The thing made for the codes on the way here. */
  found: T | null = null;
  private readonly branches: (CodeTree<T> | undefined)[] = [];

  constructor(readonly path: readonly number[] = []) {}

  /** The branch of a code; it grows when it is first asked for. */
  to(code: number): CodeTree<T> {
    return this.branches[code] ?? this.grow(code);
  }

  private grow(code: number): CodeTree<T> {
    const branch = new CodeTree<T>([...this.path, code]);
    this.branches[code] = branch;
    return branch;
  }
}
