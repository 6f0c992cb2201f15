import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { linalg, tensor } = torch;
type Tensor = torch.Tensor;

/** Kinds of matrices that LAPACK's own tests are made of. */
const kinds = ['random', 'graded', 'rank-deficient', 'clustered', 'huge', 'tiny', 'triangular'] as const;

function matrix(kind: (typeof kinds)[number], shape: number[], dtype: torch.DType): Tensor {
  const a = torch.randn(shape, { dtype });
  const [rows, columns] = shape.slice(-2);
  const steps = torch.arange(columns, { dtype: torch.float64 }).div(Math.max(1, columns));
  switch (kind) {
    case 'graded':
      return a.mul(steps.mul(-6).exp2().to(dtype));
    case 'rank-deficient':
      return a.mul(torch.arange(columns).remainder(3).ne(0).to(dtype));
    case 'clustered':
      return a.mul(1e-3).add(torch.eye(rows, columns, { dtype }));
    case 'huge':
      return a.mul(dtype === torch.float32 || dtype === torch.complex64 ? 1e12 : 1e100);
    case 'tiny':
      return a.mul(dtype === torch.float32 || dtype === torch.complex64 ? 1e-12 : 1e-100);
    case 'triangular':
      return a.triu();
    default:
      return a;
  }
}

const largest = (t: Tensor): number => (t.numel() === 0 ? 0 : (t.abs().max().item() as number));
const epsilon = (dtype: torch.DType): number =>
  dtype === torch.float32 || dtype === torch.complex64 ? 2 ** -23 : 2 ** -52;

/** ‖difference‖ within 10 n ε ‖of‖. */
function small(difference: Tensor, of: number, n: number): void {
  expect(largest(difference)).toBeLessThanOrEqual(10 * Math.max(1, n) * epsilon(difference.dtype) * of);
}

const dtypes = [torch.float32, torch.float64, torch.complex64, torch.complex128];
const shapes = [
  [1, 1],
  [4, 4],
  [3, 7],
  [17, 5],
  [65, 65],
  [0, 3],
  [130, 40],
];

describe('A = P L U', () => {
  it.each(kinds)('of %s matrices', (kind) => {
    torch.manualSeed(1);
    for (const [i, shape] of shapes.entries()) {
      const dtype = dtypes[i % 4];
      const a = matrix(kind, [2, ...shape], dtype);
      for (const view of [a, a.mT.contiguous().mT]) {
        const { P, L, U } = linalg.lu(view);
        small(P.matmul(L).matmul(U).sub(a), largest(a), Math.max(...shape));
        expect(largest(L)).toBeLessThanOrEqual(dtype.isComplex ? 1.5 : 1);
        expect(L.equal(L.tril())).toBe(true);
        const { LU, pivots } = linalg.luFactorEx(view);
        const parts = torch.luUnpack(LU, pivots);
        expect([parts.P.equal(P), parts.L.equal(L), parts.U.equal(U)]).toEqual([true, true, true]);
      }
      if (kind === 'rank-deficient') break;
    }
  });

  it('solves systems in every form', () => {
    torch.manualSeed(2);
    for (const [n, dtype] of [1, 4, 16, 33, 70].flatMap((n) => dtypes.map((dtype) => [n, dtype] as const))) {
      const a = torch.randn(2, n, n, { dtype }).add(torch.eye(n, { dtype }).mul(2 * n));
      const b = torch.randn(3, 1, n, 5, { dtype });
      const { LU, pivots } = linalg.luFactor(a);
      for (const adjoint of [false, true]) {
        const of = adjoint ? a.mH : a;
        const x = linalg.luSolve(LU, pivots, b, { adjoint });
        expect(x.shape).toEqual([3, 2, n, 5]);
        small(of.matmul(x).sub(b), largest(b), n);
        const y = linalg.luSolve(LU, pivots, b.mT, { adjoint, left: false });
        small(y.matmul(of).sub(b.mT), largest(b), n);
        for (const right of [b, b.narrow(0, 0, 1)]) {
          small(of.matmul(linalg.solve(of, right)).sub(right), largest(b), n);
          small(linalg.solve(of, right.mT, { left: false }).matmul(of).sub(right.mT), largest(b), n);
        }
      }
      expect(torch.luSolve(b, LU, pivots).equal(linalg.luSolve(LU, pivots, b))).toBe(true);
      const { inverse, info } = linalg.invEx(a);
      expect(info.tolist()).toEqual([0, 0]);
      small(inverse.matmul(a).sub(torch.eye(n, { dtype })), 1, n);
    }
  });

  it('gives determinants with their signs', () => {
    const a = tensor([
      [0, 2, 0],
      [1, 0, 0],
      [0, 0, 3.5],
    ]);
    expect(torch.det(a).item()).toBe(-7);
    expect(linalg.det(torch.stack([a, a.mT, torch.eye(3)])).tolist()).toEqual([-7, -7, 1]);
    const { sign, logabsdet } = linalg.slogdet(a);
    expect(sign.item()).toBe(-1);
    expect(logabsdet.item()).toBeCloseTo(Math.log(7), 6);
    expect(a.logdet().item()).toBeNaN();
    expect(linalg.slogdet(torch.zeros(2, 2)).logabsdet.item()).toBe(-Infinity);
    expect(linalg.det(torch.ones(3, 0, 0)).tolist()).toEqual([1, 1, 1]);
    // What overflows as a number is there as a logarithm.
    const large = torch.eye(50).mul(1e10);
    expect(linalg.slogdet(large).logabsdet.item()).toBeCloseTo(500 * Math.log(10), 2);
  });

  it('differentiates determinants of singular matrices, twice', () => {
    const options = { dtype: torch.float64 };
    const rank = (n: number, r: number) => torch.eye(n, options).mul(torch.arange(n).lt(r).to(torch.float64));
    const a = torch.stack([rank(3, 3), rank(3, 2), rank(3, 1), rank(3, 0)]).requiresGrad_();
    expect(torch.autograd.gradcheck((x) => linalg.det(x), [a])).toBe(true);
    expect(torch.autograd.gradgradcheck((x) => linalg.det(x), [a])).toBe(true);
    const b = tensor([
      [1, 2],
      [2, 4],
    ])
      .float()
      .requiresGrad_();
    torch.det(b).backward();
    expect(b.grad!.tolist()).toEqual([
      [4, -2],
      [-2, 1],
    ]);
  });

  it('ends on numbers that are none', () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const a = torch.randn(2, 40, 40);
      a.select(0, 0).fill_(value);
      expect(linalg.luFactorEx(a).LU.select(0, 1).isfinite().all().item()).toBe(1);
      expect(linalg.inv(a.add(0)).shape).toEqual([2, 40, 40]);
      expect(linalg.ldlFactorEx(a).LD.shape).toEqual([2, 40, 40]);
      expect(linalg.qr(a).Q.shape).toEqual([2, 40, 40]);
      expect(linalg.choleskyEx(a).info.select(0, 0).item()).toBeGreaterThan(0);
      expect(linalg.matrixExp(a).select(0, 0).isnan().all().item()).toBe(1);
    }
  });

  it('refuses what makes no sense, as PyTorch does', () => {
    const swaps = torch.ones(3, { dtype: torch.int32 });
    const eye = torch.eye(3);
    expect(() => linalg.lu(eye, { pivot: false })).toThrow(
      'linalg.lu_factor: LU without pivoting is not implemented on the CPU',
    );
    expect(() => linalg.luFactor(torch.zeros(2, 2, 2))).toThrow(
      'torch.linalg.lu_factor: (Batch element 0): U[1,1] is zero and using it on lu_solve would result in a division by zero.',
    );
    const each = torch.tensor([[1, 900]], { dtype: torch.int32 });
    const inAVmap = (f: (pivots: torch.Tensor) => torch.Tensor) => () => torch.func.vmap(f)(each);
    expect(inAVmap((pivots) => linalg.luSolve(torch.eye(2), pivots, torch.ones(2, 1)))).toThrow(
      'Pivots given to lu_solve must all be smaller or equal to LU.size(-2).',
    );
    expect(inAVmap((pivots) => torch.luUnpack(torch.eye(2), pivots)[0])).toThrow(
      'pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive.',
    );
    expect(() => linalg.luSolve(eye, swaps.mul(4), torch.ones(3, 2))).toThrow(
      'Pivots given to lu_solve must all be smaller or equal to LU.size(-2).',
    );
    expect(() => torch.luUnpack(eye, swaps.mul(0))).toThrow(
      'pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive.',
    );
    expect(() => linalg.inv(torch.zeros(2, 2))).toThrow(
      'linalg.inv: The diagonal element 1 is zero, the inversion could not be completed because the input matrix is singular.',
    );
    expect(() => linalg.inv(torch.zeros(2, 2))).toThrow(linalg.LinAlgError);
    expect(() => linalg.inv(eye.half())).toThrow('linalg.inv: Low precision dtypes not supported. Got Half');
  });
});

describe('A = L D Lᴴ', () => {
  const solvable = kinds.filter((kind) => !['rank-deficient', 'graded', 'triangular'].includes(kind));

  it.each(solvable)('of %s matrices solves systems', (kind) => {
    torch.manualSeed(3);
    for (const [i, n] of [1, 2, 5, 34].entries())
      for (const hermitian of [false, true]) {
        const dtype = dtypes[(i + Number(hermitian)) % 4];
        const half = matrix(kind, [2, n, n], dtype);
        const a = half.add(hermitian ? half.mH : half.mT);
        const { LD, pivots } = linalg.ldlFactor(a.tril(), { hermitian });
        const b = torch.randn(2, n, 3, { dtype });
        const x = linalg.ldlSolve(LD, pivots, b, { hermitian });
        small(a.matmul(x).sub(b), largest(a) * largest(x), n);
      }
  });

  it("chooses LAPACK's pivots", () => {
    const a = tensor([
      [0, 0, 0],
      [1, 0, 0],
      [2, 3, 4],
    ]).float();
    const { LD, pivots } = linalg.ldlFactor(a);
    expect(pivots.tolist()).toEqual([3, 2, 3]);
    expect(LD.select(0, 0).tolist()).toEqual([4, 0, 0]);
    expect(
      linalg
        .ldlFactor(
          tensor([
            [0, 0],
            [1, 0],
          ]).float(),
        )
        .pivots.tolist(),
    ).toEqual([-2, -2]);
    expect(linalg.ldlFactorEx(torch.zeros(2, 2)).info.item()).toBe(1);
    expect(() =>
      linalg.ldlSolve(torch.eye(2), tensor([1, 5], { dtype: torch.int32 }), torch.ones(2, 1)),
    ).toThrow('torch.linalg.ldl_solve: Expected pivots to be numbers of rows');
    const leaf = torch.eye(2).requiresGrad_();
    expect(() => linalg.ldlFactor(leaf).LD.sum().backward()).toThrow(
      'derivative for aten::linalg_ldl_factor_ex is not implemented',
    );
  });
});

describe('Q', () => {
  it.each(kinds)('of %s matrices is orthogonal, and so applied', (kind) => {
    torch.manualSeed(4);
    for (const [i, [m, n]] of shapes.entries()) {
      const dtype = dtypes[i % 4];
      const a = matrix(kind, [2, m, n], dtype);
      const { Q, R } = linalg.qr(a, 'complete');
      small(Q.matmul(R).sub(a), largest(a), Math.max(m, n));
      small(Q.mH.matmul(Q).sub(torch.eye(m, { dtype })), 1, m);
      if (m === 0) continue;
      const [reflections, tau] = torch.geqrf(a);
      const c = torch.randn(2, m, 3, { dtype });
      for (const transpose of [false, true]) {
        const q = transpose ? Q.mH : Q;
        small(torch.ormqr(reflections, tau, c, true, transpose).sub(q.matmul(c)), 10, m);
        small(torch.ormqr(reflections, tau, c.mT, false, transpose).sub(c.mT.matmul(q)), 10, m);
      }
    }
  });
});

describe('tensors as matrices', () => {
  it('have inverses and solutions', () => {
    torch.manualSeed(5);
    const a = torch.randn(2, 3, 6, { dtype: torch.float64 });
    const inverse = linalg.tensorinv(a, 2);
    expect(inverse.shape).toEqual([6, 2, 3]);
    const b = torch.randn(2, 3, { dtype: torch.float64 });
    const x = linalg.tensorsolve(a, b);
    small(torch.tensordot(a, x, 1).sub(b), 100, 6);
    small(torch.tensordot(inverse, b, 2).sub(x), 100, 6);
    expect(linalg.tensorsolve(a.movedim(2, 0), b, [0]).sub(x).abs().max().item()).toBeLessThan(1e-10);
    expect(() => linalg.tensorinv(a, 1)).toThrow(
      'Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got 18 != 2',
    );
  });

  it('have powers', () => {
    const a = tensor([
      [1, 1],
      [1, 0],
    ]).float();
    expect(torch.matrixPower(a, 10).tolist()).toEqual([
      [89, 55],
      [55, 34],
    ]);
    small(linalg.matrixPower(a, -3).matmul(linalg.matrixPower(a, 3)).sub(torch.eye(2)), 20, 2);
    expect(a.matrixPower(0).tolist()).toEqual(torch.eye(2).tolist());
  });
});

describe('addbmm_', () => {
  it('gives a smaller tensor the sizes of the sum', () => {
    const a = torch.ones(1);
    expect(a.addbmm_(torch.ones(2, 3, 4), torch.ones(2, 4, 5)).shape).toEqual([3, 5]);
    expect(a.shape).toEqual([3, 5]);
    expect(a.eq(9).all().item()).toBe(1);
  });
});

/** Small matrices are computed side by side, one to a lane of vectors: each must get what it gets alone. */
describe('a stack of small matrices', () => {
  const alone = (stack: Tensor, one: (matrix: Tensor) => readonly Tensor[]): Tensor[] => {
    const results = stack.unbind().map((matrix) => one(matrix.unsqueeze(0)));
    return results[0].map((_, i) => torch.cat(results.map((r) => r[i])));
  };

  function same(stack: Tensor, one: (matrices: Tensor) => readonly Tensor[]): void {
    for (const [i, expected] of alone(stack, one).entries()) {
      const found = one(stack)[i];
      expect(found.isnan().equal(expected.isnan())).toBe(true);
      const numbers = [found, expected].map((t) => t.nanToNum(0));
      const size = largest(numbers[1]);
      expect(largest(numbers[0].sub(numbers[1]))).toBeLessThanOrEqual(1e3 * epsilon(torch.float32) * size);
    }
  }

  it.each([
    [2, 33],
    [4, 50],
    [7, 19],
    [16, 16],
  ])('of %i rows, %i of them', (n, count) => {
    torch.manualSeed(n);
    const a = torch.randn(count, n, n).add(torch.eye(n).mul(2 * n));
    // One swaps every row, one is singular, one has no numbers.
    a.select(0, 1).copy_(torch.flip(a.select(0, 1), [0]));
    a.select(0, 2)
      .select(1, n - 1)
      .zero_();
    a.select(0, 3).fill_(NaN);
    same(a, (m) => [...linalg.luFactorEx(m)]);
    same(a.mT, (m) => [...linalg.luFactorEx(m)]);
    const regular = a.narrow(0, 4, count - 4);
    same(regular, (m) => [linalg.inv(m), linalg.inv(m.mT), linalg.det(m), ...linalg.slogdet(m)]);
    same(regular, (m) => [
      linalg.solve(m, m.mT.narrow(-1, 0, 1).repeat(1, 1, 20)),
      linalg.solve(m, m.mT.narrow(1, 0, 1), { left: false }),
    ]);
    expect(linalg.invEx(a).info.equal(linalg.luFactorEx(a).info)).toBe(true);
    expect(linalg.solveEx(a, a).info.equal(linalg.luFactorEx(a).info)).toBe(true);
    expect(linalg.det(a).select(0, 2).item()).toBe(0);
    expect(linalg.det(a).select(0, 3).item()).toBeNaN();
    same(regular, (m) => [...linalg.choleskyEx(m.mT.matmul(m))]);
    expect(linalg.choleskyEx(a.mT.matmul(a)).info.ne(0).sum().item()).toBe(2);
    same(torch.cat([regular, regular.narrow(-1, 0, 1)], -1), (m) => {
      const [matrices, b] = m.split([n, 1], -1);
      const { LU, pivots } = linalg.luFactorEx(matrices);
      return [false, true].flatMap((adjoint) => [
        linalg.luSolve(LU, pivots, b, { adjoint }),
        linalg.luSolve(LU, pivots, b.mT, { adjoint, left: false }),
        linalg.solveTriangular(matrices, b, { upper: adjoint }),
        linalg.solveTriangular(matrices, b.mT, { upper: adjoint, left: false }),
      ]);
    });
    for (const shape of [a, a.narrow(1, 0, 2), a.narrow(2, 0, 2)]) {
      same(shape, (m) => [...torch.geqrf(m)]);
      same(shape.narrow(0, 4, count - 4), (m) => [...linalg.qr(m)]);
    }
  });

  it('among which are huge and tiny ones', () => {
    const scale = torch.tensor([1e-30, 1, 1e30, 0]).reshape([4, 1, 1]);
    const a = torch.randn(5, 4, 3, 3).mul(scale).flatten(0, 1);
    const { Q, R } = linalg.qr(a);
    small(Q.matmul(R.div(largest(R))).sub(a.div(largest(R))), 1, 3);
    small(Q.mT.matmul(Q).sub(torch.eye(3)), 1, 3);
  });
});
