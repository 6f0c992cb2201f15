/** Which parameters are parts of larger ones. */

import type { Tensor } from '../../core/tensor.js';
import { setNormOfParts } from '../../nn/utils/clip_grad.js';
import type { DeviceMesh } from '../device_mesh.js';
import type { ProcessGroup } from '../process_group.js';
import { cutsOf } from './cuts.js';
import type { Placement } from './placements.js';
import { normOf, type Parts } from './total_norm.js';

/** How a parameter's whole is cut. */
export interface Sharding {
  readonly mesh: DeviceMesh;
  /** One for each dimension of the mesh. */
  readonly placements: readonly Placement[];
  /** The whole's sizes. */
  readonly shape: readonly number[];
}

const shardings = new WeakMap<Tensor, Sharding>();

export const shardingOf = (parameter: Tensor): Sharding | null => shardings.get(parameter) ?? null;

/** The groups whose processes have different parts of a parameter. */
function groupsOf(parameter: Tensor): ProcessGroup[] {
  const sharding = shardingOf(parameter);
  return sharding === null ? [] : cutsOf(sharding.mesh, sharding.placements).map(({ group }) => group);
}

export function setSharding(parameter: Tensor, sharding: Sharding): void {
  shardings.set(parameter, sharding);
  setNormOfParts((parameters, normType) => {
    const found = new Map<string, Parts>();
    for (const one of parameters) {
      const groups = groupsOf(one);
      const key = groups.map(({ groupName }) => groupName).join();
      const known = found.get(key) ?? { groups, tensors: [] };
      if (one.grad !== null) known.tensors.push(one.grad);
      found.set(key, known);
    }
    const all = [...found.values()];
    return all.every(({ groups }) => groups.length === 0) ? null : normOf(all, normType);
  });
}
