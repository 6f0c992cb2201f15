import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { tensor, linalg } = torch;
const options = { dtype: torch.float64 };

/** A stack of positive-definite matrices. */
function positive(...shape: number[]): torch.Tensor {
  const root = torch.randn(shape, options);
  const n = shape.at(-1)!;
  return root.matmul(root.mT).add(torch.eye(n, options).mul(n));
}

const near = (a: torch.Tensor, b: torch.Tensor, tolerance = 1e-10): void => {
  expect(a.shape).toEqual(b.shape);
  expect(a.sub(b).abs().max().item()).toBeLessThan(tolerance);
};

// Below, at and above the blocks' sizes, and far beyond them.
const sizes = [1, 2, 31, 32, 33, 64, 100, 200];

describe('linalg.cholesky', () => {
  it.each(sizes)('factors matrices of %i rows, from either triangle', (n) => {
    torch.manualSeed(n);
    const a = positive(2, n, n);
    const lower = linalg.cholesky(a.tril());
    near(lower.matmul(lower.mT), a, 1e-9);
    expect(lower.equal(lower.tril())).toBe(true);
    const upper = linalg.cholesky(a.triu(), { upper: true });
    near(upper, lower.mT);
    near(torch.choleskyInverse(lower).matmul(a), torch.eye(n, options).expandAs(a));
    const b = torch.randn(2, n, 3, options);
    near(a.matmul(torch.choleskySolve(b, lower)), b);
    near(b.choleskySolve(upper, { upper: true }), torch.choleskySolve(b, lower));
  });

  it('takes complex matrices', () => {
    torch.manualSeed(0);
    const root = torch.randn(70, 70, { dtype: torch.complex128 });
    const a = root.matmul(root.mH).add(torch.eye(70, { dtype: torch.complex128 }));
    const lower = linalg.cholesky(a);
    near(torch.viewAsReal(lower.matmul(lower.mH)), torch.viewAsReal(a));
    near(torch.viewAsReal(linalg.cholesky(a, { upper: true })), torch.viewAsReal(lower.mH));
  });

  it('tells the first leading minor that is not positive', () => {
    const a = torch.eye(3).expand(2, 3, 3).clone();
    a.select(0, 1).select(0, 1).select(0, 1).fill_(-1);
    const text =
      'The factorization could not be completed because the input is not positive-definite (the leading minor of order 2 is not positive-definite).';
    expect(() => linalg.cholesky(a)).toThrow(`linalg.cholesky: (Batch element 1): ${text}`);
    expect(() => linalg.cholesky(a)).toThrow(linalg.LinAlgError);
    expect(() => linalg.choleskyEx(a.select(0, 1), { checkErrors: true })).toThrow(
      `linalg.cholesky_ex: ${text}`,
    );
    expect(linalg.choleskyEx(a).info.tolist()).toEqual([0, 2]);
    const late = positive(80, 80);
    late.select(0, 70).select(0, 70).fill_(-1);
    expect(linalg.choleskyEx(late).info.item()).toBe(71);
    expect(linalg.choleskyEx(tensor([[NaN]])).info.item()).toBe(1);
  });

  it('checks what it is given', () => {
    expect(() => linalg.cholesky(torch.ones(3))).toThrow(
      'linalg.cholesky: The input tensor A must have at least 2 dimensions.',
    );
    expect(() => linalg.cholesky(torch.ones(3, 2))).toThrow(
      'linalg.cholesky: A must be batches of square matrices, but they are 3 by 2 matrices',
    );
    expect(() => linalg.cholesky(torch.ones(2, 2, { dtype: torch.int32 }))).toThrow(
      'linalg.cholesky: Expected a floating point or complex tensor as input. Got Int',
    );
    expect(() => linalg.cholesky(torch.eye(2).half())).toThrow(`"cholesky_cpu" not implemented for 'Half'`);
    expect(() => torch.choleskyInverse(torch.zeros(3, 3))).toThrow(
      'cholesky_inverse: The diagonal element 1 is zero, the inversion could not be completed because the input matrix is singular.',
    );
    expect(linalg.cholesky(torch.ones(2, 0, 0)).shape).toEqual([2, 0, 0]);
  });
});

describe('linalg.solveTriangular', () => {
  it.each(sizes)('solves systems of %i equations in every form', (n) => {
    torch.manualSeed(n);
    const full = torch.randn(n, n, options).div(n).add(torch.eye(n, options));
    const b = torch.randn(2, n, 70, options);
    for (const upper of [false, true])
      for (const unitriangular of [false, true])
        for (const a of [full, full.t().contiguous().t()]) {
          const part = upper ? full.triu() : full.tril();
          const whole = unitriangular ? part.sub(part.diag().diag()).add(torch.eye(n, options)) : part;
          near(whole.matmul(linalg.solveTriangular(a, b, { upper, unitriangular })), b);
          const right = linalg.solveTriangular(a, b.mT, { upper, unitriangular, left: false });
          near(right.matmul(whole), b.mT);
        }
  });

  it('names systems that make no sense', () => {
    const { solveTriangular } = linalg;
    expect(() => solveTriangular(torch.eye(3), torch.ones(2, 3), { upper: true })).toThrow(
      'linalg.solve_triangular: Incompatible shapes of A and B for the equation AX = B (3x3 and 2x3)',
    );
    expect(() => solveTriangular(torch.eye(3), torch.ones(3), { upper: true })).toThrow(
      'linalg.solve_triangular: The input tensor B must have at least 2 dimensions.',
    );
    expect(() => solveTriangular(torch.eye(3), torch.ones(3, 2), {} as { upper: boolean })).toThrow(
      '"upper"',
    );
    expect(solveTriangular(torch.zeros(2, 2), torch.ones(2, 2), { upper: true }).tolist()).toEqual([
      [NaN, NaN],
      [Infinity, Infinity],
    ]);
  });
});

describe('linalg.qr', () => {
  it.each([
    [1, 1],
    [5, 3],
    [3, 5],
    [70, 40],
    [40, 70],
    [100, 100],
    [3, 0],
    [0, 3],
  ])('factors %i × %i matrices in every mode', (m, n) => {
    torch.manualSeed(m);
    const a = torch.randn(2, m, n, options);
    for (const mode of ['reduced', 'complete'] as const) {
      const { Q, R } = linalg.qr(a, mode);
      const inner = mode === 'complete' ? m : Math.min(m, n);
      expect([Q.shape, R.shape]).toEqual([
        [2, m, inner],
        [2, inner, n],
      ]);
      if (inner === 0) continue;
      near(Q.mT.matmul(Q), torch.eye(inner, options).expand(2, inner, inner));
      if (n === 0) continue;
      near(Q.matmul(R), a);
      expect(R.equal(R.triu())).toBe(true);
    }
    const only = linalg.qr(a, 'r');
    expect(only.Q.shape).toEqual([0]);
    expect(only.R.equal(linalg.qr(a).R)).toBe(true);
  });

  it("has LAPACK's signs", () => {
    const { Q, R } = linalg.qr(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6.5],
      ]),
    );
    expect(R.select(0, 0).select(0, 0).item()).toBeCloseTo(-5.9161, 4);
    expect(R.select(0, 1).select(0, 1).item()).toBeGreaterThan(0);
    expect(Q.select(0, 0).select(0, 0).item()).toBeCloseTo(-0.169, 3);
    // Nothing to be reflected away: signs stay.
    expect(linalg.qr(torch.eye(2).neg()).R.tolist()).toEqual([
      [-1, -0],
      [0, -1],
    ]);
  });

  it('keeps huge and tiny columns', () => {
    for (const scale of [1e30, 1e-30]) {
      const { R } = linalg.qr(tensor([[3], [4]], options).mul(scale ** 8));
      expect(R.item() / scale ** 8).toBeCloseTo(-5, 4);
    }
  });

  it('refuses gradients that it does not have', () => {
    const a = torch.ones(3, 2, { requiresGrad: true });
    expect(() => linalg.qr(a, 'r').R.sum().backward()).toThrow(
      "The derivative of linalg.qr depends on Q, which is not computed when mode='r'.",
    );
    expect(() => linalg.qr(a, 'complete').R.sum().backward()).toThrow(
      "The QR decomposition is not differentiable when mode='complete' and nrows > ncols.",
    );
    expect(() => linalg.qr(a, 'x' as 'r')).toThrow(
      "qr received unrecognized mode 'x' but expected one of 'reduced' (default), 'r', or 'complete'",
    );
  });
});

describe('linalg.householderProduct', () => {
  it.each([
    [5, 3],
    [100, 70],
    [70, 70],
  ])('makes Q of reflections of %i × %i matrices', (m, n) => {
    torch.manualSeed(m);
    for (const dtype of [torch.float64, torch.complex128]) {
      const a = torch.randn(2, m, n, { dtype });
      const [reflections, tau] = torch.geqrf(a);
      const q = linalg.householderProduct(reflections, tau);
      const difference = q
        .matmul(reflections.narrow(-2, 0, n).triu())
        .sub(a)
        .abs();
      expect(difference.max().item()).toBeLessThan(1e-10);
    }
  });

  it('checks what it is given', () => {
    const name = 'torch.linalg.householder_product';
    expect(() => linalg.householderProduct(torch.ones(2, 3), torch.ones(2))).toThrow(
      `${name}: input.shape[-2] must be greater than or equal to input.shape[-1]`,
    );
    expect(() => linalg.householderProduct(torch.ones(2, 3, 2), torch.ones(3, 2))).toThrow(
      `${name}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got [3]`,
    );
    expect(() => linalg.householderProduct(torch.ones(3, 2).double(), torch.ones(2))).toThrow(
      `${name}: tau dtype Float does not match input dtype Double`,
    );
  });
});

describe('linalg.solve', () => {
  it.each(sizes)('solves systems of %i equations', (n) => {
    torch.manualSeed(n);
    for (const dtype of [torch.float64, torch.complex128]) {
      const a = torch.randn(2, n, n, { dtype });
      const b = torch.randn(n, 3, { dtype });
      const residual = a.matmul(linalg.solve(a, b)).sub(b).abs().max().item();
      expect(residual).toBeLessThan(1e-8);
      const right = linalg.solve(a, b.t(), { left: false });
      expect(right.matmul(a).sub(b.t()).abs().max().item()).toBeLessThan(1e-8);
    }
  });

  it('takes vectors, one for each matrix or one for all', () => {
    const a = positive(2, 3, 3);
    const b = torch.randn(2, 3, options);
    near(a.matmul(linalg.solve(a, b).unsqueeze(-1)).squeeze(-1), b);
    near(linalg.solve(a, b.select(0, 0)).select(0, 0), linalg.solve(a, b).select(0, 0));
  });

  it('refuses singular matrices', () => {
    const zeros = torch.zeros(2, 3, 3);
    expect(() => linalg.solve(zeros, torch.ones(2, 3))).toThrow(
      'torch.linalg.solve: (Batch element 0): The solver failed because the input matrix is singular.',
    );
    expect(linalg.solveEx(zeros, torch.ones(2, 3)).info.tolist()).toEqual([1, 1]);
    expect(() => linalg.solve(torch.eye(3), torch.ones(2, 2), { left: false })).toThrow(
      'linalg.solve: Incompatible shapes of A and B for the equation XA = B (3x3 and 2x2)',
    );
  });
});

describe('matrixExp', () => {
  // Each norm takes another polynomial.
  it.each([1e-8, 1e-4, 1e-3, 0.03, 0.2, 1, 40])('is inverted by its negative, at norms about %d', (size) => {
    torch.manualSeed(3);
    const half = torch.randn(5, 5, options);
    const a = half.sub(half.t()).mul(size);
    const product = torch.matrixExp(a).matmul(a.neg().matrixExp());
    near(product, torch.eye(5, options), 1e-12 * Math.max(1, size));
    // A rotation by what stands beside the diagonal.
    const turn = tensor(
      [
        [0, -size],
        [size, 0],
      ],
      options,
    );
    near(
      linalg.matrixExp(turn.expand(3, 2, 2)).select(0, 2),
      tensor(
        [
          [Math.cos(size), -Math.sin(size)],
          [Math.sin(size), Math.cos(size)],
        ],
        options,
      ),
      1e-12 * Math.max(1, size),
    );
  });

  it('takes stacks of matrices of very different norms', () => {
    const sizes = tensor([0, 1e-6, 0.5, 8, 100], options).reshape([5, 1, 1]);
    const a = sizes.mul(
      tensor(
        [
          [0, 1],
          [-1, 0],
        ],
        options,
      ),
    );
    near(torch.matrixExp(a), torch.stack(a.unbind().map((one) => one.matrixExp())), 1e-11);
    expect(
      torch
        .matrixExp(
          tensor([
            [NaN, 0],
            [0, 1],
          ]),
        )
        .isnan()
        .all()
        .item(),
    ).toBe(1);
  });
});

describe('A norm', () => {
  it.each([
    [[0, 3], 'Infinity 2 1 -1 nuc fro', '-Infinity -2'],
    [[3, 0], 'Infinity -Infinity 2 1 nuc fro', '-1 -2'],
    [[2, 0, 3], 'Infinity 2 1 -1 nuc fro', '-Infinity -2'],
  ])('of matrices of %j is 0, or none where there is no least', (shape, zero, none) => {
    const order = (text: string) => (Number.isNaN(Number(text)) ? (text as 'nuc') : Number(text)) as 2;
    for (const ord of zero.split(' '))
      expect([ord, linalg.matrixNorm(torch.zeros(shape), order(ord)).sum().item()]).toEqual([ord, 0]);
    for (const ord of none.split(' '))
      expect(() => linalg.matrixNorm(torch.zeros(shape), order(ord))).toThrow('to have non-zero size');
  });

  it('takes no dtype that holds less, or is of another kind', () => {
    const x = torch.ones(2, 3);
    for (const [name, norm] of [
      ['linalg.vector_norm', linalg.vectorNorm],
      ['linalg.vector_norm', torch.norm],
      ['linalg.vector_norm', linalg.norm],
      ['linalg.matrix_norm', linalg.matrixNorm],
    ] as const) {
      const of = (t: torch.Tensor, dtype: torch.DType) => () =>
        (norm as typeof linalg.vectorNorm)(t, { dtype });
      expect(of(x, torch.float16)).toThrow(
        `${name}: the dtype of the input (Float) should be convertible without narrowing to the specified dtype (Half)`,
      );
      expect(of(x, torch.int64)).toThrow(`${name}: dtype should be floating point or complex, but got Long`);
      expect(of(x, torch.complex64)).toThrow(
        `${name}: dtype should be real for real inputs, but got ComplexFloat`,
      );
      expect(of(x.to(torch.complex64), torch.float32)).toThrow(
        `${name}: dtype should be complex for complex inputs, but got Float`,
      );
      expect(of(x, torch.float64)().dtype).toBe(torch.float64);
    }
  });

  it('of no order is no number, but of one element and of none', () => {
    const { vectorNorm } = linalg;
    expect(
      [vectorNorm(torch.ones(3), Number.NaN), torch.norm(torch.zeros(2, 2), Number.NaN, 0)].map(String),
    ).toEqual(['tensor(nan)', 'tensor([nan, nan])']);
    expect([
      vectorNorm(torch.ones(1), Number.NaN).item(),
      vectorNorm(torch.ones(0), Number.NaN).item(),
    ]).toEqual([1, 0]);
    const x = torch.ones(2, 2);
    expect(() => torch.renorm(x, Number.NaN, 0, 1)).toThrow('renorm: non-positive-norm not supported');
    expect(() => torch.cdist(x, x, Number.NaN)).toThrow('cdist only supports non-negative p values');
    expect(() => torch.nn.functional.pdist(x, Number.NaN)).toThrow(
      'pdist only supports non-negative p values',
    );
  });

  it('is taken over one dimension or two', () => {
    expect(() => linalg.norm(torch.ones(2, 3, 3), { dim: [0, 1, 2] })).toThrow(
      'linalg.norm: If dim is specified, it must be of length 1 or 2. Got [0, 1, 2]',
    );
  });
});

describe('A cross product', () => {
  it('is one of vectors of the same dtype', () => {
    const x = torch.ones(3);
    expect(() => linalg.cross(x, x.double())).toThrow('expected scalar type Float but found Double');
    expect(() => torch.cross(x.long(), x)).toThrow('expected scalar type Long but found Float');
    expect(() => linalg.cross(torch.tensor(1), torch.tensor(1))).toThrow(
      'Dimension specified as -1 but tensor has no dimensions',
    );
    expect(() => linalg.cross(x.bool(), x.bool())).toThrow('"cross" not implemented for \'Bool\'');
  });
});
