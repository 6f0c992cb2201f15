import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebGpuBackend } from '../../src/backends/webgpu/backend.js';
import { launches } from '../../src/backends/webgpu/kernels/index.js';
import * as torch from '../../src/index.js';
import { binomial, standardGamma } from '../../src/ops/distributions.js';
import { expectAgreement, expectSame, hasAdapter } from './device.js';

const { functional: F } = torch.nn;

beforeEach(() => void torch.manualSeed(0));

/** Layouts that kernels must not confuse: dense, transposed, every other column, broadcast, offset. */
const layouts: readonly [string, (t: torch.Tensor) => torch.Tensor][] = [
  ['dense', (t) => t],
  ['transposed', (t) => t.transpose(0, 1).contiguous().transpose(0, 1)],
  ['strided', (t) => torch.cat([t, t], 1).index(':', '::2')],
  ['offset', (t) => torch.cat([t, t], 0).narrow(0, 1, t.shape[0]!)],
];

describe.skipIf(!hasAdapter)('pointwise ops agree with the CPU', () => {
  it.each([
    'exp',
    'exp2',
    'expm1',
    'log',
    'log2',
    'log10',
    'log1p',
    'sin',
    'cos',
    'tan',
    'asin',
    'acos',
    'atan',
    'sinh',
    'cosh',
    'tanh',
    'asinh',
    'acosh',
    'atanh',
    'erf',
    'erfc',
    'erfinv',
    'lgamma',
    'digamma',
    'sigmoid',
    'sqrt',
    'rsqrt',
    'reciprocal',
    'floor',
    'ceil',
    'round',
    'trunc',
    'abs',
    'neg',
    'sign',
    'square',
  ] as const)('%s, over its whole range', async (name) => {
    const special = [
      0,
      -0,
      1,
      -1,
      0.5,
      -0.5,
      Infinity,
      -Infinity,
      NaN,
      1e-30,
      1e-7,
      -1e-7,
      88.7,
      -103,
      1e30,
      3,
      12,
      -2.5,
    ];
    const x = torch.cat([
      torch.tensor(special),
      torch.randn([200]).mul(3),
      torch.rand([100]),
      torch.randn([60]).mul(1e4),
    ]);
    const f = (t: torch.Tensor) => t[name]();
    // A few ulp; near a root of lgamma and digamma what counts is the absolute error.
    const near =
      name === 'lgamma' || name === 'digamma' ? { rtol: 4e-6, atol: 4e-6 } : { rtol: 2e-6, atol: 1e-7 };
    await expectSame(f(x.to('webgpu')), f(x), name === 'tan' ? { rtol: 1e-4 } : near);
  });

  it.each(layouts)('%s operands, broadcast, with gradients', async (_, lay) => {
    const [a, b] = [lay(torch.randn([5, 6])), lay(torch.randn([5, 6]))];
    await expectAgreement((x, y) => x.mul(y).add(x.exp()).sub(y.div(3)), [a, b]);
    await expectAgreement((x, y) => torch.atan2(x, y), [a, torch.randn([6])]);
    await expectAgreement((x, y) => torch.where(x.gt(0), x, y), [a, torch.randn([5, 1])]);
  });

  it('powers and divisions with their edges', async () => {
    const x = torch.tensor([0, -0, 1, -1, 2, -2, 0.5, -8, Infinity, -Infinity, NaN, 7.25]);
    for (const op of [
      'pow',
      'fmod',
      'remainder',
      'div',
      'maximum',
      'minimum',
      'fmax',
      'fmin',
      'copysign',
      'nextafter',
      'eq',
      'ne',
      'lt',
      'le',
    ] as const) {
      const f = (t: torch.Tensor) => t.unsqueeze(1)[op](t);
      await expectSame(f(x.to('webgpu')), f(x));
    }
    const divide = (t: torch.Tensor) => t.unsqueeze(1).floorDivide(t);
    await expectSame(divide(x.to('webgpu')), divide(x));
  });

  it.each(['int64', 'int32', 'int16', 'int8', 'uint8', 'bool'] as const)(
    '%s arithmetic, exactly',
    async (name) => {
      const x = torch
        .arange(-40, 41)
        .mul(name === 'int64' ? 1234567890123 : 3)
        .to(torch[name]);
      const y = torch.arange(1, 82).to(torch[name]);
      for (const f of [
        (a: torch.Tensor, b: torch.Tensor) => a.add(b),
        (a: torch.Tensor, b: torch.Tensor) => a.mul(b),
        (a: torch.Tensor, b: torch.Tensor) => a.lt(b),
        (a: torch.Tensor, b: torch.Tensor) => a.maximum(b),
        (a: torch.Tensor, b: torch.Tensor) => a.float().add(b),
        ...(name === 'bool'
          ? []
          : [
              (a: torch.Tensor, b: torch.Tensor) => a.remainder(b),
              (a: torch.Tensor, b: torch.Tensor) => a.floorDivide(b),
              (a: torch.Tensor, b: torch.Tensor) => a.bitwiseXor(b),
              (a: torch.Tensor) => a.pow(3),
            ]),
      ])
        await expectSame(f(x.to('webgpu'), y.to('webgpu')), f(x, y));
    },
  );

  it('in half types', async () => {
    for (const dtype of [torch.float16, torch.bfloat16]) {
      const x = torch.randn([7, 5]).mul(100).to(dtype);
      await expectSame(x.to('webgpu').mul(3).add(0.1), x.mul(3).add(0.1));
      await expectSame(x.to('webgpu').t().float(), x.t().float());
    }
  });

  it('writes parts of words without touching their neighbours', async () => {
    const make = (device: string) => {
      const x = torch.arange(23, { device }).to(torch.uint8);
      x.narrow(0, 3, 7).fill_(200);
      x.index('1::3').add_(1);
      return x;
    };
    await expectSame(make('webgpu'), make('cpu'));
  });
});

describe.skipIf(!hasAdapter)('reductions agree with the CPU', () => {
  const reductions: readonly [string, (t: torch.Tensor, dim: number[]) => torch.Tensor][] = [
    ['sum', (t, d) => t.sum(d)],
    ['mean', (t, d) => t.mean(d)],
    ['prod', (t, d) => t.prod(d[0]!)],
    ['amax', (t, d) => t.amax(d)],
    ['amin', (t, d) => t.amin(d)],
    ['norm', (t, d) => torch.linalg.vectorNorm(t, 2, d)],
    ['logsumexp', (t, d) => t.logsumexp(d)],
    ['var', (t, d) => t.var(d)],
  ];
  it.each(reductions)('%s, along every dimension', async (_, f) => {
    const x = torch.randn([3, 4, 5]);
    for (const dim of [[0], [1], [2], [0, 2], [0, 1, 2]]) {
      await expectAgreement((t) => f(t, dim), [x], { rtol: 1e-5, atol: 1e-5 });
      await expectAgreement((t) => f(t.permute(2, 0, 1), dim), [x], { rtol: 1e-5, atol: 1e-5 });
    }
  });

  it('long ones, in parts', async () => {
    const x = torch.arange(70_000).remainder(13).float();
    await expectSame(x.to('webgpu').sum(), x.sum());
    await expectSame(x.to('webgpu').view([2, -1]).max(1)[1], x.view([2, -1]).max(1)[1]);
    await expectSame(x.to('webgpu').argmin(), x.argmin());
    const ones = torch.ones([300, 70]).to(torch.int32);
    await expectSame(ones.to('webgpu').sum(0), ones.sum(0));
    await expectSame(ones.to('webgpu').eq(2).any(), ones.eq(2).any());
  });

  it('NaN wins, the first of equals is named', async () => {
    const x = torch.tensor([
      [1, NaN, 3, NaN],
      [2, 5, 5, 1],
    ]);
    for (const i of [0, 1] as const) await expectSame(x.to('webgpu').max(1)[i], x.max(1)[i]);
    for (const i of [0, 1] as const) await expectSame(x.to('webgpu').min(1)[i], x.min(1)[i]);
  });
});

describe.skipIf(!hasAdapter)('products agree with the CPU', () => {
  it.each([
    [1, 1, 1],
    [3, 4, 5],
    [17, 33, 16],
    [40, 19, 50],
    [65, 8, 66],
    [5, 700, 4],
  ])('%i × %i × %i, with gradients', async (m, k, n) => {
    const [a, b] = [torch.randn([m, k]), torch.randn([k, n])];
    const near = { rtol: 1e-4, atol: 1e-4 };
    await expectAgreement((x, y) => x.mm(y), [a, b], near);
    await expectAgreement((x, y) => x.t().contiguous().t().mm(y.t().contiguous().t()), [a, b], near);
    await expectAgreement(
      (c, x, y) => torch.addmm(c, x, y, { beta: 0.5, alpha: 2 }),
      [torch.randn([n]), a, b],
      near,
    );
  });

  it('large ones, in tiles: with gradients, transposed, of integers', async () => {
    const near = { rtol: 1e-4, atol: 2e-4 };
    await expectAgreement((x, y) => x.mm(y), [torch.randn([150, 131]), torch.randn([131, 230])], near);
    await expectAgreement(
      (x, y) => x.t().mm(y.t()),
      [torch.randn([150, 200]), torch.randn([170, 150])],
      near,
    );
    // One tile and a long sum.
    const [long, tall] = [torch.randn([40, 2700]), torch.randn([2700, 41])];
    await expectSame(long.to('webgpu').mm(tall.to('webgpu')), long.mm(tall), near);
    const [a, b] = [torch.arange(120 * 300).view(120, 300), torch.arange(300 * 125).view(300, 125)];
    await expectSame(a.to('webgpu').mm(b.to('webgpu')), a.mm(b));
    await expectAgreement(
      (x, w) => F.conv2d(x, w, null, { padding: 1 }),
      [torch.randn([3, 36, 12, 12]), torch.randn([40, 36, 3, 3])],
      { rtol: 1e-3, atol: 1e-3 },
    );
  });

  it('batches and integers', async () => {
    await expectAgreement((x, y) => x.matmul(y), [torch.randn([2, 3, 4, 5]), torch.randn([3, 5, 2])], {
      rtol: 1e-5,
      atol: 1e-5,
    });
    const [a, b] = [
      torch
        .arange(12)
        .view([3, 4])
        .mul(10 ** 9),
      torch.arange(8).view([4, 2]),
    ];
    await expectSame(a.to('webgpu').mm(b.to('webgpu')), a.mm(b));
  });
});

describe.skipIf(!hasAdapter)('layers agree with the CPU', () => {
  const near = { rtol: 1e-4, atol: 2e-5 };
  it.each([
    [1, 0, 1, 1],
    [2, 1, 1, 1],
    [1, 2, 2, 1],
    [2, 1, 1, 2],
  ])(
    'conv2d with stride %i, padding %i, dilation %i, %i groups',
    async (stride, padding, dilation, groups) => {
      const inputs = [torch.randn([2, 4, 7, 8]), torch.randn([6, 4 / groups, 3, 2]), torch.randn([6])];
      const options = { stride, padding, dilation, groups };
      await expectAgreement((x, w, b) => F.conv2d(x, w, b, options), inputs, near);
      await expectAgreement(
        (x, w) => F.convTranspose2d(x, w, null, { stride, groups }),
        [torch.randn([2, 6, 4, 3]), inputs[1]!],
        near,
      );
    },
  );

  it('conv1d and conv3d', async () => {
    await expectAgreement((x, w) => F.conv1d(x, w), [torch.randn([2, 3, 9]), torch.randn([4, 3, 3])], near);
    await expectAgreement(
      (x, w) => F.conv3d(x, w),
      [torch.randn([1, 2, 4, 5, 3]), torch.randn([3, 2, 2, 2, 2])],
      near,
    );
  });

  it('in pooling', async () => {
    const x = torch.randn([2, 3, 7, 9]);
    await expectAgreement((t) => F.maxPool2d(t, 2), [x]);
    await expectAgreement((t) => F.maxPool2d(t, 3, { stride: 2, padding: 1 }), [x], near);
    // Many windows have the same largest element.
    await expectAgreement((t) => F.maxPool2d(t, 5, { stride: 1 }), [torch.randn([2, 3, 14, 12])], near);
    await expectAgreement((t) => F.avgPool2d(t, 3, { stride: 2, padding: 1 }), [x], near);
    await expectAgreement((t) => F.avgPool2d(t, 2, { ceilMode: true, countIncludePad: false }), [x], near);
    await expectAgreement((t) => F.adaptiveAvgPool2d(t, [3, 4]), [x], near);
  });

  it('softmax and losses', async () => {
    for (const shape of [
      [4, 6],
      [2, 100],
      [3, 5, 2],
    ]) {
      const x = torch.randn(shape);
      await expectAgreement((t) => t.softmax(1), [x], near);
      await expectAgreement((t) => t.logSoftmax(1), [x], near);
    }
    const target = torch.tensor([1, 0, 5, 2]);
    await expectAgreement((t) => F.crossEntropy(t, target.to(t.device)), [torch.randn([4, 6])], near);
    await expectAgreement(
      (t, w) => F.crossEntropy(t, target.to(t.device), w.detach(), { ignoreIndex: 5 }),
      [torch.randn([4, 6]), torch.rand([6])],
      near,
    );
    await expectAgreement(
      (t) => F.nllLoss(t, target.to(t.device), { reduction: 'none' }),
      [torch.randn([4, 6])],
      near,
    );
    await expectAgreement((a, b) => F.mseLoss(a, b), [torch.randn([3, 4]), torch.randn([3, 4])], near);
    await expectAgreement(
      (a, b) => F.binaryCrossEntropyWithLogits(a, b.sigmoid()),
      [torch.randn([9]), torch.randn([9])],
      near,
    );
  });

  it('in norms', async () => {
    for (const width of [6, 130]) {
      const inputs = [torch.randn([4, width]), torch.randn([width]), torch.randn([width])];
      await expectAgreement((x, w, b) => F.layerNorm(x, [width], w, b), inputs, { rtol: 1e-3, atol: 1e-4 });
    }
    const inputs = [torch.randn([3, 4, 5]), torch.randn([4]), torch.randn([4])];
    await expectAgreement((x, w, b) => F.batchNorm(x, null, null, w, b, { training: true }), inputs, {
      rtol: 1e-3,
      atol: 1e-4,
    });
    await expectAgreement((x, w, b) => F.groupNorm(x, 2, w, b), inputs, { rtol: 1e-3, atol: 1e-4 });
  });
});

describe.skipIf(!hasAdapter)('indexing agrees with the CPU', () => {
  it('adds many values to few places, in order', async () => {
    const rows = torch.randint(-7, 7, [300]);
    const values = torch.randn([300, 5]);
    const start = torch.randn([7, 5]);
    await expectAgreement((x, v) => x.indexPut([rows.to(x.device)], v, true), [start, values]);
    await expectAgreement(
      (x, v) => x.indexAdd(0, rows.remainder(7).to(x.device), v, { alpha: 0.5 }),
      [start, values],
    );
    // Other dimensions in front, behind and between.
    const cube = torch.randn([3, 4, 6]);
    await expectAgreement(
      (x, v) => x.indexAdd(1, rows.remainder(4).to(x.device), v),
      [cube, torch.randn([3, 300, 6])],
    );
    const pairs = [torch.randint(0, 4, [10, 20]), torch.randint(0, 6, [10, 20])] as const;
    await expectAgreement(
      (x, v) => x.indexPut([':', ...pairs.map((t) => t.to(x.device))], v, true),
      [cube, torch.randn([3, 10, 20])],
    );
    // Each lane has indices of its own, and takes not all of the values.
    const at = torch.randint(0, 7, [130, 3]);
    for (const reduce of ['sum', 'prod', 'amax', 'amin'] as const)
      await expectSame(
        start.to('webgpu').scatterReduce(0, at.to('webgpu'), values.to('webgpu'), reduce),
        start.scatterReduce(0, at, values, reduce),
      );
    const [many, lanes] = [torch.randint(0, 5, [600, 70]), torch.randn([600, 70])];
    await expectAgreement((x, v) => x.scatterAdd(1, many.to(x.device), v), [torch.randn([600, 5]), lanes]);
    const whole = torch.arange(300).mul(2 ** 40 + 1);
    const counts = torch.zeros(7, { dtype: torch.int64 });
    await expectSame(
      counts.to('webgpu').scatterAdd(0, rows.remainder(7).to('webgpu'), whole.to('webgpu')),
      counts.scatterAdd(0, rows.remainder(7), whole),
    );
  });

  it('gives the same sums every time', async () => {
    const at = torch.randint(0, 3, [2000]).to('webgpu');
    const values = torch.randn([2000]).to('webgpu');
    const sums = await Promise.all(
      [1, 2, 3].map(() => torch.zeros(3, { device: 'webgpu' }).indexAdd(0, at, values).tolistAsync()),
    );
    expect(sums[1]).toEqual(sums[0]);
    expect(sums[2]).toEqual(sums[0]);
  });

  it('adds a tensor to itself as it was before', async () => {
    const [there, here] = ['webgpu', 'cpu'].map((device) => {
      const x = torch.arange(5, { dtype: torch.float32 }).to(device);
      return x.indexAdd_(0, torch.tensor([1, 2, 3, 4, 0]).to(device), x.data);
    });
    await expectSame(there!, here!);
  });

  it('refuses a bad index among many', async () => {
    const at = torch.cat([torch.zeros(200, { dtype: torch.int64 }), torch.tensor([9])]).to('webgpu');
    const x = torch.zeros(3, { device: 'webgpu' }).indexAdd(0, at, torch.ones(201, { device: 'webgpu' }));
    await expect(x.tolistAsync()).rejects.toThrow('index 9 is out of bounds for dimension 0 with size 3');
  });

  it('gathers and scatters, adding in order', async () => {
    const x = torch.randn([5, 4]);
    const at = torch.tensor([
      [0, 4, 2, 2],
      [1, 1, 1, 0],
    ]);
    await expectAgreement((t) => t.gather(0, at.to(t.device)), [x]);
    await expectAgreement((t) => t.indexSelect(0, torch.tensor([3, 3, 0], { device: t.device })), [x]);
    await expectAgreement((t, s) => t.scatterAdd(0, at.to(t.device), s), [x, torch.randn([2, 4])]);
    await expectAgreement(
      (t, s) => t.indexAdd(0, torch.tensor([1, 1], { device: t.device }), s),
      [x, torch.randn([2, 4])],
    );
    await expectAgreement(
      (t) =>
        t.index(
          torch.tensor([
            [0, -1],
            [2, 2],
          ]),
          ':',
        ),
      [x],
    );
    await expectAgreement((t) => t.index(':', torch.tensor([1, 1, 3])), [x]);
    await expectAgreement(
      (t, w) => F.embedding(at.to(t.device), w).sum(0).add(t.sum()),
      [x, torch.randn([6, 3])],
      { rtol: 1e-5, atol: 1e-5 },
    );
    const bytes = torch.arange(9).to(torch.uint8);
    await expectSame(bytes.to('webgpu').flip(0), bytes.flip(0));
    await expectSame(
      bytes.to('webgpu').indexFill(0, torch.tensor([2, 5], { device: 'webgpu' }), 77),
      bytes.indexFill(0, torch.tensor([2, 5]), 77),
    );
  });

  it('sorts stably, whatever the length', async () => {
    for (const length of [1, 7, 64, 65, 1500]) {
      const x = torch.randn([2, length]).mul(20).round();
      x.index(0, 0).fill_(NaN);
      for (const t of [x, x.to(torch.int64), x.to(torch.uint8), x.to(torch.float16)])
        for (const descending of [false, true]) {
          const there = t.to('webgpu').sort({ descending, stable: true });
          const here = t.sort({ descending, stable: true });
          await expectSame(there[0]!, here[0]!);
          await expectSame(there[1]!, here[1]!);
        }
    }
    await expectAgreement((t) => t.topk(3, 1)[0]!, [torch.randn([4, 9])]);
    await expectAgreement((t) => t.median(1)[0]!, [torch.randn([4, 9])]);
    await expectAgreement((t) => t.kthvalue(2, 0)[0]!, [torch.randn([4, 9])]);
    const edges = torch.tensor([1, 3, 5, 7]);
    const wanted = torch.tensor([
      [3, 6, 9],
      [0, 1, 7],
    ]);
    await expectSame(
      torch.searchsorted(edges.to('webgpu'), wanted.to('webgpu')),
      torch.searchsorted(edges, wanted),
    );
  });

  it('scans, short and long', async () => {
    for (const length of [5, 700]) {
      const x = torch.randn([3, length]);
      const near = { rtol: 1e-4, atol: 1e-4 };
      await expectAgreement((t) => t.cumsum(1), [x], near);
      await expectAgreement((t) => t.cummax(1)[0]!, [x]);
      await expectAgreement((t) => t.logcumsumexp(1), [x], near);
      const whole = x.mul(10).to(torch.int32);
      await expectSame(whole.to('webgpu').cumsum(0), whole.cumsum(0));
    }
    await expectAgreement((t) => t.cumprod(1), [torch.rand([3, 5])], { rtol: 1e-4, atol: 1e-5 });
  });

  it('scans rows of many chunks', async () => {
    const x = torch
      .arange(2 * 9001)
      .mul(37)
      .remainder(101)
      .sub(50)
      .div(64)
      .reshape(2, 9001);
    for (const rows of [x, x.reshape(9001, 2).t()]) {
      // These sums are exact, and the extremes have many equals.
      await expectAgreement((t) => t.cumsum(1), [rows]);
      await expectAgreement((t) => t.cummax(1)[0]!, [rows]);
      await expectSame(rows.to('webgpu').cummin(1)[1]!, rows.cummin(1)[1]!);
      await expectSame(rows.to('webgpu').long().cumsum(1), rows.long().cumsum(1));
      await expectAgreement((t) => t.logcumsumexp(1), [rows], { rtol: 1e-4, atol: 1e-4 });
    }
    const long = torch.arange(1_100_000).remainder(3).sub(1).float();
    await expectSame(long.to('webgpu').cumsum(0), long.cumsum(0));
  });

  it('finds the gradient of running products around zeros', async () => {
    const x = torch.tensor([
      [1.5, 2, -3, 0.5, 1, 2],
      [1.5, 0, -3, 0.5, 1, 2],
      [1.5, 2, 0, 0.5, 0, 2],
      [0, 0, -3, 0.5, 1, 0],
    ]);
    const near = { rtol: 1e-5, atol: 1e-5 };
    for (const t of [x, x.t()]) await expectAgreement((a) => a.cumprod(1), [t], near);
    // Second derivatives by what stands behind a zero are not zero.
    const second = (a: torch.Tensor) => {
      const [g] = torch.autograd.grad([a.cumprod(1).sum()], [a], null, { createGraph: true });
      return g!.square();
    };
    await expectAgreement(second, [x], near);
  });

  it('finds the gradient of running products in as many steps however long they are', async () => {
    const dispatches = (length: number): number => {
      const x = torch.ones([length], { device: 'webgpu', requiresGrad: true });
      const { gpu } = x.storage.backend as WebGpuBackend;
      const result = x.cumprod(0).sum();
      const run = vi.spyOn(gpu, 'run');
      result.backward();
      const count = run.mock.calls.length;
      run.mockRestore();
      return count;
    };
    expect(dispatches(500)).toBe(dispatches(5));
  });

  it('copies triangles', async () => {
    await expectAgreement((t) => t.tril().add(t.triu(1)), [torch.randn([4, 5])]);
  });

  it('finds what is not zero', async () => {
    const x = torch.tensor([
      [0, 1, 0],
      [2, 0, 3],
    ]);
    const out = torch.empty([3, 2], { dtype: torch.int64, device: 'webgpu' });
    out.storage.backend.kernels.nonzero(out, x.to('webgpu'));
    await expectSame(out, x.nonzero());
  });
});

describe.skipIf(!hasAdapter)('random numbers', () => {
  const draw = (shape: number[]) => torch.rand(shape, { device: 'webgpu' });

  it('depend on the seed alone', async () => {
    torch.manualSeed(7);
    const first = await draw([10]).tolistAsync();
    const second = await draw([10]).tolistAsync();
    expect(second).not.toEqual(first);
    torch.manualSeed(7);
    expect(await draw([10]).tolistAsync()).toEqual(first);
  });

  it('are those of Philox', async () => {
    // The first words of Philox4x32-10 for key 0 and counter 0 (Random123, kat_vectors): 6627e8d5 e169c58d bc57ac4c 9b00dbd8.
    torch.manualSeed(0);
    const values = (await draw([2]).toArrayAsync()) as Float32Array;
    expect(values[0]).toBeCloseTo((0x6627e8d5 >>> 8) / 2 ** 24, 7);
    expect(values[1]).toBeCloseTo((0xbc57ac4c >>> 8) / 2 ** 24, 7);
  });

  it('have the moments of their distributions', async () => {
    const device = 'webgpu';
    const n = 20_000;
    const mean = (t: torch.Tensor) => t.float().mean().itemAsync();
    const spread = (t: torch.Tensor) => t.float().std().itemAsync();
    const cases: [torch.Tensor, number, number][] = [
      [draw([n]), 0.5, Math.sqrt(1 / 12)],
      [torch.randn([n], { device }), 0, 1],
      [torch.randint(0, 10, [n], { device }), 4.5, Math.sqrt(8.25)],
      [torch.empty([n], { device }).bernoulli_(0.3), 0.3, Math.sqrt(0.21)],
      [torch.bernoulli(torch.full([n], 0.3, { device })), 0.3, Math.sqrt(0.21)],
      [torch.empty([n], { device }).exponential_(2), 0.5, 0.5],
      [torch.empty([n], { device }).geometric_(0.5), 2, Math.SQRT2],
      ...[0.3, 9, 11, 60, 3000].map((rate): [torch.Tensor, number, number] => [
        torch.poisson(torch.full([n], rate, { device, dtype: torch.float32 })),
        rate,
        Math.sqrt(rate),
      ]),
      ...[0.2, 1, 3, 400].map((alpha): [torch.Tensor, number, number] => [
        standardGamma(torch.full([n], alpha, { device, dtype: torch.float32 }), null),
        alpha,
        Math.sqrt(alpha),
      ]),
      ...[
        [1, 0.3],
        [12, 0.9],
        [100, 0.4],
        [1e6, 0.7],
      ].map(([trials, p]): [torch.Tensor, number, number] => [
        binomial(
          ...([trials, p].map((x) => torch.full([n], x!, { device, dtype: torch.float32 })) as [
            torch.Tensor,
            torch.Tensor,
          ]),
          null,
        ),
        trials! * p!,
        Math.sqrt(trials! * p! * (1 - p!)),
      ]),
    ];
    for (const [t, m, s] of cases) {
      expect(Math.abs((await mean(t)) - m)).toBeLessThan((5 * s) / Math.sqrt(n));
      expect(Math.abs((await spread(t)) - s)).toBeLessThan(0.05 * s);
    }
    expect(await torch.randperm(50, { device }).sort()[0]!.tolistAsync()).toEqual([...new Array(50).keys()]);
  });
});

describe.skipIf(!hasAdapter)('an op whose kernel the device lacks', () => {
  it("says so in PyTorch's words", () => {
    const x = torch.ones(4, { device: 'webgpu' });
    const offsets = torch.tensor([0, 4], { device: 'webgpu' });
    const lacking: { -readonly [K in keyof typeof launches]?: (typeof launches)[K] } = launches;
    const { segment_reduce } = launches;
    delete lacking.segment_reduce;
    try {
      expect(() => torch.segmentReduce(x, 'sum', { offsets })).toThrow(
        "Could not run 'aten::segment_reduce' with arguments from the 'WEBGPU' backend.",
      );
    } finally {
      lacking.segment_reduce = segment_reduce;
    }
  });
});

describe.skipIf(!hasAdapter)('segmentReduce', () => {
  it.each(['sum', 'mean', 'max', 'min', 'prod'] as const)('agrees with the CPU: %s', async (reduce) => {
    // Short segments are one invocation's, long ones a workgroup's; some have no elements, or bounds outside the data.
    for (const bounds of [
      [0, 2, 2, 7, 30],
      [-4, 700, 700, 1999, 5000],
    ]) {
      const data = torch
        .rand([2, bounds[3]! + 1, 3])
        .mul(0.1)
        .add(0.95);
      const offsets = torch.tensor([bounds, bounds]);
      const here = torch.segmentReduce(data, reduce, { offsets, axis: 1, initial: 0.97 });
      const there = torch.segmentReduce(data.to('webgpu'), reduce, {
        offsets: offsets.to('webgpu'),
        axis: 1,
        initial: 0.97,
      });
      await expectSame(there, here, { rtol: 1e-4, atol: 1e-4 });
    }
  });
});

describe.skipIf(!hasAdapter)('Fourier transforms agree with the CPU', () => {
  // Every pass, and a convolution with a chirp.
  it.each([16, 60, 77, 143, 34, 251])('of %i points', async (n) => {
    const { fft } = torch;
    const x = torch.randn([3, n, 2], { dtype: torch.complex64 });
    const near = { rtol: 1e-4, atol: 1e-4 };
    const y = fft.fft(x, { dim: 1 });
    const there = fft.fft(x.to('webgpu'), { dim: 1 });
    await expectSame(there, y, near);
    await expectSame(fft.ifft(there, { dim: 1 }), x, near);
    await expectSame(fft.rfft(x.real.to('webgpu'), { dim: 1 }), fft.rfft(x.real, { dim: 1 }), near);
    await expectSame(fft.irfft(there, n - 1, 1), fft.irfft(y, n - 1, 1), near);
  });
});
