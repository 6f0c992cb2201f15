/**
 * Trainings by processes that MPI has started: as one process does on the joined batch, and as PyTorch's over gloo (test/golden/data_parallel.py and
 * sharded_training.py).
 */
import { describe, expect, it } from 'vitest';
import { difference, golden } from './support/golden.js';
import { type Job, jobsByRanks, missingMpi } from './support/mpi.js';

interface Trained {
  readonly losses: number[];
  readonly norms?: number[];
}
type BySize<T> = Readonly<Record<number, T>>;
const recorded = golden<Record<string, BySize<readonly Trained[]>>>('data_parallel');
const sharded = golden<Record<string, BySize<number[]>>>('sharded_training');

const at = (path: string): URL => new URL(path, import.meta.url);
const replicas: Job = {
  program: at('./support/data_parallel_programs.mjs'),
  name: 'default',
  given: Object.keys(recorded),
};
/** A training in parts, and the same one without. */
const inParts = (file: string, given: object): Job[] =>
  [false, true].map((isPlain) => ({
    program: at(`./distributed/${file}`),
    name: 'trained',
    given: { ...given, isPlain },
  }));
const zero = (name: string, optimizer: string, options: object): Job[] =>
  inParts('zero_programs.mjs', { name, optimizer, options });
const jobs: Readonly<Record<string, readonly Job[]>> = {
  'fsdp tutorial': inParts('fsdp_programs.mjs', { name: 'tutorial' }),
  'fsdp gpt': inParts('fsdp_programs.mjs', { name: 'gpt' }),
  'zero tutorial': zero('tutorial', 'SGD', { lr: 0.05, momentum: 0.9 }),
  'zero gpt': zero('gpt', 'AdamW', { lr: 0.01 }),
};

describe.skipIf(missingMpi !== null)('Training by processes', { timeout: 150_000 }, () => {
  it.each([1, 2, 4])('with DistributedDataParallel goes as PyTorch’s: %i', async (size) => {
    const results = await jobsByRanks<Record<string, Trained>>(size, [replicas]);
    expect(results).toHaveLength(size);
    for (const [name, bySize] of Object.entries(recorded))
      for (const [rank, expected] of bySize[size].entries()) {
        const where = `${name}, rank ${rank}`;
        const { losses, norms } = results[rank][0][name];
        expect(difference(losses.slice(0, 2), expected.losses.slice(0, 2)), where).toBeLessThan(1e-6);
        expect(difference(losses, expected.losses), where).toBeLessThan(1e-5);
        expect(norms, where).toEqual(results[0][0][name].norms);
      }
  });

  const plain = new Map<string, Promise<number[]>>();
  it.each([1, 2, 4])('in parts goes as that of one process, and as PyTorch’s: %i', async (size) => {
    const results = await jobsByRanks<Trained>(
      size,
      Object.values(jobs).map(([one]) => one),
    );
    for (const [i, [name, [, whole]]] of Object.entries(jobs).entries()) {
      plain.set(name, plain.get(name) ?? jobsByRanks<Trained>(1, [whole]).then(([[one]]) => one.losses));
      const alone = await plain.get(name)!;
      for (const ofRank of results) {
        const { losses } = ofRank[i];
        expect(difference(losses, alone), name).toBeLessThan(1e-6);
        expect(difference(losses, sharded[name][size]), name).toBeLessThan(1e-6);
      }
    }
  });
});
