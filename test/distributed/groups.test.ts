/** Groups of groups, collectives in one, and meshes of two dimensions; on threads, and on the system's MPI where that is. */
import { describe, expect, it } from 'vitest';
import { missingMpi, ranks } from '../support/mpi.js';
import { runRanks } from '../support/thread_ranks.mjs';

const programs = new URL('./group_programs.mjs', import.meta.url);

type Found = Record<string, unknown> & { errors: (string | null)[] };

async function onThreads(given: string): Promise<Found[]> {
  const answers = await runRanks(4, programs, { given });
  return answers.map((answer) => {
    if (answer.error) throw new Error(answer.error);
    return answer.result as Found;
  });
}

async function onMpi(given: string): Promise<Found[]> {
  const { output } = await ranks(4, 'run_programs.mjs', 'group_programs.mjs', given);
  const found = /^RESULTS (.*)$/m.exec(output);
  if (found === null) throw new Error(output);
  return JSON.parse(found[1]) as Found[];
}

const worlds: [string, (given: string) => Promise<Found[]>][] = [['threads', onThreads]];
if (missingMpi === null) worlds.push(['MPI', onMpi]);

describe.each(worlds)('On %s', { timeout: 120_000 }, (_, run) => {
  it('processes are divided into groups, and those into others', async () => {
    const all = await run('divided');
    expect(all.map(({ half }) => half)).toEqual([
      [[0, 1], 'half', 2, 1],
      [[0, 1], 'half', 2, 1],
      [[2, 3], 'half', 2, 5],
      [[2, 3], 'half', 2, 5],
    ]);
    expect(all.map(({ some }) => some)).toEqual([
      [[0, 3], [0, -1], 3],
      [[1], [-1, 0], 1],
      [null, [-1, -1], null],
      [[0, 3], [1, -1], 3],
    ]);
    expect(all.map(({ pair }) => pair)).toEqual([
      [[0, 1], 'default_pg:split:0', 1],
      [[0, 1], 'default_pg:split:0', 1],
      [[2, 3], 'default_pg:split:0', 5],
      [[2, 3], 'default_pg:split:0', 5],
    ]);
    expect(all.map(({ own }) => own)).toEqual([
      null,
      [[1], 'default_pg:split:0:split:0'],
      null,
      [[3], 'default_pg:split:0:split:0'],
    ]);
    for (const { errors } of all)
      expect(errors).toEqual([
        "ValueError: Default group size only takes effect when CUDA is available. If your subgroup using a backend that does not depend on CUDA, please pass in 'groupSize' correctly.",
        "ValueError: The world size (4) must be divisible by 'groupSize=3'",
        "ValueError: The arg 'groupSize' (5) must not exceed the world size (4)",
        "ValueError: The arg 'groupSize' (0) must be positive",
        "ValueError: The arg 'ranksPerSubgroupList' cannot be empty",
        'ValueError: Rank 1 has appeared in both subgroup [0, 1] and [1, 2]',
        'ValueError: splitRanks cannot be null or empty',
        'ValueError: the split group cannot be empty',
        'ValueError: the split group cannot have duplicate ranks',
        'RuntimeError: rank 7 is out of range in a group of 4',
      ]);
  });

  it('collectives of one kind are one', async () => {
    for (const [rank, found] of (await run('coalesced')).entries())
      expect(found).toEqual({
        reduced: [[6, 6], [[10, 10, 10]]],
        completed: [true, true],
        gathered: [
          [0.5, 1.5, 2.5, 3.5],
          [
            [0, 0],
            [1, 2],
            [2, 4],
            [3, 6],
          ],
        ],
        scattered: [[4 * rank], [8 * rank, 8 * rank + 4]],
        most: [[3, 1], [10]],
        lists: [0, 1, 2, 3].map((one) => [
          [
            [one, one],
            [one, one],
          ],
          [10 + one],
        ]),
        errors: [
          'RuntimeError: Coalescing manager requires all collectives to be the same type, but got mixed types: {allReduce, allGather}',
          'ValueError: ProcessGroup has non-empty op list at the start of coalescing',
        ],
      });
  });

  it('tensors lie on meshes of two dimensions', async () => {
    for (const found of await run('meshes'))
      expect(found).toMatchObject({
        count: 81,
        wrong: [],
        sum: Array(2).fill(Array(8).fill(2)),
        cut: [Array(4).fill(2)],
        grad: true,
        made: ["DeviceMesh((4,), 'cpu', stride=(1,))", true, "DeviceMesh((tp=2), 'cpu', stride=(1,))"],
        errors: [
          'ValueError: `placements` must have the same length as `deviceMesh.ndim`! Found placements length: 1, and deviceMesh.ndim: 2.',
          'RuntimeError: Sharding dim 2 greater than or equal to tensor ndim 2 for mesh dim 0.',
          'ValueError: Expects at least one ProcessGroup to be passed',
          'ValueError: Invalid mesh [3, 2, 1, 0] for ProcessGroup with ranks [0, 1, 2, 3]',
        ],
      });
  });
});
