/** Sizes that kernels seldom meet: none, one, more than a row of workgroups. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { type Body, counted, expectAgreement, expectSame, gpu, hasAdapter, onGpu } from './device.js';

const F = torch.nn.functional;
const positions = (like: torch.Tensor, below: number): torch.Tensor =>
  torch.arange(like.numel()).mul(7).remainder(below).reshape(like.shape).to(like.device);

/** Bodies for tensors of at least one dimension. */
const ofOne: Readonly<Record<string, Body>> = {
  'x + 1': (x) => x.add(1),
  'a chain': (x) => x.mul(2).sigmoid().sub(x).square(),
  float16: (x) => x.half().float(),
  bool: (x) => x.gt(0),
  where: (x) => torch.where(x.gt(0), x, x.neg()),
  softmax: (x) => x.softmax(0),
  logSoftmax: (x) => x.logSoftmax(-1),
  cumsum: (x) => x.cumsum(0),
  cumprod: (x) => x.div(10).add(1).cumprod(-1),
  cummax: (x) => x.cummax(0)[0],
  logcumsumexp: (x) => x.logcumsumexp(0),
  sort: (x) => x.sort(-1)[0],
  argsort: (x) => x.argsort(0, true),
  flip: (x) => x.flip(0),
  roll: (x) => x.roll(2, 0),
  layerNorm: (x) => F.layerNorm(x, x.shape.slice(-1)),
  indexSelect: (x) => x.indexSelect(0, torch.arange(x.shape[0]!).flip(0).to(x.device)),
  gather: (x) => x.gather(-1, positions(x, Math.max(1, x.shape.at(-1)!))),
  scatterAdd: (x) => x.scatterAdd(-1, positions(x, Math.max(1, x.shape.at(-1)!)), x),
  indexAdd: (x) =>
    torch
      .zeros([5, ...x.shape.slice(1)], { device: x.device })
      .indexAdd(0, positions(x.select(-1, 0).flatten().narrow(0, 0, 0), 5), x.narrow(0, 0, 0)),
  tril: (x) => x.reshape([-1, x.shape.at(-1)!]).tril(),
  sum: (x) => x.sum(),
  'sum of columns': (x) => x.sum(0),
  'mean of rows': (x) => x.mean(-1, true),
  prod: (x) => x.div(10).add(1).prod(0),
  any: (x) => x.gt(1).any(),
  all: (x) => x.gt(-1).all(0),
  norm: (x) => x.norm(),
  logsumexp: (x) => x.logsumexp(0),
  max: (x) => x.max(),
  argmin: (x) => x.argmin(),
  amax: (x) => x.amax(0),
  'max of rows': (x) => x.max(-1)[0],
  median: (x) => x.median(0)[0],
  // Which of several equal elements is taken nobody promises, and gradients go there.
  kthvalue: (x) => x.detach().kthvalue(1, -1)[0],
  mode: (x) => x.detach().mode(0)[0],
  topk: (x) => x.topk(1, 0)[0],
  searchsorted: (x) => torch.searchsorted(torch.linspace(-2, 2, 9, { device: x.device }), x.detach()),
  cat: (x) => torch.cat([x, x.neg(), x]),
  stack: (x) => torch.stack([x, x], -1).flatten(),
  repeat: (x) => x.repeat(3, ...new Array<number>(x.ndim - 1).fill(2)),
  pad: (x) => F.pad(x, [1, 2]),
  'x[…] by positions': (x) => x.index(positions(x.flatten(), Math.max(1, x.shape[0]!))),
  'x[…] += by positions': (x) =>
    x
      .clone()
      .indexPut_(
        [positions(x.select(-1, 0).flatten(), Math.max(1, x.shape[0]!))],
        torch.ones(1, { device: x.device }),
        true,
      ),
  maxPool1d: (x) => F.maxPool1d(x.reshape([1, 1, -1]), 2, 2),
  avgPool1d: (x) => F.avgPool1d(x.reshape([1, 1, -1]), 2, 1, 1),
  adaptiveAvgPool1d: (x) => F.adaptiveAvgPool1d(x.reshape([1, 1, -1]), 3),
  conv1d: (x) => F.conv1d(x.reshape([1, 1, -1]), torch.ones([2, 1, 3], { device: x.device }), null, 1, 1),
  batchNorm: (x) => F.batchNorm(x.reshape([-1, x.shape.at(-1)!]), null, null, null, null, true),
  crossEntropy: (x) =>
    F.crossEntropy(
      x.reshape([-1, x.shape.at(-1)!]),
      positions(x.select(-1, 0).flatten(), Math.max(1, x.shape.at(-1)!)),
    ),
  embedding: (x) => F.embedding(positions(x, 4), torch.ones([4, 2], { device: x.device }).mul(x.sum())),
  interpolate: (x) => F.interpolate(x.reshape([1, 1, -1]), { scaleFactor: 2, mode: 'linear' }),
};

/** Agrees with the CPU, also in what it refuses. */
async function expectAlike(body: Body, inputs: readonly torch.Tensor[]): Promise<void> {
  let refused: Error | null = null;
  try {
    body(...inputs.map((x) => x.detach()));
  } catch (error) {
    refused = error as Error;
  }
  if (refused === null) await expectAgreement(body, inputs, { rtol: 2e-5, atol: 2e-5 });
  else expect(() => body(...inputs.map((x) => x.to('webgpu')))).toThrow(refused.message);
}

describe.skipIf(!hasAdapter)('no elements, and one', () => {
  const shapes = [[0], [0, 3], [3, 0], [2, 0, 3], [1], [1, 1], [5, 1], [1, 5]];
  describe.each(Object.entries(ofOne))('%s', (_, body) => {
    it.each(shapes)('of size %s %s %s', (...shape: (number | undefined)[]) =>
      expectAlike(body, [counted(...(shape.filter((n) => n !== undefined) as number[]))]),
    );
  });
});

describe.skipIf(!hasAdapter)('products without something', () => {
  // Batch, rows, inner, columns.
  it.each([
    [1, 1, 1, 1],
    [0, 2, 3, 4],
    [2, 0, 3, 4],
    [2, 3, 0, 4],
    [2, 3, 4, 0],
    [1, 1, 700, 9],
    [1, 9, 700, 1],
    [3, 1, 5, 1],
    [1, 40, 1, 70],
    [70, 3, 2, 1],
  ])('%s × [%s, %s] [.., %s]', async (batch, rows, inner, columns) => {
    const [a, b] = [counted(batch, rows, inner), counted(batch, inner, columns)];
    await expectAlike((x, y) => x.matmul(y), [a, b]);
    await expectAlike((x, y) => x.transpose(1, 2).contiguous().transpose(1, 2).bmm(y), [a, b]);
    await expectAlike(
      (x, y, z) => z.baddbmm(x, y, { beta: 0.5, alpha: 2 }),
      [a, b, counted(batch, rows, columns)],
    );
    await expectAlike((x, y) => x.long().bmm(y.long()), [a, b]);
  });

  it.each([
    ['no images', [0, 2, 5, 5], [3, 2, 2, 2]],
    ['no outputs', [2, 2, 5, 5], [0, 2, 2, 2]],
    ['one place', [1, 1, 1, 1], [1, 1, 1, 1]],
    ['one output place', [2, 3, 3, 3], [4, 3, 3, 3]],
  ] as const)('convolution of %s', async (_, input, weight) => {
    const inputs = [counted(...input), counted(...weight), counted(weight[0])];
    await expectAlike((x, w, b) => F.conv2d(x, w, b, 1, 1), inputs);
    await expectAlike((x, w, b) => F.conv2d(x, w, b, 2), inputs);
    await expectAlike((x, w) => F.convTranspose2d(x, w.transpose(0, 1).contiguous()), inputs.slice(0, 2));
  });

  it.each([
    ['no images', [0, 2, 4, 4]],
    ['one place', [1, 1, 1, 1]],
    ['no places', [2, 2, 0, 4]],
  ] as const)('pooling of %s', async (_, size) => {
    const x = counted(...size);
    await expectAlike((t) => F.maxPool2d(t, 2, 2, 1), [x]);
    await expectAlike((t) => F.avgPool2d(t, 2, 1, 1, true, false), [x]);
    await expectAlike((t) => F.adaptiveAvgPool2d(t, [1, 3]), [x]);
    await expectAlike((t) => F.adaptiveMaxPool2d(t, [2, 1]), [x]);
  });
});

describe.skipIf(!hasAdapter)('more workgroups than fit into one dimension', () => {
  // With a few of them to a dimension, small tensors have as many as large ones would have otherwise.
  let limits: { groups: number };
  let groups: number;
  beforeAll(() => {
    ({ limits } = gpu() as { limits: { groups: number } });
    ({ groups } = limits);
    limits.groups = 3;
  });
  afterAll(() => {
    limits.groups = groups;
  });

  const sizes = [[1283], [5, 701], [701, 5]];
  describe.each(Object.entries(ofOne))('%s', (_, body) => {
    it.each(sizes)('of size %s %s', (...shape: (number | undefined)[]) =>
      expectAlike(body, [counted(...(shape.filter((n) => n !== undefined) as number[]))]),
    );
  });

  const large: Readonly<Record<string, readonly [Body, ...number[][]]>> = {
    'sum in chunks': [(x) => x.sum(), [7, 11003]],
    'argmax in chunks': [(x) => x.argmax(), [77003]],
    'sums of columns': [(x) => x.sum(0), [1400, 33]],
    'sums of columns of whole numbers': [(x) => x.mul(100).long().sum(0), [1400, 33]],
    'products of columns in the middle': [(x) => x.div(8).add(1).prod(1), [2, 300, 40]],
    'argmax of columns': [(x) => x.argmax(0), [20003, 33]],
    'amin of columns': [(x) => x.amin(0), [1400, 33]],
    'any of columns': [(x) => x.gt(1.5).any(0), [1400, 33]],
    'norms of columns': [(x) => x.norm(2, 0), [1400, 33]],
    'rows of sums': [(x) => x.sum(-1), [11, 703]],
    'rows of softmax': [(x) => x.softmax(-1), [11, 703]],
    'rows of cumsum': [(x) => x.cumsum(-1), [7, 1283]],
    'long rows of sort': [(x) => x.sort(-1)[0], [5, 1283]],
    'parameters of layerNorm': [(x, w, b) => F.layerNorm(x, [300], w, b), [70, 300], [300], [300]],
    'a small product': [(x, y) => x.mm(y), [37, 9], [9, 301]],
    'tiles of a product': [(x, y) => x.mm(y), [131, 290], [290, 131]],
    'parts of a product': [(x, y) => x.mm(y), [5, 4100], [4100, 7]],
    'a batch of products': [(x, y) => x.bmm(y), [70, 9, 5], [70, 5, 11]],
    convolution: [(x, w) => F.conv2d(x, w, null, 1, 1), [2, 3, 25, 25], [5, 3, 3, 3]],
    maxPool2d: [(x) => F.maxPool2d(x, 3, 2, 1), [2, 3, 31, 31]],
    batchNorm: [(x) => F.batchNorm(x, null, null, null, null, true), [7, 11, 30]],
  };
  it.each(Object.entries(large))('%s', async (_, [body, ...shapes]) => {
    await expectAgreement(
      body,
      shapes.map((shape) => counted(...shape)),
      { rtol: 1e-4, atol: 1e-4 },
    );
  });

  it('random numbers are those of one dimension', async () => {
    const draw = () => {
      torch.manualSeed(5);
      return [torch.rand(5003, onGpu), torch.randn(5003, onGpu), torch.randperm(1500, onGpu)];
    };
    const wide = draw();
    limits.groups = groups;
    const flat = draw();
    limits.groups = 3;
    for (const [i, t] of wide.entries())
      expect(await t.toArrayAsync()).toEqual(await flat[i]!.toArrayAsync());
  });
});

describe.skipIf(!hasAdapter)('long rows with many equal elements', () => {
  const names = ['float32', 'float16', 'int64', 'int32', 'uint8', 'bool'] as const;
  describe.each(names)('of %s', (name) => {
    it.each([65, 128, 129, 1000, 4097])('are sorted in their order, %s of them', async (length) => {
      const rows = torch
        .arange(3 * length)
        .mul(37)
        .remainder(101)
        .sub(50)
        .reshape(3, length);
      const x =
        name === 'int64'
          ? rows.mul(2 ** 33)
          : name === 'uint8'
            ? rows.add(50).to(torch.uint8)
            : rows.to(torch[name]);
      if (name === 'float32')
        x.index(1).indexPut_([torch.tensor([3, 40, 64])], torch.tensor([NaN, -0, Infinity]));
      for (const descending of [false, true])
        for (const t of [x, x.t().contiguous().t()]) {
          const [values, indices] = t.to('webgpu').sort({ dim: 1, descending, stable: true });
          const [v, i] = t.sort({ dim: 1, descending, stable: true });
          await expectSame(values!, v!);
          await expectSame(indices!, i!);
        }
    });
  });
});

describe.skipIf(!hasAdapter)('many values for one place', () => {
  // Runs of one, of a piece's length and of many pieces, in an order that is not that of their places.
  const places = torch.cat([torch.zeros(1), torch.ones(64), torch.full([333], 2), torch.full([65], 4)]);
  const index = places.flip(0).long().index(torch.arange(463).mul(29).remainder(463));
  const values = counted(463, 3);
  const on = (t: torch.Tensor) => index.to(t.device);
  const wide = (t: torch.Tensor) => on(t).unsqueeze(1).expand([463, 3]);
  const start = (t: torch.Tensor) => torch.ones([5, 3], { device: t.device, dtype: t.dtype });
  const bodies: Readonly<Record<string, Body>> = {
    indexAdd: (x) => start(x).indexAdd(0, on(x), x, { alpha: 2 }),
    indexPut: (x) => start(x).indexPut([on(x)], x, true),
    scatterAdd: (x) => start(x).scatterAdd(0, wide(x), x),
    amax: (x) => start(x).detach().scatterReduce(0, wide(x), x.detach(), 'amax'),
    prod: (x) => start(x).detach().scatterReduce(0, wide(x), x.detach().div(50).add(1), 'prod'),
  };
  it.each(Object.entries(bodies))('by %s', async (name, body) => {
    await expectAgreement(body, [values], { rtol: 1e-4, atol: 1e-4 });
    if (name !== 'prod') await expectAgreement(body, [values.mul(32).long()]);
  });

  it('agree for truth values', async () => {
    const flags = values.gt(1.5);
    const put = (t: torch.Tensor) =>
      torch.zeros([5, 3], { device: t.device, dtype: torch.bool }).indexPut([on(t)], t, true);
    await expectSame(put(flags.to('webgpu')), put(flags));
  });
});
