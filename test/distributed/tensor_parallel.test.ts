/** parallelizeModule: ranks compute layers together, and train as one process does. */
import * as torch from 'flambeau';
import * as dist from 'flambeau/distributed';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { byRanks } from '../support/ranks.js';

const programs = new URL('./parallel_programs.mjs', import.meta.url);
interface Trained {
  readonly losses: number[];
  readonly norms: number[];
  readonly own: number;
  readonly whole: Record<string, number>;
}
const { ColwiseParallel, PrepareModuleInput, RowwiseParallel, parallelizeModule } = dist.tensor.parallel;

describe('A network in parts', () => {
  it.each([
    ['columns', 1],
    ['columns', 4],
    ['sequence', 2],
  ])('by %s is trained by %i ranks as by one process', async (plan, size) => {
    const [[one], many] = await Promise.all([
      byRanks<Trained>(1, programs, 'trained', { isPlain: true }),
      byRanks<Trained>(size, programs, 'trained', { plan }),
    ]);
    for (const { losses, norms, own, whole } of many) {
      for (const [i, loss] of losses.entries()) expect(Math.abs(loss / one.losses[i] - 1)).toBeLessThan(2e-6);
      for (const [i, norm] of norms.entries()) expect(Math.abs(norm / one.norms[i] - 1)).toBeLessThan(1e-5);
      for (const [key, sum] of Object.entries(whole)) expect(sum, key).toBeCloseTo(one.whole[key], 2);
      if (size > 1) expect(own).toBeLessThan(one.own);
    }
  });
});

describe('parallelizeModule', () => {
  beforeAll(() => dist.initProcessGroup());
  afterAll(() => dist.destroyProcessGroup());

  it('refuses and warns of what it cannot do', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(() => parallelizeModule(new torch.nn.ReLU(), null, new ColwiseParallel())).toThrow(
      'ColwiseParallel currently only support nn.Linear and nn.Embedding!',
    );
    expect(() => parallelizeModule(new torch.nn.ReLU(), null, [] as never)).toThrow(
      'for parallelizePlan, list found!',
    );
    expect(() => new PrepareModuleInput({ inputLayouts: [null], desiredInputLayouts: [] })).toThrow(
      'should have same length!',
    );
    parallelizeModule(new torch.nn.Sequential(), null, { gone: new RowwiseParallel() });
    parallelizeModule(new torch.nn.Sequential());
    expect(warn.mock.calls.flat().join('\n')).toMatch(
      /'gone' could not be resolved[\s\S]*No parallelizePlan/,
    );
    warn.mockRestore();
  });
});
