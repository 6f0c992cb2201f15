import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { linalg } = torch;
const largest = (t: torch.Tensor): number => t.abs().max().item();

type Diagonals = [diagonal: (i: number) => number, beside: (i: number) => number];

/** Matrices of two diagonals that divide and conquer finds hard: close or equal values, halves that hardly know each other, sizes far apart. */
const kinds: Record<string, (n: number) => Diagonals> = {
  "Wilkinson's": (n) => [(i) => Math.abs((n - 1) / 2 - i), () => 1],
  "several of Wilkinson's, glued": () => [(i) => Math.abs(10 - (i % 21)), (i) => (i % 21 === 20 ? 1e-14 : 1)],
  "Clement's": (n) => [() => 0, (i) => Math.sqrt((i + 1) * (n - 1 - i))],
  "Legendre's": () => [() => 0, (i) => (i + 1) / Math.sqrt(4 * (i + 1) ** 2 - 1)],
  Toeplitz: () => [() => 2, () => -1],
  'almost a multiple of the identity': () => [() => 1, () => 1e-9],
  'almost diagonal': () => [(i) => i, () => 1e-3],
  'diagonal, with equal values': () => [(i) => i % 7, () => 0],
  'in blocks': () => [(i) => i % 5, (i) => (i % 3 === 0 ? 0 : 1)],
  "Kahan's": () => [(i) => 2 ** (-i / 3), (i) => -0.9 * 2 ** (-i / 3)],
  'with zeros on the diagonal': () => [(i) => (i % 4 === 0 ? 0 : 1), () => 1],
  'with a tiny half': (n) => [(i) => (i < n / 2 ? 1e-18 * (i % 4) : 1), (i) => (i < n / 2 ? 1e-18 : 0.5)],
  'with a half of zeros': (n) => [(i) => (i < n / 2 ? 0 : i), (i) => (i < n / 2 ? 0 : 1)],
  'of huge numbers': () => [(i) => 1e30 * (1 + i), () => -1e30],
};

// Both sides of the size at which rotations do all, and halves of halves.
const cases = [torch.float32, torch.float64].flatMap((dtype) =>
  [32, 33, 70, 200].map((n) => [dtype.name, n, dtype] as const),
);

describe('matrices of two diagonals', () => {
  const near = (t: torch.Tensor, size: number, n: number, what: string): void =>
    expect(largest(t), what).toBeLessThanOrEqual(2 * n * torch.finfo(t.dtype).eps * size);
  const matrix = (
    [diagonal, beside]: Diagonals,
    n: number,
    dtype: torch.DType,
  ): [torch.Tensor, torch.Tensor] => {
    const line = (f: (i: number) => number, count: number): torch.Tensor =>
      torch.tensor(
        Array.from({ length: count }, (_, i) => f(i)),
        { dtype },
      );
    return [torch.diag(line(diagonal, n)), torch.diag(line(beside, n - 1), 1)];
  };

  it.each(cases)('are decomposed by eigh to the precision of %s, %i rows', (_, n, dtype) => {
    const eye = torch.eye(n, { dtype });
    for (const [kind, make] of Object.entries(kinds)) {
      const [diagonal, beside] = matrix(make(n), n, dtype);
      const a = diagonal.add(beside).add(beside.mT);
      const [w, v] = linalg.eigh(a);
      const size = largest(w);
      near(a.matmul(v).sub(v.mul(w)), size, n, kind);
      near(v.mT.matmul(v).sub(eye), 1, n, kind);
      near(linalg.eigvalsh(a).sub(w), size, n, kind);
      expect(w.diff().ge(0).all().item(), kind).toBeTruthy();
    }
  });

  it.each(cases)('are decomposed by svd to the precision of %s, %i rows', (_, n, dtype) => {
    const eye = torch.eye(n, { dtype });
    for (const [kind, make] of Object.entries(kinds)) {
      const [diagonal, beside] = matrix(make(n), n, dtype);
      const upper = diagonal.add(beside);
      for (const a of [upper, upper.mT]) {
        const [u, s, vh] = linalg.svd(a);
        const size = largest(s);
        near(u.mul(s).matmul(vh).sub(a), size, n, kind);
        near(u.mT.matmul(u).sub(eye), 1, n, kind);
        near(vh.matmul(vh.mT).sub(eye), 1, n, kind);
        near(linalg.svdvals(a).sub(s), size, n, kind);
        expect(s.diff().le(0).all().item(), kind).toBeTruthy();
        expect(s.ge(0).all().item(), kind).toBeTruthy();
      }
    }
  });
});
