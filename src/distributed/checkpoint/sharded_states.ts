/** Parts as states have them: `DTensor`s that say which, or the whole. */
import { Tensor } from '../../core/tensor.js';
import { cutAll, cutsOf } from '../tensor/cuts.js';
import { DTensor } from '../tensor/dtensor.js';
import { isSameMesh } from '../tensor/meshes.js';
import { type Sharding, shardingOf } from '../tensor/sharding.js';

/** What belongs to a parameter and has its sizes, as a state has it. */
export function stored(value: unknown, parameter: Tensor, isWhole: boolean): unknown {
  const sharding = shardingOf(parameter);
  if (sharding === null || !(value instanceof Tensor) || String(value.shape) !== String(parameter.shape))
    return value;
  const { mesh, placements, shape } = sharding;
  const made = new DTensor(value, mesh, placements, shape);
  return isWhole ? made.fullTensor() : made;
}

/** This process's part of what a state has: of a whole, or of one that is cut in any way. */
export function localOf(value: unknown, { mesh, placements, shape }: Sharding): unknown {
  if (value instanceof DTensor && isSameMesh(value.deviceMesh, mesh))
    return value.redistribute(null, placements).toLocal();
  const whole = value instanceof DTensor ? value.fullTensor() : value;
  if (!(whole instanceof Tensor) || String(whole.shape) !== String(shape)) return whole;
  return cutAll(whole, cutsOf(mesh, placements));
}
