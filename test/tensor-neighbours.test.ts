/** Refusals, wrapping and counting of PyTorch's own: dtypes, sizes and gradients beside the beaten track. Values and texts are PyTorch's. */
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { bfloat16, float16, float32, int8, int32, int64, uint8, nn } = torch;
const { functional: F } = nn;
const t = (data: torch.TensorData, dtype: torch.DType = float32) => torch.tensor(data, { dtype });

describe('gradients', () => {
  it('of what is overwritten are zeros, not nothing', () => {
    for (const change of [
      (h: torch.Tensor) => h.zero_(),
      (h: torch.Tensor) => h.fill_(3),
      (h: torch.Tensor) => h.copy_(torch.ones(2)),
    ]) {
      const x = torch.tensor([2, 3], { dtype: float32, requiresGrad: true });
      const h = x.mul(3);
      h.retainGrad();
      change(h);
      h.sum().backward();
      expect([h.grad!.tolist(), x.grad!.tolist()]).toEqual([
        [1, 1],
        [0, 0],
      ]);
    }
  });

  it('of distances carry NaN where the difference is NaN', () => {
    for (const p of [1, Infinity]) {
      const a = torch.tensor([[1, 1]], { dtype: float32, requiresGrad: true });
      torch
        .cdist(a, t([[NaN, 3]]), p)
        .sum()
        .backward();
      expect(a.grad!.tolist()).toEqual([[NaN, -1]]);
    }
  });

  it('of a square are exact for complex numbers', () => {
    const z = torch
      .viewAsComplex(torch.tensor([-1, 1], { dtype: torch.float64 }))
      .clone()
      .requiresGrad_();
    torch.viewAsReal(z.square()).sum().backward();
    expect(torch.viewAsReal(z.grad!).tolist()).toEqual([0, -4]);
  });
});

describe('half precision', () => {
  it('multiplies what meets in one place in float32', () => {
    const at = torch.zeros(2500, { dtype: int64 });
    const factors = torch.full([2500], 1.001, { dtype: float16 });
    expect(torch.ones(1, { dtype: float16 }).scatterReduce(0, at, factors, 'prod').item()).toBe(11.4765625);
    const few = torch.full([250], 1.01, { dtype: float16 });
    const product = torch
      .ones(1, { dtype: float16 })
      .scatter(0, at.slice(0, 0, 250), few, { reduce: 'multiply' });
    expect(product.item()).toBe(11.3515625);
    const sum = torch.zeros(1, { dtype: bfloat16 }).scatter(0, at, factors.to(bfloat16), { reduce: 'add' });
    expect(sum.item()).toBe(2496);
  });
});

describe('integers', () => {
  it('are compared in the dtype of the tensor that has dimensions', () => {
    expect(torch.isin(t([255], uint8), torch.tensor(-1)).tolist()).toEqual([true]);
    expect(torch.isin(t([255], uint8), torch.tensor([-1])).tolist()).toEqual([false]);
  });

  it('have multiples that may wrap', () => {
    expect(torch.lcm(t([90], int8), t([4], int8)).tolist()).toEqual([-76]);
    expect(torch.lcm(t([-6], int64), t([4], int64)).tolist()).toEqual([12]);
    expect(torch.lcm(t([2 ** 62], int64), t([3], int64)).toArray()).toEqual(BigInt64Array.of(2n ** 62n));
  });

  it('range by whole steps, int64 alone over a length of whole steps', () => {
    expect(torch.arange(0, 5, 2.5, { dtype: int32 }).tolist()).toEqual([0, 2]);
    expect(torch.arange(0, 5, 2.5, { dtype: int64 }).tolist()).toEqual([0, 2, 4]);
    expect(torch.arange(0, 1, 0.25, { dtype: int32 }).tolist()).toEqual([0, 0, 0, 0]);
  });
});

describe('PyTorch refuses', () => {
  const x = torch.tensor([1, 2], { dtype: float32, requiresGrad: true });
  const one = torch.tensor([0]);

  it.each<[string, () => unknown]>([
    ['step must be nonzero', () => torch.arange(0, 1, 0.1, { dtype: int64 })],
    ['invalid size, possible overflow?', () => torch.arange(0, 1e20)],
    [
      'foo is not a valid value for compute_mode',
      () => torch.cdist(torch.ones(1, 1), torch.ones(1, 1), 2, 'foo'),
    ],
    ['derivative for aten::floor_divide is not implemented', () => x.floorDivide(2).sum().backward()],
    [
      'value cannot be converted to type uint8_t without overflow',
      () => torch.linspace(0, 300, 4, { dtype: uint8 }),
    ],
    [
      'value cannot be converted to type uint8_t without overflow',
      () => torch.zeros(2, { dtype: uint8 }).indexAdd(0, one, t([1], uint8), { alpha: 300 }),
    ],
    [
      'Index put requires the source and destination dtypes match, got Byte for the destination and Long for the source.',
      () => torch.zeros(2, { dtype: uint8 }).indexPut_([one], torch.tensor(300)),
    ],
    [
      'norm(): input dtype should be either floating point or complex. Got Byte instead.',
      () => torch.dist(t([0], uint8), t([1], uint8)),
    ],
    [`"lerp_kernel_scalar" not implemented for 'Long'`, () => torch.lerp(one, one, 0.5)],
    [
      `"upsample_nearest2d_channels_last" not implemented for 'Int'`,
      () => F.interpolate(t([[[[1]]]], int32), { size: 2 }),
    ],
    [
      'Non-empty 4D data tensor expected but got a tensor with sizes [1, 0, 2, 2]',
      () => F.interpolate(torch.zeros(1, 0, 2, 2), { size: 3 }),
    ],
    ['Trying to create tensor with negative dimension -3: [-3]', () => torch.ones(3).repeat(-1)],
    ['Repeats must be non-negative', () => torch.ones(3).repeatInterleave(-1)],
    ['invalid shape dimension -2 at index 0 of shape [-2]', () => torch.ones(3).reshape(-2)],
    [
      'argmax(): Expected reduction dim to be specified for input.numel() == 0.',
      () => torch.ones(0).argmax(),
    ],
    ['`inputs` argument to `grad()` cannot be empty.', () => torch.autograd.grad(x.sum(), [])],
    [
      'The differentiated Tensor at index 1 appears to not have been used in the graph. Set allowUnused: true if this is the desired behavior.',
      () => torch.autograd.grad(x.sum(), [x, torch.zeros(1).requiresGrad_()]),
    ],
  ])('%s', (text, call) => {
    expect(call).toThrow(text);
  });

  it('to join nothing, as a value error', () => {
    expect(() => torch.cat([])).toThrow(expect.objectContaining({ name: 'ValueError' }));
  });
});

it('a mask takes one value of any dtype, as an index does not', () => {
  const x = torch.ones(3);
  x.indexPut_([x.gt(0)], torch.tensor(5));
  expect(x.tolist()).toEqual([5, 5, 5]);
});

it('a parameter, buffer or module may be registered again in its place', () => {
  const layer = new nn.Linear(2, 2);
  layer.registerParameter('weight', new nn.Parameter(torch.zeros(1, 2)));
  expect(layer.weight.shape).toEqual([1, 2]);
  layer.registerBuffer('mean', torch.zeros(1));
  layer.registerBuffer('mean', torch.ones(1));
  expect([...layer.buffers()].map((b) => b.item())).toEqual([1]);
  expect(() => layer.registerBuffer('weight', torch.zeros(1))).toThrow("attribute 'weight' already exists");
});
