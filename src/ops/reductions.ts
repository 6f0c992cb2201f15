/** Sums, extremes, moments and truth over dimensions. An absent or empty `dim` means all dimensions. */
import { getDefaultDtype } from '../core/defaults.js';
import { bool, Category, type DType, int64, uint8 } from '../core/dtype.js';
import { IndexError, RuntimeError } from '../core/errors.js';
import { type Shape, wrapDim } from '../core/layout.js';
import { type Scalar, scalarValue } from '../core/scalar.js';
import type { Tensor } from '../core/tensor.js';
import { converted } from './copying.js';
import { noKernel, refused } from './real_only.js';
import { accumulateType, reduce, reducedShape, reduceWithIndices, shaped } from './reduce.js';
import { op, ops } from './registry.js';

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
  return dtype ?? (self.dtype.category >= Category.float ? self.dtype : int64);
}

const suffix = (args: readonly unknown[]): string => (args[1] === null ? '0' : '1');

op('sum(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor', {
  doc: 'The sum over the dimensions `dim`. Integers and bools are summed as int64 unless `dtype` is given.',
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
    const present = self.isnan().logicalNot().sum(dim, keepdim);
    return self.nansum(dim, keepdim, { dtype }).div(present);
  },
});

op('prod.all(Tensor self, *, ScalarType? dtype=None) -> Tensor', {
  doc: 'The product of all elements.',
  save: ['self', 'result'],
  forward(self, dtype) {
    const into = reducedShape(self.shape, null, false);
    const result = sumType(self, dtype);
    if (result.isComplex) return complexProduct(self.to(result).reshape([-1]), 0).reshape([]);
    return shaped(reduce(self, into, { kind: 'prod', compute: accumulateType(result), result }), into.shape);
  },
  vjp: { self: (grad, { self }) => grad.mul(productOfOthers(self.reshape([-1]), 0).reshape(self.shape)) },
});

op('prod.dim_int(Tensor self, int dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor', {
  doc: 'The product over one dimension.',
  gradName: 'ProdBackward1',
  save: ['self'],
  forward(self, dim, keepdim, dtype) {
    const into = reducedShape(self.shape, [dim], keepdim);
    const result = sumType(self, dtype);
    if (result.isComplex) return shaped(complexProduct(self.to(result), wrapDim(dim, self.ndim)), into.shape);
    return shaped(reduce(self, into, { kind: 'prod', compute: accumulateType(result), result }), into.shape);
  },
  vjp: {
    self: (grad, { self, dim, keepdim }) =>
      restoreDims(grad, self.shape, [dim], keepdim).mul(
        self.ndim === 0 ? self.onesLike() : productOfOthers(self, wrapDim(dim, self.ndim)),
      ),
  },
});

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
      `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
    );
  for (const d of dims)
    if (self.shape[d] === 0)
      throw new IndexError(`${name}(): Expected reduction dim ${d} to have non-zero size.`);
}

/** A gradient shared evenly among the elements that equal the extreme. */
function shareAmongEqual(grad: Tensor, self: Tensor, result: Tensor, dim: readonly number[] | null): Tensor {
  const mask = self.eq(result);
  return grad.div(mask.sum(dim, true)).mul(mask);
}

for (const [kind, word] of [
  ['max', 'largest'],
  ['min', 'smallest'],
] as const) {
  op(`${kind}(Tensor self) -> Tensor`, {
    doc: `The ${word} element.`,
    realOnly: noKernel(`${kind}_all`),
    gradName: `${kind === 'max' ? 'Max' : 'Min'}Backward1`,
    save: ['self', 'result'],
    forward(self: Tensor) {
      checkNotEmpty(self, null, kind);
      const into = reducedShape(self.shape, null, false);
      return shaped(reduce(self, into, { kind, compute: self.dtype, result: self.dtype }), into.shape);
    },
    vjp: { self: (grad, { self, result }) => shareAmongEqual(grad, self, result, null) },
  });

  op(`${kind}.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)`, {
    doc: `The ${word} elements along a dimension and their positions (the first among equals; NaN wins).`,
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
    realOnly: noKernel(`${kind}_values_cpu`),
    save: ['self', 'result'],
    forward(self: Tensor, dim: readonly number[], keepdim: boolean) {
      checkNotEmpty(self, dim, `a${kind}`);
      const into = reducedShape(self.shape, dim, keepdim);
      return shaped(reduce(self, into, { kind, compute: self.dtype, result: self.dtype }), into.shape);
    },
    vjp: {
      self: (grad: Tensor, { self, result, dim, keepdim }) =>
        shareAmongEqual(
          restoreDims(grad, self.shape, dim, keepdim),
          self,
          restoreDims(result, self.shape, dim, keepdim),
          dim,
        ),
    },
  });

  op(`arg${kind}(Tensor self, int? dim=None, bool keepdim=False) -> Tensor`, {
    doc: `The position of the ${word} element: along \`dim\`, or in the flattened tensor.`,
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
  forward(self, dim) {
    const into = reducedShape(self.shape, dim, false);
    const nonzero = converted(self.ne(0), bool);
    return shaped(reduce(nonzero, into, { kind: 'sum', compute: int64, result: int64 }), into.shape);
  },
});

// ---- moments ------------------------------------------------------------------------------------------------------

op('_sum_of_squared_deviations(Tensor self, Tensor mean, int[1]? dim, bool keepdim) -> Tensor', {
  doc: 'Σ |self - mean|² over the dimensions `dim`; `mean` has size 1 there.',
  save: ['self', 'mean'],
  holomorphic: false,
  forward(self, mean, dim, keepdim) {
    const into = reducedShape(self.shape, dim, keepdim);
    const compute = accumulateType(self.dtype);
    const value = 'd = self - other; real(d * conj(d))';
    return shaped(
      reduce(self, into, { kind: 'sum', value, compute, result: compute, other: mean }),
      into.shape,
    );
  },
  vjp: {
    // The sum of deviations from their mean is zero, so nothing flows through `mean`.
    self: (grad, { self, mean, dim, keepdim }) =>
      restoreDims(grad, self.shape, dim, keepdim).mul(self.sub(mean).mul(2)),
    mean: (grad, { self, mean, dim, keepdim }) =>
      restoreDims(grad, self.shape, dim, keepdim).mul(mean.sub(self).mul(2)).sum(dim, true),
  },
});

/** Σ (x - mean)² / (n - correction), and the mean. */
function moments(
  self: Tensor,
  dim: readonly number[] | null,
  correction: Scalar | null,
  keepdim: boolean,
  name: string,
): readonly [variance: Tensor, mean: Tensor] {
  if (self.dtype.category < Category.float)
    throw new RuntimeError(`${name} only support floating point and complex dtypes`);
  const into = reducedShape(self.shape, dim, keepdim);
  const wide = self.to(accumulateType(self.dtype));
  const mean = wide.mean(dim, true);
  const divisor = Math.max(into.count - Number(scalarValue(correction ?? 1)), 0);
  const variance = wide._sumOfSquaredDeviations(mean, dim, keepdim).div(divisor);
  return [variance, keepdim ? mean : mean.reshape(into.shape)];
}

const correctionOf = (unbiased: boolean): number => (unbiased ? 1 : 0);

op('var.unbiased(Tensor self, bool unbiased) -> Tensor', {
  doc: 'The variance of all elements, divided by n - 1 if `unbiased`, else by n.',
  composite: (self, unbiased) =>
    moments(self, null, correctionOf(unbiased), false, 'var')[0].to(self.dtype.toReal()),
});
op('var.dim(Tensor self, int[1]? dim, bool unbiased, bool keepdim=False) -> Tensor', {
  doc: 'The variance over the dimensions `dim`, divided by n - 1 if `unbiased`, else by n.',
  composite: (self, dim, unbiased, keepdim) =>
    moments(self, dim, correctionOf(unbiased), keepdim, 'var')[0].to(self.dtype.toReal()),
});
op(
  'var.correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor',
  {
    doc: 'The variance over the dimensions `dim`, divided by n - `correction` (1 by default).',
    composite: (self, dim, correction, keepdim) =>
      moments(self, dim, correction, keepdim, 'var')[0].to(self.dtype.toReal()),
  },
);
op('std.unbiased(Tensor self, bool unbiased) -> Tensor', {
  doc: 'The standard deviation of all elements, with n - 1 if `unbiased`, else with n.',
  composite: (self, unbiased) =>
    moments(self, null, correctionOf(unbiased), false, 'std')[0].sqrt().to(self.dtype.toReal()),
});
op('std.dim(Tensor self, int[1]? dim, bool unbiased, bool keepdim=False) -> Tensor', {
  doc: 'The standard deviation over the dimensions `dim`, with n - 1 if `unbiased`, else with n.',
  composite: (self, dim, unbiased, keepdim) =>
    moments(self, dim, correctionOf(unbiased), keepdim, 'std')[0].sqrt().to(self.dtype.toReal()),
});
op(
  'std.correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor',
  {
    doc: 'The standard deviation over the dimensions `dim`, with n - `correction` (1 by default).',
    composite: (self, dim, correction, keepdim) =>
      moments(self, dim, correction, keepdim, 'std')[0].sqrt().to(self.dtype.toReal()),
  },
);
op(
  'var_mean.correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> (Tensor var, Tensor mean)',
  {
    doc: 'The variance and the mean over the dimensions `dim`.',
    method: false,
    composite(self, dim, correction, keepdim) {
      const [variance, mean] = moments(self, dim, correction, keepdim, 'var_mean');
      return [variance.to(self.dtype.toReal()), mean.to(self.dtype)] as const;
    },
  },
);
op(
  'std_mean.correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> (Tensor std, Tensor mean)',
  {
    doc: 'The standard deviation and the mean over the dimensions `dim`.',
    method: false,
    composite(self, dim, correction, keepdim) {
      const [variance, mean] = moments(self, dim, correction, keepdim, 'std_mean');
      return [variance.sqrt().to(self.dtype.toReal()), mean.to(self.dtype)] as const;
    },
  },
);

// ---- norms --------------------------------------------------------------------------------------------------------

op('logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor', {
  doc: 'log Σ exp(self) over the dimensions `dim`, without overflow.',
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

op('_square_norm(Tensor self, int[1]? dim, bool keepdim) -> Tensor', {
  doc: 'sqrt Σ |self|² over the dimensions `dim`.',
  holomorphic: false,
  gradName: 'LinalgVectorNormBackward0',
  save: ['self', 'result'],
  forward(self, dim, keepdim) {
    const into = reducedShape(self.shape, dim, keepdim);
    const compute = accumulateType(self.dtype);
    const sum = reduce(self, into, {
      kind: 'sum',
      value: 'real(self * conj(self))',
      compute,
      result: compute,
    });
    return shaped(converted(sum.sqrt_(), self.dtype.toReal()), into.shape);
  },
  vjp: {
    self(grad, { self, result, dim, keepdim }) {
      const r = restoreDims(result, self.shape, dim, keepdim);
      const scaled = self.mul(restoreDims(grad, self.shape, dim, keepdim).div(r));
      return scaled.maskedFill(r.eq(0), 0);
    },
  },
});

/** The vector norm of any order over some dimensions. */
export function vectorNorm(
  self: Tensor,
  ord: number,
  dim: readonly number[] | null,
  keepdim: boolean,
): Tensor {
  if (self.dtype.category < Category.float)
    throw new RuntimeError(
      `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${self.dtype.scalarName}`,
    );
  const dims = dim ?? [];
  if (ord === 2) return self._squareNorm(dim, keepdim);
  // Constant almost everywhere: zero gradients, from a result that is recorded.
  if (ord === 0) return self.abs().sign().sum(dim, keepdim);
  if (ord === 1) return self.abs().sum(dim, keepdim);
  if (ord === Number.POSITIVE_INFINITY) return self.abs().amax(dims, keepdim);
  if (ord === Number.NEGATIVE_INFINITY) return self.abs().amin(dims, keepdim);
  const size = self.abs();
  if (ord < 0) {
    // One zero makes the norm zero, whatever the others do.
    const isZero = size.eq(0);
    return size
      .maskedFill(isZero.any(dim, true), 1)
      .pow(ord)
      .sum(dim, keepdim)
      .pow(1 / ord)
      .maskedFill(isZero.any(dim, keepdim), 0);
  }
  // Zeros are kept away from the powers, whose derivatives are infinite there.
  const total = positivePower(size, ord).sum(dim, keepdim);
  return positivePower(total, 1 / ord);
}

/** x ** p for x ≥ 0 and p > 0, with a gradient of 0 at 0. */
function positivePower(x: Tensor, p: number): Tensor {
  const isZero = x.eq(0);
  return x.maskedFill(isZero, 1).pow(p).maskedFill(isZero, 0);
}

op(
  'norm(Tensor self, Scalar? p=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor',
  {
    doc: 'The p-norm over the dimensions `dim` (all by default), seen as vectors.',
    composite: (self, p, dim, keepdim, dtype) =>
      vectorNorm(dtype === null ? self : self.to(dtype), Number(scalarValue(p ?? 2)), dim, keepdim),
  },
);

op(
  'vector_norm(Tensor x, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor',
  {
    doc: 'The norm of order `ord` over the dimensions `dim` (all by default), seen as vectors.',
    module: 'linalg',
    composite: (x, ord, dim, keepdim, dtype) =>
      vectorNorm(dtype === null ? x : x.to(dtype), Number(scalarValue(ord)), dim, keepdim),
  },
);

op('dist(Tensor self, Tensor other, Scalar p=2) -> Tensor', {
  doc: 'The p-norm of self - other.',
  composite: (self, other, p) => vectorNorm(self.sub(other), Number(scalarValue(p)), null, false),
});

for (const name of ['var_mean', 'std_mean'] as const) {
  const parts = (
    self: Tensor,
    dim: readonly number[] | null,
    unbiased: boolean,
    keepdim: boolean,
  ): readonly [Tensor, Tensor] => {
    const [variance, mean] = moments(self, dim, correctionOf(unbiased), keepdim, name);
    return [(name === 'var_mean' ? variance : variance.sqrt()).to(self.dtype.toReal()), mean.to(self.dtype)];
  };
  const word = name === 'var_mean' ? 'variance' : 'standard deviation';
  op(`${name}.unbiased(Tensor self, bool unbiased) -> (Tensor ${name.slice(0, 3)}, Tensor mean)`, {
    doc: `The ${word} (with n - 1 if \`unbiased\`) and the mean of all elements.`,
    method: false,
    composite: (self: Tensor, unbiased: boolean) => parts(self, null, unbiased, false),
  });
  op(
    `${name}.dim(Tensor self, int[1]? dim, bool unbiased, bool keepdim=False) -> (Tensor ${name.slice(0, 3)}, Tensor mean)`,
    {
      doc: `The ${word} (with n - 1 if \`unbiased\`) and the mean over the dimensions \`dim\`.`,
      method: false,
      composite: parts,
    },
  );
}

op(
  'norm.str(Tensor self, str p, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor',
  {
    doc: "The Frobenius norm (`'fro'`) over the dimensions `dim`: the 2-norm of all their elements.",
    composite(self, p, dim, keepdim, dtype) {
      if (p !== 'fro') throw new RuntimeError(`norm: only 'fro' is a matrix norm here, but got '${p}'`);
      return vectorNorm(dtype === null ? self : self.to(dtype), 2, dim, keepdim);
    },
  },
);
