/** Tensors of which a process has a part, as checkpoints know them. */
import type { Tensor } from '../../core/tensor.js';

/** The key by which a value says what it has. */
export const shard: unique symbol = Symbol('shard');

/** A part of a tensor: a box of it. */
export interface Shard {
  /** The whole tensor's sizes. */
  readonly size: readonly number[];
  /** Where the part begins in the whole. */
  readonly offsets: readonly number[];
  /** Its elements; none where there are more processes than rows. */
  readonly local: Tensor;
}

export interface ShardedValue {
  [shard](): Shard;
}

export const isSharded = (value: unknown): value is ShardedValue =>
  typeof value === 'object' && value !== null && shard in value;
