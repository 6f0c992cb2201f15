/** Running sums, products and extremes along a dimension, and what is made from them. */

import { isGradEnabled } from '../autograd/modes.js';
import type { KernelArguments } from '../backends/kernels.js';
import { isComplexNumber } from '../core/complex.js';
import { bool, Category, type DType, float16, float64, int64 } from '../core/dtype.js';
import { IndexError, RuntimeError } from '../core/errors.js';
import { type Shape, wrapDim } from '../core/layout.js';
import { pyfloat } from '../core/pyfloat.js';
import type { Scalar } from '../core/scalar.js';
import type { Tensor } from '../core/tensor.js';
import { empty } from '../dispatch/empty.js';
import { refuseFamily } from '../dispatch/families.js';
import { notImplemented } from '../dispatch/promote.js';
import { noKernel } from '../dispatch/real_only.js';
import { op, ops } from '../dispatch/registry.js';

type Kind = KernelArguments<'scan'>['kind'];

/** Runs the scan; `source` has the result's dtype, or the result is int64 and the source of integers. */
function scan(source: Tensor, dtype: DType, dim: number, kind: Kind): Tensor {
  const d = wrapDim(dim, source.ndim);
  const { backend } = source.storage;
  if (source.isComplex() && kind !== 'sum' && !(kind === 'product' && backend.takesWhole(source.dtype)))
    return complexScan(source, d, kind);
  const result = empty(source.shape, dtype, backend);
  if (result.numel() > 0) backend.kernels.scan(result, null, source, d, kind);
  return result;
}

/** The scans that have no kernel for complex numbers, or none on every device. */
function complexScan(source: Tensor, dim: number, kind: Kind): Tensor {
  const n = source.ndim === 0 ? 1 : source.shape[dim];
  if (kind === 'logsumexp') {
    // One after the other: the order decides which of the logarithms, 2πi apart, a result is.
    const result = source.clone();
    for (let i = 1; i < n; i++)
      result.select(dim, i).copy_(source.select(dim, i).logaddexp(result.select(dim, i - 1)));
    return result;
  }
  if (kind !== 'product') throw notImplemented('cummax_cummin_cpu', source.dtype);
  // In log n steps, each combining what is twice as far apart (Hillis & Steele, 1986).
  let x = source.clone();
  for (let step = 1; step < n; step *= 2) {
    const [later, earlier] = [x.narrow(dim, step, n - step), x.narrow(dim, 0, n - step)];
    x = ops.cat([x.narrow(dim, 0, step), later.mul(earlier)], dim);
  }
  return x;
}

/** Sums and products of integers are int64 unless a dtype is given. */
function accumulated(self: Tensor, dim: number, dtype: DType | null, kind: Kind): Tensor {
  const isWhole = self.dtype.category <= Category.int;
  if (isWhole && (dtype === null || dtype === int64))
    return scan(self.dtype.family === null ? self : self.to(int64), int64, dim, kind);
  const target = dtype ?? self.dtype;
  refuseFamily(kind === 'sum' ? 'cumsum_out_cpu' : 'cumprod_out_cpu', target);
  return scan(self.to(target), target, dim, kind);
}

/** A scan from the end. */
function reversed(x: Tensor, dim: number, scanned: (x: Tensor) => Tensor): Tensor {
  return scanned(x.flip(dim)).flip(dim);
}

function reversedCumsum(x: Tensor, dim: number): Tensor {
  return x.ndim === 0 || x.numel() <= 1 ? x : reversed(x, dim, (t) => t.cumsum(dim));
}

op('cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor', {
  doc: 'The sums of the elements up to each one along `dim`; of integers in int64.',
  batch: { dims: ['dim'] },
  forward: (self, dim, dtype) => accumulated(self, dim, dtype, 'sum'),
  inplace: true,
  linear: true,
  vjp: { self: (grad, { dim }) => reversedCumsum(grad, dim) },
});

op('cumprod(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor', {
  doc: 'The products of the elements up to each one along `dim`; of integers in int64.',
  batch: { dims: ['dim'] },
  forward: (self, dim, dtype) => accumulated(self, dim, dtype, 'product'),
  inplace: true,
  save: ['self', 'result'],
  vjp: {
    self(grad, { self, dim, dtype, result }) {
      const x = dtype === null ? self : self.to(dtype);
      if (x.ndim === 0 || x.numel() === 0) return grad;
      if (x.isReadable && !x.eq(0).any().item()) return reversedCumsum(grad.mul(result), dim).div(x);
      const d = wrapDim(dim, x.ndim);
      return isGradEnabled() ? factorByFactor(grad, x, d) : aroundZeros(grad, x, result, d);
    },
  },
});

/**
 * The gradient where there may be zeros, which cannot be divided out. Before the first one results are divided by the factor; from
 * there on all results are zero, and so are all derivatives but that by the first zero itself: the products without it.
 */
function aroundZeros(grad: Tensor, x: Tensor, result: Tensor, dim: number): Tensor {
  const isZero = x.eq(0);
  const zeros = isZero.cumsum(dim);
  const isFirst = isZero.logicalAnd(zeros.eq(1));
  const without = x.maskedFill(isFirst, 1).cumprod(dim);
  const atFirst = reversedCumsum(grad.mul(without), dim).mul(isFirst);
  const before = reversedCumsum(grad.mul(result), dim).div(x.maskedFill(isZero, 1));
  return ops.where(zeros.eq(0), before, atFirst);
}

/**
 * The same in a form that has derivatives of its own, those by factors behind a zero included: for each factor the products
 * without it, d result[j] / d x[k] = prod(x[:k]) * prod(x[k+1 : j+1]) for j >= k.
 */
function factorByFactor(grad: Tensor, x: Tensor, dim: number): Tensor {
  const n = x.shape[dim];
  const parts: Tensor[] = [];
  for (let k = 0; k < n; k++) {
    const before = x.narrow(dim, 0, k).prod(dim, true);
    const after = ops.cat([before.onesLike(), x.narrow(dim, k + 1, n - k - 1).cumprod(dim)], dim);
    parts.push(
      grad
        .narrow(dim, k, n - k)
        .mul(before)
        .mul(after)
        .sum([dim], true),
    );
  }
  return ops.cat(parts, dim);
}

for (const [name, kind] of [
  ['cummax', 'max'],
  ['cummin', 'min'],
] as const)
  op(`${name}(Tensor self, int dim) -> (Tensor values, Tensor indices)`, {
    doc: `The ${name === 'cummax' ? 'largest' : 'smallest'} of the elements up to each one along \`dim\`, and where it is (last, among equals).`,
    batch: { dims: ['dim'] },
    realOnly: noKernel(`${name}_cpu`),
    forward(self: Tensor, dim: number): readonly [Tensor, Tensor] {
      const d = wrapDim(dim, self.ndim);
      const { backend } = self.storage;
      const values = empty(self.shape, self.dtype, backend);
      const indices = empty(self.shape, int64, backend);
      if (self.numel() > 0) backend.kernels.scan(values, indices, self, d, kind);
      return [values, indices];
    },
    save: ['indices'],
    vjp: {
      self: (grad: Tensor, saved: { dim: number; indices: Tensor; sizes: { self: Shape } }) =>
        grad.newZeros(saved.sizes.self).scatterAdd_(saved.dim, saved.indices, grad),
    },
  });

/** The least finite number. */
function lowest(dtype: DType): number {
  if (dtype === float64) return -Number.MAX_VALUE;
  return dtype === float16 ? -65504 : -3.38e38;
}

op('logcumsumexp(Tensor self, int dim) -> Tensor', {
  doc: 'The logarithm of the sum of exponentials of the elements up to each one along `dim`, without overflow.',
  batch: { dims: ['dim'] },
  forward(self, dim) {
    if (!self.dtype.isDifferentiable) throw notImplemented('logcumsumexp_out_cpu', self.dtype);
    return scan(self, self.dtype, dim, 'logsumexp');
  },
  save: ['self', 'result'],
  vjp: {
    // Σ_j≥i grad_j exp(self_i - result_j), its positive and negative terms each as a sum of exponentials.
    self(grad, { self, dim, result }) {
      if (grad.ndim === 0) return grad;
      if (grad.isComplex())
        return reversed(grad.log().sub(result), dim, (t) => t.logcumsumexp(dim))
          .add(self)
          .exp();
      const part = (weights: Tensor) => {
        const counts = weights.gt(0);
        // A weight of zero is a very small one: infinities would give NaN further on.
        const logs = ops.where(counts, weights, 1).log().maskedFill(counts.logicalNot(), lowest(grad.dtype));
        return reversed(logs.sub(result), dim, (t) => t.logcumsumexp(dim))
          .add(self)
          .exp();
      };
      return part(grad).sub(part(grad.neg()));
    },
  },
});

op('diff(Tensor self, int n=1, int dim=-1, Tensor? prepend=None, Tensor? append=None) -> Tensor', {
  doc: 'The differences of neighbours along `dim`, taken `n` times.',
  composite(self, n, dim, prepend, append) {
    if (self.ndim === 0) throw new RuntimeError('diff expects input to be at least one-dimensional');
    if (n < 0) throw new RuntimeError(`order must be non-negative but got ${n}`);
    const d = wrapDim(dim, self.ndim);
    for (const other of [prepend, append]) if (other !== null) checkAttachable(self, other, d);
    if (n === 0) return self.clone();
    const parts = [prepend, self, append].filter((t) => t !== null);
    let x = parts.length === 1 ? self : ops.cat(parts, d);
    for (let i = 0; i < n && x.shape[d] > 0; i++) {
      const length = x.shape[d] - 1;
      const [later, earlier] = [x.narrow(d, 1, length), x.narrow(d, 0, length)];
      x = x.dtype === bool ? later.logicalXor(earlier) : later.sub(earlier);
    }
    return x;
  },
});

function checkAttachable(self: Tensor, other: Tensor, dim: number): void {
  if (other.ndim !== self.ndim)
    throw new RuntimeError('diff expects prepend or append to be the same dimension as input');
  for (const [i, size] of self.shape.entries())
    if (i !== dim && other.shape[i] !== size)
      throw new RuntimeError(
        `diff expects the shape of tensor to prepend or append to match that of input except along the differencing dimension; input.size(${i}) = ${size}, but got tensor.size(${i}) = ${other.shape[i]}`,
      );
}

/** Sums of neighbouring samples. */
function neighbours(y: Tensor, d: number): Tensor {
  return y.slice(d, 0, -1).add(y.slice(d, 1));
}

/** The dimension of the samples. @throws in PyTorch's words */
function sampled(y: Tensor, dim: number, name: string): number {
  if (y.ndim === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`);
  const d = wrapDim(dim, y.ndim);
  if (y.dtype === bool && !(name === 'trapezoid' && y.shape[d] === 0))
    throw new RuntimeError(`${name}: received a bool input for \`y\`, but bool is not supported`);
  return d;
}

/** The integral over nothing. */
const nothing = (y: Tensor, d: number): Tensor => y.newZeros(y.shape.filter((_, i) => i !== d));

/** The distances between sample points, in the number of dimensions of `y`. */
function distances(y: Tensor, x: Tensor, dim: number, name: string): Tensor {
  if (x.dtype === bool)
    throw new RuntimeError(`${name}: received a bool input for \`x\`, but bool is not supported`);
  const d = wrapDim(dim, y.ndim);
  if (x.ndim === 1) {
    if (x.shape[0] !== y.shape[d])
      throw new RuntimeError(`${name}: There must be one \`x\` value for each sample point`);
    return x.diff().reshape(y.shape.map((_, i) => (i === d ? -1 : 1)));
  }
  // Missing dimensions are in front, as in broadcasting.
  const full = x.ndim < y.ndim ? x.reshape([...new Array<number>(y.ndim - x.ndim).fill(1), ...x.shape]) : x;
  return full.diff({ dim: d });
}

for (const name of ['trapezoid', 'cumulative_trapezoid'] as const) {
  const isTotal = name === 'trapezoid';
  const doc = isTotal
    ? 'The integral of samples along `dim` by the trapezoidal rule'
    : 'The running integral of samples along `dim` by the trapezoidal rule';
  const aliases = isTotal ? ['trapz'] : [];

  op(`${name}.x(Tensor y, Tensor x, *, int dim=-1) -> Tensor`, {
    doc: `${doc}, taken at the points \`x\`.`,
    aliases,
    composite(y: Tensor, x: Tensor, dim: number) {
      const d = sampled(y, dim, name);
      if (isTotal && y.shape[d] === 0) return nothing(y, d);
      const areas = neighbours(y, d).mul(distances(y, x, dim, name));
      return (isTotal ? areas.sum([d]) : areas.cumsum(d)).div(2);
    },
  });

  op(`${name}.dx(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor`, {
    doc: `${doc}, taken \`dx\` apart.`,
    aliases,
    composite(y: Tensor, dx: Scalar, dim: number) {
      const d = sampled(y, dim, name);
      if (isTotal && y.shape[d] === 0) return nothing(y, d);
      if (typeof dx === 'boolean' || isComplexNumber(dx))
        throw new RuntimeError(`${name}: Currently, we only support dx as a real number.`);
      const step = pyfloat(Number(dx));
      if (!isTotal)
        return neighbours(y, d)
          .mul(Number(step) / 2)
          .cumsum(d);
      const ends = y.select(d, 0).add(y.select(d, -1)).mul(0.5);
      return y.sum([d]).sub(ends).mul(step);
    },
  });
}

op('vander(Tensor x, int? N=None, bool increasing=False) -> Tensor', {
  doc: 'The powers N - 1, …, 1, 0 of every element of a vector, N being its length unless given; from 0 on if `increasing`.',
  method: false,
  composite(x, count, increasing) {
    if (x.ndim !== 1) throw new RuntimeError('x must be a one-dimensional tensor.');
    const n = count ?? x.shape[0];
    if (n < 0) throw new RuntimeError('N must be non-negative.');
    const type = x.dtype.category < Category.float ? int64 : x.dtype;
    const ones = x.newOnes([x.shape[0], Math.min(n, 1)], { dtype: type });
    const factors = x.unsqueeze(1).expand([x.shape[0], Math.max(n - 1, 0)]);
    const powers = ops.cat([ones, factors.cumprod(1)], 1);
    return increasing ? powers : powers.flip(1);
  },
});
