import { beforeEach, describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { expectSame, hasAdapter } from './device.js';

const { linalg } = torch;
type Tensor = torch.Tensor;

beforeEach(() => void torch.manualSeed(0));

/** ‖difference‖ within 20 n ε of the whole, read from the device. */
async function small(difference: Tensor, n: number, of = 1): Promise<void> {
  expect(await difference.abs().max().itemAsync()).toBeLessThanOrEqual(20 * n * 2 ** -23 * of);
}

const there = (t: Tensor): Tensor => t.to('webgpu');

// Of an invocation each, and of a workgroup.
describe.skipIf(!hasAdapter).each([
  [70, 3],
  [2, 9],
  [3, 20],
])('%i matrices of %i rows on WebGPU', (count, n) => {
  const regular = (): Tensor => torch.randn(count, n, n).add(torch.eye(n).mul(2 * n));
  const identity = (): Tensor => torch.eye(n, { device: 'webgpu' });

  it('are solved, inverted, and have determinants', async () => {
    const a = regular();
    a.select(0, 0).copy_(a.select(0, 0).flip([0]));
    for (const view of [a, a.mT]) {
      const x = there(view);
      const b = torch.randn(count, n, 4, { device: 'webgpu' });
      await small(x.matmul(linalg.solve(x, b)).sub(b), n, 4);
      await small(linalg.solve(x, b.mT, { left: false }).matmul(x).sub(b.mT), n, 4);
      await small(linalg.inv(x).matmul(x).sub(identity()), n);
      const { P, L, U } = linalg.lu(x);
      await small(P.matmul(L).matmul(U).sub(x), n, 3 * n);
      const { LU, pivots } = linalg.luFactor(x);
      await small(x.mT.matmul(linalg.luSolve(LU, pivots, b, { adjoint: true })).sub(b), n, 4);
      const { sign, logabsdet } = linalg.slogdet(x);
      const expected = linalg.slogdet(view);
      expect(await sign.tolistAsync()).toEqual(expected.sign.tolist());
      await small(logabsdet.sub(there(expected.logabsdet)), n, 20);
      expect(await linalg.luFactorEx(x.mul(0)).info.tolistAsync()).toEqual(new Array(count).fill(1));
    }
  });

  it('are factored by Cholesky', async () => {
    const root = torch.randn(count, n, n);
    const a = there(root.matmul(root.mT).add(torch.eye(n)));
    const { L, info } = linalg.choleskyEx(a);
    expect(await info.any().itemAsync()).toBe(0);
    expect(await L.triu(1).any().itemAsync()).toBe(0);
    await small(L.matmul(L.mT).sub(a), n, 3 * n);
    await small(linalg.cholesky(a, { upper: true }).sub(L.mT), n, 10);
    const b = torch.randn(count, n, 2, { device: 'webgpu' });
    await small(a.matmul(torch.choleskySolve(b, L)).sub(b), n, 200);
    const bad = torch.cat([a.narrow(0, 0, 1), a.narrow(0, 1, 1).neg()]);
    expect(await linalg.choleskyEx(bad).info.tolistAsync()).toEqual([0, 1]);
  });

  it('are factored by reflections', async () => {
    for (const [rows, columns] of [
      [n, n],
      [n + 2, n],
      [n, n + 2],
    ]) {
      const a = torch.randn(count, rows, columns, { device: 'webgpu' });
      const { Q, R } = linalg.qr(a, 'complete');
      await small(Q.matmul(R).sub(a), n, 10);
      await small(Q.mT.matmul(Q).sub(torch.eye(rows, { device: 'webgpu' })), n);
      const [reflections, tau] = torch.geqrf(a);
      const c = torch.randn(count, rows, 3, { device: 'webgpu' });
      await small(torch.ormqr(reflections, tau, c, true, true).sub(Q.mT.matmul(c)), n, 10);
      await small(torch.ormqr(reflections, tau, c.mT, false).sub(c.mT.matmul(Q)), n, 10);
    }
    const zero = linalg.qr(torch.zeros(2, n, n, { device: 'webgpu' }));
    await small(zero.Q.sub(identity()), 0);
    const huge = torch.randn(2, n, n, { device: 'webgpu' }).mul(1e30);
    await small(
      linalg
        .qr(huge)
        .R.abs()
        .sub(linalg.qr(huge.div(1e30)).R.abs().mul(1e30))
        .div(1e30),
      n,
      20,
    );
  });

  it('have eigenvalues and eigenvectors where they are symmetric', async () => {
    const root = torch.randn(count, n, n);
    const low = torch.randn(count, n, 1);
    for (const a of [
      root.add(root.mT),
      root.add(root.mT).mul(1e36),
      low.matmul(low.mT),
      torch.randn(count, n).diagEmbed(),
      torch.zeros(count, n, n),
    ]) {
      const x = there(a);
      const size = Math.max(linalg.matrixNorm(a.double(), 2).max().item(), 1e-30);
      const { eigenvalues, eigenvectors } = linalg.eigh(x);
      await small(
        x
          .matmul(eigenvectors)
          .sub(eigenvectors.mul(eigenvalues.unsqueeze(-2)))
          .div(size),
        n,
      );
      await small(eigenvectors.mT.matmul(eigenvectors).sub(identity()), n);
      await small(eigenvalues.sub(there(linalg.eigvalsh(a))).div(size), n);
      // One triangle is read.
      await expectSame(linalg.eigvalsh(x.triu(), 'U'), linalg.eigvalsh(x));
    }
  });

  it('have singular values and singular vectors, whatever the rank', async () => {
    for (const [rows, columns] of [
      [n, n],
      [n + 2, n],
      [n, 2 * n],
    ] as const) {
      const least = Math.min(rows, columns);
      for (const a of [
        torch.randn(count, rows, columns),
        torch.randn(count, rows, columns).mul(1e36),
        torch.randn(count, rows, 1).matmul(torch.randn(count, 1, columns)),
        torch.zeros(count, rows, columns),
      ]) {
        const x = there(a);
        const values = linalg.svdvals(a);
        const size = Math.max(values.max().item(), 1e-30);
        for (const isFull of [true, false]) {
          const { U, S, Vh } = linalg.svd(x, isFull);
          const product = U.narrow(-1, 0, least)
            .mul(S.unsqueeze(-2))
            .matmul(Vh.narrow(-2, 0, least));
          await small(product.sub(x).div(size), columns);
          for (const side of [U, Vh.mT])
            await small(
              side.mT.matmul(side).sub(torch.eye(side.shape[2]!, { device: 'webgpu' })),
              Math.max(rows, columns),
            );
          await small(S.sub(there(values)).div(size), columns);
        }
        await small(linalg.svdvals(x).sub(there(values)).div(size), columns);
      }
    }
  });

  it('have gradients there', async () => {
    const a = regular();
    const gradient = (device: string): Tensor => {
      const x = a.to(device).requiresGrad_();
      linalg.inv(x).sum().add(linalg.slogdet(x).logabsdet.sum()).add(linalg.qr(x).R.abs().sum()).backward();
      return x.grad!;
    };
    await small(gradient('webgpu').sub(there(gradient('cpu'))), n, 20);
  });
});

describe.skipIf(!hasAdapter)('singular values of large matrices on WebGPU', () => {
  // A dispatch for each sweep, and a workgroup for each pair of columns.
  it.each([
    [70, 80],
    [12000, 6],
  ])('are those of the CPU: %i rows, %i columns', async (rows, columns) => {
    const a = torch.randn(rows, columns);
    const { U, S, Vh } = linalg.svd(there(a), false);
    const values = linalg.svdvals(a);
    await small(S.sub(there(values)), columns, values.max().item());
    await small(U.mul(S).matmul(Vh).sub(there(a)), columns, values.max().item());
  });
});

describe.skipIf(!hasAdapter)('what cannot be computed on WebGPU', () => {
  it('is refused where it needs other kernels', () => {
    const a = torch.eye(2, { device: 'webgpu' });
    expect(() => linalg.ldlFactor(a)).toThrow('ldl');
  });

  it('is told by the next read', async () => {
    const a = torch.stack([torch.eye(2), torch.zeros(2, 2)]).to('webgpu');
    await expect(linalg.cholesky(a).tolistAsync()).rejects.toThrow(
      'linalg.cholesky: (Batch element 1): The factorization could not be completed because the input is not positive-definite (the leading minor of order 1 is not positive-definite).',
    );
    await expect(linalg.inv(a).tolistAsync()).rejects.toThrow(linalg.LinAlgError);
    for (const number of [Number.NaN, Number.POSITIVE_INFINITY])
      for (const order of [2, 20]) {
        const bad = torch.stack([torch.eye(order), torch.full([order, order], number)]).to('webgpu');
        await expect(linalg.eigvalsh(bad).tolistAsync()).rejects.toThrow(
          'linalg.eigh: (Batch element 1): The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated eigenvalues (error code: 1).',
        );
        await expect(linalg.svdvals(bad).tolistAsync()).rejects.toThrow(
          'linalg.svd: (Batch element 1): The algorithm failed to converge because the input matrix contained non-finite values.',
        );
      }
    await expect(linalg.solve(a.select(0, 1), a.select(0, 0)).tolistAsync()).rejects.toThrow(
      'torch.linalg.solve: The solver failed because the input matrix is singular.',
    );
    const swaps = torch.tensor([1, 3], { dtype: torch.int32, device: 'webgpu' });
    await expect(torch.luUnpack(a.select(0, 0), swaps).P.tolistAsync()).rejects.toThrow(
      'pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive.',
    );
    expect(await linalg.inv(a.select(0, 0)).tolistAsync()).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });
});
