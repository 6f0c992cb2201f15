import { RuntimeError, ValueError } from '../../core/errors.js';
import { Generator } from '../../core/generator.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { drawPermutation } from './draws.js';
import { replicas } from './replicas.js';
import { Sampler } from './sampler.js';
import { lengthOf, type Sized } from './sized.js';

const distributedSampler = signature(
  'DistributedSampler(Object dataset, int? num_replicas=None, int? rank=None, bool shuffle=True, int seed=0, bool drop_last=False)',
);

/**
 * The share of the items that one of several programs takes, which train the same network side by side. Call `setEpoch` before each
 * epoch: all programs then shuffle alike, each time anew.
 *
 * @example
 * const sampler = new torch.utils.data.DistributedSampler(dataset, { numReplicas: 4, rank: 0 });
 * const loader = new torch.utils.data.DataLoader(dataset, { batchSize: 8, sampler });
 */
export class DistributedSampler extends Sampler {
  readonly dataset: Sized;
  readonly numReplicas: number;
  readonly rank: number;
  /** The number that the order follows from, beside the seed. */
  epoch = 0;
  readonly dropLast: boolean;
  /** How many items each program takes. */
  readonly numSamples: number;
  /** How many all of them take together. */
  readonly totalSize: number;
  readonly shuffle: boolean;
  readonly seed: number;

  /**
   * @param dataset the data set, or whatever has a length
   * @param numReplicas how many programs there are; default: those of `flambeau/distributed`
   * @param rank which of them this is, from 0 on; default: as that says
   * @param shuffle whether the order is a random one
   * @param seed the number that the order follows from; the same in all programs
   * @param dropLast whether items are left out, so that all shares are of one size; items come twice otherwise
   */
  constructor(...args: Arguments<typeof distributedSampler, { dataset: Sized }>) {
    super();
    const given = distributedSampler.bind(args);
    const { dropLast } = given;
    const numReplicas = given.numReplicas ?? replicas()?.count ?? null;
    const rank = given.rank ?? replicas()?.rank ?? null;
    if (numReplicas === null || rank === null)
      throw new RuntimeError(
        'Requires distributed package to be available: give numReplicas and rank, or call initProcessGroup before',
      );
    if (rank >= numReplicas || rank < 0)
      throw new ValueError(`Invalid rank ${rank}, rank should be in the interval [0, ${numReplicas - 1}]`);
    this.dataset = given.dataset as Sized;
    this.numReplicas = numReplicas;
    this.rank = rank;
    this.dropLast = dropLast;
    const length = lengthOf(this.dataset);
    this.numSamples =
      dropLast && length % numReplicas !== 0
        ? Math.ceil((length - numReplicas) / numReplicas)
        : Math.ceil(length / numReplicas);
    this.totalSize = this.numSamples * numReplicas;
    this.shuffle = given.shuffle;
    this.seed = given.seed;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    const { shuffle, seed, epoch, rank, totalSize, numReplicas } = this;
    const length = lengthOf(this.dataset);
    const order = shuffle ? drawPermutation(length, new Generator().manualSeed(seed + epoch)) : null;
    // The first come again until there are enough of them.
    for (let i = rank; i < totalSize; i += numReplicas) yield order?.[i % length] ?? i % length;
  }

  get length(): number {
    return this.numSamples;
  }

  /** Begins another epoch. @param epoch its number, the same in all programs */
  setEpoch(epoch: number): void {
    this.epoch = epoch;
  }
}

takes(DistributedSampler.prototype, ['set_epoch(int epoch)']);
