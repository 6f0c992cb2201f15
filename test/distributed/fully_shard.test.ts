/** fullyShard: parameters in parts, gathered when they are used; all ranks together train as one process would. */
import { describe, expect, it } from 'vitest';
import { exchange } from '../support/python.js';
import { byRanks } from '../support/ranks.js';

const programs = new URL('./fsdp_programs.mjs', import.meta.url);
const { at } = exchange();
interface Trained {
  readonly losses: number[];
  readonly norms: number[];
  readonly own: number;
  readonly whole: Record<string, number>;
}
const [single, trained] = [new Map<string, Promise<Trained[]>>(), 'trained'];
/** What one process without shards does. */
function alone(given: object): Promise<Trained[]> {
  const key = JSON.stringify(given);
  single.set(key, single.get(key) ?? byRanks<Trained>(1, programs, trained, { ...given, isPlain: true }));
  return single.get(key)!;
}

describe('With fullyShard', () => {
  it.each([
    ['tutorial', 2, {}, {}],
    ['gpt', 1, {}, {}],
    ['gpt', 4, { options: { reshardAfterForward: true } }, {}],
    ['gpt', 2, { options: { reshardAfterForward: false } }, { clip: 0.5 }],
    ['gpt', 2, {}, { accumulate: true }],
  ])('%s is trained by %i ranks as by one process: %o %o', async (name, size, sharding, more) => {
    const [[one], many] = await Promise.all([
      alone({ name, ...more }),
      byRanks<Trained>(size, programs, trained, { name, ...sharding, ...more }),
    ]);
    for (const { losses, norms, whole } of many) {
      for (const [i, loss] of losses.entries()) expect(Math.abs(loss / one.losses[i] - 1)).toBeLessThan(1e-6);
      expect(norms.length).toBe(one.norms.length);
      for (const [i, norm] of norms.entries()) expect(Math.abs(norm / one.norms[i] - 1)).toBeLessThan(1e-5);
      for (const [key, sum] of Object.entries(whole)) expect(sum, key).toBeCloseTo(one.whole[key], 2);
    }
    const owned = many.map(({ own }) => own);
    expect(owned.reduce((sum, own) => sum + own)).toBe(one.own);
    expect(Math.max(...owned) / one.own).toBeLessThan(1.15 / size);
  });

  it('a network computes in another precision', async () => {
    const [one] = await alone({ name: 'gpt' });
    const many = await byRanks<Trained>(2, programs, trained, { name: 'gpt', policy: 'bfloat16' });
    for (const [i, loss] of many[0].losses.entries()) {
      expect(Math.abs(loss / one.losses[i] - 1)).toBeLessThan(0.02);
      expect(loss).not.toBe(one.losses[i]);
    }
  });

  it.each([
    [2, 4],
    [4, 1],
  ])('a training that %i ranks save goes on with %i', async (saving, loading) => {
    const folder = at(`by${saving}`);
    const [before] = await byRanks<number[]>(saving, programs, 'resumed', { folder });
    for (const losses of await byRanks<number[]>(loading, programs, 'resumed', { folder, from: true }))
      for (const [i, loss] of losses.entries()) expect(Math.abs(loss / before[i] - 1)).toBeLessThan(1e-5);
  });

  it('modules have parts, and states the whole', async () => {
    const [first, second] = await byRanks(2, programs, 'looked');
    expect(first).toEqual(second);
    expect(first).toEqual({
      name: 'FSDPBlock',
      printed: 'FSDPBlock(',
      before: [24, 16],
      grad: [24, 16],
      isLeaf: true,
      full: [48, 16],
      doubled: true,
      isBlock: true,
    });
  });
});
