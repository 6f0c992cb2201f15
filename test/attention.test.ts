import * as torch from 'flambeau';
import { expect, it } from 'vitest';

const { scaledDotProductAttention: attend } = torch.nn.functional;

/** The sum and the sum of squares: PyTorch 2.13's are below. */
const digest = (t: torch.Tensor) => [t.double().sum().item(), t.double().pow(2).sum().item()];

it('attention gives what PyTorch gives', () => {
  torch.manualSeed(0);
  const query = torch.randn(2, 4, 3, 8);
  const [k, v] = [torch.randn(2, 2, 5, 8), torch.randn(2, 2, 5, 6)];
  const q = query.index(':', ':2');
  const mask = torch.rand(3, 5).gt(0.5);
  mask.indexPut_([0], false); // the first query sees nothing
  const results = [
    attend(query, k, v, { enableGqa: true }),
    attend(q, k, v),
    attend(q, k, v, { isCausal: true }),
    attend(q, k, v, { scale: 0.3 }),
    attend(q, k, v, mask),
    attend(q, k, v, torch.randn(3, 5)),
    attend(q, k, v, { dropoutP: 0.5 }),
  ];
  const expected = [
    [40.492379, 65.030573],
    [24.272671, 35.730711],
    [37.195696, 70.582576],
    [24.201711, 33.949162],
    [19.036367, 58.986959],
    [26.37993, 57.773251],
    [23.195481, 81.959452],
  ];
  for (const [i, result] of results.entries()) {
    expect(result.shape).toEqual([2, i === 0 ? 4 : 2, 3, 6]);
    const [sum, squares] = digest(result);
    expect(sum).toBeCloseTo(expected[i][0], 4);
    expect(squares).toBeCloseTo(expected[i][1], 4);
  }
});

it('attention has derivatives', () => {
  torch.manualSeed(0);
  const random = (...size: number[]) => torch.randn(size, { dtype: torch.float64, requiresGrad: true });
  const f = (q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) => attend(q, k, v, { isCausal: true });
  expect(torch.autograd.gradcheck(f, [random(2, 3, 4), random(2, 5, 4), random(2, 5, 2)])).toBe(true);
});

it('attention refuses what does not fit together', () => {
  const [q, k, v] = [torch.ones(1, 2, 3, 4), torch.ones(1, 2, 5, 4), torch.ones(1, 2, 5, 6)];
  expect(() => attend(q, k.double(), v)).toThrow(
    'Expected query, key, and value to have the same dtype, but got query.dtype: float key.dtype: double and value.dtype: float instead.',
  );
  expect(() => attend(torch.ones(4), k, v)).toThrow(
    'Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: 1 key.dim: 4 and value.dim: 4 instead.',
  );
  expect(() => attend(q, k, v, torch.ones(3, 5).bool(), { isCausal: true })).toThrow(
    '_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True',
  );
  expect(() => attend(q, k, v, torch.ones(3, 5).int())).toThrow(
    'Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: int and  query.dtype: float instead.',
  );
  expect(() => attend(torch.ones(1, 3, 3, 4), k, v, { enableGqa: true })).toThrow(
    'Number of heads in key and value must divide the number of heads in ',
  );
});
