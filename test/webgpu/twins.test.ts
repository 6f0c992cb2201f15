import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { expectSame, hasAdapter } from './device.js';

const device = 'webgpu';
const x = torch.tensor([
  [1, 0, 2.5],
  [0, -3, 1],
]);

describe.skipIf(!hasAdapter)('ops that read values', () => {
  const there = x.to(device);

  // First of all: the kernel that is made first is kept.
  it('nonzero of a scalar, which has no coordinates, is another kernel than that of a vector', async () => {
    for (const t of [torch.tensor(2), torch.tensor([0, 2, 3])])
      expect(await (await t.to(device).nonzeroAsync()).tolistAsync()).toEqual(t.nonzero().tolist());
  });

  it.each([
    ['nonzero', () => there.nonzero()],
    ['maskedSelect', () => there.maskedSelect(there.gt(0))],
    ['unique', () => torch.unique(there)],
    ['index', () => there.index(there.gt(0))],
    ['indexPut_', () => there.clone().indexPut_([there.gt(0)], torch.ones([3], { device }))],
    ['repeatInterleave', () => there.repeatInterleave(torch.tensor([1, 2], { device }), 0)],
    ['equal', () => there.equal(there)],
    ['allclose', () => torch.allclose(there, there)],
    ['tolist', () => there.tolist()],
  ])('%s() throws and names its twin', (name, call) => {
    expect(call).toThrow(`${name}() cannot wait for the device webgpu:0; use await ${name}Async()`);
  });

  it.each<
    [string, (t: torch.Tensor) => torch.Tensor | Promise<torch.Tensor>, (t: torch.Tensor) => torch.Tensor]
  >([
    ['nonzero', (t) => t.nonzeroAsync(), (t) => t.nonzero()],
    ['argwhere', (t) => torch.argwhereAsync(t), (t) => torch.argwhere(t)],
    ['where', async (t) => (await torch.whereAsync(t.gt(0)))[1]!, (t) => torch.where(t.gt(0))[1]!],
    ['maskedSelect', (t) => t.maskedSelectAsync(t.gt(0)), (t) => t.maskedSelect(t.gt(0))],
    ['index', (t) => t.indexAsync(t.gt(0)), (t) => t.index(t.gt(0))],
    [
      'index with a row',
      (t) => t.indexAsync(0, t.select(0, 0).gt(0)),
      (t) => t.index(0, t.select(0, 0).gt(0)),
    ],
    ['unique', (t) => torch.uniqueAsync(t), (t) => torch.unique(t)],
    [
      'unique with counts',
      async (t) => (await torch.uniqueAsync(t, { returnCounts: true }))[1]!,
      (t) => torch.unique(t, { returnCounts: true })[1]!,
    ],
    ['uniqueConsecutive', (t) => torch.uniqueConsecutiveAsync(t), (t) => torch.uniqueConsecutive(t)],
    [
      'repeatInterleave',
      (t) => t.repeatInterleaveAsync(torch.tensor([2, 3], { device: t.device }), 0),
      (t) => t.repeatInterleave(torch.tensor([2, 3]), 0),
    ],
    [
      'tensorSplit',
      async (t) => (await t.tensorSplitAsync(torch.tensor([1], { device: t.device }), 1))[1]!,
      (t) => t.tensorSplit(torch.tensor([1]), 1)[1]!,
    ],
    [
      'bincount',
      (t) => t.abs().long().view([-1]).bincountAsync(),
      (t) => t.abs().long().view([-1]).bincount(),
    ],
    ['histc', (t) => t.histcAsync(4), (t) => t.histc(4)],
    [
      'oneHot',
      (t) => torch.nn.functional.oneHotAsync(t.abs().long()),
      (t) => torch.nn.functional.oneHot(t.abs().long()),
    ],
  ])('%sAsync() gives what the CPU gives', async (_, twin, plain) => {
    const result = await twin(there);
    expect(result.device.type).toBe('webgpu');
    await expectSame(result, plain(x));
    // On the CPU there is nothing to wait for.
    await expectSame(await twin(x), plain(x));
  });

  it('carry gradients, which need no further reading', async () => {
    const run = async (t: torch.Tensor) => {
      const leaf = t.detach().requiresGrad_();
      const parts = [
        await leaf.maskedSelectAsync(leaf.gt(0)),
        await leaf.indexAsync(leaf.lt(1)),
        await leaf.repeatInterleaveAsync(torch.tensor([2, 3], { device: t.device }), 0),
      ];
      parts
        .map((p) => p.mul(p).sum())
        .reduce((a, b) => a.add(b))
        .backward();
      return leaf.grad!;
    };
    await expectSame(await run(there), await run(x));
  });

  it('assign by a mask: one value without waiting, several with', async () => {
    const [a, b] = [there.clone(), x.clone()];
    a.indexPut_([a.gt(0)], 7);
    b.indexPut_([b.gt(0)], 7);
    await expectSame(a, b);
    const values = torch.tensor([1, 2, 3, 4, 5, 6]).narrow(0, 0, 3).float();
    const same = await a.indexPut_Async([a.eq(7)], values.to(device));
    expect(same).toBe(a);
    await expectSame(a, b.indexPut_([b.eq(7)], values));
  });

  it('say whether tensors are equal', async () => {
    expect(await there.equalAsync(there.clone())).toBe(true);
    expect(await torch.equalAsync(there, there.neg())).toBe(false);
    expect(await torch.allcloseAsync(there, there.add(1e-9))).toBe(true);
  });

  it('see one state of an operand that is changed meanwhile', async () => {
    const t = torch.tensor([1, 0, 1, 1], { device });
    const pending = t.nonzeroAsync();
    t.fill_(0);
    expect((await pending).shape).toEqual([0, 1]);
  });

  it('wait for what is on its way', async () => {
    expect(await (await there.to('cpu').nonzeroAsync()).tolistAsync()).toEqual(x.nonzero().tolist());
  });

  it('report what is wrong with their arguments', async () => {
    await expect(there.maskedSelectAsync(there)).rejects.toThrow('expected BoolTensor for mask');
  });
});

describe.skipIf(!hasAdapter)('ops that have no need to read values', () => {
  it('embeddingBag finds the bags by their offsets', async () => {
    const weight = torch.arange(12).float().view([6, 2]);
    const run = (where: string) =>
      torch.nn.functional.embeddingBag(
        torch.tensor([0, 5, 1, 3, 3], { device: where }),
        weight.to(where),
        torch.tensor([0, 2, 2], { device: where }),
        { mode: 'sum' },
      );
    await expectSame(run(device), run('cpu'));
  });

  it('maskedScatter tells of a source that is too short when somebody reads', async () => {
    const y = x.to(device).maskedScatter(x.to(device).ne(0), torch.tensor([1, 2, 3.5], { device }));
    await expect(y.tolistAsync()).rejects.toThrow('index 3 is out of bounds for dimension 0 with size 3');
    await expectSame(x.to(device).add(1), x.add(1));
  });

  it('nonzeroStatic fills up, or leaves out', async () => {
    for (const size of [0, 2, 6])
      await expectSame(torch.nonzeroStatic(x.to(device), { size }), torch.nonzeroStatic(x, { size }));
  });

  it('maskedScatter, and its gradients', async () => {
    const run = (where: string) => {
      const [t, source] = [
        x.detach().to(where).requiresGrad_(),
        torch.arange(6).float().to(where).requiresGrad_(),
      ];
      const result = t.maskedScatter(t.gt(0), source);
      return [result, ...torch.autograd.grad([result], [t, source], [result.detach()])] as torch.Tensor[];
    };
    for (const [i, t] of run(device).entries()) await expectSame(t, run('cpu')[i]!);
  });

  it('multinomial draws in proportion to the weights, never what has none', async () => {
    torch.manualSeed(1);
    const weights = torch
      .tensor([
        [0, 1, 3, 0],
        [2, 0, 0, 2],
      ])
      .float();
    const drawn = weights.to(device).multinomial(8000, true);
    const counts = await torch.nn.functional.oneHot(drawn, 4).sum(1).div(8000).tolistAsync();
    for (const [r, row] of [
      [0, 0.25, 0.75, 0],
      [0.5, 0, 0, 0.5],
    ].entries())
      for (const [k, share] of row.entries()) {
        const found = (counts as number[][])[r]![k]!;
        if (share === 0) expect(found).toBe(0);
        else expect(Math.abs(found - share)).toBeLessThan(0.03);
      }
  });
});

describe.skipIf(!hasAdapter)('modules and utilities on the device', () => {
  it('BatchNorm averages over all batches without reading their number', async () => {
    const run = (where: string) => {
      const norm = new torch.nn.BatchNorm1d(3, { momentum: null }).to(where);
      for (const scale of [1, 2, 4]) norm.forward(x.to(where).mul(scale));
      return [norm.runningMean!, norm.runningVar!];
    };
    for (const [i, t] of run(device).entries())
      await expectSame(t, run('cpu')[i]!, { rtol: 1e-5, atol: 1e-6 });
  });

  it('clipGradNorm_ refuses what is not finite, when it is waited for', async () => {
    const { clipGradNorm_, clipGradNorm_Async } = torch.nn.utils;
    const leaf = x.detach().to(device).requiresGrad_();
    leaf.mul(Number.POSITIVE_INFINITY).sum().backward();
    expect(() => clipGradNorm_([leaf], 1, { errorIfNonfinite: true })).toThrow(
      'use await clipGradNorm_Async()',
    );
    await expect(clipGradNorm_Async([leaf], 1, { errorIfNonfinite: true })).rejects.toThrow('is non-finite');
    leaf.grad = torch.ones([2, 3], { device });
    const total = await clipGradNorm_Async([leaf], 1, { errorIfNonfinite: true });
    expect(await total.itemAsync()).toBeCloseTo(Math.sqrt(6), 5);
    expect(await leaf.grad.norm().itemAsync()).toBeCloseTo(1, 5);
  });

  it('truncNormal_ keeps within its bounds', async () => {
    const t = torch.nn.init.truncNormal_(torch.empty([200], { device }), 0, 1, -0.5, 0.5);
    expect(await t.abs().max().itemAsync()).toBeLessThanOrEqual(0.5);
    expect(await t.std().itemAsync()).toBeGreaterThan(0.2);
  });

  it('samplers draw on the CPU whatever the default device', () => {
    torch.setDefaultDevice(device);
    try {
      expect([...new torch.utils.data.RandomSampler([1, 2, 3])].sort()).toEqual([0, 1, 2]);
    } finally {
      torch.setDefaultDevice('cpu');
    }
  });
});
