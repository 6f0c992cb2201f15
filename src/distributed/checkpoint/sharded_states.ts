/** Parts as states have them: `DTensor`s that say which, or the whole. */
import { Tensor } from '../../core/tensor.js';
import { DTensor } from '../tensor/dtensor.js';
import { cut } from '../tensor/exchanges.js';
import { Shard } from '../tensor/placements.js';
import { type Sharding, shardingOf } from '../tensor/sharding.js';

/** What belongs to a parameter and has its sizes, as a state has it. */
export function stored(value: unknown, parameter: Tensor, isWhole: boolean): unknown {
  const sharding = shardingOf(parameter);
  if (sharding === null || !(value instanceof Tensor) || String(value.shape) !== String(parameter.shape))
    return value;
  const { group, dim, shape } = sharding;
  const made = new DTensor(value, group, new Shard(dim), shape);
  return isWhole ? made.fullTensor() : made;
}

/** This process's part of what a state has: of a whole, or of one that is cut in any way. */
export function localOf(value: unknown, { group, dim, shape }: Sharding): unknown {
  if (value instanceof DTensor) return value.redistribute(null, [new Shard(dim)]).toLocal();
  if (!(value instanceof Tensor) || String(value.shape) !== String(shape)) return value;
  return cut(value.ndim === 0 ? value.reshape([1]) : value, dim, group);
}
