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

/** Operands with the batch dimensions that both have together. */
export function broadcastBatches(a: Tensor, b: Tensor): readonly [Tensor, Tensor] {
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
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
