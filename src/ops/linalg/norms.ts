/** `torch.linalg` and its kin, as far as no factorization is needed. */

import type { ComputeType, Program } from '../../backends/program.js';
import { bfloat16, bool, Category, complex32, type DType, float16, int64 } from '../../core/dtype.js';
import { IndexError, RuntimeError, ValueError } from '../../core/errors.js';
import { broadcastShapes, formatShape, wrapDim } from '../../core/layout.js';
import { pyfloat } from '../../core/pyfloat.js';
import { type Scalar, scalarValue } from '../../core/scalar.js';
import { Tensor } from '../../core/tensor.js';
import { computeComplex } from '../../dispatch/complex_program.js';
import { empty } from '../../dispatch/empty.js';
import { computeType, notImplemented } from '../../dispatch/promote.js';
import { functionsOf, type OpFunction, op, ops } from '../../dispatch/registry.js';
import { expandStack } from '../../dispatch/stacks.js';
import { lower, parseExpression } from '../../expression/index.js';
import { asNormed, normGradient, vectorNorm } from '../reductions.js';

// ---- products -----------------------------------------------------------------------------------------------------

const crossPart = parseExpression('a * b - c * d');
const crossPrograms = new Map<ComputeType, Program>();

/** Writes a · b - c · d. */
function crossInto(target: Tensor, a: Tensor, b: Tensor, c: Tensor, d: Tensor): void {
  const compute = computeType(target.dtype);
  if (target.dtype.isComplex) {
    computeComplex(crossPart, target, { a, b, c, d }, compute);
    return;
  }
  let program = crossPrograms.get(compute);
  if (program === undefined) {
    program = lower([crossPart], ['a', 'b', 'c', 'd'], [], compute, 'cross');
    crossPrograms.set(compute, program);
  }
  target.storage.backend.pointwise(program, target.shape, [target], [a, b, c, d], []);
}

/** The elements at each of the three places along a dimension. */
function threeOf(t: Tensor, dim: number): readonly Tensor[] {
  const [shape, strides] = [t.shape.filter((_, d) => d !== dim), t.strides.filter((_, d) => d !== dim)];
  return [0, 1, 2].map((i) => new Tensor(t.storage, t.dtype, shape, strides, t.offset + i * t.strides[dim]));
}

const crossSchema = 'cross(Tensor self, Tensor other, *, int dim=-1) -> Tensor';

const cross: OpFunction<typeof crossSchema> = op(crossSchema, {
  doc: 'The cross product of vectors of three elements along a dimension.',
  module: 'linalg',
  gradName: 'LinalgCrossBackward0',
  batch: (self, other, dim, { size, has }) =>
    self.ndim - Number(has.self) === other.ndim - Number(has.other)
      ? cross(expandStack(self, has.self, size), expandStack(other, has.other, size), dim < 0 ? dim : dim + 1)
      : null,
  save: ['self', 'other'],
  forward(self, other, dim) {
    if (self.ndim !== other.ndim)
      throw new RuntimeError('linalg.cross: inputs must have the same number of dimensions.');
    if (self.ndim === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`);
    if (self.dtype !== other.dtype)
      throw new RuntimeError(
        `expected scalar type ${self.dtype.scalarName} but found ${other.dtype.scalarName}`,
      );
    if (self.dtype === bool) throw notImplemented('cross', bool);
    const d = wrapDim(dim, self.ndim);
    if (self.shape[d] !== 3 || other.shape[d] !== 3)
      throw new RuntimeError(
        `linalg.cross: inputs dimension ${dim} must have length 3. Got ${self.shape[d]} and ${other.shape[d]}`,
      );
    const result = empty(broadcastShapes(self.shape, other.shape), self.dtype, self.storage.backend);
    const [a, b, into] = [self, other, result].map((t) => threeOf(t, d));
    for (const [i, next, last] of [
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
    ])
      crossInto(into[i], a[next], b[last], a[last], b[next]);
    return result;
  },
  linear: 'each',
  vjp: {
    self: (grad, { other, dim }) => cross(other, grad, dim),
    other: (grad, { self, dim }) => cross(grad, self, dim),
  },
});

op('cross(Tensor self, Tensor other, int? dim=None) -> Tensor', {
  doc: 'The cross product of vectors along a dimension, the first of size 3 unless given.',
  composite(self, other, dim) {
    const first = self.shape.indexOf(3);
    if (dim === null && first < 0) throw new RuntimeError('no dimension of size 3 in input');
    return cross(self, other, dim ?? first);
  },
});

op('vecdot(Tensor x, Tensor y, *, int dim=-1) -> Tensor', {
  doc: 'Σ conj(x) · y along a dimension.',
  module: 'linalg',
  composite(x, y, dim) {
    if (!x.isFloatingPoint() && !x.isComplex())
      throw new RuntimeError(
        `linalg.vecdot: Expected a floating point or complex tensor as input. Got ${x.dtype.scalarName}`,
      );
    if (x.dtype !== y.dtype)
      throw new RuntimeError(
        `linalg.vecdot: Expected x and y to have the same dtype, but found x of type ${x.dtype.scalarName} and y of type ${y.dtype.scalarName} instead`,
      );
    return (x.isComplex() ? x.conj() : x).mul(y).sum(dim);
  },
});

op('vander(Tensor x, *, int? N=None) -> Tensor', {
  doc: 'The powers 0, 1, …, N - 1 of every element, N being the size of the last dimension unless given.',
  module: 'linalg',
  composite(given, count) {
    const x = given.ndim === 0 ? given.unsqueeze(0) : given;
    if ([bool, float16, bfloat16].includes(x.dtype))
      throw new RuntimeError(
        `linalg.vander supports floating point, complex, and integer tensors, but got ${x.dtype.scalarName}`,
      );
    const n = count ?? x.shape[x.ndim - 1] ?? 1;
    if (n <= 1) throw new RuntimeError('N must be greater than 1.');
    const factors = x.unsqueeze(-1).expand([...x.shape, n - 1]);
    const type = x.dtype.category < Category.float ? int64 : x.dtype;
    const ones = x.newOnes([...x.shape, 1], { dtype: type });
    return ops.cat([ones, factors.cumprod(-1)], -1);
  },
});

op('diagonal(Tensor A, *, int offset=0, int dim1=-2, int dim2=-1) -> Tensor', {
  doc: 'The diagonal of the last two dimensions, or of others, as a view.',
  module: 'linalg',
  composite: (a, offset, dim1, dim2) => a.diagonal(offset, dim1, dim2),
});

// ---- norms --------------------------------------------------------------------------------------------------------

export function matrixNorm(
  self: Tensor,
  ord: string | number,
  dim: readonly number[],
  keepdim: boolean,
  dtype: DType | null,
): Tensor {
  const name = 'linalg.matrix_norm';
  const order = typeof ord === 'string' ? ord : Math.abs(ord);
  if (!['fro', 'nuc', 1, 2, Number.POSITIVE_INFINITY].includes(order))
    throw new RuntimeError(`${name}: Order ${ord} not supported.`);
  if (self.ndim < 2) throw new RuntimeError(`${name}: The input tensor A must have at least 2 dimensions.`);
  const x = asNormed(name, self, dtype);
  const bySingularValues = order === 2 || order === 'nuc';
  if (bySingularValues && [float16, bfloat16, complex32].includes(self.dtype))
    throw new RuntimeError(`${name}: Low precision dtypes not supported. Got ${self.dtype.scalarName}`);
  if (dim.length !== 2) throw new RuntimeError(`${name}: dim must be a 2-tuple. Got ${formatShape(dim)}`);
  const [rows, columns] = dim.map((d) => wrapDim(d, self.ndim));
  if (rows === columns) throw new RuntimeError(`${name}: dims must be different. Got (${dim[0]}, ${dim[1]})`);
  if (order === 'fro') return vectorNorm(x, 2, [rows, columns], keepdim);
  if (bySingularValues) {
    const values = singularValuesOf(x.movedim([rows, columns], [-2, -1]));
    const found = order === 'nuc' ? values.sum(-1) : extreme(values, -1, false, Number(ord) > 0);
    if (!keepdim) return found;
    return found.unsqueeze(Math.min(rows, columns)).unsqueeze(Math.max(rows, columns));
  }
  const [summed, over] = order === 1 ? [rows, columns] : [columns, rows];
  const sums = vectorNorm(x, 1, [summed], keepdim);
  const d = keepdim || over < summed ? over : over - 1;
  return extreme(sums, d, keepdim, Number(ord) > 0);
}

/** The largest of values that are not negative, 0 where there are none; or the least. */
function extreme(values: Tensor, d: number, keepdim: boolean, isLargest: boolean): Tensor {
  if (!isLargest) return values.amin([d], keepdim);
  return values.shape.at(d) === 0 ? values.sum([d], keepdim) : values.amax([d], keepdim);
}

/** Singular values, by an op that comes with the rest of `torch.linalg`: only who names it loads that. */
function singularValuesOf(matrices: Tensor): Tensor {
  const { svdvals } = functionsOf('linalg') as { svdvals?(a: Tensor): Tensor };
  if (svdvals === undefined)
    throw new RuntimeError(
      'Singular values are part of torch.linalg, which this program has left out: import and mention it.',
    );
  return svdvals(matrices);
}

op(
  'matrix_norm(Tensor self, Scalar ord, int[] dim=[-2,-1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor',
  {
    doc: 'The norm of matrices: of order 2 or -2 the largest or smallest singular value, of order 1, -1, ∞ or -∞ the largest or smallest sum over columns or rows.',
    module: 'linalg',
    composite: (self, ord, dim, keepdim, dtype) =>
      matrixNorm(self, Number(scalarValue(ord)), dim, keepdim, dtype),
  },
);

op(
  "matrix_norm.str_ord(Tensor self, 'fro'|'nuc' ord='fro', int[] dim=[-2,-1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
  {
    doc: "The Frobenius norm (`'fro'`) of matrices, or the nuclear norm (`'nuc'`), the sum of their singular values.",
    module: 'linalg',
    composite: matrixNorm,
  },
);

function norm(
  self: Tensor,
  ord: Scalar | string | null,
  dim: readonly number[] | null,
  keepdim: boolean,
  dtype: DType | null,
): Tensor {
  const order = typeof ord === 'string' ? ord : ord === null ? null : Number(scalarValue(ord));
  if (dim !== null && dim.length !== 1 && dim.length !== 2)
    throw new RuntimeError(
      `linalg.norm: If dim is specified, it must be of length 1 or 2. Got ${formatShape(dim)}`,
    );
  if (order === null) return vectorNorm(self, 2, dim, keepdim, dtype);
  const count = dim?.length ?? self.ndim;
  if (dim === null && count !== 1 && count !== 2)
    throw new RuntimeError(
      `linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${self.ndim}D.`,
    );
  if (count === 1 && typeof order === 'number') return vectorNorm(self, order, dim, keepdim, dtype);
  return matrixNorm(self, order, dim ?? [0, 1], keepdim, dtype);
}

op(
  'norm(Tensor self, Scalar? ord=None, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor',
  {
    doc: 'The norm of vectors or, over two dimensions and with an order, of matrices.',
    module: 'linalg',
    composite: norm,
  },
);

op(
  "norm.ord_str(Tensor self, 'fro'|'nuc' ord, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
  { doc: 'A matrix norm by its name.', module: 'linalg', composite: norm },
);

op(
  "norm.str(Tensor self, 'fro'|'nuc' p, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
  {
    doc: "The Frobenius norm (`'fro'`) over the dimensions `dim`, the 2-norm of all their elements, or the nuclear norm (`'nuc'`) of matrices.",
    composite(self, p, dim, keepdim, dtype) {
      if (!['fro', 'nuc'].includes(p))
        throw new RuntimeError(`only valid string values are 'fro' and 'nuc', found ${p}`);
      if (p === 'nuc' && dtype !== null)
        throw new ValueError('dtype argument is not supported in nuclear norm');
      const x = dtype === null ? self : self.to(dtype);
      return p === 'fro'
        ? vectorNorm(x, 2, dim, keepdim)
        : matrixNorm(x, 'nuc', dim ?? [0, 1], keepdim, null);
    },
  },
);

// ---- slices ------------------------------------------------------------------------------------------------------

const shortened = op('_shortened(Tensor self, Tensor length, float most) -> Tensor', {
  doc: 'What is longer than `most` made as long as that.',
  function: false,
  method: false,
  inplace: false,
  derivative: false,
  pointwise: 'length > most ? self * (most / (length + 1e-7)) : self',
});

op('renorm(Tensor self, Scalar p, int dim, Scalar maxnorm) -> Tensor', {
  doc: 'Scales down the slices along a dimension whose p-norm exceeds `maxnorm`.',
  batch: (self, p, dim, maxnorm) => {
    const d = wrapDim(dim, self.ndim - 1) + 1;
    return self
      .movedim(d, 1)
      .flatten(0, 1)
      .renorm(p, 0, maxnorm)
      .unflatten(0, [self.shape[0], self.shape[d]])
      .movedim(1, d);
  },
  inplace: true,
  holomorphic: false,
  save: ['self'],
  forward(self, p, dim, maxnorm) {
    const [power, most] = [Number(scalarValue(p)), Number(scalarValue(maxnorm))];
    if (!(power > 0)) throw new RuntimeError('renorm: non-positive-norm not supported');
    if (!(most >= 0)) throw new RuntimeError(`renorm: expected maxnorm to be >= 0 but got ${most}`);
    if (self.ndim < 2)
      throw new RuntimeError(`renorm: input needs at least 2 dimensions, got ${self.ndim} dimensions`);
    const { length, inverse } = sliceNorms(self, power, dim);
    if (!self.isComplex()) return shortened(self, length, most);
    return self.mul(ops.where(length.gt(most), inverse().mul(pyfloat(most)), 1));
  },
  vjp: {
    self(grad, { self, p, dim, maxnorm }) {
      const [power, most] = [Number(scalarValue(p)), Number(scalarValue(maxnorm))];
      const { length, inverse, others } = sliceNorms(self, power, dim);
      const along = self.isComplex() ? self.conj().mul(grad).real : self.mul(grad);
      const byNorm = normGradient(along.sum(others, true), self, length, power, others);
      const by = inverse();
      const scaled = grad.sub(byNorm.mul(by)).mul(by).mul(pyfloat(most));
      return ops.where(length.gt(most), scaled, grad);
    },
  },
});

/** The norms of the slices along a dimension, which keep the other dimensions, and what scales a slice to length 1. */
function sliceNorms(self: Tensor, p: number, dim: number) {
  const d = wrapDim(dim, self.ndim);
  const others = self.shape.map((_, i) => i).filter((i) => i !== d);
  const length = vectorNorm(self, p, others, true);
  return { length, inverse: () => length.add(1e-7).reciprocal(), others };
}

// ---- statistics ---------------------------------------------------------------------------------------------------

function checkWeights(name: string, weights: Tensor | null, integral: boolean, count: number): void {
  if (weights === null) return;
  if (weights.ndim > 1)
    throw new RuntimeError(
      `cov(): expected ${name} to have one or fewer dimensions but got ${name} with ${weights.ndim} dimensions`,
    );
  const { category } = weights.dtype;
  if (integral ? category !== Category.int : category !== Category.float)
    throw new RuntimeError(
      `cov(): expected ${name} to have ${integral ? 'integral' : 'floating point'} dtype but got ${name} with ${weights.dtype.scalarName} dtype`,
    );
  if (weights.numel() !== count)
    throw new RuntimeError(
      `cov(): expected ${name} to have the same numel as there are observations in the input but got ${weights.numel()} != ${count}`,
    );
}

op('cov(Tensor self, *, int correction=1, Tensor? fweights=None, Tensor? aweights=None) -> Tensor', {
  doc: 'The covariances of variables, the rows, from observations, the columns.',
  composite(self, correction, fweights, aweights) {
    if (self.ndim > 2)
      throw new RuntimeError(
        `cov(): expected input to have two or fewer dimensions but got an input with ${self.ndim} dimensions`,
      );
    if (self.dtype === bool) throw new RuntimeError('cov(): bool dtype is not supported for input');
    const observations = self.ndim < 2 ? self.reshape([1, -1]) : self;
    const count = observations.shape[1];
    checkWeights('fweights', fweights, true, count);
    checkWeights('aweights', aweights, false, count);
    const x = observations.dtype.category < Category.float ? observations.float() : observations;
    const weights = fweights === null ? aweights : aweights === null ? fweights : fweights.mul(aweights);
    const total = weights === null ? null : weights.sum();
    const mean = (weights === null ? x : x.mul(weights)).sum(1, true).div(total ?? count);
    let divisor = total === null ? x.real.newFull([], count - correction) : total.sub(correction);
    if (aweights !== null && fweights === null)
      divisor = total!.sub(aweights.square().sum().div(total!).mul(correction));
    else if (aweights !== null)
      divisor = total!.sub(weights!.mul(aweights).sum().div(total!).mul(correction));
    const centred = x.sub(mean);
    const transposed = (weights === null ? centred : centred.mul(weights)).t();
    const product = centred.matmul(
      (transposed.isComplex() ? transposed.conj() : transposed).to(centred.dtype),
    );
    const result = product.div(divisor.clamp({ min: 0 }));
    return self.ndim < 2 || self.shape[0] === 1 ? result.squeeze() : result;
  },
});

op('corrcoef(Tensor self) -> Tensor', {
  doc: 'The correlation coefficients of variables, the rows, from observations, the columns.',
  composite(self) {
    if (self.ndim > 2)
      throw new RuntimeError(
        `corrcoef(): expected input to have two or fewer dimensions but got an input with ${self.ndim} dimensions`,
      );
    const c = self.cov();
    if (c.ndim === 0) return c.div(c);
    const deviation = ops.sqrt(c.isComplex() ? c.diagonal().real : c.diagonal());
    const normalized = c.div(deviation.unsqueeze(1)).div(deviation.unsqueeze(0));
    if (!normalized.isComplex()) return normalized.clamp({ min: -1, max: 1 });
    return ops.complex(
      normalized.real.clamp({ min: -1, max: 1 }),
      normalized.imag.clamp({ min: -1, max: 1 }),
    );
  },
});
