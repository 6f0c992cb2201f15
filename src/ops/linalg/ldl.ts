/** The factorization A = L D Lᵀ (Lᴴ) of symmetric (Hermitian) matrices, up to the order of rows, and systems with them. */
import { Category, int32 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { formatShape, sameShape, wrapDim } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { empty } from '../../dispatch/empty.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { copyInto } from '../copying.js';
import {
  checkFloating,
  checkInfo,
  checkKernel,
  checkSquare,
  emptyAs,
  emptyByColumns,
  emptyInfo,
  notDifferentiable,
  stackOf,
} from './factorization.js';
import { stackedSystem } from './lu_solve.js';
import { broadcastBatches } from './triangular_solve.js';

const singularBlock = (index: number): string =>
  `The block of D that begins at ${index} is zero, so that the matrix is singular and its factors cannot be used by ldl_solve.`;

const factorize = op(
  '_ldl_factor_ex(Tensor self, bool hermitian, str? check) -> (Tensor LD, Tensor pivots, Tensor info)',
  {
    doc: 'The factors, and what `linalg.ldl_factor_ex` says of them; `check` names who refuses singular matrices.',
    function: false,
    method: false,
    batch: 'leading',
    forward(self, hermitian, check): readonly [Tensor, Tensor, Tensor] {
      const name = 'torch.linalg.ldl_factor_ex';
      checkSquare(name, self);
      checkFloating(name, self);
      checkKernel('ldl_factor_kernel_cpu', self);
      const factors = emptyByColumns(self.shape, self);
      const pivots = empty(self.shape.slice(0, -1), int32, self.storage.backend);
      const info = emptyInfo(self.shape.slice(0, -2), self);
      if (factors.numel() > 0) {
        copyInto(factors, self.tril());
        const stack = stackOf(factors.mT).mT;
        factors.storage.backend.kernels.ldl(stack, stackOf(pivots, 1), stackOf(info, 0), hermitian);
      }
      if (check !== null) checkInfo(check, info, singularBlock);
      return [factors, pivots, info];
    },
    vjp: notDifferentiable('linalg_ldl_factor_ex'),
  },
);

op(
  'ldl_factor_ex(Tensor self, *, bool hermitian=False, bool check_errors=False) -> (Tensor LD, Tensor pivots, Tensor info)',
  {
    doc: 'As `ldl_factor`, without an error for singular matrices: `info` is 0, or the number of the first zero on the diagonal of D.',
    module: 'linalg',
    composite: (self, hermitian, checkErrors) =>
      factorize(self, hermitian, checkErrors ? 'torch.linalg.ldl_factor_ex' : null),
  },
);

op('ldl_factor(Tensor self, *, bool hermitian=False) -> (Tensor LD, Tensor pivots)', {
  doc: 'L and D of symmetric matrices (`hermitian`: Hermitian ones), packed in the lower triangle, which alone is read, and the swaps of rows: D has 2 × 2 blocks where pivots are negative.',
  module: 'linalg',
  composite(self, hermitian): readonly [Tensor, Tensor] {
    const [factors, pivots] = factorize(self, hermitian, 'torch.linalg.ldl_factor');
    return [factors, pivots];
  },
});

const solveSchema = 'ldl_solve(Tensor LD, Tensor pivots, Tensor B, *, bool hermitian=False) -> Tensor';

const solve: OpFunction<typeof solveSchema> = op(solveSchema, {
  doc: 'The solution X of A X = B, given what `ldl_factor` makes of A.',
  module: 'linalg',
  batch: (factors, pivots, b, hermitian, { has, size }) =>
    solve(...stackedSystem([factors, has.LD], [pivots, has.pivots], [b, has.B], size), hermitian),
  forward(factors, pivots, b, hermitian) {
    const name = 'torch.linalg.ldl_solve';
    const fail = (text: string): never => {
      throw new RuntimeError(`${name}: ${text}`);
    };
    checkSquare(name, factors);
    checkFloating(name, factors);
    wrapDim(-2, b.ndim);
    const n = factors.shape[factors.ndim - 1];
    if (b.shape[b.ndim - 2] !== n)
      throw new RuntimeError(
        `Incompatible matrix sizes for ${name}: each A matrix is ${n} by ${n} but each b matrix is ${b.shape.slice(-2).join(' by ')}`,
      );
    if (!sameShape(factors.shape.slice(0, -1), pivots.shape))
      fail(
        `Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape ${formatShape(pivots.shape)} instead`,
      );
    if (pivots.dtype.category !== Category.int)
      fail(`Expected pivots to be integers. Got ${pivots.dtype.scalarName}`);
    if (factors.dtype !== b.dtype)
      throw new RuntimeError(
        `Expected b and A to have the same dtype, but found b of type ${b.dtype.scalarName} and A of type ${factors.dtype.scalarName} instead.`,
      );
    checkKernel('ldl_solve_kernel_cpu', factors);
    if (pivots.isReadable && pivots.numel() > 0) {
      const rows = pivots.abs();
      if ((rows.amin().item() as number) < 1 || (rows.amax().item() as number) > n)
        fail(
          `Expected pivots to be numbers of rows, as ldl_factor gives them, from 1 to ${n} or from -${n} to -1`,
        );
    }
    const [all, from] = broadcastBatches(factors, b);
    const out = emptyAs(from.shape, factors);
    if (out.numel() === 0) return out;
    copyInto(out, from);
    const swaps = pivots.to(int32).expand(all.shape.slice(0, -1));
    out.storage.backend.kernels.ldl_solve(stackOf(out), stackOf(all), stackOf(swaps, 1), hermitian);
    return out;
  },
  vjp: notDifferentiable('linalg_ldl_solve'),
});
