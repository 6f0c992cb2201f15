/** Reductions: a value expression, a way to combine, and a result shape. */
import type { ReductionKind } from '../backends/backend.js';
import type { Program } from '../backends/program.js';
import { Category, complex32, complex64, type DType, float32, int64 } from '../core/dtype.js';
import { contiguousStrides, type Shape, wrapDims } from '../core/layout.js';
import { isSmallFloat } from '../core/small_floats.js';
import { Tensor } from '../core/tensor.js';
import { complexProgram, kindOf, takesWhole, viewsOf } from '../dispatch/complex_program.js';
import { empty } from '../dispatch/empty.js';
import { computeType, notImplemented } from '../dispatch/promote.js';
import { type Expression, lower, parseExpression } from '../expression/index.js';
import { converted, copyInto } from './copying.js';

const programs = new Map<string, Program>();
const expressions = new Map<string, Expression>();

/** The expression of a text, parsed once. */
function expressionOf(text: string): Expression {
  let expression = expressions.get(text);
  if (expression === undefined) {
    expression = parseExpression(text);
    expressions.set(text, expression);
  }
  return expression;
}

/** Which dimensions a reduction sums over, and the sizes it leaves. */
export interface Reduced {
  readonly dims: readonly number[];
  readonly flags: readonly boolean[];
  /** With size 1 in place of each reduced dimension. */
  readonly kept: Shape;
  /** The dtype that the caller gets. */
  readonly shape: Shape;
  /** How many elements go into each result. */
  readonly count: number;
}

export function reducedShape(shape: Shape, dim: readonly number[] | null, keepdim: boolean): Reduced {
  const dims = wrapDims(dim, shape.length);
  const flags = shape.map(() => false);
  let count = 1;
  for (const d of dims) {
    if (d < shape.length) {
      flags[d] = true;
      count *= shape[d];
    }
  }
  const kept = shape.map((n, d) => (flags[d] ? 1 : n));
  return { dims, flags, kept, shape: keepdim ? kept : kept.filter((_, d) => !flags[d]), count };
}

/** The dtype that sums are kept in before they are stored as `dtype`. */
export function accumulateType(dtype: DType): DType {
  if (isSmallFloat(dtype)) return float32;
  if (dtype === complex32) return complex64;
  return dtype.category >= Category.float ? dtype : int64;
}

export interface Reduction {
  readonly kind: ReductionKind;
  /**
   * The value to reduce: an expression of `self`, and of `other` if given. Default `self`. Complex values can be summed (and multiplied, where the device takes them); where
   * the expression is real although its operands are complex, anything can be done, and the result is real.
   */
  readonly value?: string;
  /** The dtype in which values are computed and combined. */
  readonly compute: DType;
  readonly result: DType;
  /** A second operand, broadcast. */
  readonly other?: Tensor;
}

/** Reduces `self`; the result has the sizes of `into.kept`. */
export function reduce(self: Tensor, into: Reduced, reduction: Reduction): Tensor {
  const { kind, value = 'self', compute, result, other } = reduction;
  const type = computeType(compute);
  if (compute.isComplex) return reduceComplex(self, into, reduction);
  const names = other === undefined ? ['self'] : ['self', 'other'];
  const key = `${value}|${names.length}|${type}`;
  let program = programs.get(key);
  if (program === undefined) {
    program = lower([expressionOf(value)], names, [], type);
    programs.set(key, program);
  }
  const out = empty(into.kept, result, self.storage.backend);
  const inputs = other === undefined ? [self] : [self, other];
  self.storage.backend.reduce(kind, program, self.shape, into.flags, out, null, inputs, []);
  return out;
}

function reduceComplex(self: Tensor, into: Reduced, { kind, value = 'self', ...rest }: Reduction): Tensor {
  const { compute, result, other } = rest;
  const operands = other === undefined ? [self] : [self, other];
  const kinds = operands.map((t) => kindOf(t, false));
  const e = expressionOf(value);
  const { isReal, parts, whole } = complexProgram(e, ['self', 'other'], kinds, computeType(compute));
  const { backend } = self.storage;
  const out = empty(into.kept, isReal ? result.toReal() : result, backend);
  const isTaken = whole !== null && takesWhole(backend, [out, ...operands]);
  if (!isReal && kind !== 'sum' && !(kind === 'prod' && isTaken))
    throw notImplemented(`${kind}_cpu`, self.dtype);
  if (isTaken) {
    backend.reduce(kind, whole, self.shape, into.flags, out, null, operands, []);
    return out;
  }
  // Part by part: a reduction that keeps an innermost dimension of two is slower than strided reading.
  const inputs = operands.flatMap(viewsOf);
  for (const [i, view] of viewsOf(out).entries())
    backend.reduce(kind, parts[i], self.shape, into.flags, view, null, inputs, []);
  return out;
}

/** `max`, `min` with positions, along one dimension or (null) over all elements. */
export function reduceWithIndices(
  kind: 'max' | 'min',
  self: Tensor,
  into: Reduced,
): readonly [values: Tensor, indices: Tensor] {
  if (self.isComplex()) throw notImplemented(`${kind}_values_cpu`, self.dtype);
  const type = computeType(self.dtype);
  const key = `self|1|${type}`;
  let program = programs.get(key);
  if (program === undefined) {
    program = lower([expressionOf('self')], ['self'], [], type);
    programs.set(key, program);
  }
  const { backend } = self.storage;
  const values = empty(into.kept, self.dtype, backend);
  const indices = empty(into.kept, int64, backend);
  backend.reduce(kind, program, self.shape, into.flags, values, indices, [self], []);
  return [values, indices];
}

/** The root, or the value itself, of a sum of real numbers divided by a count, stored as another dtype. */
export function averaged(
  sum: Tensor,
  count: number,
  dtype: DType,
  value: 'self / count' | 'sqrt(self / count)',
): Tensor {
  const type = computeType(sum.dtype);
  const key = `${value}|${type}`;
  let program = programs.get(key);
  if (program === undefined) {
    program = lower([expressionOf(value)], ['self'], ['count'], type);
    programs.set(key, program);
  }
  const out = empty(sum.shape, dtype, sum.storage.backend);
  out.storage.backend.pointwise(program, sum.shape, [out], [sum], [count]);
  return out;
}

/** A new row-major tensor with the reduced dimensions left out. It is the result, not a view of one. */
export function shaped({ storage, dtype, offset }: Tensor, shape: Shape): Tensor {
  return new Tensor(storage, dtype, shape, contiguousStrides(shape), offset);
}

/** A tensor in the dtype that half types are computed in. */
export function widened(tensor: Tensor): Tensor {
  const wide = accumulateType(tensor.dtype);
  return tensor.dtype.category >= Category.float && wide !== tensor.dtype ? converted(tensor, wide) : tensor;
}

/** Adds elements of a tensor to places of another, or multiplies; what is of half precision is so in float32 and rounded once. */
export function addWidely(to: Tensor, from: Tensor, add: (to: Tensor, from: Tensor) => void): void {
  const wide = widened(to);
  if (wide === to) add(to, from);
  else {
    add(wide, widened(from));
    copyInto(to, wide);
  }
}
