/** Systems of equations with triangular matrices. */
import { RuntimeError } from '../../core/errors.js';
import { broadcastShapes } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { copyInto } from '../copying.js';
import { adjoint, checkKernel, checkMatrix, checkSquare, emptyAs, stackOf } from './factorization.js';

/** @throws RuntimeError unless A X = B, or X A = B, makes sense */
export function checkSystem(name: string, a: Tensor, b: Tensor, left: boolean): void {
  const n = a.shape[a.ndim - 1];
  if (n === b.shape[b.ndim - (left ? 2 : 1)]) return;
  const sizes = (t: Tensor): string => t.shape.slice(-2).join('x');
  throw new RuntimeError(
    `${name}: Incompatible shapes of A and B for the equation ${left ? 'AX = B' : 'XA = B'} (${sizes(a)} and ${sizes(b)})`,
  );
}

/** @throws RuntimeError unless both operands have one dtype and A X = B makes sense, in the words of the older functions */
export function checkOperands(name: string, b: Tensor, a: Tensor): void {
  const [rows, columns] = a.shape.slice(-2);
  if (b.dtype !== a.dtype)
    throw new RuntimeError(
      `Expected b and A to have the same dtype, but found b of type ${b.dtype.scalarName} and A of type ${a.dtype.scalarName} instead.`,
    );
  if (rows !== columns)
    throw new RuntimeError(
      `A must be batches of square matrices, but they are ${rows} by ${columns} matrices`,
    );
  if (b.shape[b.ndim - 2] !== rows)
    throw new RuntimeError(
      `Incompatible matrix sizes for ${name}: each A matrix is ${rows} by ${rows} but each b matrix is ${b.shape.slice(-2).join(' by ')}`,
    );
}

/** Operands with the batch dimensions that both have together. */
export function broadcastBatches(a: Tensor, b: Tensor): readonly [Tensor, Tensor] {
  const batch = broadcastShapes(b.shape.slice(0, -2), a.shape.slice(0, -2));
  return [a.expand([...batch, ...a.shape.slice(-2)]), b.expand([...batch, ...b.shape.slice(-2)])];
}

const schema =
  'solve_triangular(Tensor self, Tensor B, *, bool upper, bool left=True, bool unitriangular=False) -> Tensor';

export const solveTriangular: OpFunction<typeof schema> = op(schema, {
  doc: 'The solution X of A X = B, or with `left: false` of X A = B, for triangular matrices A (`input`), of which the other triangle is not read.',
  module: 'linalg',
  batch: 'broadcast',
  gradName: 'LinalgSolveTriangularBackward0',
  forward(self, B, upper, left, unit) {
    const name = 'linalg.solve_triangular';
    checkSquare(name, self);
    checkMatrix(name, B, 'B');
    checkSystem(name, self, B, left);
    const [a, b] = broadcastBatches(self, B);
    checkKernel('triangular_solve_cpu', self);
    const out = emptyAs(b.shape, self);
    if (out.numel() === 0) return out;
    copyInto(out, b);
    out.storage.backend.kernels.triangular_solve(stackOf(out), stackOf(a), upper, left, unit);
    return out;
  },
  save: ['self', 'result'],
  holomorphic: false,
  vjp: (
    [grad],
    { self, upper, left, unitriangular: unit, result, sizes },
    needs,
  ): { self?: Tensor; B?: Tensor } => {
    if (grad === null) return {};
    const byB = solveTriangular(adjoint(self), grad, !upper, left, unit);
    if (!needs.self) return { B: byB.sumToSize(sizes.B) };
    const byA = left ? byB.matmul(adjoint(result)) : adjoint(result).matmul(byB);
    const offset = unit ? 1 : 0;
    const part = upper ? byA.triu(offset) : byA.tril(-offset);
    return { self: part.neg().sumToSize(self.shape), B: needs.B ? byB.sumToSize(sizes.B) : undefined };
  },
});

op(
  'triangular_solve(Tensor self|b, Tensor A, bool upper=True, bool transpose=False, bool unitriangular=False) -> (Tensor solution, Tensor cloned_coefficient)',
  {
    doc: 'As `linalg.solve_triangular`, by its older name and with the arguments in another order, besides a copy of A; with `transpose` Aᵀ takes the place of A.',
    composite(self, a, upper, transpose, unitriangular): readonly [Tensor, Tensor] {
      for (const [name, { ndim }] of [
        ['b', self],
        ['A', a],
      ] as const)
        if (ndim < 2)
          throw new RuntimeError(
            `torch.triangular_solve: Expected ${name} to have at least 2 dimensions, but it has ${ndim} dimensions instead`,
          );
      checkOperands('triangular_solve', self, a);
      const x = transpose
        ? solveTriangular(a.mT, self, !upper, true, unitriangular)
        : solveTriangular(a, self, upper, true, unitriangular);
      return [x, a.expand([...x.shape.slice(0, -2), ...a.shape.slice(-2)]).clone()];
    },
  },
);
