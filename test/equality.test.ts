import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const nan = torch.tensor([1, Number.NaN]);

describe('equal', () => {
  it('compares shapes and values, not dtypes', () => {
    expect(torch.equal(torch.ones(2), torch.ones(2, { dtype: torch.float64 }))).toBe(true);
    expect(torch.ones(2).equal(torch.tensor([1, 2.5]))).toBe(false);
    expect(torch.equal(torch.ones(2), torch.ones(3))).toBe(false);
    expect(torch.equal(torch.ones(2), torch.ones(1, 2))).toBe(false);
    expect(nan.equal(nan)).toBe(false);
  });

  it('needs a tensor', () => {
    const one = 1 as unknown as torch.Tensor;
    expect(() => torch.equal(torch.ones(2), one)).toThrow(
      "equal(): argument 'other' (position 2) must be Tensor, not int",
    );
  });
});

describe('allclose', () => {
  it('allows tolerances', () => {
    const [a, b] = [torch.tensor([10000.0, 1e-7]), torch.tensor([10000.1, 1e-8])];
    expect(torch.allclose(a.sub(0.5), b)).toBe(false);
    expect(torch.allclose(torch.tensor([10000.5, 1e-8]), torch.tensor([10000.4, 1e-9]))).toBe(true);
    expect(a.allclose(b, 1e-3, 1e-6)).toBe(true);
    expect(a.allclose(b, { rtol: 1e-3 })).toBe(false);
    expect(nan.allclose(nan)).toBe(false);
    expect(nan.allclose(nan, { equalNan: true })).toBe(true);
  });

  it('wants one dtype and shapes that broadcast', () => {
    expect(() => torch.allclose(torch.ones(2), torch.ones(2, { dtype: torch.float64 }))).toThrow(
      'Float did not match Double',
    );
    expect(() => torch.allclose(torch.ones(2), torch.ones(3))).toThrow(
      'The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0',
    );
    expect(() => torch.ones(1).allclose(torch.ones(1), { rtol: -1 })).toThrow(torch.RuntimeError);
  });
});
