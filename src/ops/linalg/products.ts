/** Products of vectors, matrices and batches of them. */

import { isComplexNumber } from '../../core/complex.js';
import { castRemedy, cppName } from '../../core/cpp_names.js';
import { bool, Category } from '../../core/dtype.js';
import { IndexError, RuntimeError } from '../../core/errors.js';
import { broadcastShapes, formatShape, numel, type Shape, sameShape, wrapDim } from '../../core/layout.js';
import { checkHolds } from '../../core/overflow.js';
import { type Scalar, scalarValue } from '../../core/scalar.js';
import { Tensor } from '../../core/tensor.js';
import { empty } from '../../dispatch/empty.js';
import { notImplemented } from '../../dispatch/promote.js';
import { op, ops } from '../../dispatch/registry.js';
import { padStack } from '../../dispatch/stacks.js';
import { sumOf } from '../../dispatch/tangents.js';
import { converted, copyInto } from '../copying.js';
import { accumulateType, shaped } from '../reduction.js';

function sameDtype(a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype)
    throw new RuntimeError(
      `expected m1 and m2 to have the same dtype, but got: ${cppName(a.dtype)} != ${cppName(b.dtype)}${castRemedy(a.dtype, b.dtype)}`,
    );
}

/** Three dimensions, whatever a matrix has. */
function batched(t: Tensor): Tensor {
  if (t.ndim === 3) return t;
  return new Tensor(t.storage, t.dtype, [1, ...t.shape], [0, ...t.strides], t.offset);
}

/** A vector as a matrix of one column. */
function column({ storage, dtype, shape, strides, offset }: Tensor): Tensor {
  return new Tensor(storage, dtype, [shape[0], 1], [strides[0], 1], offset);
}

/** A vector as a matrix of one row. */
function row({ storage, dtype, shape, strides, offset }: Tensor): Tensor {
  return new Tensor(storage, dtype, [1, shape[0]], [1, strides[0]], offset);
}

/** alpha · a @ b + beta · c, c broadcast to the result's shape; half types computed in float32. */
function product(a: Tensor, b: Tensor, shape: Shape, alpha: Scalar, c: Tensor | null, beta: Scalar): Tensor {
  const { dtype } = a;
  if (dtype === bool) throw notImplemented('addmm_impl_cpu_', dtype);
  if (dtype.category === Category.int) for (const s of [alpha, beta]) checkHolds(dtype, s);
  if (isComplexNumber(alpha) || isComplexNumber(beta)) {
    const scaled = product(a, b, shape, 1, null, 0).mul(alpha);
    return c === null ? scaled : scaled.add(c.mul(beta));
  }
  const wide = accumulateType(dtype);
  const isHalf = dtype.category >= Category.float && wide !== dtype;
  const out = empty(shape, isHalf ? wide : dtype, a.storage.backend);
  const scale = Number(scalarValue(beta));
  if (c !== null && scale !== 0) copyInto(out, c);
  const [x, y] = isHalf ? [converted(a, wide), converted(b, wide)] : [a, b];
  out.storage.backend.kernels.matmul(
    batched(out),
    batched(x),
    batched(y),
    Number(scalarValue(alpha)),
    c === null ? 0 : scale,
  );
  return isHalf ? converted(out, dtype) : out;
}

/** The products of stacks of matrices; with one matrix for all of them it is one product. */
function matrixProduct(a: Tensor, isStacked: boolean, b: Tensor, isOtherStacked: boolean): Tensor {
  if (isStacked && isOtherStacked) return a.bmm(b);
  if (isStacked) return a.matmul(b);
  const [size, inner, columns] = b.shape;
  const wide = a.mm(b.movedim(0, 1).reshape([inner, size * columns]));
  return wide.view([a.shape[0], size, columns]).movedim(1, 0);
}

op('mm(Tensor self, Tensor mat2) -> Tensor', {
  doc: 'The product of two matrices, (n × m) · (m × p).',
  batch: (self, mat2, { has }) => matrixProduct(self, has.self, mat2, has.mat2),
  save: ['self', 'mat2'],
  forward(self, mat2) {
    if (self.ndim !== 2) throw new RuntimeError('self must be a matrix');
    if (mat2.ndim !== 2) throw new RuntimeError('mat2 must be a matrix');
    checkInner(self, mat2);
    sameDtype(self, mat2);
    return product(self, mat2, [self.shape[0], mat2.shape[1]], 1, null, 0);
  },
  linear: 'each',
  vjp: {
    self: (grad, { self, mat2 }) => productLike(self, grad, mat2.t()),
    mat2: (grad, { self, mat2 }) => productLike(mat2, self.t(), grad),
  },
});

/**
 * a @ b, laid out as the matrix whose gradient it is: a transposed weight gets a transposed gradient, so that after the
 * transpose's own backward the gradient has the weight's layout, and whatever reads both runs along rows.
 */
function productLike(like: Tensor, a: Tensor, b: Tensor): Tensor {
  const isTransposed = like.strides[0] === 1 && like.strides[1] === like.shape[0] && like.shape[1] > 1;
  return isTransposed ? b.t().mm(a.t()).t() : a.mm(b);
}

function checkInner(a: Tensor, b: Tensor): void {
  if (a.shape[1] !== b.shape[0])
    throw new RuntimeError(
      `mat1 and mat2 shapes cannot be multiplied (${a.shape[0]}x${a.shape[1]} and ${b.shape[0]}x${b.shape[1]})`,
    );
}

op('bmm(Tensor self, Tensor mat2) -> Tensor', {
  doc: 'The products of two batches of matrices.',
  batch: (self, mat2) => self.matmul(mat2),
  save: ['self', 'mat2'],
  forward(self, mat2) {
    if (self.ndim !== 3) throw new RuntimeError('batch1 must be a 3D tensor');
    if (mat2.ndim !== 3) throw new RuntimeError('batch2 must be a 3D tensor');
    const [n, rows, inner] = self.shape;
    if (mat2.shape[0] !== n || mat2.shape[1] !== inner)
      throw new RuntimeError(
        `Expected size for first two dimensions of batch2 tensor to be: [${n}, ${inner}] but got: [${mat2.shape[0]}, ${mat2.shape[1]}].`,
      );
    sameDtype(self, mat2);
    return product(self, mat2, [n, rows, mat2.shape[2]], 1, null, 0);
  },
  linear: 'each',
  vjp: {
    self: (grad, { mat2 }) => grad.bmm(mat2.transpose(1, 2)),
    mat2: (grad, { self }) => self.transpose(1, 2).bmm(grad),
  },
});

/** s · x in the dtype of x: integers take the whole part of a factor, as PyTorch's kernels do. */
function scaled(x: Tensor, s: Scalar): Tensor {
  if (s === 1) return x;
  if (x.dtype === bool) return scalarValue(s) ? x : x.zerosLike();
  if (x.dtype.category !== Category.int) return x.mul(s);
  checkHolds(x.dtype, s);
  return x.mul(Math.trunc(Number(scalarValue(s))) + 0);
}

/** beta · self + alpha · product; what `beta` 0 leaves out may be NaN. */
function combined(self: Tensor, beta: Scalar, product: Tensor, alpha: Scalar): Tensor {
  const term = scaled(product, alpha);
  const isOut = !isComplexNumber(beta) && scalarValue(beta) === 0;
  return isOut ? term : term.add(scaled(self, beta));
}

op('addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor', {
  doc: 'beta · self + alpha · (mat1 @ mat2); `self` broadcasts.',
  batch: (self, mat1, mat2, beta, alpha, { has }) => {
    const [rows, columns] = [mat1.shape.at(-2)!, mat2.shape.at(-1)!];
    if (has.mat1 && !has.mat2 && !has.self && self.ndim <= 1 && mat1.numel() > 0)
      return self.addmm(mat1.flatten(0, 1), mat2, { beta, alpha }).view([-1, rows, columns]);
    return combined(padStack(self, has.self, 2), beta, matrixProduct(mat1, has.mat1, mat2, has.mat2), alpha);
  },
  inplace: true,
  save: ['mat1', 'mat2'],
  forward(self, mat1, mat2, beta, alpha) {
    if (mat1.ndim !== 2 || mat2.ndim !== 2)
      throw new RuntimeError(`mat1 must be a matrix, got ${mat1.ndim}-D tensor`);
    checkInner(mat1, mat2);
    sameDtype(mat1, mat2);
    const shape = [mat1.shape[0], mat2.shape[1]];
    if (!sameShape(broadcastShapes(self.shape, shape), shape)) throw expandError(self.shape, shape);
    if (self.dtype !== mat1.dtype)
      throw new RuntimeError(
        `self and mat2 must have the same dtype, but got ${self.dtype.scalarName} and ${mat2.dtype.scalarName}`,
      );
    return product(mat1, mat2, shape, alpha, self, beta);
  },
  vjp: {
    self: (grad, { beta }) => scaled(grad, beta),
    mat1: (grad, { mat1, mat2, alpha }) => scaled(productLike(mat1, grad, mat2.t()), alpha),
    mat2: (grad, { mat1, mat2, alpha }) => scaled(productLike(mat2, mat1.t(), grad), alpha),
  },
  jvp: ({ self, mat1, mat2 }, { mat1: a, mat2: b, beta, alpha }) =>
    sumOf(self && scaled(self, beta), mat1 && scaled(mat1.mm(b), alpha), mat2 && scaled(a.mm(mat2), alpha)),
});

function expandError(from: Shape, to: Shape): RuntimeError {
  const lead = to.length - from.length;
  const d = to.findIndex((n, i) => i >= lead && from[i - lead] !== n && from[i - lead] !== 1);
  return new RuntimeError(
    `The expanded size of the tensor (${to[d]}) must match the existing size (${from[d - lead]}) at non-singleton dimension ${d}.  Target sizes: ${formatShape(to)}.  Tensor sizes: ${formatShape(from)}`,
  );
}

op('mv(Tensor self, Tensor vec) -> Tensor', {
  doc: 'The product of a matrix and a vector.',
  batch: (self, vec, { has }) =>
    !has.self ? vec.mm(self.t()) : has.vec ? self.bmm(vec.unsqueeze(2)).squeeze(2) : self.matmul(vec),
  save: ['self', 'vec'],
  forward(self, vec) {
    if (self.ndim === 0) throw new IndexError('Dimension specified as 0 but tensor has no dimensions');
    if (self.ndim !== 2 || vec.ndim !== 1)
      throw new RuntimeError(`vector + matrix @ vector expected, got 1, ${self.ndim}, ${vec.ndim}`);
    if (self.shape[1] !== vec.shape[0])
      throw new RuntimeError(
        `size mismatch, got input (${self.shape[0]}), mat (${self.shape[0]}x${self.shape[1]}), vec (${vec.shape[0]})`,
      );
    sameDtype(self, vec);
    return shaped(product(self, column(vec), [self.shape[0], 1], 1, null, 0), [self.shape[0]]);
  },
  linear: 'each',
  vjp: {
    self: (grad, { vec }) => grad.unsqueeze(1).mul(vec),
    vec: (grad, { self }) => self.t().mv(grad),
  },
});

op('dot(Tensor self, Tensor tensor) -> Tensor', {
  doc: 'The sum of products of two vectors.',
  batch: (self, tensor) => self.mul(tensor).sum(-1),
  save: ['self', 'tensor'],
  forward(self, tensor) {
    if (self.ndim !== 1 || tensor.ndim !== 1)
      throw new RuntimeError(`1D tensors expected, but got ${self.ndim}D and ${tensor.ndim}D tensors`);
    if (self.dtype !== tensor.dtype)
      throw new RuntimeError(
        `dot : expected both vectors to have same dtype, but found ${self.dtype.scalarName} and ${tensor.dtype.scalarName}`,
      );
    const n = self.shape[0];
    if (tensor.shape[0] !== n)
      throw new RuntimeError(
        `inconsistent tensor size, expected tensor [${n}] and src [${tensor.shape[0]}] to have the same number of elements, but got ${n} and ${tensor.shape[0]} elements respectively`,
      );
    return shaped(product(row(self), column(tensor), [1, 1], 1, null, 0), []);
  },
  linear: 'each',
  vjp: {
    self: (grad, { tensor }) => grad.mul(tensor),
    tensor: (grad, { self }) => grad.mul(self),
  },
});

op('vdot(Tensor self, Tensor other) -> Tensor', {
  doc: 'The sum of products of two vectors, the first one conjugated.',
  composite: (self, other) => self.conj().dot(other),
});

op('outer(Tensor self, Tensor vec2) -> Tensor', {
  doc: 'All products of the elements of two vectors.',
  aliases: ['ger'],
  composite(self, vec2) {
    if (self.ndim !== 1 || vec2.ndim !== 1)
      throw new RuntimeError(
        `outer: Expected 1-D argument ${self.ndim === 1 ? 'vec2' : 'self'}, but got ${self.ndim === 1 ? vec2.ndim : self.ndim}-D`,
      );
    return self.unsqueeze(1).mul(vec2);
  },
});

op('inner(Tensor self, Tensor other) -> Tensor', {
  doc: 'Sums of products over the last dimension of both.',
  composite(self, other) {
    if (self.ndim === 0 || other.ndim === 0) return self.mul(other);
    if (self.shape[self.ndim - 1] !== other.shape[other.ndim - 1])
      throw new RuntimeError(
        `inner() the last dimension must match on both input tensors but got shapes ${formatShape(self.shape)} and ${formatShape(other.shape)}`,
      );
    return ops.tensordot(self, other, [-1], [-1]);
  },
});

/** beta · self + alpha · product of another shape, to which `self` is expanded first. */
const added = (self: Tensor, beta: Scalar, shape: Shape, product: () => Tensor, alpha: Scalar): Tensor =>
  combined(sameShape(self.shape, shape) ? self : self.expand([...shape]), beta, product(), alpha);

op('addmv(Tensor self, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar alpha=1) -> Tensor', {
  doc: 'beta · self + alpha · (mat @ vec).',
  inplace: true,
  composite(self, mat, vec, beta, alpha) {
    if (mat.ndim !== 2 || vec.ndim !== 1 || self.ndim > 1)
      throw new RuntimeError(`vector + matrix @ vector expected, got ${self.ndim}, ${mat.ndim}, ${vec.ndim}`);
    const [rows, columns] = mat.shape;
    if (columns !== vec.shape[0] || (self.numel() !== 1 && self.shape[0] !== rows))
      throw new RuntimeError(
        `size mismatch, got input (${self.shape[0]}), mat (${rows}x${columns}), vec (${vec.shape[0]})`,
      );
    return combined(self, beta, mat.mv(vec), alpha);
  },
});

/** @throws RuntimeError for a factor that would not be used as it is, where results are of this category */
function checkFactor(name: string, factor: Scalar, category: Category): void {
  if (typeof factor === 'boolean' && category > Category.bool)
    throw new RuntimeError(`Boolean ${name} only supported for Boolean results.`);
  const isWhole = !isComplexNumber(factor) && Number.isInteger(Number(scalarValue(factor)));
  if (category < Category.float && !isWhole)
    throw new RuntimeError(
      `For integral input tensors, argument ${name} must not be a floating point number.`,
    );
}

op('addr(Tensor self, Tensor vec1, Tensor vec2, *, Scalar beta=1, Scalar alpha=1) -> Tensor', {
  doc: 'beta · self + alpha · outer(vec1, vec2).',
  inplace: true,
  composite(self, vec1, vec2, beta, alpha) {
    for (const [i, { ndim }] of [vec1, vec2].entries())
      if (ndim !== 1) throw new RuntimeError(`addr: Expected 1-D argument vec${i + 1}, but got ${ndim}-D`);
    const outer = vec1.outer(vec2);
    const category = Math.max(self.dtype.category, outer.dtype.category);
    checkFactor('beta', beta, category);
    checkFactor('alpha', alpha, category);
    return added(self, beta, outer.shape, () => outer, alpha);
  },
});

op('baddbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor', {
  doc: 'beta · self + alpha · bmm(batch1, batch2).',
  inplace: true,
  composite(self, batch1, batch2, beta, alpha) {
    wrapDim(2, batch2.ndim);
    const shape = [batch1.shape[0], batch1.shape[1], batch2.shape[2]];
    return added(self, beta, shape, () => batch1.bmm(batch2), alpha);
  },
});

op('addbmm(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor', {
  inplace: 'resizes',
  doc: 'beta · self + alpha · Σ over the batch of batch1 @ batch2.',
  composite(self, batch1, batch2, beta, alpha) {
    wrapDim(2, batch2.ndim);
    const [size, rows, inner] = batch1.shape;
    const shape = [rows, batch2.shape[2]];
    const start = sameShape(self.shape, shape) ? self : self.expand([...shape]);
    if (size !== batch2.shape[0])
      throw new RuntimeError(
        `batch1 and batch2 must have same number of batches, got ${size} and ${batch2.shape[0]}`,
      );
    if (inner !== batch2.shape[1])
      throw new RuntimeError(
        `Incompatible matrix sizes for bmm (${rows}x${inner} and ${batch2.shape.slice(1).join('x')})`,
      );
    // One product: the sum over the batch is part of that over the inner dimension.
    const [wide, tall] = [batch1.transpose(0, 1).reshape([rows, size * inner]), batch2.flatten(0, 1)];
    if (self.dtype === batch1.dtype && self.isFloatingPoint() && self.dtype.itemsize > 2)
      return start.addmm(wide, tall, { beta, alpha });
    return combined(start, beta, wide.mm(tall), alpha);
  },
});

op('matmul(Tensor self, Tensor other) -> Tensor', {
  aliases: ['linalg.matmul'],
  doc: 'The product of vectors, matrices or batches of matrices, whose leading dimensions broadcast.',
  composite(self, other) {
    const a = self.ndim;
    const b = other.ndim;
    if (a === 0 || b === 0)
      throw new RuntimeError(`both arguments to matmul need to be at least 1D, but they are ${a}D and ${b}D`);
    if (a === 1 && b === 1) return self.dot(other);
    if (a === 2 && b === 2) return self.mm(other);
    if (a === 2 && b === 1) return self.mv(other);
    if (a === 1 && b === 2) return self.unsqueeze(0).mm(other).squeeze(0);
    if (b <= 2 && isTall(self, other)) return tallProduct(self, other);
    if (a === 1 && isTall(other.mT, self)) return tallProduct(other.mT, self);
    if (a === 2 && self.requiresGrad) return tallProduct(other.mT, self.t()).mT.contiguous();
    return batchProduct(self, other);
  },
});

/**
 * Whether a stack of matrices times one matrix or vector is computed as one tall product: where the stack is a tall matrix as it lies, and
 * where the other requires grad, whose gradient would else be made for each of the stack and then summed.
 */
function isTall(stack: Tensor, other: Tensor): boolean {
  if (other.requiresGrad) return true;
  const { shape, strides } = stack;
  for (let d = 0; d < shape.length - 2; d++) if (strides[d] !== strides[d + 1] * shape[d + 1]) return false;
  return true;
}

function tallProduct(stack: Tensor, other: Tensor): Tensor {
  const lead = stack.shape.slice(0, -1);
  const rows = stack.reshape([numel(lead), stack.shape[stack.ndim - 1]]);
  return other.ndim === 1 ? rows.mv(other).view(lead) : rows.mm(other).view([...lead, other.shape[1]]);
}

/** A tensor expanded to some sizes, and then given others; as it is if it has them. */
function inShape(t: Tensor, wide: Shape, shape: Shape): Tensor {
  if (sameShape(t.shape, shape)) return t;
  return (sameShape(t.shape, wide) ? t : t.expand([...wide])).reshape([...shape]);
}

function batchProduct(self: Tensor, other: Tensor): Tensor {
  const left = self.ndim === 1 ? self.unsqueeze(0) : self;
  const right = other.ndim === 1 ? other.unsqueeze(1) : other;
  const [n, m] = left.shape.slice(-2);
  const [k, p] = right.shape.slice(-2);
  if (m !== k)
    throw new RuntimeError(
      self.ndim === 1 || other.ndim === 1
        ? `size mismatch, got input (${n}), mat (${n}x${m}), vec (${k})`
        : `Expected size for first two dimensions of batch2 tensor to be: [${broadcastShapes(left.shape.slice(0, -2), right.shape.slice(0, -2)).reduce((x, y) => x * y, 1)}, ${m}] but got: [${right.shape.slice(0, -2).reduce((x, y) => x * y, 1)}, ${k}].`,
    );
  const batch = broadcastShapes(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const count = batch.reduce((x, y) => x * y, 1);
  const shape = [...batch, ...(self.ndim === 1 ? [] : [n]), ...(other.ndim === 1 ? [] : [p])];
  const products = inShape(left, [...batch, n, m], [count, n, m]).bmm(
    inShape(right, [...batch, k, p], [count, k, p]),
  );
  return sameShape(products.shape, shape) ? products : products.reshape(shape);
}

op('linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor', {
  doc: 'input @ weightᵀ + bias.',
  module: 'nn.functional',
  composite(input, weight, bias) {
    if (bias !== null && input.ndim === 2 && weight.ndim === 2) return ops.addmm(bias, input, weight.t());
    if (bias !== null && input.ndim > 2 && weight.ndim === 2 && input.isContiguous() && input.numel() > 0) {
      const rows = ops.addmm(bias, input.view([-1, input.shape[input.ndim - 1]]), weight.t());
      return rows.view([...input.shape.slice(0, -1), weight.shape[0]]);
    }
    const result = input.matmul(weight.t());
    return bias === null ? result : result.add(bias);
  },
});

op('tensordot(Tensor self|a, Tensor other|b, int[] dims_self, int[] dims_other) -> Tensor', {
  doc: 'Sums products over pairs of dimensions.',
  method: false,
  composite(self, other, dimsSelf, dimsOther) {
    if (dimsSelf.length !== dimsOther.length)
      throw new RuntimeError('both dimension lists should have same length');
    const wrap = (d: number, n: number) => (d < 0 ? d + n : d);
    const da = dimsSelf.map((d) => wrap(d, self.ndim));
    const db = dimsOther.map((d) => wrap(d, other.ndim));
    let [left, right] = [self, other];
    for (let i = 0; i < da.length; i++) {
      const [m, n] = [self.shape[da[i]], other.shape[db[i]]];
      // A size of 1 broadcasts: the other's elements are summed first.
      if (m === 1 && n !== 1) right = right.sum([db[i]], true);
      else if (n === 1 && m !== 1) left = left.sum([da[i]], true);
      else if (m !== n)
        throw new RuntimeError(
          `contracted dimensions need to match, but first has size ${m} in dim ${da[i]} and second has size ${n} in dim ${db[i]}`,
        );
    }
    const ra = self.shape.map((_, d) => d).filter((d) => !da.includes(d));
    const rb = other.shape.map((_, d) => d).filter((d) => !db.includes(d));
    const inner = da.reduce((n, d) => n * left.shape[d], 1);
    const rows = ra.reduce((n, d) => n * self.shape[d], 1);
    const columns = rb.reduce((n, d) => n * other.shape[d], 1);
    const a = left.permute([...ra, ...da]).reshape([rows, inner]);
    const b = right.permute([...db, ...rb]).reshape([inner, columns]);
    return a.mm(b).reshape([...ra.map((d) => self.shape[d]), ...rb.map((d) => other.shape[d])]);
  },
});

op('tensordot.int(Tensor self|a, Tensor other|b, int dims=2) -> Tensor', {
  doc: 'Sums products over the last `dims` dimensions of `self` and the first of `other`.',
  method: false,
  composite(self, other, dims) {
    if (dims < 0) throw new RuntimeError(`tensordot expects dims >= 0, but got dims=${dims}`);
    if (dims > Math.min(self.ndim, other.ndim))
      throw new RuntimeError(`tensordot expects dims < ndim_a or ndim_b, but got dims=${dims}`);
    const range = (n: number, from: number) => Array.from({ length: n }, (_, i) => from + i);
    return ops.tensordot(self, other, range(dims, self.ndim - dims), range(dims, 0));
  },
});

op('tensordot.lists(Tensor self|a, Tensor other|b, int[][] dims) -> Tensor', {
  doc: 'Sums products over pairs of dimensions: those of `self`, then those of `other`.',
  method: false,
  composite(self, other, dims) {
    if (dims.length !== 2)
      throw new RuntimeError(`tensordot expects dims to be int or two lists of ints, but got ${dims.length}`);
    return ops.tensordot(self, other, dims[0], dims[1]);
  },
});

op('kron(Tensor self, Tensor other) -> Tensor', {
  doc: 'The Kronecker product.',
  composite(self, other) {
    const n = Math.max(self.ndim, other.ndim);
    const pad = (t: Tensor) => [...new Array<number>(n - t.ndim).fill(1), ...t.shape];
    const [a, b] = [pad(self), pad(other)];
    return self
      .reshape(a.flatMap((s) => [s, 1]))
      .mul(other.reshape(b.flatMap((s) => [1, s])))
      .reshape(a.map((s, i) => s * b[i]));
  },
});
