import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const F = torch.nn.functional;
const floats = (...values: number[]) => torch.tensor(values, { dtype: torch.float32 });
const texts = (results: Iterable<torch.Tensor>) => [...results].map(String);

describe('histogram', () => {
  const x = floats(1, 2, 2, 3, 5);

  it('counts, weighs and norms as in PyTorch', () => {
    expect(texts(torch.histogram(torch.ones(3), 2))).toEqual([
      'tensor([0., 3.])',
      'tensor([0.5000, 1.0000, 1.5000])',
    ]);
    expect(texts(torch.histogram(x, 4))).toEqual([
      'tensor([1., 2., 1., 1.])',
      'tensor([1., 2., 3., 4., 5.])',
    ]);
    expect(texts(torch.histogram(x, 4, { range: [0, 4], density: true }))).toEqual([
      'tensor([0.0000, 0.2500, 0.5000, 0.2500])',
      'tensor([0., 1., 2., 3., 4.])',
    ]);
    expect(texts(torch.histogram(x, floats(0, 1, 2, 5)))[0]).toBe('tensor([0., 1., 4.])');
    expect(texts(torch.histogram(x, 4, { weight: torch.arange(5).float() }))[0]).toBe(
      'tensor([0., 3., 3., 4.])',
    );
    expect(texts(torch.histogram(torch.empty(0), 2))).toEqual([
      'tensor([0., 0.])',
      'tensor([0.0000, 0.5000, 1.0000])',
    ]);
    expect(torch.histogram(floats(1, 2, Number.NaN), floats(0, 1, 2)).hist.tolist()).toEqual([0, 2]);
    // In PyTorch, too, a range that is longer than float32's numbers has no bins.
    const far = floats(-3e38, 0, 3e38);
    expect(torch.histogram(far, 3, { range: [-3.2e38, 3.2e38] }).hist.tolist()).toEqual([0, 0, 0]);
    expect(torch.histc(far, 3, -3.2e38, 3.2e38).tolist()).toEqual([0, 0, 0]);
  });

  it('counts points in boxes', () => {
    const points = torch
      .tensor([
        [0, 1],
        [1, 0],
        [2, 0],
        [2, 2],
      ])
      .float();
    const { hist, binEdges } = torch.histogramdd(points, [3, 3]);
    expect(hist.tolist()).toEqual([
      [0, 1, 0],
      [1, 0, 0],
      [1, 0, 1],
    ]);
    expect(texts(binEdges)).toEqual(new Array(2).fill('tensor([0.0000, 0.6667, 1.3333, 2.0000])'));
    const dense = torch.histogramdd(points, 3, { range: [0, 2, 0, 4], density: true });
    expect(dense.hist.select(0, 2).tolist()).toEqual([expect.closeTo(0.28125), expect.closeTo(0.28125), 0]);
    expect(() => torch.histogramdd(torch.ones(3), [3])).toThrow(
      'input tensor should have at least 2 dimensions',
    );
    expect(() => torch.histogramdd(torch.ones(3, 2), [3])).toThrow(
      'histogramdd: The size of bins must be equal to the innermost dimension of the input.',
    );
  });

  it("refuses in PyTorch's words", () => {
    expect(() => torch.histogram(floats(1, Number.NaN), 4)).toThrow(
      "dimension 0's range [nan, nan] is not finite",
    );
    expect(() => torch.histogram(torch.arange(3), 2)).toThrow('"histogramdd" not implemented for \'Long\'');
    expect(() => torch.histogram(x, 0)).toThrow(
      'torch.histogram(): bins must be > 0, but got 0 for dimension 0',
    );
    expect(() => torch.histogram(x, 2, { range: [3, 1] })).toThrow(
      'min should not exceed max, but got min 3 max 1 for dimension 0',
    );
    expect(() => torch.histogram(x, 2, { range: [1] })).toThrow(
      'for a 1-dimensional histogram range should have 2 elements, but got 1',
    );
    expect(() => torch.histogram(x, 2, { weight: torch.ones(2) })).toThrow(
      'but got input with shape [5, 1] and weight with shape [2]',
    );
    expect(() => torch.histogram(x, torch.ones(2, 2))).toThrow(
      'bins tensor should have one dimension, but got 2 dimensions',
    );
    expect(() => torch.histogram(x, torch.ones(2).double())).toThrow(
      'but got input with dtype float and bins for dimension 0 with dtype double',
    );
  });
});

describe('frexp', () => {
  it('takes numbers apart, the smallest, too', () => {
    const x = floats(0, 1, -3.5, 1e-40, Number.POSITIVE_INFINITY, Number.NaN, 0.5, 3e38, 1.4e-45);
    const { mantissa, exponent } = torch.frexp(x);
    expect(exponent.tolist()).toEqual([0, 1, 2, -132, 0, 0, 0, 128, -148]);
    expect(String(mantissa)).toBe(
      'tensor([ 0.0000,  0.5000, -0.8750,  0.5444,     inf,     nan,  0.5000,  0.8816,\n         0.5000])',
    );
    const near = torch.tensor([2 ** -30, 1 - 2 ** -53, 1 + 2 ** -52, 2 ** 1023], { dtype: torch.float64 });
    expect(torch.frexp(near).mantissa.tolist()).toEqual([0.5, 1 - 2 ** -53, 0.5 + 2 ** -53, 0.5]);
    expect(() => torch.frexp(torch.arange(3))).toThrow('torch.frexp() only supports floating-point dtypes');
  });
});

describe('fillDiagonal_', () => {
  it('fills squares, tall matrices and cubes', () => {
    const column = (m: torch.Tensor) => m.nonzero().tolist();
    expect(torch.zeros(3, 3).fillDiagonal_(1).tolist()).toEqual(torch.eye(3).tolist());
    expect(column(torch.zeros(7, 3).fillDiagonal_(5, { wrap: true }))).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [4, 0],
      [5, 1],
      [6, 2],
    ]);
    expect(column(torch.zeros(7, 3).fillDiagonal_(5))).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect(column(torch.zeros(2, 2, 2).fillDiagonal_(1))).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ]);
    expect(() => torch.zeros(3).fillDiagonal_(1)).toThrow('dimensions must larger than 1');
    expect(() => torch.zeros(2, 2, 3).fillDiagonal_(1)).toThrow(
      'all dimensions of input must be of equal length',
    );
    const x = torch.ones(2, 2, { requiresGrad: true });
    x.mul(2).fillDiagonal_(7).sum().backward();
    expect(x.grad!.tolist()).toEqual([
      [0, 2],
      [2, 0],
    ]);
  });
});

describe('Methods that Python has', () => {
  it('ask tensors', () => {
    const x = torch.ones(1, 2, 3, 4);
    expect([
      x.nelement(),
      x.ndimension(),
      x.getDevice(),
      x.isCpu,
      x.isCuda,
      x.isPinned(),
      x.isShared(),
    ]).toEqual([24, 4, -1, true, false, false, false]);
    expect(x.to({ memoryFormat: torch.channelsLast }).dimOrder()).toEqual([0, 2, 3, 1]);
    expect(torch.isNonzero(torch.tensor(0))).toBe(false);
    expect(torch.tensor([Number.NaN]).isNonzero()).toBe(true);
    expect(() => torch.ones(2).isNonzero()).toThrow(
      'Boolean value of Tensor with more than one value is ambiguous',
    );
    expect(() => torch.ones(0).isNonzero()).toThrow('Boolean value of Tensor with no values is ambiguous');
    expect(torch.isSameSize(x, x.mul(2))).toBe(true);
    expect([torch.isSigned(x), torch.isInference(x)]).toEqual([true, false]);
    expect(() => x.pinMemory()).toThrow('Cannot access accelerator device when none is available.');
  });

  it('call functions for elements', () => {
    expect(
      torch
        .arange(3)
        .float()
        .apply_((x) => x * 2)
        .tolist(),
    ).toEqual([0, 2, 4]);
    expect(
      torch
        .arange(3)
        .apply_(() => 1.7)
        .tolist(),
    ).toEqual([1, 1, 1]);
    expect(() => torch.ones(2).apply_((() => 's') as never)).toThrow('must be real number, not str');
    expect(() => torch.ones(2, { requiresGrad: true }).apply_((x) => x)).toThrow(
      "Can't call apply_() on Variable that requires grad.",
    );
    const grid = torch.arange(4).reshape([2, 2]).float().t();
    expect(grid.map_(torch.ones(1), (x, y) => x * 10 + y).tolist()).toEqual([
      [1, 21],
      [11, 31],
    ]);
    expect(() => torch.ones(3).map_(torch.ones(3).double(), (x) => x)).toThrow(
      "map_: expected torch.FloatTensor for 'other' (got torch.DoubleTensor)",
    );
  });

  it('name and change dtypes as Python did first', () => {
    expect([torch.arange(3).type(), torch.ones(1).bfloat16().type()]).toEqual([
      'torch.LongTensor',
      'torch.BFloat16Tensor',
    ]);
    expect(torch.arange(3).type('torch.FloatTensor').dtype).toBe(torch.float32);
    expect(torch.arange(3).type(torch.float64).dtype).toBe(torch.float64);
    expect(() => torch.arange(3).type('x')).toThrow("invalid type: 'x'");
    expect(torch.ones(2).double().newTensor([1, 2]).dtype).toBe(torch.float64);
  });

  it('show other memory', () => {
    const a = torch.arange(4).float();
    const b = torch.empty(0);
    expect(b.set_(a).isSetTo(a)).toBe(true);
    b.zero_();
    expect(a.sum().item()).toBe(0);
    const part = torch.empty(0).set_(torch.arange(4).float(), 1, [2], [1]);
    expect([part.tolist(), part.isSetTo(a), torch.ones(2).set_().tolist()]).toEqual([[1, 2], false, []]);
    expect(() => b.set_(torch.arange(3))).toThrow(
      'Could not set tensor of type long int to a tensor of type float',
    );
    expect(() => torch.empty(0).set_(a, 3, [2], [1])).toThrow('are out of bounds for storage of size 16');
  });
});

describe('Memory that is there', () => {
  it('is shared where it can be', () => {
    const bytes = new Uint8Array([1, 2, 3, 4]);
    const x = torch.frombuffer(bytes, { dtype: torch.int8, count: 2, offset: 1 });
    expect(x.tolist()).toEqual([2, 3]);
    x.fill_(9);
    expect([...bytes]).toEqual([1, 9, 9, 4]);
    expect(torch.asarray(bytes).add_(1).tolist()).toEqual([...bytes]);
    expect(torch.asarray(x, { copy: true }).isSetTo(x)).toBe(false);
    expect(torch.asarray([1, 2], { dtype: torch.float64, requiresGrad: true }).requiresGrad).toBe(true);
    expect(() => torch.asarray([1, 2], { copy: false })).toThrow(
      "can't alias arbitrary sequence into a tensor.",
    );
  });

  it('has the size that it must have', () => {
    const of =
      (n: number, options: { dtype: torch.DType; count?: number; offset?: number; requiresGrad?: boolean }) =>
      () =>
        torch.frombuffer(new ArrayBuffer(n), options);
    expect(of(3, { dtype: torch.int16 })).toThrow(
      'buffer length (3 bytes) after offset (0 bytes) must be a multiple of element size (2)',
    );
    expect(of(0, { dtype: torch.int8 })).toThrow('both buffer length (0) and count (-1) must not be 0');
    expect(of(3, { dtype: torch.int8, count: 9 })).toThrow(
      'requested buffer length (9 * 1 bytes) after offset (0 bytes) must not be greater than actual buffer length (3 bytes)',
    );
    expect(of(3, { dtype: torch.int8, offset: 5 })).toThrow(
      'offset (5 bytes) must be non-negative and no greater than buffer length (3 bytes) minus 1',
    );
    expect(of(4, { dtype: torch.int16, requiresGrad: true })).toThrow(
      'Only Tensors of floating point and complex dtype can require gradients',
    );
    expect(() => torch.frombuffer('x' as never, { dtype: torch.int8 })).toThrow(
      'object does not implement Python buffer protocol',
    );
  });
});

describe('affineGrid and gumbelSoftmax', () => {
  const theta = torch.tensor([
    [
      [1, 0.5, 0.25],
      [-0.5, 1, 0.125],
    ],
  ]);
  const flat = (x: torch.Tensor) => x.flatten().tolist() as number[];
  const near = (values: number[]) => values.map((value) => expect.closeTo(value, 5) as number);

  it("give PyTorch's points", () => {
    expect(flat(F.affineGrid(theta, [1, 1, 2, 3], { alignCorners: false }))).toEqual(
      near([
        -0.666667, -0.041667, 0, -0.375, 0.666667, -0.708333, -0.166667, 0.958333, 0.5, 0.625, 1.166667,
        0.291667,
      ]),
    );
    expect(flat(F.affineGrid(theta, [1, 1, 2, 3], { alignCorners: true }))).toEqual([
      -1.25, -0.375, -0.25, -0.875, 0.75, -1.375, -0.25, 1.625, 0.75, 1.125, 1.75, 0.625,
    ]);
    const cube = torch.arange(12).float().reshape([1, 3, 4]).div(10);
    expect(flat(F.affineGrid(cube, [1, 1, 1, 2, 2], { alignCorners: false }))).toEqual(
      near([0.25, 0.25, 0.25, 0.25, 0.65, 1.05, 0.35, 0.75, 1.15, 0.35, 1.15, 1.95]),
    );
    expect(() => F.affineGrid(theta, [1, 1, 2], { alignCorners: false })).toThrow(
      'affine_grid only supports 4D and 5D sizes',
    );
    expect(() => F.affineGrid(cube, [1, 1, 2, 3], { alignCorners: false })).toThrow(
      'Expected a batch of 2D affine matrices of shape Nx2x3 for size [1, 1, 2, 3]. Got torch.Size([1, 3, 4]).',
    );
    expect(() => F.affineGrid(theta, [1, 1, 0, 3], { alignCorners: false })).toThrow(
      'Expected non-zero, positive output size. Got [1, 1, 0, 3]',
    );
    const x = theta.double().requiresGrad_();
    expect(
      torch.autograd.gradcheck(
        (t: torch.Tensor) => F.affineGrid(t, [1, 1, 2, 3], { alignCorners: false }),
        [x],
      ),
    ).toBe(true);
  });

  it("draw PyTorch's categories", () => {
    torch.manualSeed(0);
    const logits = torch
      .tensor([
        [1, 2, 3],
        [0, 0, 0],
      ])
      .float();
    expect(flat(F.gumbelSoftmax(logits, { tau: 0.5 }))).toEqual(
      near([0.000544, 0.032693, 0.966762, 0.104041, 0.623346, 0.272613]),
    );
    const x = logits.clone().requiresGrad_();
    const hard = F.gumbelSoftmax(x, { hard: true });
    expect(hard.tolist()).toEqual([
      [0, 0, 1],
      [0, 0, 1],
    ]);
    hard.select(1, 0).sum().backward();
    expect(x.grad!.abs().sum().item()).toBeGreaterThan(0);
  });
});

describe('torch.random', () => {
  it('forks the stream', async () => {
    torch.manualSeed(3);
    const first = torch.random.forkRng(() => torch.rand(2).tolist());
    expect(torch.random.forkRng({ enabled: true }, () => torch.rand(2).tolist())).toEqual(first);
    expect(await torch.random.forkRng(async () => torch.rand(2).tolist())).toEqual(first);
    expect(torch.random.forkRng({ enabled: false }, () => torch.rand(2).tolist())).toEqual(first);
    expect(torch.rand(2).tolist()).not.toEqual(first);
    expect([torch.pi, torch.e, torch.inf, torch.nan]).toEqual([
      Math.PI,
      Math.E,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
  });
});
