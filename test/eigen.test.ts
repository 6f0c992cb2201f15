import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { linalg } = torch;
const dtypes = [torch.float32, torch.float64, torch.complex64, torch.complex128];
const eps = (dtype: torch.DType): number => torch.finfo(dtype).eps;
const largest = (t: torch.Tensor): number => (t.numel() === 0 ? 0 : t.abs().max().item());
const eye = (n: number, dtype: torch.DType): torch.Tensor => torch.eye(n, { dtype });

/** Orthonormal columns at random. */
const orthonormal = (n: number, dtype: torch.DType): torch.Tensor =>
  linalg.qr(torch.randn(n, n, { dtype })).Q;

/** Spectra of the kinds that LAPACK's own tests have, from 1 down. */
const spectra: Record<string, (n: number) => number[]> = {
  random: (n) => Array.from({ length: n }, (_, i) => Math.sin(3 * i + 1)),
  graded: (n) => Array.from({ length: n }, (_, i) => 10 ** (-(12 * i) / Math.max(1, n - 1))),
  clustered: (n) => Array.from({ length: n }, (_, i) => (i === 0 ? 1 : 1e-4)),
  'nearly equal': (n) => Array.from({ length: n }, (_, i) => 1 + 1e-9 * i),
  'rank-deficient': (n) => Array.from({ length: n }, (_, i) => (i < n / 2 ? 1 / (i + 1) : 0)),
  zero: (n) => new Array<number>(n).fill(0),
  identity: (n) => new Array<number>(n).fill(1),
};
const scales = [1, 1e-30, 1e30];

/** Compares with a multiple of the precision, of numbers of this size. */
function expectSmall(
  difference: torch.Tensor,
  size: number,
  dtype: torch.DType,
  n: number,
  what: string,
): void {
  expect(largest(difference), what).toBeLessThanOrEqual(10 * Math.max(n, 2) * eps(dtype) * size);
}

// Below, at and above the sizes at which algorithms change, odd and even.
const sizes = [1, 2, 3, 5, 24, 33, 64, 150];

describe.each(dtypes.map((dtype) => [dtype.name, dtype] as const))('of %s', (_, dtype) => {
  const close = (t: torch.Tensor, size: number, n: number, what: string): void =>
    expectSmall(t, size, dtype, n, what);

  it.each(sizes)('eigh decomposes matrices of %i rows', (n) => {
    torch.manualSeed(n);
    for (const [kind, spectrum] of Object.entries(spectra))
      for (const scale of n > 30 ? [1] : scales) {
        const q = orthonormal(n, dtype);
        const values = torch.tensor(spectrum(n), { dtype: dtype.toReal() }).mul(scale);
        const product = q.mul(values.to(dtype)).matmul(q.mH);
        const a = product.add(product.mH).div(2);
        const [w, v] = linalg.eigh(a);
        const size = Math.max(largest(values), 1e-37);
        const label = `${kind}, times ${scale}`;
        close(v.mul(w.to(dtype)).sub(a.matmul(v)), size, n, label);
        close(v.mH.matmul(v).sub(eye(n, dtype)), 1, n, label);
        close(w.sub(values.sort()[0]), size, n, label);
        close(linalg.eigvalsh(a.triu(), 'U').sub(w), size, n, label);
      }
  });

  it.each(sizes)('svd decomposes matrices with %i columns', (n) => {
    torch.manualSeed(n);
    for (const [kind, spectrum] of Object.entries(spectra))
      for (const scale of n > 30 ? [1] : scales)
        for (const rows of n > 30 ? [n + 3] : [n, n + 1, 3 * n]) {
          const left = orthonormal(rows, dtype).narrow(1, 0, n);
          const values = torch.tensor(spectrum(n).map(Math.abs), { dtype: dtype.toReal() }).mul(scale);
          const tall = left.mul(values.to(dtype)).matmul(orthonormal(n, dtype));
          const size = Math.max(largest(values), 1e-37);
          for (const a of [tall, tall.mH]) {
            const label = `${kind}, ${a.shape}, times ${scale}`;
            for (const full of n > 40 ? [false] : [false, true]) {
              const [u, s, vh] = linalg.svd(a, full);
              close(
                u
                  .narrow(1, 0, n)
                  .mul(s.to(dtype))
                  .matmul(vh.narrow(0, 0, n))
                  .sub(a),
                size,
                rows,
                label,
              );
              close(u.mH.matmul(u).sub(eye(u.shape[1], dtype)), 1, rows, label);
              close(vh.matmul(vh.mH).sub(eye(vh.shape[0], dtype)), 1, rows, label);
              close(s.sub(values.sort(0, true)[0]), size, rows, label);
              expect(s.ge(0).all().item()).toBeTruthy();
            }
            close(linalg.svdvals(a).sub(values.sort(0, true)[0]), size, rows, label);
          }
        }
  });

  it.each(sizes)('eig decomposes matrices of %i rows', (n) => {
    torch.manualSeed(n);
    const a = torch.randn(n, n, { dtype });
    // Graded rows and columns, which balancing makes alike; blocks that stand apart; defective ones; a cycle of all rows.
    const graded = torch.tensor(
      Array.from({ length: n }, (_, i) => 2 ** (i % 20)),
      { dtype },
    );
    const matrices: Record<string, torch.Tensor> = {
      random: a,
      graded: a.mul(graded).div(graded.unsqueeze(-1)),
      triangular: a.triu(),
      defective: eye(n, dtype).add(torch.ones(n, n, { dtype }).triu(1).tril(1)),
      cycle: eye(n, dtype).roll(1, 0),
      'skew-Hermitian': a.sub(a.mH),
      tiny: a.mul(1e-30),
      zero: a.mul(0),
    };
    for (const [kind, m] of Object.entries(matrices)) {
      const [w, v] = linalg.eig(m);
      const size = Math.max(n * largest(m), 1e-37);
      close(m.to(w.dtype).matmul(v).sub(v.mul(w)), size, n, kind);
      close(linalg.vectorNorm(v, { dim: 0 }).sub(1), 1, 2, kind);
      if (kind !== 'defective') {
        const trace = (t: torch.Tensor): torch.Tensor => t.sum();
        close(trace(linalg.eigvals(m)).sub(trace(m.diagonal()).to(w.dtype)), size, n, kind);
      }
      if (!dtype.isComplex)
        // Conjugates come in pairs, the one above the real axis first.
        expect(w.imag.gt(0).logicalAnd(w.imag.roll(-1).add(w.imag).ne(0)).any().item(), kind).toBeFalsy();
    }
  });
});

// Where vectors are wide enough such stacks go side by side, and one at a time where a matrix among them takes more care.
describe.each([torch.float32, torch.float64].map((dtype) => [dtype.name, dtype] as const))(
  'stacks of small matrices of %s',
  (_, dtype) => {
    const count = 37;
    const random = (...shape: number[]): torch.Tensor => torch.randn(shape, { dtype });
    const kinds: Record<string, (rows: number, columns: number) => torch.Tensor> = {
      random: (m, n) => random(count, m, n),
      'of one rank': (m, n) => random(count, m, 1).matmul(random(count, 1, n)),
      graded: (m, n) => random(count, m, n).mul(torch.logspace(0, -12, n, { dtype })),
      'of whole numbers': (m, n) => torch.randint(-1, 2, [count, m, n]).to(dtype),
      bidiagonal: (m, n) => random(count, m, n).triu().tril(1),
      'of many sizes': (m, n) =>
        random(count, m, n).mul(torch.logspace(-36, 36, count, { dtype }).view(-1, 1, 1)),
      'regular and singular': (m, n) =>
        random(count, m, n).mul(torch.arange(count).remainder(3).view(-1, 1, 1)),
    };
    /** Compares with a multiple of the precision and the size of each matrix. */
    const close = (difference: torch.Tensor, sizes: torch.Tensor, n: number, what: string): void => {
      const most = difference
        .abs()
        .flatten(1)
        .amax(1)
        .div(sizes.clamp(torch.finfo(dtype).tiny));
      expect(largest(most), what).toBeLessThanOrEqual(20 * Math.max(n, 2) * eps(dtype));
    };
    const ones = torch.ones(count, { dtype });

    it.each([1, 2, 3, 4, 7, 16, 33, 100])('eigh decomposes those of %i rows', (n) => {
      torch.manualSeed(n);
      for (const [kind, make] of Object.entries(kinds)) {
        const a = make(n, n);
        const both = a.tril().add(a.tril(-1).mT);
        const sizes = both.abs().amax([1, 2]);
        const [w, v] = linalg.eigh(a);
        close(v.mul(w.unsqueeze(1)).sub(both.matmul(v)), sizes, n, kind);
        close(v.mT.matmul(v).sub(eye(n, dtype)), ones, n, kind);
        close(w.sub(w.sort(-1)[0]), sizes, n, kind);
        close(linalg.eigvalsh(a.mT, 'U').sub(w), sizes, n, kind);
      }
    });

    it.each([
      [1, 1],
      [2, 2],
      [4, 4],
      [5, 7],
      [12, 9],
      [16, 16],
      [40, 33],
      [20, 50],
      [90, 75],
    ])('svd decomposes those of %i × %i', (m, n) => {
      torch.manualSeed(m);
      const least = Math.min(m, n);
      for (const [kind, make] of Object.entries(kinds)) {
        const a = make(m, n);
        const sizes = a.abs().amax([1, 2]);
        const [u, s, vh] = linalg.svd(a);
        const product = u
          .narrow(2, 0, least)
          .mul(s.unsqueeze(1))
          .matmul(vh.narrow(1, 0, least));
        close(product.sub(a), sizes, Math.max(m, n), kind);
        close(u.mT.matmul(u).sub(eye(m, dtype)), ones, m, kind);
        close(vh.matmul(vh.mT).sub(eye(n, dtype)), ones, n, kind);
        close(s.sub(s.sort(-1, true)[0]), sizes, n, kind);
        expect(s.ge(0).all().item()).toBeTruthy();
        close(linalg.svdvals(a).sub(s), sizes, Math.max(m, n), kind);
      }
    });
  },
);

describe('matrices of any layout', () => {
  it('are decomposed as their copies are, stack by stack', () => {
    torch.manualSeed(0);
    const a = torch.randn(3, 6, 5, 2, { dtype: torch.float64 }).permute(3, 0, 2, 1).flip([-1]);
    for (const dense of [a, a.narrow(-1, 0, 5)]) {
      expect(linalg.svd(dense).S.equal(linalg.svd(dense.contiguous()).S)).toBe(true);
      expect(linalg.svd(dense).U.shape).toEqual([2, 3, 5, 5]);
    }
    const square = a.narrow(-1, 1, 5);
    expect(linalg.eigh(square)[1].equal(linalg.eigh(square.contiguous())[1])).toBe(true);
    expect(linalg.eigvals(square).equal(linalg.eigvals(square.contiguous()))).toBe(true);
  });

  it('are empty ones, too', () => {
    const [u, s, vh] = linalg.svd(torch.ones(2, 0, 3));
    expect([u.shape, s.shape, vh.shape]).toEqual([
      [2, 0, 0],
      [2, 0],
      [2, 3, 3],
    ]);
    expect(vh.equal(torch.eye(3).expand(2, 3, 3))).toBe(true);
    expect(linalg.eigh(torch.ones(0, 0)).eigenvectors.shape).toEqual([0, 0]);
    expect(linalg.eig(torch.ones(2, 0, 0)).eigenvalues.dtype).toBe(torch.complex64);
    expect(linalg.pinv(torch.ones(2, 0, 3)).shape).toEqual([2, 3, 0]);
    expect(linalg.matrixRank(torch.ones(2, 0, 3)).tolist()).toEqual([0, 0]);
    expect(linalg.cond(torch.ones(3, 0, 0)).tolist()).toEqual([0, 0, 0]);
  });
});

describe('what is not finite', () => {
  const spoilt = torch.stack([torch.eye(3), torch.full([3, 3], Number.NaN)]);
  const failed = (name: string, text: string): string =>
    `${name}: (Batch element 1): The algorithm failed to converge because the input matrix ${text}`;

  it('is refused in the words of PyTorch', () => {
    const repeated = (code: number): string =>
      `is ill-conditioned or has too many repeated eigenvalues (error code: ${code}).`;
    expect(() => linalg.eigh(spoilt)).toThrow(failed('linalg.eigh', repeated(2)));
    expect(() => linalg.eigvalsh(spoilt)).toThrow(failed('linalg.eigh', repeated(1)));
    expect(() => linalg.eigh(spoilt)).toThrow(linalg.LinAlgError);
    for (const name of ['svd', 'svdvals', 'pinv', 'matrixRank'] as const)
      expect(() => (linalg[name] as (a: torch.Tensor) => unknown)(spoilt)).toThrow(
        failed('linalg.svd', 'contained non-finite values.'),
      );
    expect(() => linalg.eig(spoilt)).toThrow(
      'torch.linalg.eig: input tensor should not contain infs or NaNs.',
    );
    expect(() => linalg.svdvals(torch.full([2, 2], Number.POSITIVE_INFINITY))).toThrow('non-finite');
  });
});

describe('linalg.lstsq', () => {
  const drivers = ['gels', 'gelsy', 'gelsd', 'gelss'] as const;
  const options = { dtype: torch.float64 };

  it.each(drivers)('finds the solution that %s finds, of least length', (driver) => {
    torch.manualSeed(1);
    for (const [rows, columns] of [
      [7, 3],
      [3, 7],
      [4, 4],
    ]) {
      const a = torch.randn(2, rows, columns, options);
      const b = torch.randn(2, rows, 2, options);
      const { solution, residuals, rank, singularValues } = linalg.lstsq(a, b, { driver });
      expectSmall(solution.sub(linalg.pinv(a).matmul(b)), 10, torch.float64, 10, driver);
      if (rows > columns && driver !== 'gelsy')
        expectSmall(residuals.sub(a.matmul(solution).sub(b).square().sum(-2)), 10, torch.float64, 10, driver);
      else expect(residuals.shape).toEqual([0]);
      expect(rank.tolist()).toEqual(
        driver === 'gels' ? [] : [Math.min(rows, columns), Math.min(rows, columns)],
      );
      expect(singularValues.shape).toEqual(
        driver.startsWith('gels') && ['gelsd', 'gelss'].includes(driver) ? [2, Math.min(rows, columns)] : [0],
      );
    }
  });

  it.each(drivers.slice(1))('takes with %s what matters of a matrix of lower rank', (driver) => {
    torch.manualSeed(2);
    const a = torch.randn(6, 2, options).matmul(torch.randn(2, 4, options));
    const b = torch.randn(6, options);
    const { solution, rank, residuals } = linalg.lstsq(a, b, { driver, rcond: 1e-9 });
    expect(rank.item()).toBe(2);
    expect(residuals.shape).toEqual([0]);
    expectSmall(solution.sub(linalg.pinv(a, { rtol: 1e-9 }).matmul(b)), 10, torch.float64, 10, driver);
  });

  it('truncates by the driver: pivots drop rows, singular values directions', () => {
    // By hand: the longer column stands for both; by singular values as PyTorch 2.13 (whose gelsy is given pivots that nobody set).
    const a = torch.tensor(
      [
        [1, 1],
        [1, 1.1],
        [0, 0.05],
      ],
      options,
    );
    const b = torch.tensor([[1], [2], [3]], options);
    const of = (driver: 'gelsy' | 'gelsd'): number[] =>
      linalg.lstsq(a, b, { driver, rcond: 0.5 }).solution.flatten().tolist() as number[];
    for (const driver of ['gelsy', 'gelsd'] as const)
      for (const [i, x] of of(driver).entries()) expect(x).toBeCloseTo(truncated[driver][i], 12);
  });
  const truncated = {
    gelsy: [0.756032441690595, 0.7965341796383054],
    gelsd: [0.7358306686123817, 0.7740014129372834],
  };

  it('refuses systems that do not fit', () => {
    expect(() => linalg.lstsq(torch.ones(3, 2), torch.ones(4, 1))).toThrow(
      'torch.linalg.lstsq: input.size(-2) should match other.size(-2)',
    );
    expect(() => linalg.lstsq(torch.zeros(3, 2), torch.ones(3, 1), { driver: 'gels' })).toThrow(
      'torch.linalg.lstsq: The least squares solution could not be computed because the input matrix does not have full rank (error code: 1).',
    );
  });
});

describe('norms and ranks by singular values', () => {
  const a = torch.tensor(
    [
      [3, 0, 0],
      [0, -4, 0.0],
    ],
    { dtype: torch.float32 },
  );

  it('are those of the matrix', () => {
    expect(linalg.matrixNorm(a, 2).item()).toBe(4);
    expect(linalg.matrixNorm(a, -2).item()).toBe(3);
    expect(linalg.norm(a, 'nuc').item()).toBe(7);
    expect(torch.norm(a, 'nuc').item()).toBe(7);
    expect(linalg.matrixNorm(a.unsqueeze(1), 2, [2, 0], true).shape).toEqual([1, 1, 1]);
    expect(linalg.cond(a).item()).toBeCloseTo(4 / 3, 6);
    expect(linalg.cond(torch.zeros(2, 2), 1).item()).toBe(Number.POSITIVE_INFINITY);
    expect(linalg.matrixRank(a).item()).toBe(2);
    expect(linalg.matrixRank(a, 3.5).item()).toBe(1);
    expect(linalg.matrixRank(a, { atol: torch.tensor([1, 3.5, 5]) }).tolist()).toEqual([2, 1, 0]);
    expect(linalg.pinv(a, { rtol: 0.9 }).tolist()).toEqual([
      [0, 0],
      [0, -0.25],
      [0, 0],
    ]);
  });
});

describe('lobpcg', () => {
  const options = { dtype: torch.float64 };

  it.each(['ortho', 'basic'] as const)('finds the first eigenvalues from either end by %s', (method) => {
    torch.manualSeed(0);
    const root = torch.randn(40, 40, options);
    const a = root.matmul(root.mT);
    const all = linalg.eigvalsh(a);
    for (const largest of [true, false]) {
      const [values, vectors] = torch.lobpcg(a, { k: 3, largest, method });
      const expected = largest ? all.flip([0]) : all;
      expect(
        values
          .sub(expected.narrow(0, 0, 3))
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-9);
      expect(a.matmul(vectors).sub(vectors.mul(values)).abs().max().item()).toBeLessThan(1e-5);
    }
  });

  it('has the gradient of eigh, and stacks', () => {
    torch.manualSeed(0);
    const root = torch.randn(12, 12, options);
    const a = root.matmul(root.mT).requiresGrad_();
    const weights = torch.randn(12, 2, options);
    const loss = (v: torch.Tensor): torch.Tensor => v.abs().mul(weights).sum();
    loss(torch.lobpcg(a, { k: 2, tol: 1e-9 })[1]).backward();
    const b = a.detach().clone().requiresGrad_();
    loss(linalg.eigh(b)[1].flip([1]).narrow(1, 0, 2)).backward();
    expect(a.grad!.sub(b.grad!).abs().max().item()).toBeLessThan(1e-7);
    expect(torch.lobpcg(torch.stack([b, b]).detach(), { k: 2 })[1].shape).toEqual([2, 12, 2]);
    expect(() => torch.lobpcg(torch.eye(5), { k: 2 })).toThrow(
      'LOBPCG algorithm is not applicable when the number of A rows (=5) is smaller than 3 x the number of requested eigenpairs (=2)',
    );
  });
});
