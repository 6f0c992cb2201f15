/** Householder reflections, and the QR factorization made of them. */
import type { Gradient } from '../../autograd/node.js';
import { castRemedy } from '../../core/cpp_names.js';
import { RuntimeError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import {
  adjoint,
  checkFloating,
  checkKernel,
  checkMatrix,
  denseCopyOf,
  emptyAs,
  stackOf,
  triangleOf,
} from './factorization.js';
import { solveTriangular } from './triangular_solve.js';

/** R, below which the vectors of reflections stand, and their factors. */
function reflectionsOf(matrix: Tensor): readonly [a: Tensor, tau: Tensor] {
  const a = denseCopyOf(matrix);
  const [rows, columns] = a.shape.slice(-2);
  const tau = emptyAs([...a.shape.slice(0, -2), Math.min(rows, columns)], a);
  if (a.numel() > 0) a.storage.backend.kernels.householder_qr(stackOf(a), stackOf(tau, 1));
  return [a, tau];
}

/** The first columns of the product of reflections. */
function productOf(a: Tensor, tau: Tensor, columns: number): Tensor {
  const out = emptyAs([...a.shape.slice(0, -1), columns], a);
  if (out.numel() > 0)
    out.storage.backend.kernels.householder_product(stackOf(out), stackOf(a), stackOf(tau.contiguous(), 1));
  return out;
}

export const geqrf = op('geqrf(Tensor self) -> (Tensor a, Tensor tau)', {
  doc: "The factor R of a QR factorization and, below the diagonal, the vectors of the Householder reflections whose product is Q; `tau` are their factors. (LAPACK's geqrf.)",
  batch: 'leading',
  forward(self) {
    if (self.ndim < 2) throw new RuntimeError('torch.geqrf: input must have at least 2 dimensions.');
    checkKernel('geqrf_cpu', self);
    return reflectionsOf(self);
  },
});

const modes = ['reduced', 'r', 'complete'];

const qrSchema = "qr(Tensor A, 'reduced'|'complete'|'r' mode='reduced') -> (Tensor Q, Tensor R)";

export const qr: OpFunction<typeof qrSchema> = op(qrSchema, {
  doc: "The factors of A = Q R: Q with orthonormal columns and an upper triangular R; 'complete' gives all of Q, 'r' no Q (it is empty).",
  module: 'linalg',
  // Without Q nothing of it has a stack.
  batch: (a, mode) => (mode === 'r' ? null : qr(a, mode)),
  gradName: 'LinalgQrBackward0',
  forward(matrix, mode): readonly [Tensor, Tensor] {
    checkMatrix('linalg.qr', matrix);
    checkFloating('linalg.qr', matrix);
    if (!modes.includes(mode))
      throw new RuntimeError(
        `qr received unrecognized mode '${mode}' but expected one of 'reduced' (default), 'r', or 'complete'`,
      );
    checkKernel('geqrf_cpu', matrix);
    const [a, tau] = reflectionsOf(matrix);
    const [rows, columns] = a.shape.slice(-2);
    const inner = mode === 'complete' ? rows : Math.min(rows, columns);
    const r = triangleOf(a, [inner, columns], 0, true);
    return [mode === 'r' ? emptyAs([0], a) : productOf(a, tau, inner), r];
  },
  save: ['Q', 'R'],
  holomorphic: false,
  vjp: ([byQ, byR], { Q, R, mode, sizes }) => {
    const [rows, columns] = sizes.A.slice(-2);
    if (mode === 'r')
      throw new RuntimeError(
        "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr.",
      );
    if (mode === 'complete' && rows > columns)
      throw new RuntimeError(
        "The QR decomposition is not differentiable when mode='complete' and nrows > ncols.",
      );
    if (byQ === null && byR === null) return {};
    if (rows >= columns) return { A: qrGradient(Q, R, byQ, byR) };
    // The rest of the columns is Q times those of R.
    const [square, rest] = [R.narrow(-1, 0, rows), R.narrow(-1, rows, columns - rows)];
    const byRest = byR?.narrow(-1, rows, columns - rows) ?? null;
    const through = byRest === null ? null : Q.matmul(rest.matmul(adjoint(byRest)));
    const byAllQ = byQ === null ? through : through === null ? byQ : byQ.add(through);
    const first = qrGradient(Q, square, byAllQ, byR?.narrow(-1, 0, rows) ?? null);
    const last = byRest === null ? Q.newZeros([...Q.shape.slice(0, -1), columns - rows]) : Q.matmul(byRest);
    return { A: ops.cat([first, last], -1) };
  },
});

/** The gradient by a matrix with at least as many rows as columns (Walter & Lehmann, 2012). */
function qrGradient(q: Tensor, r: Tensor, byQ: Gradient, byR: Gradient): Tensor {
  const ofR = byR?.matmul(adjoint(r));
  const ofQ = byQ === null ? undefined : adjoint(q).matmul(byQ);
  const m = (ofR === undefined ? ofQ!.neg() : ofQ === undefined ? ofR : ofR.sub(ofQ)).triu();
  const symmetric = m.add(adjoint(m));
  const inner = symmetric.sub(symmetric.diagonal(0, -2, -1).mul(0.5).diagEmbed());
  const by = q.matmul(inner);
  return solveTriangular(adjoint(r), byQ === null ? by : by.add(byQ), false, false, false);
}

op('qr(Tensor self, bool some=True) -> (Tensor Q, Tensor R)', {
  doc: "As `linalg.qr`, by its older name; without `some` in the mode 'complete'.",
  composite: (self, some) => qr(self, some ? 'reduced' : 'complete'),
});

const productSchema = 'orgqr(Tensor self, Tensor tau|input2) -> Tensor';
export const householderProduct: OpFunction<typeof productSchema> = op(productSchema, {
  doc: 'The first columns of the product of Householder reflections I - tau v vᴴ, whose vectors stand below the diagonal, as `geqrf` leaves them.',
  aliases: ['linalg.householder_product'],
  batch: 'leading',
  gradName: 'LinalgHouseholderProductBackward0',
  forward(self, tau) {
    checkProduct(self, tau);
    return productOf(self, tau, self.shape[self.ndim - 1]);
  },
  save: ['self', 'tau'],
  holomorphic: false,
  vjp: ([grad], { self, tau }) => (grad === null ? {} : productGradient(self, tau, grad)),
});

function checkProduct(input: Tensor, tau: Tensor): void {
  const name = 'torch.linalg.householder_product';
  const fail = (text: string): never => {
    throw new RuntimeError(`${name}: ${text}`);
  };
  if (input.ndim < 2) fail('input must have at least 2 dimensions.');
  const [rows, columns] = input.shape.slice(-2);
  if (rows < columns) fail('input.shape[-2] must be greater than or equal to input.shape[-1]');
  if (tau.ndim > 0 && columns < tau.shape[tau.ndim - 1])
    fail('input.shape[-1] must be greater than or equal to tau.shape[-1]');
  if (input.ndim - tau.ndim !== 1)
    fail(
      `Expected tau to have one dimension less than input, but got tau.ndim equal to ${tau.ndim} and input.ndim is equal to ${input.ndim}`,
    );
  const batch = tau.shape.slice(0, -1);
  if (String(batch) !== String(input.shape.slice(0, -2)))
    fail(`Expected batch dimensions of tau to be equal to input.shape[:-2], but got ${formatShape(batch)}`);
  if (input.dtype !== tau.dtype)
    fail(
      `tau dtype ${tau.dtype.scalarName} does not match input dtype ${input.dtype.scalarName}${castRemedy(tau.dtype, input.dtype)}`,
    );
  checkKernel('orgqr_cpu', input);
}

/**
 * The gradients of a product of reflections. From the product the first reflection is taken away, then the next one, so that nothing
 * is kept on the way: a reflection's inverse is I - sigma v vᴴ.
 */
export function productGradient(input: Tensor, tau: Tensor, grad: Tensor): { self: Tensor; tau: Tensor } {
  const count = tau.shape[tau.ndim - 1];
  const [rows, columns] = input.shape.slice(-2);
  const { dtype, device } = input;
  // Vectors with the one at their head, as columns.
  const vectors = input.tril(-1).add(ops.eye(rows, columns, { dtype, device }));
  let product = householderProduct(input, tau);
  let by = grad;
  const byVectors: Tensor[] = [];
  const byTau: Tensor[] = [];
  for (let i = 0; i < count; i++) {
    const v = vectors.narrow(-1, i, 1);
    const dual = adjoint(v);
    const t = tau.narrow(-1, i, 1).unsqueeze(-1);
    const sigma = t.div(t.mul(dual.matmul(v)).sub(1));
    product = product.sub(sigma.mul(v).matmul(dual.matmul(product)));
    const row = dual.matmul(product);
    const through = dual.matmul(by);
    const byRow = by.matmul(adjoint(row));
    byTau.push(dual.matmul(byRow).neg().squeeze(-1));
    const byDual = product.matmul(adjoint(through));
    byVectors.push(conjugated(t).mul(byRow).add(t.mul(byDual)).neg());
    by = by.sub(conjugated(t).mul(v).matmul(through));
  }
  if (count === 0) return { self: input.zerosLike(), tau: tau.zerosLike() };
  const rest = columns - count;
  if (rest > 0) byVectors.push(input.newZeros([...input.shape.slice(0, -1), rest]));
  return { self: ops.cat(byVectors, -1).tril(-1), tau: ops.cat(byTau, -1) };
}

const conjugated = (t: Tensor): Tensor => (t.isComplex() ? t.conj() : t);
