import { afterEach, describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { functional: F } = torch.nn;
const threads = torch.getNumThreads();
afterEach(() => torch.setNumThreads(threads));

/** Small whole numbers: every product and sum of them is exact, so results do not depend on the order of summation. */
function whole(shape: number[], seed: number, dtype = torch.float32): torch.Tensor {
  let state = seed * 2654435761 + 12345;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return ((state >>> 16) % 9) - 4;
  };
  return torch
    .tensor(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next), { dtype })
    .reshape(shape);
}

const numbers = (t: torch.Tensor) => Array.from(t.contiguous().to(torch.float64).toArray() as Float64Array);

function product(a: number[], b: number[], m: number, k: number, n: number): number[] {
  const out = new Array<number>(m * n).fill(0);
  for (let i = 0; i < m; i++)
    for (let t = 0; t < k; t++)
      for (let j = 0; j < n; j++) out[i * n + j] = out[i * n + j]! + a[i * k + t]! * b[t * n + j]!;
  return out.map((x) => x + 0);
}

describe('matrix products', () => {
  it('takes the operands of einsum in a list and one by one', () => {
    const [a, b] = [whole([2, 3], 1), whole([3, 4], 2)];
    expect(torch.einsum('ij,jk->ik', a, b)).toEqual(a.mm(b));
    expect(torch.einsum('ij,jk->ik', [a, b])).toEqual(a.mm(b));
    expect(torch.einsum('ij->ji', a)).toEqual(a.t());
  });

  const sizes = [
    [1, 1, 1],
    [1, 70, 33],
    [2, 40, 65],
    [4, 100, 30],
    [7, 5, 17],
    [13, 64, 24],
    [33, 300, 50],
    [70, 513, 90],
    [200, 260, 120],
    [130, 300, 600],
  ];
  it.each(sizes)('%i × %i by %i in every layout', (m, k, n) => {
    const a = whole([m!, k!], 1);
    const b = whole([k!, n!], 2);
    const expected = product(numbers(a), numbers(b), m!, k!, n!);
    const transposed = (t: torch.Tensor) => t.t().contiguous().t();
    const spread = (t: torch.Tensor) => torch.stack([t, t, t], -1).select(-1, 1);
    for (const left of [a, transposed(a), spread(a)])
      for (const right of [b, transposed(b), spread(b)]) {
        expect(numbers(left.mm(right))).toEqual(expected);
        expect(numbers(left.to(torch.float64).mm(right.to(torch.float64)))).toEqual(expected);
      }
    expect(numbers(a.to(torch.int64).mm(b.to(torch.int64)))).toEqual(expected);
    expect(numbers(a.to(torch.int32).mm(transposed(b).to(torch.int32)))).toEqual(expected);
  });

  it('wrap in the integers', () => {
    const a = torch.full([3, 5], 100, { dtype: torch.int8 });
    expect(a.mm(a.t()).tolist()).toEqual(new Array(3).fill(new Array(3).fill((50000 << 24) >> 24)));
  });

  it('are scaled, and added to what is given', () => {
    const c = whole([9, 20], 3);
    const a = whole([9, 11], 4);
    const b = whole([11, 20], 5);
    const sum = product(numbers(a), numbers(b), 9, 11, 20);
    const old = numbers(c);
    const scaled = sum.map((x, i) => 2 * x - 3 * old[i]!);
    expect(numbers(torch.addmm(c, a, b, { alpha: 2, beta: -3 })).map((x) => x + 0)).toEqual(
      scaled.map((x) => x + 0),
    );
    const lost = torch.full([9, 20], Number.NaN);
    expect(numbers(torch.addmm(lost, a, b, { beta: 0 }))).toEqual(sum);
    expect(numbers(torch.zeros(2, 0).mm(torch.zeros(0, 3)))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('do not depend on the number of threads', () => {
    torch.manualSeed(0);
    const a = torch.randn(300, 500);
    const b = torch.randn(500, 200);
    const batch = torch.randn(6, 90, 500);
    const [few, wide] = [torch.randn(9, 3000), torch.randn(3000, 700)];
    const [deep, narrow] = [torch.randn(1100, 1100), torch.randn(1100, 40)];
    const results = [1, 2, 3, 8].map((n) => {
      torch.setNumThreads(n);
      return [
        a.mm(b),
        few.mm(wide),
        deep.mm(deep),
        deep.t().mm(narrow),
        batch.matmul(b),
        torch.mv(a, batch.select(0, 0).select(0, 0)),
      ];
    });
    for (const [i, result] of results[0]!.entries())
      for (const other of results) expect(torch.equal(other[i]!, result)).toBe(true);
  });
});

interface Sizes {
  input: number[];
  weight: number[];
  stride: number[];
  padding: number[];
  dilation: number[];
  groups: number;
}

/** Calls visit(index in out, in input, in weight) for every product of a convolution. */
function visit(s: Sizes, out: number[], body: (o: number, i: number, w: number) => void): void {
  const dims = s.stride.length;
  const flat = (shape: number[], at: number[]) => at.reduce((sum, x, d) => sum * shape[d]! + x, 0);
  const each = (shape: number[], f: (at: number[]) => void, at: number[] = []) => {
    if (at.length === shape.length) f(at);
    else for (let i = 0; i < shape[at.length]!; i++) each(shape, f, [...at, i]);
  };
  const perGroup = s.weight[0]! / s.groups;
  each(out, (o) =>
    each(s.weight.slice(1), (w) => {
      const at = Array.from(
        { length: dims },
        (_, d) => o[d + 2]! * s.stride[d]! + w[d + 1]! * s.dilation[d]! - s.padding[d]!,
      );
      if (at.some((x, d) => x < 0 || x >= s.input[d + 2]!)) return;
      const channel = Math.floor(o[1]! / perGroup) * s.weight[1]! + w[0]!;
      body(flat(out, o), flat(s.input, [o[0]!, channel, ...at]), flat(s.weight, [o[1]!, ...w]));
    }),
  );
}

describe('convolution and its gradients', () => {
  const cases: [string, Sizes][] = [
    [
      'few channels',
      {
        input: [2, 3, 12, 20],
        weight: [6, 3, 5, 5],
        stride: [1, 1],
        padding: [0, 0],
        dilation: [1, 1],
        groups: 1,
      },
    ],
    [
      'many channels',
      {
        input: [2, 6, 9, 7],
        weight: [17, 6, 3, 3],
        stride: [1, 1],
        padding: [1, 1],
        dilation: [1, 1],
        groups: 1,
      },
    ],
    [
      'strides',
      {
        input: [1, 4, 11, 13],
        weight: [8, 4, 3, 3],
        stride: [2, 3],
        padding: [1, 2],
        dilation: [1, 1],
        groups: 1,
      },
    ],
    [
      'dilation',
      {
        input: [1, 2, 15, 9],
        weight: [3, 2, 3, 2],
        stride: [1, 1],
        padding: [3, 0],
        dilation: [3, 2],
        groups: 1,
      },
    ],
    [
      'groups',
      {
        input: [2, 6, 6, 8],
        weight: [9, 2, 2, 3],
        stride: [1, 2],
        padding: [0, 1],
        dilation: [1, 1],
        groups: 3,
      },
    ],
    [
      'one channel a group',
      {
        input: [1, 5, 10, 9],
        weight: [5, 1, 3, 3],
        stride: [1, 1],
        padding: [1, 1],
        dilation: [1, 1],
        groups: 5,
      },
    ],
    [
      'one tap',
      {
        input: [2, 16, 5, 5],
        weight: [20, 16, 1, 1],
        stride: [1, 1],
        padding: [0, 0],
        dilation: [1, 1],
        groups: 1,
      },
    ],
    [
      'padding wider than the image',
      {
        input: [1, 1, 2, 1],
        weight: [1, 1, 3, 3],
        stride: [1, 1],
        padding: [4, 4],
        dilation: [2, 1],
        groups: 1,
      },
    ],
    [
      'one dimension',
      { input: [3, 4, 50], weight: [5, 4, 7], stride: [2], padding: [3], dilation: [1], groups: 1 },
    ],
    [
      'three dimensions',
      {
        input: [1, 2, 5, 6, 7],
        weight: [4, 2, 2, 3, 3],
        stride: [1, 2, 1],
        padding: [1, 0, 1],
        dilation: [1, 1, 2],
        groups: 1,
      },
    ],
  ];
  it.each(cases)('%s', (_, s) => {
    const x = whole(s.input, 1).requiresGrad_();
    const w = whole(s.weight, 2).requiresGrad_();
    const b = whole([s.weight[0]!], 3).requiresGrad_();
    const convolve = [F.conv1d, F.conv2d, F.conv3d][s.stride.length - 1]!;
    const out = convolve(x, w, b, {
      stride: s.stride,
      padding: s.padding,
      dilation: s.dilation,
      groups: s.groups,
    });
    const grad = whole([...out.shape], 4);
    out.backward(grad);

    const [vx, vw, vb, vg] = [x, w, b, grad].map((t) => numbers(t.detach())) as [
      number[],
      number[],
      number[],
      number[],
    ];
    const plane = out.shape.slice(2).reduce((n, k) => n * k, 1);
    const channel = (o: number) => Math.floor(o / plane) % s.weight[0]!;
    const expected = vg.map((_, o) => vb[channel(o)]!);
    const dx = vx.map(() => 0);
    const dw = vw.map(() => 0);
    const db = vb.map(() => 0);
    visit(s, [...out.shape], (o, i, t) => {
      expected[o]! += vx[i]! * vw[t]!;
      dx[i]! += vg[o]! * vw[t]!;
      dw[t]! += vg[o]! * vx[i]!;
    });
    vg.forEach((g, o) => {
      db[channel(o)]! += g;
    });
    const plain = (values: number[]) => values.map((v) => v + 0);
    expect(plain(numbers(out.detach()))).toEqual(plain(expected));
    expect(plain(numbers(x.grad!))).toEqual(plain(dx));
    expect(plain(numbers(w.grad!))).toEqual(plain(dw));
    expect(plain(numbers(b.grad!))).toEqual(plain(db));
  });

  it('do not depend on the number of threads', () => {
    torch.manualSeed(0);
    const images = torch.randn(3, 16, 24, 24);
    const weights = torch.randn(24, 16, 3, 3);
    const results = [1, 2, 3].map((n) => {
      torch.setNumThreads(n);
      const x = images.clone().requiresGrad_();
      const w = weights.clone().requiresGrad_();
      const out = F.conv2d(x, w, null, { padding: 1 });
      out.mul(out).sum().backward();
      return [out.detach(), x.grad!, w.grad!];
    });
    for (const [i, result] of results[0]!.entries())
      for (const other of results) expect(torch.equal(other[i]!, result)).toBe(true);
  });
});
