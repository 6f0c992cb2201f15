import { Worker } from 'node:worker_threads';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';
import { losses } from './support/training.js';

describe('training', () => {
  it('in a scope has the log that it has without one, to the bit', async () => {
    const plain = await losses(64, 4, (step) => step());
    expect(plain).toHaveLength(64);
    expect(plain.at(-1)).toBeLessThan(plain[0]);
    expect(await losses(64, 4, (step) => torch.scope(step))).toEqual(plain);
    expect(await losses(64, 4, (step) => torch.scope(async () => step()))).toEqual(plain);
    expect(await torch.scope(() => losses(64, 4, (step) => torch.scope(step)))).toEqual(plain);
  });

  it('in a scope holds no more memory after many steps than after a few', async () => {
    const counts: number[] = [];
    await losses(40, 4, (step) => {
      const loss = torch.scope(step);
      counts.push(torch.memoryStats().aliveCount);
      return loss;
    });
    // The loader's batches (two tensors a step) are made outside; an epoch begins every 8 steps and shuffles.
    for (let i = 1; i < counts.length; i++)
      if (i % 8 !== 0) expect(counts[i] - counts[i - 1]).toBeLessThanOrEqual(2);
  });

  it('without one reuses the gradients that zeroGrad() drops', () => {
    const w = torch.ones(1000).requiresGrad_();
    const optimizer = new torch.optim.SGD([w], { lr: 0.1 });
    const step = () => {
      optimizer.zeroGrad();
      const loss = w.mul(2).sum();
      loss.backward();
      optimizer.step();
      loss.dispose();
    };
    step();
    const before = torch.memoryStats().aliveCount;
    for (let i = 0; i < 50; i++) step();
    // The product and the gradient of the loss are left to the garbage collector.
    expect(torch.memoryStats().aliveCount - before).toBeLessThanOrEqual(100);
  });
});

describe('a gradient that is dropped', () => {
  it('stays with those who have read it', () => {
    const w = torch.ones(1000).requiresGrad_();
    w.mul(3).sum().backward();
    const kept = w.grad!;
    w.grad = null;
    for (let i = 0; i < 20; i++) torch.zeros(1000);
    expect(kept.sum().item()).toBe(3000);
  });

  it('stays with a hook that saw the same memory', () => {
    const a = torch.ones(1000).requiresGrad_();
    const b = torch.ones(1000).requiresGrad_();
    const seen: torch.Tensor[] = [];
    const y = b.mul(1);
    y.registerHook((grad) => {
      seen.push(grad);
      a.grad = null;
      return null;
    });
    y.add(a).exp().sum().backward();
    for (const t of [a, b]) t.grad = null;
    for (let i = 0; i < 20; i++) torch.zeros(1000);
    expect(seen[0].sum().item()).toBeCloseTo(1000 * Math.exp(2), 0);
  });

  it('stays with an optimizer of the user’s', () => {
    class Keeping extends torch.optim.SGD {
      readonly seen: torch.Tensor[] = [];

      protected override update(...[param, grad, group, state]: Parameters<torch.optim.SGD['update']>): void {
        this.seen.push(grad);
        super.update(param, grad, group, state);
      }
    }
    const w = torch.ones(1000).requiresGrad_();
    const optimizer = new Keeping([w], { lr: 0 });
    for (const factor of [1, 2, 3]) {
      optimizer.zeroGrad();
      w.mul(factor).sum().backward();
      optimizer.step();
    }
    expect(optimizer.seen.map((g) => g.sum().item())).toEqual([1000, 2000, 3000]);
  });
});

describe('a scope in a worker thread', () => {
  it('does what it does in the main thread', async () => {
    const code = `
      import { parentPort } from 'node:worker_threads';
      import * as torch from 'flambeau';
      let left;
      const y = torch.scope(() => (left = torch.ones(1000)).mul(2));
      const z = await torch.scope(async () => { await null; return [torch.ones(1000).add(y)]; });
      let error;
      try { left.sum(); } catch (e) { error = e.message; }
      parentPort.postMessage({ sum: z[0].sum().item(), error, alive: torch.memoryStats().aliveCount });
    `;
    const url = new URL(
      `data:text/javascript,${encodeURIComponent(code.replace("'flambeau'", JSON.stringify(import.meta.resolve('flambeau'))))}`,
    );
    const workers = [1, 2, 3].map(() => new Worker(url));
    const answers = await Promise.all(
      workers.map(
        (worker) => new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject)),
      ),
    );
    for (const answer of answers)
      expect(answer).toEqual({
        sum: 3000,
        error: expect.stringContaining('uses a disposed tensor'),
        alive: 3,
      });
  });
});

describe('what only the graph has saved', () => {
  const { functional: F } = torch.nn;

  // Memory of earlier tests may be collected while this one counts.
  it('is reused after the backward pass: positions of maxima, weights of attention', { retry: 3 }, () => {
    const x = torch.randn(2, 3, 16, 16).requiresGrad_();
    const classes = torch.zeros([2, 16, 16], { dtype: torch.int64 });
    const run: Record<string, () => torch.Tensor> = {
      pool: () => F.maxPool2d(x, 2),
      attention: () => F.scaledDotProductAttention(x, x, x),
      loss: () => F.crossEntropy(x, classes),
    };
    for (const [name, forward] of Object.entries(run)) {
      x.grad = torch.zeros(2, 3, 16, 16);
      const before = torch.memoryStats().aliveBytes;
      const y = forward();
      const loss = y.sum();
      loss.backward();
      // The result alone is left, and a few numbers.
      const left = torch.memoryStats().aliveBytes - before;
      expect(left, name).toBeGreaterThan(0);
      expect(left, name).toBeLessThan(1.125 * y.nbytes + 1024);
      expect(y.sum().item(), name).toBe(loss.item());
    }
  });

  it('stays for another pass with retainGraph, and gives the same gradients', () => {
    const x = torch.randn(2, 3, 16, 16).requiresGrad_();
    const loss = F.scaledDotProductAttention(
      F.maxPool2d(x, 2),
      F.avgPool2d(x, 2),
      F.maxPool2d(x.mul(2), 2),
    ).sum();
    const [first] = torch.autograd.grad(loss, x, { retainGraph: true });
    for (let i = 0; i < 30; i++) torch.zeros(2, 3, 8, 8);
    const [second] = torch.autograd.grad(loss, x);
    for (let i = 0; i < 30; i++) torch.zeros(2, 3, 8, 8);
    expect(torch.equal(first!, second!)).toBe(true);
  });
});
