/** Sums, extremes, moments and truth over dimensions. An absent or empty `dim` means all dimensions. */
import type { ReductionKind } from '../backends/backend.js';
import { getDefaultDtype } from '../core/defaults.js';
import { bool, Category, complex128, type DType, float64, int64, uint8 } from '../core/dtype.js';
import { IndexError, RuntimeError } from '../core/errors.js';
import { type Shape, wrapDim } from '../core/layout.js';
import { promoteTypes } from '../core/promotion.js';
import { pyfloat } from '../core/pyfloat.js';
import { type Scalar, scalarValue } from '../core/scalar.js';
import type { Tensor } from '../core/tensor.js';
import type { Stack } from '../dispatch/batch_rule.js';
import { refuseFamily } from '../dispatch/families.js';
import { noKernel, refused } from '../dispatch/real_only.js';
import { op, ops } from '../dispatch/registry.js';
import { converted } from './copying.js';
import {
  accumulateType,
  averaged,
  type Reduced,
  reduce,
  reducedShape,
  reduceWithIndices,
  shaped,
  widened,
} from './reduction.js';

/** A reduced tensor (a gradient or result) with its reduced dimensions put back as size 1. */
export function restoreDims(
  reduced: Tensor,
  shape: Shape,
  dim: readonly number[] | null,
  keepdim: boolean,
): Tensor {
  if (keepdim || shape.length === 0) return reduced;
  return reduced.reshape(reducedShape(shape, dim, true).kept);
}

/** The dtype of sums and products: given, else int64 for integers and bools, else that of the input. */
function sumType(self: Tensor, dtype: DType | null): DType {
  const result = dtype ?? (self.dtype.category >= Category.float ? self.dtype : int64);
  refuseFamily('sum_cpu', result);
  return result;
}

const suffix = (args: readonly unknown[]): string => (args[1] === null ? '0' : '1');

op('sum(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor', {
  doc: 'The sum over the dimensions `dim`. Integers and bools are summed as int64 unless `dtype` is given.',
  batch: { dims: ['dim'] },
  gradName: (args) => `SumBackward${suffix(args)}`,
  forward(self, dim, keepdim, dtype) {
    const into = reducedShape(self.shape, dim, keepdim);
    const result = sumType(self, dtype);
    return shaped(reduce(self, into, { kind: 'sum', compute: accumulateType(result), result }), into.shape);
  },
  linear: true,
  vjp: {
    self: (grad, { dim, keepdim, sizes }) => restoreDims(grad, sizes.self, dim, keepdim).expand(sizes.self),
  },
});

op('nansum(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor', {
  doc: 'The sum over the dimensions `dim`, NaN counting as zero.',
  batch: { dims: ['dim'] },
  realOnly: refused('nansum on CPU does not support complex inputs'),
  save: ['self'],
  forward(self, dim, keepdim, dtype) {
    const into = reducedShape(self.shape, dim, keepdim);
    const result = sumType(self, dtype);
    const value = self.dtype.category === Category.float ? 'isnan(self) ? 0 : self' : 'self';
    return shaped(
      reduce(self, into, { kind: 'sum', value, compute: accumulateType(result), result }),
      into.shape,
    );
  },
  vjp: {
    self: (grad, { self, dim, keepdim }) =>
      restoreDims(grad, self.shape, dim, keepdim).expand(self.shape).mul(self.isnan().logicalNot()),
  },
});

op('mean(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor', {
  doc: 'The mean over the dimensions `dim`; floating-point and complex only.',
  batch: { dims: ['dim'] },
  gradName: (args) => `MeanBackward${suffix(args)}`,
  forward(self, dim, keepdim, dtype) {
    const result = dtype ?? self.dtype;
    if (result.category < Category.float)
      throw new RuntimeError(
        `mean(): could not infer output dtype. ${dtype === null ? 'Input' : 'Optional'} dtype must be either a floating point or complex dtype. Got: ${result.scalarName}`,
      );
    const into = reducedShape(self.shape, dim, keepdim);
    const wide = accumulateType(result);
    const sum = reduce(self, into, { kind: 'sum', compute: wide, result: wide }).div_(into.count);
    return shaped(wide === result ? sum : converted(sum, result), into.shape);
  },
  linear: true,
  vjp: {
    self(grad, { dim, keepdim, sizes }) {
      const { count } = reducedShape(sizes.self, dim, keepdim);
      return restoreDims(grad, sizes.self, dim, keepdim).expand(sizes.self).div(count);
    },
  },
});

op('nanmean(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor', {
  doc: 'The mean over the dimensions `dim` of what is not NaN.',
  realOnly: refused('nansum on CPU does not support complex inputs'),
  composite(self, dim, keepdim, dtype) {
    if (self.dtype.category < Category.float)
      throw new RuntimeError(
        `nanmean(): expected input to have floating point or complex dtype but got ${self.dtype.scalarName}`,
      );
    const present = self.isnan().logicalNot().sum(dim, keepdim);
    return self.nansum(dim, keepdim, { dtype }).div(present);
  },
});

op('prod.all(Tensor self, *, ScalarType? dtype=None) -> Tensor', {
  doc: 'The product of all elements.',
  batch: (self, dtype, { size }) => self.reshape([size, -1]).prod(1, { dtype }),
  save: ['self', 'result'],
  forward: (self, dtype) => product(self, null, false, dtype),
  vjp: { self: (grad, { self }) => grad.mul(productOfOthers(self.reshape([-1]), 0).reshape(self.shape)) },
});

op('prod.dim_int(Tensor self, int dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor', {
  doc: 'The product over one dimension.',
  batch: { dims: ['dim'] },
  gradName: 'ProdBackward1',
  save: ['self'],
  forward: (self, dim, keepdim, dtype) => product(self, dim, keepdim, dtype),
  vjp: {
    self: (grad, { self, dim, keepdim }) =>
      restoreDims(grad, self.shape, [dim], keepdim).mul(
        self.ndim === 0 ? self.onesLike() : productOfOthers(self, wrapDim(dim, self.ndim)),
      ),
  },
});

/** The product along a dimension, or (null) of all elements. */
function product(self: Tensor, dim: number | null, keepdim: boolean, dtype: DType | null): Tensor {
  const into = reducedShape(self.shape, dim === null ? null : [dim], keepdim);
  const result = sumType(self, dtype);
  const factors = result.isComplex ? self.to(result) : self;
  if (result.isComplex && !self.storage.backend.takesWhole(result)) {
    const lines = dim === null ? factors.reshape([-1]) : factors;
    return shaped(complexProduct(lines, wrapDim(dim ?? 0, lines.ndim)), into.shape);
  }
  // Roundings of products add up whatever the order: those of floats are multiplied in float64 where that can be.
  const isWide = result.category === Category.float && self.storage.backend.hasFloat64;
  const compute = isWide ? float64 : accumulateType(result);
  const kept = reduce(factors, into, { kind: 'prod', compute, result });
  return shaped(kept, into.shape);
}

/** The product along a dimension, which keeps size 1: both halves are multiplied until one element is left. */
function complexProduct(self: Tensor, dim: number): Tensor {
  if (self.ndim === 0) return self.clone();
  let x = self;
  if (x.shape[dim] === 0) return x.newOnes(x.shape.map((n, d) => (d === dim ? 1 : n)));
  for (let n = x.shape[dim]; n > 1; n = x.shape[dim]) {
    const half = Math.floor(n / 2);
    const product = x.narrow(dim, 0, half).mul(x.narrow(dim, half, half));
    x = n % 2 === 0 ? product : ops.cat([product, x.narrow(dim, n - 1, 1)], dim);
  }
  return x === self ? self.clone() : x;
}

/**
 * For every element the product of the others along a dimension, without dividing (zeros): products of what comes
 * before times products of what comes after.
 */
function productOfOthers(self: Tensor, dim: number): Tensor {
  const n = self.shape[dim];
  if (n <= 1) return self.onesLike();
  const one = self.narrow(dim, 0, 1).onesLike();
  const before = ops.cat([one, self.narrow(dim, 0, n - 1).cumprod(dim)], dim);
  const after = ops
    .cat(
      [
        one,
        self
          .flip([dim])
          .narrow(dim, 0, n - 1)
          .cumprod(dim),
      ],
      dim,
    )
    .flip([dim]);
  return before.mul(after);
}

/** Refuses an extreme of nothing. */
function checkNotEmpty(self: Tensor, dim: readonly number[] | null, name: string): void {
  if (self.numel() > 0) return;
  const { dims } = reducedShape(self.shape, dim, false);
  if (dim === null || dim.length === 0)
    throw new (name.startsWith('arg') ? IndexError : RuntimeError)(
      `${name}(): Expected reduction dim to be specified for input.numel() == 0.${name.startsWith('arg') ? '' : " Specify the reduction dim with the 'dim' argument."}`,
    );
  for (const d of dims)
    if (self.shape[d] === 0)
      throw new IndexError(`${name}(): Expected reduction dim ${d} to have non-zero size.`);
}

/** A gradient shared evenly among the elements that are the extreme. */
function share(grad: Tensor, mask: Tensor, dim: readonly number[] | null): Tensor {
  return grad.div(mask.sum(dim, true)).mul(mask);
}

for (const [kind, word] of [
  ['max', 'largest'],
  ['min', 'smallest'],
] as const) {
  op(`${kind}(Tensor self) -> Tensor`, {
    doc: `The ${word} element.`,
    batch: (self: Tensor, { size }: Stack) => self.reshape([size, -1])[`a${kind}`](1),
    realOnly: noKernel(`${kind}_all`),
    gradName: `${kind === 'max' ? 'Max' : 'Min'}Backward1`,
    save: ['self', 'result'],
    forward(self: Tensor) {
      checkNotEmpty(self, null, kind);
      const into = reducedShape(self.shape, null, false);
      return shaped(reduce(self, into, { kind, compute: self.dtype, result: self.dtype }), into.shape);
    },
    // The extreme of what has NaNs is those.
    vjp: { self: (grad, { self, result }) => share(grad, self.eq(result).logicalOr(self.isnan()), null) },
  });

  op(`${kind}.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)`, {
    doc: `The ${word} elements along a dimension and their positions (the first among equals; NaN wins).`,
    batch: { dims: ['dim'] },
    realOnly: refused(`${kind}(): does not support complex input`),
    gradName: `${kind === 'max' ? 'Max' : 'Min'}Backward0`,
    save: ['indices'],
    forward(self: Tensor, dim: number, keepdim: boolean): [Tensor, Tensor] {
      checkNotEmpty(self, [dim], kind);
      const into = reducedShape(self.shape, [dim], keepdim);
      const [values, indices] = reduceWithIndices(kind, self, into);
      return [shaped(values, into.shape), shaped(indices, into.shape)];
    },
    vjp: (grads, saved) => {
      const { dim, keepdim, indices, sizes } = saved as unknown as {
        dim: number;
        keepdim: boolean;
        indices: Tensor;
        sizes: { self: Shape };
      };
      return { self: valueGradient(grads[0], indices, sizes.self, dim, keepdim) };
    },
  });

  op(`a${kind}(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor`, {
    doc: `The ${word} elements over the dimensions \`dim\`; equal ones share the gradient.`,
    batch: { dims: ['dim'] },
    realOnly: noKernel(`${kind}_values_cpu`),
    save: ['self', 'result'],
    forward(self: Tensor, dim: readonly number[], keepdim: boolean) {
      checkNotEmpty(self, dim, `a${kind}`);
      const into = reducedShape(self.shape, dim, keepdim);
      return shaped(reduce(self, into, { kind, compute: self.dtype, result: self.dtype }), into.shape);
    },
    vjp: {
      self: (grad: Tensor, { self, result, dim, keepdim }) =>
        share(
          restoreDims(grad, self.shape, dim, keepdim),
          self.eq(restoreDims(result, self.shape, dim, keepdim)),
          dim,
        ),
    },
  });

  op(`arg${kind}(Tensor self, int? dim=None, bool keepdim=False) -> Tensor`, {
    doc: `The position of the ${word} element: along \`dim\`, or in the flattened tensor.`,
    batch(self: Tensor, dim: number | null, keepdim: boolean, { size }: Stack) {
      if (dim !== null && self.ndim > 1) return self[`arg${kind}`](wrapDim(dim, self.ndim - 1) + 1, keepdim);
      const found = self.reshape([size, -1])[`arg${kind}`](1);
      return keepdim ? found.reshape(self.shape.map((n, d) => (d === 0 ? n : 1))) : found;
    },
    realOnly: refused(`arg${kind}(): does not support complex input`),
    forward(self: Tensor, dim: number | null, keepdim: boolean) {
      if (self.dtype === bool) throw new RuntimeError(`"arg${kind}_cpu" not implemented for 'Bool'`);
      checkNotEmpty(self, dim === null ? null : [dim], `arg${kind}`);
      const into = reducedShape(self.shape, dim === null ? null : [dim], keepdim);
      return shaped(reduceWithIndices(kind, self, into)[1], into.shape);
    },
  });
}

/** The gradient of values picked along a dimension, back at their positions. */
export function valueGradient(
  grad: Tensor | null,
  indices: Tensor,
  shape: Shape,
  dim: number,
  keepdim: boolean,
): Tensor | null {
  if (grad === null) return null;
  if (shape.length === 0) return grad;
  const [g, i] = keepdim ? [grad, indices] : [grad.unsqueeze(dim), indices.unsqueeze(dim)];
  return grad.newZeros(shape).scatter(dim, i, g);
}

op('aminmax(Tensor self, *, int? dim=None, bool keepdim=False) -> (Tensor min, Tensor max)', {
  doc: 'The smallest and the largest element, over one dimension or all.',
  realOnly: noKernel('aminmax_cpu'),
  composite: (self, dim, keepdim) => {
    if (dim === null && self.numel() === 0)
      throw new RuntimeError(
        'aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.',
      );
    const dims = dim === null ? [] : [dim];
    return [self.amin(dims, keepdim), self.amax(dims, keepdim)] as const;
  },
});

for (const kind of ['any', 'all'] as const) {
  op(`${kind}(Tensor self, int[1]? dim=None, bool keepdim=False) -> Tensor`, {
    doc: `Whether ${kind} of the elements over the dimensions \`dim\` ${kind === 'any' ? 'is' : 'are'} non-zero.`,
    batch: { dims: ['dim'] },
    forward(self: Tensor, dim: readonly number[] | null, keepdim: boolean) {
      const into = reducedShape(self.shape, dim, keepdim);
      // PyTorch keeps uint8 in, uint8 out, from the time before bool.
      const result = self.dtype === uint8 ? uint8 : bool;
      return shaped(
        reduce(self, into, { kind, value: 'self != 0', compute: self.dtype, result }),
        into.shape,
      );
    },
  });
}

op('count_nonzero(Tensor self, int[1]? dim=None) -> Tensor', {
  doc: 'How many elements over the dimensions `dim` are not zero.',
  batch: { dims: ['dim'] },
  forward(self, dim) {
    const into = reducedShape(self.shape, dim, false);
    const nonzero = converted(self.ne(0), bool);
    return shaped(reduce(nonzero, into, { kind: 'sum', compute: int64, result: int64 }), into.shape);
  },
});

// ---- moments ------------------------------------------------------------------------------------------------------

/** The dtype of squared deviations on their way: one that holds the squares of all that the input holds, where there is one. */
function momentType({ dtype, storage }: Tensor): DType {
  if (!storage.backend.hasFloat64) return accumulateType(dtype);
  return dtype.isComplex ? complex128 : float64;
}

/** Σ |x - mean|² / (n - correction), or its root. */
function secondMoment(
  self: Tensor,
  into: Reduced,
  correction: number,
  last: 'self / count' | 'sqrt(self / count)',
): Tensor {
  const compute = momentType(self);
  const average = (value: string, other?: Tensor) =>
    reduce(self, into, { kind: 'sum', value, compute, result: compute, other }).div_(into.count);
  const near = average('self');
  // In float32 a mean is a unit off, which is much where all are nearly equal: a better one, and what even that lacks.
  const left = self.storage.backend.hasFloat64 ? null : average('self - other', near);
  const mean = left === null ? near : near.add(left);
  const value = 'd = self - other; real(d * conj(d))';
  const result = compute.toReal();
  const sum = reduce(self, into, { kind: 'sum', value, compute, result, other: mean });
  if (left !== null) {
    const rest = near.sub(mean).add(left);
    sum.sub_(ops.real(rest.mul(rest.conj())).mul(into.count)).clampMin_(0);
  }
  const found = averaged(sum, Math.max(into.count - correction, 0), self.dtype.toReal(), last);
  return shaped(found, into.shape);
}

/** The gradient of a variance. */
function varianceGradient(
  grad: Tensor,
  self: Tensor,
  dim: readonly number[] | null,
  correction: number,
  keepdim: boolean,
): Tensor {
  const { count } = reducedShape(self.shape, dim, keepdim);
  const x = widened(self);
  const near = x.mean(dim, true);
  const mean = self.storage.backend.hasFloat64 ? near : near.add(x.sub(near).mean(dim, true));
  const restored = (g: Tensor) => restoreDims(g, self.shape, dim, keepdim);
  const free = count - correction;
  // What is one number for many elements is put together first: fewer roundings, and fewer passes over the input.
  const gradient =
    (dim === null || self.ndim === 0) && free <= 0
      ? ops.where(x.eq(mean), NaN, Infinity).mul(restored(grad))
      : x.sub(mean).mul(restored(grad.mul(pyfloat(2 / free))));
  return gradient.to(self.dtype);
}

const variance = op('_var(Tensor self, int[1]? dim, float correction, bool keepdim) -> Tensor', {
  doc: 'The variance over the dimensions `dim`, divided by n - `correction`.',
  batch: { dims: ['dim'] },
  function: false,
  method: false,
  holomorphic: false,
  gradName: 'VarBackward0',
  save: ['self'],
  forward(self, dim, correction, keepdim) {
    const into = reducedShape(self.shape, dim, keepdim);
    return secondMoment(self, into, correction, 'self / count');
  },
  vjp: {
    self: (grad, { self, dim, correction, keepdim }) =>
      varianceGradient(grad, self, dim, correction, keepdim),
  },
});

const deviation = op('_std(Tensor self, int[1]? dim, float correction, bool keepdim) -> Tensor', {
  doc: 'The standard deviation over the dimensions `dim`, with n - `correction`.',
  batch: { dims: ['dim'] },
  function: false,
  method: false,
  holomorphic: false,
  gradName: 'StdBackward0',
  save: ['self', 'result'],
  forward(self, dim, correction, keepdim) {
    const into = reducedShape(self.shape, dim, keepdim);
    return secondMoment(self, into, correction, 'sqrt(self / count)');
  },
  vjp: {
    // Where all are equal the gradient is zero, unlike that of the variance's root.
    self(grad, { self, result, dim, correction, keepdim }) {
      const isZero = result.eq(0);
      const byVariance = grad.div(result.maskedFill(isZero, 1).mul(2)).maskedFill(isZero, 0);
      return varianceGradient(byVariance, self, dim, correction, keepdim);
    },
  },
});

/** A moment of floating-point or complex values. */
function moment(
  of: typeof variance,
  self: Tensor,
  dim: readonly number[] | null,
  correction: Scalar | null,
  keepdim: boolean,
  name: string,
): Tensor {
  if (self.dtype.category < Category.float)
    throw new RuntimeError(`${name} only support floating point and complex dtypes`);
  return of(self, dim, Number(scalarValue(correction ?? 1)), keepdim);
}

const correctionOf = (unbiased: boolean): number => (unbiased ? 1 : 0);

for (const [name, of, word] of [
  ['var', variance, 'variance'],
  ['std', deviation, 'standard deviation'],
] as const) {
  op(`${name}.unbiased(Tensor self, bool unbiased) -> Tensor`, {
    doc: `The ${word} of all elements, with n - 1 if \`unbiased\`, else with n.`,
    composite: (self: Tensor, unbiased: boolean) =>
      moment(of, self, null, correctionOf(unbiased), false, name),
  });
  op(`${name}.dim(Tensor self, int[1]? dim, bool unbiased, bool keepdim=False) -> Tensor`, {
    doc: `The ${word} over the dimensions \`dim\`, with n - 1 if \`unbiased\`, else with n.`,
    composite: (self: Tensor, dim: readonly number[] | null, unbiased: boolean, keepdim: boolean) =>
      moment(of, self, dim, correctionOf(unbiased), keepdim, name),
  });
  op(
    `${name}.correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor`,
    {
      doc: `The ${word} over the dimensions \`dim\`, with n - \`correction\` (1 by default).`,
      composite: (self: Tensor, dim: readonly number[] | null, correction: Scalar | null, keepdim: boolean) =>
        moment(of, self, dim, correction, keepdim, name),
    },
  );
  const both = (
    self: Tensor,
    dim: readonly number[] | null,
    correction: Scalar | null,
    keepdim: boolean,
  ): readonly [Tensor, Tensor] => [
    moment(of, self, dim, correction, keepdim, `${name}_mean`),
    self.mean(dim, keepdim),
  ];
  op(
    `${name}_mean.correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> (Tensor ${name}, Tensor mean)`,
    { doc: `The ${word} and the mean over the dimensions \`dim\`.`, method: false, composite: both },
  );
  op(`${name}_mean.unbiased(Tensor self, bool unbiased) -> (Tensor ${name}, Tensor mean)`, {
    doc: `The ${word} (with n - 1 if \`unbiased\`) and the mean of all elements.`,
    method: false,
    composite: (self: Tensor, unbiased: boolean) => both(self, null, correctionOf(unbiased), false),
  });
  op(
    `${name}_mean.dim(Tensor self, int[1]? dim, bool unbiased, bool keepdim=False) -> (Tensor ${name}, Tensor mean)`,
    {
      doc: `The ${word} (with n - 1 if \`unbiased\`) and the mean over the dimensions \`dim\`.`,
      method: false,
      composite: (self: Tensor, dim: readonly number[] | null, unbiased: boolean, keepdim: boolean) =>
        both(self, dim, correctionOf(unbiased), keepdim),
    },
  );
}

// ---- norms --------------------------------------------------------------------------------------------------------

op('logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor', {
  doc: 'log Σ exp(self) over the dimensions `dim`, without overflow.',
  aliases: ['special.logsumexp'],
  batch: { dims: ['dim'] },
  save: ['self', 'result'],
  forward(self, dim, keepdim) {
    const x = self.dtype.category >= Category.float ? self : self.to(getDefaultDtype());
    const into = reducedShape(x.shape, dim, keepdim);
    if (x.numel() === 0) return shaped(x.exp().sum(dim, true).log(), into.shape);
    const top = ops.real(x).amax(dim, true);
    const shift = ops.where(top.isinf(), top.zerosLike(), top);
    const compute = accumulateType(x.dtype);
    const sum = reduce(x, into, {
      kind: 'sum',
      value: 'exp(self - other)',
      compute,
      result: x.dtype,
      other: shift,
    });
    return shaped(sum.log().add(shift), into.shape);
  },
  vjp: {
    self: (grad, { self, result, dim, keepdim }) =>
      restoreDims(grad, self.shape, dim, keepdim).mul(
        self.sub(restoreDims(result, self.shape, dim, keepdim)).exp(),
      ),
  },
});

/** Expressions of a power norm: of an element, and of the sum. */
function powers(ord: number): readonly [value: string, finish: (sum: Tensor) => Tensor] {
  if (ord === 2) return ['real(self * conj(self))', (sum) => sum.sqrt_()];
  if (Number.isNaN(ord)) return ['abs(self)', (sum) => sum.fill_(Number.NaN)];
  const value = ord === -2 ? 'r = 1 / abs(self); r * r' : `abs(self) ** (${ord})`;
  return [value, (sum) => sum.pow_(1 / ord)];
}

/** `how` a norm is reduced, by its order. */
function normReduction(
  ord: number,
  count: number,
): readonly [kind: ReductionKind, value: string, finish?: (sum: Tensor) => Tensor] {
  if (ord === 0) return ['sum', 'self != 0'];
  if (ord === Number.POSITIVE_INFINITY) return ['max', 'abs(self)'];
  if (ord === Number.NEGATIVE_INFINITY) return ['min', 'abs(self)'];
  return ord === 1 || count <= 1 ? ['sum', 'abs(self)'] : ['sum', ...powers(ord)];
}

function checkNormIdentity(self: Tensor, ord: number, dim: readonly number[] | null): void {
  if (self.numel() > 0 || !(ord < 0 || ord === Number.POSITIVE_INFINITY)) return;
  const { dims } = reducedShape(self.shape, dim, false);
  const empty = dims.find((d) => self.shape[d] === 0);
  const which = Math.abs(ord) === Number.POSITIVE_INFINITY ? `${ord < 0 ? '-' : ''}inf` : String(ord);
  const why = 'and the operation does not have an identity';
  if (dim === null || dim.length === 0)
    throw new RuntimeError(
      `linalg.vector_norm cannot compute the ${which} norm on an empty tensor because the operation does not have an identity`,
    );
  if (empty !== undefined)
    throw new RuntimeError(
      `linalg.vector_norm cannot compute the ${which} norm on the dimension ${empty}because this dimension is empty ${why}`,
    );
}

/**
 * The gradient of a p-norm, for 0 < p < ∞ or p < 0: sgn(x) (|x| / norm)^(p-1), which neither overflows nor vanishes with the
 * powers themselves. Elements that are zero get zero, as those of a norm that is.
 */
export function powerNormGradient(grad: Tensor, self: Tensor, norm: Tensor, p: number): Tensor {
  const isZero = norm.eq(0);
  const safe = norm.maskedFill(isZero, 1);
  if (p === 2) return self.mul(grad.div(safe)).maskedFill(isZero, 0);
  const ratio = self.abs().div(safe);
  const isNone = ratio.eq(0).logicalOr(isZero);
  const slope = ratio
    .maskedFill(isNone, 1)
    .pow(p - 1)
    .maskedFill(isNone, 0);
  return self.sgn().mul(slope.mul(grad));
}

const normOf = op('_vector_norm(Tensor self, float ord, int[1]? dim, bool keepdim) -> Tensor', {
  doc: 'The norm of order `ord` over the dimensions `dim`.',
  batch: { dims: ['dim'] },
  function: false,
  method: false,
  holomorphic: false,
  gradName: 'LinalgVectorNormBackward0',
  save: ['self', 'result'],
  forward(self, ord, dim, keepdim) {
    checkNormIdentity(self, ord, dim);
    const into = reducedShape(self.shape, dim, keepdim);
    const compute = accumulateType(self.dtype);
    const [kind, value, finish] = normReduction(ord, into.count);
    const sum = reduce(self, into, { kind, value, compute, result: compute.toReal() });
    const norm = finish?.(sum) ?? sum;
    const dtype = self.dtype.toReal();
    return shaped(norm.dtype === dtype ? norm : converted(norm, dtype), into.shape);
  },
  vjp: {
    self(grad, { self, result, ord, dim, keepdim }) {
      const [g, norm] = [grad, result].map((t) => restoreDims(t, self.shape, dim, keepdim));
      return normGradient(g, self, norm, ord, dim);
    },
  },
});

/** The gradient of a norm of any order, which has kept its dimensions. */
export function normGradient(
  grad: Tensor,
  self: Tensor,
  norm: Tensor,
  ord: number,
  dim: readonly number[] | null,
): Tensor {
  if (ord === 0) return self.zerosLike();
  if (ord === 1) return self.sgn().mul(grad);
  if (Math.abs(ord) !== Number.POSITIVE_INFINITY) return powerNormGradient(grad, self, norm, ord);
  const size = self.abs();
  const isExtreme = size.eq(norm).logicalOr(size.isnan());
  return self.sgn().mul(grad.div(isExtreme.sum(dim, true)).mul(isExtreme));
}

/** The vector norm of any order over some dimensions. */
export function vectorNorm(
  self: Tensor,
  ord: number,
  dim: readonly number[] | null,
  keepdim: boolean,
  dtype: DType | null = null,
): Tensor {
  return normOf(asNormed('linalg.vector_norm', self, dtype), ord, dim, keepdim);
}

/** The tensor as a norm is computed of it. @throws RuntimeError in PyTorch's words for dtypes that do not do */
export function asNormed(name: string, self: Tensor, dtype: DType | null): Tensor {
  const refuse = (text: string): never => {
    throw new RuntimeError(`${name}: ${text}`);
  };
  const given = self.dtype;
  if (given.category < Category.float)
    refuse(`Expected a floating point or complex tensor as input. Got ${given.scalarName}`);
  if (dtype === null) return self;
  if (dtype.category < Category.float)
    refuse(`dtype should be floating point or complex, but got ${dtype.scalarName}`);
  if (dtype.isComplex !== given.isComplex) {
    const kind = given.isComplex ? 'complex' : 'real';
    refuse(`dtype should be ${kind} for ${kind} inputs, but got ${dtype.scalarName}`);
  }
  if (promoteTypes(given, dtype) !== dtype)
    refuse(
      `the dtype of the input (${given.scalarName}) should be convertible without narrowing to the specified dtype (${dtype.scalarName})`,
    );
  return self.to(dtype);
}

op(
  'norm(Tensor self, Scalar? p=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor',
  {
    doc: 'The p-norm over the dimensions `dim` (all by default), seen as vectors.',
    composite: (self, p, dim, keepdim, dtype) =>
      vectorNorm(self, Number(scalarValue(p ?? 2)), dim, keepdim, dtype),
  },
);

op(
  'vector_norm(Tensor x, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor',
  {
    doc: 'The norm of order `ord` over the dimensions `dim` (all by default), seen as vectors.',
    module: 'linalg',
    composite: (x, ord, dim, keepdim, dtype) => vectorNorm(x, Number(scalarValue(ord)), dim, keepdim, dtype),
  },
);

op('dist(Tensor self, Tensor other, Scalar p=2) -> Tensor', {
  doc: 'The p-norm of self - other.',
  composite(self, other, p) {
    const difference = self.sub(other);
    if (difference.dtype.category < Category.float)
      throw new RuntimeError(
        `norm(): input dtype should be either floating point or complex. Got ${difference.dtype.scalarName} instead.`,
      );
    return vectorNorm(difference, Number(scalarValue(p)), null, false);
  },
});
