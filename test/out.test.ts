import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

describe('a tensor given as out', () => {
  const x = torch.arange(1, 5, { dtype: torch.float32 }).reshape([2, 2]);
  const y = torch.full([2, 2], 10, { dtype: torch.float32 });

  it('is written where it lies, and returned', () => {
    const base = torch.zeros(3, 2);
    const out = base.narrow(0, 1, 2);
    expect(torch.add(x, y, { out })).toBe(out);
    expect(base.tolist()).toEqual([
      [0, 0],
      [11, 12],
      [13, 14],
    ]);
  });

  it('may be laid out otherwise than the operands', () => {
    const out = torch.zeros(2, 2).t();
    torch.mul(x, 2, { out });
    expect(out.tolist()).toEqual([
      [2, 4],
      [6, 8],
    ]);
    expect(out.t().isContiguous()).toBe(true);
  });

  it('may be an operand, but not in another arrangement', () => {
    const both = x.clone();
    torch.add(both, both, { out: both });
    expect(both.tolist()).toEqual([
      [2, 4],
      [6, 8],
    ]);
    const same = x.clone();
    torch.add(same, same, { out: same.view(2, 2) });
    expect(same.tolist()).toEqual([
      [2, 4],
      [6, 8],
    ]);
    const turned = x.clone();
    const row = torch.arange(6);
    for (const write of [
      () => torch.mul(turned, y, { out: turned.t() }),
      () => torch.add(row.narrow(0, 0, 4), 1, { out: row.narrow(0, 1, 4) }),
    ])
      expect(write).toThrow(
        'some elements of the input tensor and the written-to tensor refer to a single memory location',
      );
    expect([turned.tolist(), row.tolist()]).toEqual([x.tolist(), [0, 1, 2, 3, 4, 5]]);
  });

  it('takes the result in a dtype of its own, where that can hold it', () => {
    const out = torch.zeros(2, 2, { dtype: torch.float64 });
    torch.add(x, y, { out });
    expect(out.tolist()).toEqual([
      [11, 12],
      [13, 14],
    ]);
    expect(() => torch.add(x, y, { out: torch.zeros(2, 2, { dtype: torch.int64 }) })).toThrow(
      "result type Float can't be cast to the desired output type Long",
    );
  });

  it('is resized where its shape is another', () => {
    const out = torch.empty(0);
    torch.add(x, torch.ones(3, 2, 2), { out });
    expect(out.shape).toEqual([3, 2, 2]);
    expect(out.sum().item()).toBe(42);
  });

  it('is not written where its elements share memory', () => {
    const out = torch.zeros(1, 2).expand(2, 2);
    expect(() => torch.add(x, y, { out })).toThrow('more than one element of the written-to tensor');
    expect(out.tolist()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('counts as changed for gradients that saved it', () => {
    const w = torch.ones(2, 2, { requiresGrad: true });
    const factor = y.clone();
    const product = w.mul(factor).sum();
    torch.noGrad(() => torch.add(x, 1, { out: factor }));
    expect(() => product.backward()).toThrow('modified by an inplace operation');
  });

  it('is refused where a gradient is asked for', () => {
    const w = torch.ones(2, 2, { requiresGrad: true });
    expect(() => torch.add(w, y, { out: torch.zeros(2, 2) })).toThrow(
      "functions with out=... arguments don't support automatic differentiation",
    );
    const out = torch.zeros(2, 2);
    torch.noGrad(() => torch.add(w, y, { out }));
    expect(out.tolist()).toEqual([
      [11, 11],
      [11, 11],
    ]);
  });
});
