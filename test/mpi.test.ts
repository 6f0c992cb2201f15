/** Programs of several ranks on the system's MPI: what their collectives give, and what becomes of the others when one goes wrong. */
import { describe, expect, it } from 'vitest';
import { makeHosts } from './support/hosts.js';
import { compiledRanks, isRunning, missingMpi, ranks, ranksInTree, ranksOn } from './support/mpi.js';

/** Microseconds for 64 MB and for 8 bytes. */
interface Times {
  readonly large: number;
  readonly small: number;
}

describe.skipIf(missingMpi !== null)('Ranks', { timeout: 150_000 }, () => {
  it.each([1, 2, 4])(
    'get what one process computes, in every collective, dtype, layout and op: %i',
    async (count) => {
      const { code, output } = await ranks(count, 'grid.mjs');
      expect(output).toMatch(new RegExp(`^\\d{4} results of ${count} ranks`, 'm'));
      expect(code).toBe(0);
    },
  );

  it.each([1, 2, 4])('give gradients to each other, and arrange as meshes: %i', async (count) => {
    const { code, output } = await ranks(count, 'gradients.mjs');
    expect(output).toMatch(`gradients of ${count} ranks`);
    expect(code).toBe(0);
  });

  // FLAMBEAU_COLLECTIVES=10000 makes more of them.
  it.each([2, 4])('call collectives at random on random groups: %i', async (count) => {
    const calls = process.env.FLAMBEAU_COLLECTIVES ?? '400';
    const { code, output } = await ranks(count, 'random_sequences.mjs', String(count), calls);
    expect(output).toMatch(new RegExp(`^\\d+ calls of ${count} ranks`, 'm'));
    expect(code).toBe(0);
  });

  it.each([
    ['grid.mjs', 4, /^\d{4} results of 4 ranks/m],
    ['random_sequences.mjs', 5, /^\d+ calls of 5 ranks/m],
  ])('meet by a tree where they are many, and do all that in it: %s', async (program, count, said) => {
    const { code, output } = await ranksInTree(count, program, '5', '200');
    expect(output).toMatch(said);
    expect(code).toBe(0);
  });

  it('do so on two machines, each with an address of its own', async ({ skip }) => {
    const hosts = makeHosts();
    if (hosts === null) skip('this user may make no network namespaces');
    try {
      const { code, output } = await ranksOn(hosts!, 'random_sequences.mjs', '5', '300');
      expect(output).toMatch(/^\d+ calls of 2 ranks/m);
      expect(code).toBe(0);
    } finally {
      hosts!.remove();
    }
  });

  it('reduce large tensors at no less than nine tenths of the pace of a plain program', async () => {
    const found = JSON.parse(/^\{.*\}$/m.exec((await ranks(2, 'allreduce.mjs')).output)![0]) as Times;
    const plain = JSON.parse(/^\{.*\}$/m.exec((await compiledRanks(2, 'allreduce.c')).output)![0]) as Times;
    const ratio = (size: keyof Times) => (found[size] / plain[size]).toFixed(2);
    console.info(
      `allReduce takes ${ratio('large')} of MPI_Allreduce's time for 64 MB, ${ratio('small')} for 8 bytes`,
    );
    expect(found.large / plain.large).toBeLessThan(1 / 0.9);
  });

  /** Each kind of fault, and what the others say of it. */
  const faults: readonly (readonly [kind: string, said: RegExp])[] = [
    ['throws', /has ended with an error: no such file/],
    ['is killed', /is gone: it was killed, or has crashed/],
    ['hangs', /timed out after 2 s: rank 1 \(.*\) has not called it; its last call in this group was #0/],
    ['leaves', /rank 1 \(.*\) has ended/],
    ['calls another', /called (broadcast\(from 0|allReduce\(SUM), float32\[3\]\) instead/],
    ['has another shape', /called allReduce\(SUM, float32\[[34]\]\) instead/],
    ['has another large shape', /called allReduce\(SUM, float32\[(3|5000)\]\) instead/],
    ['has another dtype', /called allReduce\(SUM, (int32|float32)\[3\]\) instead/],
    ['names another root', /called reduce\(SUM, to \d, float32\[3\]\) instead/],
    ['is late', /timed out after 0.5 s: rank 1 \(.*\) has not called it/],
    ['killed in the midst', /rank 1 \(.*\) is gone/],
  ];
  const cases = [ranks, ranksInTree].flatMap((start) => faults.map((one) => [...one, start] as const));
  // The launcher ends all when one ends with an error, now and then before another's line has come through.
  it.each(cases)(
    'are told within the timeout when one of them %s, and none is left behind (%#)',
    { retry: 2 },
    async (kind, message, start) => {
      const { code, output } = await start(3, 'faults.mjs', kind);
      for (const rank of [0, 2]) {
        const said = output.split('\n').filter((line) => line.startsWith(`rank ${rank}: RuntimeError: `));
        expect(said, output).toHaveLength(1);
        expect(said[0]).toMatch(message);
        expect(said[0]).toMatch(/rank 1/);
      }
      expect(code).not.toBe(0);
      for (const [, id] of output.matchAll(/is there, process (\d+)/g))
        await expect
          .poll(() => isRunning(Number(id)), { timeout: 5000, message: `process ${id}` })
          .toBe(false);
    },
  );
});
