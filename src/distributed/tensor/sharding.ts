/** Which parameters are parts of larger ones. */

import type { Tensor } from '../../core/tensor.js';
import { setNormOfParts } from '../../nn/utils/clip_grad.js';
import type { ProcessGroup } from '../process_group.js';
import { normOf } from './total_norm.js';

/** How a parameter's whole is cut. */
export interface Sharding {
  readonly group: ProcessGroup;
  readonly dim: number;
  /** The whole's sizes. */
  readonly shape: readonly number[];
}

const shardings = new WeakMap<Tensor, Sharding>();

export const shardingOf = (parameter: Tensor): Sharding | null => shardings.get(parameter) ?? null;

export function setSharding(parameter: Tensor, sharding: Sharding): void {
  shardings.set(parameter, sharding);
  setNormOfParts((parameters, normType) => {
    const groups = new Map<ProcessGroup | null, Tensor[]>();
    for (const one of parameters) {
      const group = shardingOf(one)?.group ?? null;
      groups.set(group, [...(groups.get(group) ?? []), ...(one.grad === null ? [] : [one.grad])]);
    }
    return groups.size === 0 || (groups.size === 1 && groups.has(null)) ? null : normOf(groups, normType);
  });
}
