/** ZeroRedundancyOptimizer: each rank keeps the state of its part, and all train as one would. */
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange } from '../support/python.js';
import { byRanks } from '../support/ranks.js';

const programs = new URL('./zero_programs.mjs', import.meta.url);
const { folder } = exchange();
interface Trained {
  readonly losses: number[];
  readonly own: number;
  readonly sum: number;
}

describe('With a ZeroRedundancyOptimizer', () => {
  it.each([
    ['tutorial', 'SGD', { lr: 0.05, momentum: 0.9 }, 2],
    ['gpt', 'AdamW', { lr: 0.01 }, 4],
    ['gpt', 'Adam', { lr: 0.01, parametersAsBucketView: true }, 2],
  ])('%s is trained by %s %o and %i ranks as by one', async (name, optimizer, options, size) => {
    const { parametersAsBucketView: _, ...plain } = options as Record<string, unknown>;
    const given = { name, optimizer, options };
    const [[one], many] = await Promise.all([
      byRanks<Trained>(1, programs, 'trained', { ...given, options: plain, isPlain: true }),
      byRanks<Trained>(size, programs, 'trained', given),
    ]);
    for (const { losses, sum } of many) {
      for (const [i, loss] of losses.entries()) expect(Math.abs(loss / one.losses[i] - 1)).toBeLessThan(1e-6);
      expect(sum).toBeCloseTo(one.sum, 2);
      expect(sum).toBe(many[0].sum);
    }
    if (optimizer === 'SGD') return;
    const owned = many.map(({ own }) => own);
    const all = owned.reduce((sum, own) => sum + own);
    for (const own of owned) expect(own / all).toBeLessThan(1.3 / size);
  });

  it.each([1, 2])('the state of %i ranks is gathered and shared out again', async (size) => {
    const results = await byRanks<Record<string, unknown>>(size, programs, 'consolidated', { folder });
    for (const result of results)
      expect(result).toEqual({
        refusal: expect.stringContaining('Optimizer state has not been consolidated on this rank.'),
        same: true,
        entries: 29,
        lr: 0.1,
        step: 2,
      });
  });

  it("parameters are shared out as PyTorch's", async () => {
    // By torch.distributed.optim.ZeroRedundancyOptimizer of two processes.
    const given = { sizes: [3, 9, 4, 4, 1], more: [2, 6] };
    expect(await byRanks(2, programs, 'shares', given)).toEqual([
      [
        [[9, 1], 0.1],
        [[6], 0.5],
      ],
      [
        [[4, 4, 3], 0.1],
        [[2], 0.5],
      ],
    ]);
  });
});

describe('A ZeroRedundancyOptimizer', () => {
  beforeAll(() => dist.initProcessGroup());
  afterAll(() => dist.destroyProcessGroup());
  const { ZeroRedundancyOptimizer } = dist.optim;
  const parameters = () => [new torch.nn.Parameter(torch.ones(2))];

  it('refuses what it cannot be made of', () => {
    const { SGD } = torch.optim;
    expect(() => new ZeroRedundancyOptimizer(torch.ones(2) as never, SGD)).toThrow(
      'should be an iterable of Tensors',
    );
    expect(() => new ZeroRedundancyOptimizer([], SGD)).toThrow(
      'ZeroRedundancyOptimizer got an empty parameter list',
    );
    expect(() => new ZeroRedundancyOptimizer([1] as never, SGD)).toThrow(
      'should be an iterable of Tensors or dicts',
    );
    const doubles = [...parameters(), new torch.nn.Parameter(torch.ones(2).double())];
    expect(() => new ZeroRedundancyOptimizer(doubles, SGD)).toThrow(
      'only supports using the same dense type',
    );
    expect(() => new ZeroRedundancyOptimizer(parameters(), SGD, { lr: 0.1, nesterof: true })).toThrow(
      'nesterof',
    );
    expect(() => new ZeroRedundancyOptimizer(parameters(), SGD, { overlapWithDdp: true })).toThrow(
      'overlapWithDdp',
    );
  });

  it('has the options of its class, and hands on what schedulers and closures do', () => {
    const [weight] = parameters();
    const optimizer = new ZeroRedundancyOptimizer([weight], torch.optim.SGD, { lr: 1, momentum: 0.5 });
    expect(optimizer.paramGroups[0]).toMatchObject({ lr: 1, momentum: 0.5, nesterov: false });
    const scheduler = new torch.optim.lrScheduler.StepLR(optimizer, 1, 0.1);
    const loss = optimizer.step(() => {
      const value = weight.mul(weight).sum();
      value.backward();
      return value;
    });
    expect(loss.item()).toBe(2);
    expect(weight.tolist()).toEqual([-1, -1]);
    scheduler.step();
    optimizer.zeroGrad();
    expect(weight.grad).toBe(null);
    weight.grad = torch.ones(2);
    optimizer.step();
    // The momentum: 0.5 · 2 + 1.
    expect(weight.sum().item() / 2).toBeCloseTo(-1.2, 6);
  });
});
