/** Gamma functions of float32 on WebGPU against the CPU's of float64. */
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { dirichletGrad, standardGammaGrad } from '../../src/ops/distributions.js';
import { expectSame, hasAdapter } from './device.js';

describe.skipIf(!hasAdapter)('gamma functions', () => {
  /** Units in the last place between what the GPU computes and float64. */
  const off = async (there: torch.Tensor, exact: torch.Tensor): Promise<number> => {
    const got = torch.tensor((await there.tolistAsync()) as number[], { dtype: torch.float64 });
    return got.sub(exact).abs().div(exact.abs()).max().item() * 2 ** 23;
  };
  const spread = (low: number, high: number): torch.Tensor =>
    torch.pow(
      10,
      torch
        .rand(2000)
        .mul(high - low)
        .add(low),
    );
  const gpu = (t: torch.Tensor): torch.Tensor => t.to('webgpu');

  // Ranges of the first argument by their powers of ten, and how many square roots of it the other is away.
  it.each([
    [-3, 0.3, 1],
    [0.5, 1.4, 2],
    [1.4, 2.3, 5],
    [2.3, 7, 5],
  ])('are integrated from a = 1e%f to 1e%f', async (low, high, far) => {
    torch.manualSeed(2);
    const a = spread(low, high);
    const x = a
      .add(
        a.sqrt().mul(
          torch
            .rand(2000)
            .mul(2 * far)
            .sub(far),
        ),
      )
      .abs();
    for (const f of [torch.igamma, torch.igammac])
      expect(await off(f(gpu(a), gpu(x)), f(a.double(), x.double()))).toBeLessThan(20);
  });

  it('are what they are at the edges', async () => {
    const points = torch.tensor([0, 0.5, 1, 30, 1e4, Number.POSITIVE_INFINITY, -1, Number.NaN]);
    const [a, x] = torch.cartesianProd(points, points).unbind(1) as [torch.Tensor, torch.Tensor];
    for (const f of [torch.igamma, torch.igammac])
      await expectSame(f(gpu(a), gpu(x)), f(a, x), { rtol: 1e-6, atol: 1e-37 });
  });

  it('are what they are where powers would overflow or be denormal', async () => {
    const a = torch.tensor([5e36, 3280, 8.9, 1e20, 2e38, 1e7, 1.2e-38, 1e-30, 1e-5]);
    const x = torch.tensor([1.3, 2.7e38, 2.7e38, 1e20, 2e38, 3e7, 0.5, 1e-3, 1e-3]);
    for (const f of [torch.igamma, torch.igammac])
      await expectSame(f(gpu(a), gpu(x)), f(a, x), { rtol: 1e-6, atol: 1e-37 });
  });

  it('have the gradients of their samples', async () => {
    torch.manualSeed(2);
    for (const [low, high] of [
      [-2, 0.8],
      [1, 4],
    ] as const) {
      const [a, b] = [spread(low, high), spread(low, high)];
      const x = a.add(a.sqrt().mul(torch.rand(2000).mul(6).sub(3))).abs();
      expect(
        await off(standardGammaGrad(gpu(a), gpu(x)), standardGammaGrad(a.double(), x.double())),
      ).toBeLessThan(30);
      const total = a.add(b);
      const share = torch.rand(2000).mul(0.98).add(0.01);
      const expected = dirichletGrad(share.double(), a.double(), total.double());
      // Far from the mean they are beyond float32, and near it the formula subtracts what is alike.
      const usual = expected.log10().abs().lt(20);
      const got = dirichletGrad(gpu(share), gpu(a), gpu(total));
      expect(await off(got.where(gpu(usual), gpu(torch.ones(1))), expected.where(usual, 1))).toBeLessThan(
        1000,
      );
    }
  });
});
