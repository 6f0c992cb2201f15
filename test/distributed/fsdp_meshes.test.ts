/** fullyShard on meshes: replicas, parts of parts, parameters that are fetched ahead; all ranks together train as one process would. */
import { describe, expect, it } from 'vitest';
import { missingMpi, ranks } from '../support/mpi.js';
import { exchange } from '../support/python.js';
import { runRanks } from '../support/thread_ranks.mjs';

const programs = new URL('./fsdp_mesh_programs.mjs', import.meta.url);
const { at } = exchange();

interface Trained {
  readonly losses: number[];
  readonly norms: number[];
  readonly own: number;
  readonly grads: number;
  readonly placements: string[] | null;
  readonly whole: Record<string, number>;
}

async function onThreads<T>(size: number, given: object): Promise<T[]> {
  const answers = await runRanks(size, programs, { given });
  return answers.map((answer) => {
    if (answer.error) throw new Error(answer.error);
    return answer.result as T;
  });
}

async function onMpi<T>(size: number, given: object): Promise<T[]> {
  const { output } = await ranks(size, 'run_programs.mjs', 'fsdp_mesh_programs.mjs', JSON.stringify(given));
  const found = /^RESULTS (.*)$/m.exec(output);
  if (found === null) throw new Error(output);
  return JSON.parse(found[1]) as T[];
}

let single: Promise<Trained[]> | null = null;
const alone = (): Promise<Trained[]> => {
  single ??= onThreads<Trained>(1, { program: 'trained', way: 'alone' });
  return single;
};

const near = (a: number, b: number, most: number) => expect(Math.abs(a / b - 1)).toBeLessThan(most);

type Run = <T>(size: number, given: object) => Promise<T[]>;
const worlds: [string, Run][] = [['threads', onThreads]];
if (missingMpi === null) worlds.push(['MPI', onMpi]);

describe.each(worlds)('On %s', { timeout: 180_000 }, (_, run) => {
  it.each([
    ['replicas', 2, ['Replicate()', 'Shard(dim=0)']],
    ['both', 3.1, ['_StridedShard(dim=0, sf=2)', 'Shard(dim=0)']],
    ['keepers', 4, ['Shard(dim=0)']],
    ['columns', 4, ['Shard(dim=1)']],
    ['ahead', 4, ['Shard(dim=0)']],
  ])('a network is trained as by one process: %s', async (way, parts, placements) => {
    const [[one], many] = await Promise.all([alone(), run<Trained>(4, { program: 'trained', way })]);
    for (const found of many) {
      for (const [i, loss] of found.losses.entries()) near(loss, one.losses[i], 2e-6);
      for (const [i, norm] of found.norms.entries()) near(norm, one.norms[i], 1e-5);
      for (const [key, sum] of Object.entries(found.whole)) expect(sum, key).toBeCloseTo(one.whole[key], 2);
      expect(found.placements).toEqual(placements);
    }
    expect(Math.max(...many.map(({ own }) => own)) / one.own).toBeLessThan(
      1.15 / (parts as number) + 0.2 * Number(way === 'both'),
    );
  });

  it('gradients of replicas are added up when they are asked for', async () => {
    const many = await run<Trained>(4, { program: 'trained', way: 'partial' });
    const sums = many.map(({ grads }) => grads);
    // Ranks 0 and 2 have the same part, and so have 1 and 3.
    near(sums[0], sums[2], 1e-6);
    near(sums[1], sums[3], 1e-6);
    expect(sums[0]).toBeGreaterThan(0);
  });

  it('what ranks of a mesh save is loaded by ranks in a line', async () => {
    expect(await run(4, { program: 'saved', folder: at('mesh') })).toEqual([true, true, true, true]);
  });

  it('sharded modules have methods of their own', async () => {
    for (const found of await run(4, { program: 'methods' }))
      expect(found).toEqual({
        part: [2, 4],
        isWhole: true,
        alike: true,
        back: [2, 4],
        sums: [9, 9],
        changed: true,
        ratio: true,
        method: [4, 8],
        errors: [
          'AssertionError: Please init the 2D mesh for HSDP with meshDimNames specified',
          "ValueError: fullyShard expects a 1D or 2D DeviceMesh but got DeviceMesh((a=1, b=2, c=2), 'cpu', stride=(4, 2, 1))",
          'ValueError: If passing reshardAfterForward as an int, it should be a factor of 4, not 3',
          'NotImplementedError: FSDP does not support uneven sharding on dim 1: [3, 3] (world size: 4)',
          expect.stringContaining("ValueError: fullyShard doesn't support scalar parameters."),
          expect.stringContaining('ValueError: No FSDP state found on Linear'),
          'AttributeError: FSDPSequential does not have a method gone',
          'ValueError: fullyShard has already been applied to this module',
        ],
      });
  });
});
