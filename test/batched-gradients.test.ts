import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { grad } = torch.autograd;

describe('grad with isGradsBatched', () => {
  const x = torch.tensor([1, 2, 3], { dtype: torch.float32, requiresGrad: true });
  const unused = torch.ones(2, { requiresGrad: true });
  const y = x.mul(x);
  const named = { isGradsBatched: true, retainGraph: true };

  it('gives the products with all vectors of a stack at once', () => {
    const [rows] = grad(y, x, torch.eye(3), named);
    expect(rows.tolist()).toEqual([
      [2, 0, 0],
      [0, 4, 0],
      [0, 0, 6],
    ]);
    const several = torch.rand(5, 3);
    const [all] = grad([y, y.sum()], x, [several, torch.ones(5)], named);
    for (const [i, row] of [...several].entries())
      expect(
        all.select(0, i).allclose(grad([y, y.sum()], x, [row, torch.tensor(1)], { retainGraph: true })[0]),
      ).toBe(true);
  });

  it('runs each node of the graph once', () => {
    let calls = 0;
    class Counted extends torch.autograd.Function {
      static override forward = (_: torch.autograd.FunctionContext, t: torch.Tensor) => t.mul(2);
      static override backward(_: torch.autograd.FunctionContext, g: torch.Tensor) {
        calls++;
        return g.mul(2);
      }
    }
    const [rows] = grad(Counted.apply(x), x, torch.eye(3), { isGradsBatched: true });
    expect(calls).toBe(1);
    expect(rows.tolist()).toEqual(torch.eye(3).mul(2).tolist());
  });

  it('is differentiated itself', () => {
    const [rows] = grad(y, x, torch.eye(3), { ...named, createGraph: true });
    const [second] = grad(rows.sum(), x);
    expect(second.tolist()).toEqual([2, 2, 2]);
  });

  it('gives null, or zeros, for what is not used', () => {
    expect(grad(y, [x, unused], torch.eye(3), { ...named, allowUnused: true })[1]).toBe(null);
    expect(grad(y, [x, unused], torch.eye(3), { ...named, materializeGrads: true })[1].tolist()).toEqual([
      0, 0,
    ]);
    expect(() => grad(y, [x, unused], torch.eye(3), named)).toThrow('The differentiated Tensor at index 1');
  });

  it('refuses what is no stack', () => {
    expect(() => grad(y, x, torch.ones(2, 4), named)).toThrow(
      'If `isGradsBatched: true`, we interpret the first dimension of each grad_output as the batch dimension. The sizes of the remaining dimensions are expected to match the shape of corresponding output, but a mismatch was detected: grad_output[0] has a shape of torch.Size([4]) and output[0] has a shape of torch.Size([3]). If you only want some tensors in `grad_output` to be considered batched, consider using vmap.',
    );
    expect(() => grad(y.sum(), x, null, named)).toThrow(
      'vmap(vjp, in_dims=0, ...)(<inputs>): Got in_dim=0 for some input, but that input is a Tensor of dimensionality 0 so expected in_dim to satisfy 0 <= in_dim < 0.',
    );
    expect(() => grad([y, y], x, [torch.eye(3), null], named)).toThrow(
      'grad can be implicitly created only for scalar outputs',
    );
    expect(() => grad([y, y], x, [torch.eye(3), torch.ones(2, 3)], named)).toThrow(
      'vmap: Expected all tensors to have the same size in the mapped dimension, got sizes [3, 2] for the mapped dimension',
    );
  });
});
