import type { DType } from '../core/dtype.js';
import { bool, Category } from '../core/dtype.js';
import { RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { defineParameterType, MISMATCH } from '../core/signature/parameter_types.js';
import { signed } from '../core/signature/signed.js';
import type { Tensor } from '../core/tensor.js';

/** What a backend can make of elements of several ranks. */
export type ReductionName = 'SUM' | 'AVG' | 'PRODUCT' | 'MIN' | 'MAX' | 'BAND' | 'BOR' | 'BXOR';

/**
 * How elements of several processes become one.
 *
 * Of booleans `SUM`, `MAX` and `BOR` are true where any is, `PRODUCT`, `MIN` and `BAND` where all are. `AVG` is for floats and complex numbers,
 * `BAND`, `BOR` and `BXOR` are for integers and booleans; complex numbers have `SUM`, `AVG` and `PREMUL_SUM`.
 */
export class ReduceOp {
  static readonly SUM: ReduceOp = new ReduceOp('SUM');
  /** The sum, divided by the number of processes. */
  static readonly AVG: ReduceOp = new ReduceOp('AVG');
  static readonly PRODUCT: ReduceOp = new ReduceOp('PRODUCT');
  static readonly MIN: ReduceOp = new ReduceOp('MIN');
  static readonly MAX: ReduceOp = new ReduceOp('MAX');
  static readonly BAND: ReduceOp = new ReduceOp('BAND');
  static readonly BOR: ReduceOp = new ReduceOp('BOR');
  static readonly BXOR: ReduceOp = new ReduceOp('BXOR');

  /** @internal */
  constructor(
    readonly name: ReductionName | 'PREMUL_SUM',
    /** By what `PREMUL_SUM` multiplies. */
    readonly factor: number | Tensor | null = null,
  ) {}

  toString(): string {
    return `ReduceOp.${this.name}`;
  }
}

declare module '../core/signature/argument_types.js' {
  interface ParameterTypes {
    ReduceOp: ReduceOp;
  }
}
defineParameterType('ReduceOp', {
  convert: (value) => {
    if (value instanceof ReduceOp) return value;
    // The defaults of signatures.
    const known = typeof value === 'string' && Object.hasOwn(ReduceOp, value);
    return known ? Reflect.get(ReduceOp, value) : MISMATCH;
  },
});

const ofComplex = ['SUM', 'AVG', 'PREMUL_SUM'];
const ofIntegers = ['BAND', 'BOR', 'BXOR'];

const reducesComplex = ({ name }: ReduceOp): boolean => ofComplex.includes(name);

/** Whether complex numbers can be reduced so: by `SUM`, `AVG` and `PREMUL_SUM`. */
export const supportsComplex = signed('supports_complex(ReduceOp reduce_op)', ({ reduceOp }) =>
  reducesComplex(reduceOp),
);

/** Refuses what there is no reduction for. @param collective its name in errors */
export function checkReduction(op: ReduceOp, dtype: DType, collective: string): void {
  if (dtype.isComplex && !reducesComplex(op))
    throw new ValueError(`${collective} does not support ${op} on complex tensors`);
  if (ofIntegers.includes(op.name) && dtype.category > Category.int)
    throw new RuntimeError(`Cannot use ${op} with non-integral dtype`);
  if (['AVG', 'PREMUL_SUM'].includes(op.name) && dtype.category <= Category.int)
    throw new RuntimeError(
      `result type Float can't be cast to the desired output type ${dtype.scalarName} (${op} makes fractions: use ReduceOp.SUM)`,
    );
  if (dtype.family === 'float8' || dtype.itemsize === 0) throw new TypeError(`Invalid scalar type: ${dtype}`);
}

/** The identity of booleans' reductions among those that bits have. */
export function reductionOf(op: ReduceOp, dtype: DType): ReductionName {
  const name = op.name === 'PREMUL_SUM' ? 'SUM' : op.name;
  if (dtype !== bool) return name;
  if (name === 'SUM' || name === 'MAX') return 'BOR';
  return name === 'PRODUCT' || name === 'MIN' ? 'BAND' : name;
}

/**
 * A reduction that multiplies by a factor before it adds.
 *
 * @param factor a number, or a tensor that is broadcast
 */
export const premulSum = signed(
  'premul_sum(float|Tensor factor)',
  ({ factor }) => new ReduceOp('PREMUL_SUM', factor),
);
