/** Sums and products of short vectors, which PyTorch on the corpora's machine adds up in orders of its own (test/golden/short_sums.py). */
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';
import { golden } from './support/golden.js';

interface Recorded {
  readonly dtype: 'float32' | 'float64';
  readonly n: number;
  readonly sum: readonly number[];
  readonly dot?: readonly number[];
  readonly mv?: readonly number[];
  readonly transposed?: readonly number[];
  readonly row?: readonly number[];
  readonly rowTransposed?: readonly number[];
}

/** Rows that make no group of four PyTorch sums in an order that depends on where they lie in memory. */
const inGroups = (rows: readonly number[]): readonly number[] =>
  rows.slice(0, rows.length < 4 ? rows.length : rows.length - (rows.length % 4));

const values = (t: torch.Tensor): number[] => t.flatten().tolist() as number[];

describe('to the bit', () => {
  it.each(golden<Recorded[]>('short_sums').map((r) => [`${r.n} × ${r.dtype}`, r] as const))(
    '%s',
    (_, { dtype, n, sum, ...products }) => {
      torch.manualSeed(n);
      const random = (...shape: number[]) => torch.rand(shape, { dtype: torch[dtype] }).mul(2).sub(1);
      const x = random(n);
      expect(values(x.sum())).toEqual(sum);
      if (products.dot === undefined) return;
      const y = random(n);
      const a = random(n, n);
      const { dot, mv, transposed, row, rowTransposed } = products as Required<typeof products>;
      expect(values(x.dot(y))).toEqual(dot);
      expect(inGroups(values(a.mv(x)))).toEqual(inGroups(mv));
      expect(inGroups(values(x.unsqueeze(0).mm(a.t())))).toEqual(inGroups(rowTransposed));
      expect(values(a.t().mv(x))).toEqual(transposed);
      expect(values(x.unsqueeze(0).mm(a))).toEqual(row);
    },
  );
});
