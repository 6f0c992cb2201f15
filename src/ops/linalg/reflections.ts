/** Products of matrices with a product of Householder reflections. */
import { RuntimeError } from '../../core/errors.js';
import { formatShape, sameShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { adjoint, checkKernel, denseCopyOf, stackOf } from './factorization.js';
import { productGradient } from './householder.js';

const schema =
  'ormqr(Tensor self, Tensor tau|input2, Tensor other|input3, bool left=True, bool transpose=False) -> Tensor';

const applied: OpFunction<typeof schema> = op(schema, {
  doc: "Q · other (other · Q unless `left`), with `transpose` Qᴴ in place of Q, for the product Q of all Householder reflections, as `geqrf` leaves them. (LAPACK's ormqr.)",
  batch: 'leading',
  forward(self, tau, other, left, transpose) {
    check(self, tau, other, left);
    const out = denseCopyOf(other);
    if (out.numel() > 0)
      out.storage.backend.kernels.householder_apply(
        stackOf(out),
        stackOf(self),
        stackOf(tau.contiguous(), 1),
        left,
        transpose,
      );
    return out;
  },
  save: ['self', 'tau', 'other'],
  holomorphic: false,
  vjp: (
    [grad],
    { self, tau, other, left, transpose },
    needs,
  ): { self?: Tensor; tau?: Tensor; other?: Tensor } => {
    if (grad === null) return {};
    const byOther = needs.other ? applied(self, tau, grad, left, !transpose) : undefined;
    if (!needs.self && !needs.tau) return { other: byOther };
    // By Q, or by Qᴴ; of Q there are as many columns as rows.
    const byFactor = left ? grad.matmul(adjoint(other)) : adjoint(other).matmul(grad);
    const byQ = transpose ? adjoint(byFactor) : byFactor;
    const [rows, columns] = self.shape.slice(-2);
    const missing = [...self.shape.slice(0, -1), Math.max(0, rows - columns)];
    const square = ops.cat([self.narrow(-1, 0, Math.min(rows, columns)), self.newZeros(missing)], -1);
    const { self: bySquare, tau: byTau } = productGradient(square, tau, byQ);
    const more = self.newZeros([...self.shape.slice(0, -1), Math.max(0, columns - rows)]);
    const bySelf = ops.cat([bySquare.narrow(-1, 0, Math.min(rows, columns)), more], -1);
    return { self: bySelf, tau: byTau, other: byOther };
  },
});

function check(input: Tensor, tau: Tensor, other: Tensor, left: boolean): void {
  const fail = (text: string): never => {
    throw new RuntimeError(`torch.ormqr: ${text}`);
  };
  for (const [name, { ndim }] of [
    ['input', input],
    ['other', other],
  ] as const)
    if (ndim < 2) fail(`${name} must have at least 2 dimensions.`);
  const at = left ? -2 : -1;
  const size = other.shape[other.ndim + at];
  const [rows, columns] = input.shape.slice(-2);
  const along = `other.shape[${at}]`;
  if (size !== rows) fail(`${along} must be equal to input.shape[-2]`);
  if (input.ndim - tau.ndim !== 1)
    fail(
      `Expected tau to have one dimension less than input, but got tau.ndim equal to ${tau.ndim} and input.ndim is equal to ${input.ndim}`,
    );
  if (input.ndim !== other.ndim)
    fail(
      `Expected other to have the same number of dimensions as input, but got other.ndim equal to ${other.ndim} and input.ndim is equal to ${input.ndim}`,
    );
  if (tau.shape[tau.ndim - 1] !== Math.min(size, columns))
    fail(`tau.shape[-1] must be equal to min(${along}, input.shape[-1])`);
  const batch = input.shape.slice(0, -2);
  const checkBatch = (name: string, found: readonly number[]): void => {
    if (!sameShape(found, batch))
      fail(
        `Expected batch dimensions of ${name} to be equal to input.shape[:-2], but got ${formatShape(found)}`,
      );
  };
  checkBatch('tau', tau.shape.slice(0, -1));
  checkBatch('other', other.shape.slice(0, -2));
  for (const [name, { dtype }] of [
    ['tau', tau],
    ['other', other],
  ] as const)
    if (dtype !== input.dtype)
      fail(
        `Expected input and ${name} to have the same dtype, but input has dtype${input.dtype.scalarName} and ${name} has dtype ${dtype.scalarName}`,
      );
  checkKernel('ormqr_cpu', input);
}
