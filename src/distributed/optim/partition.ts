/** Which process updates which parameters, as PyTorch shares them out. */
import type { Tensor } from '../../core/tensor.js';

/** Parameters with options. */
export type Group = Record<string, unknown> & { params: Tensor[] };

/**
 * The groups of each process: of every group the parameters, largest first, go one by one to the process that has the fewest elements so far. Groups
 * that are added later change nothing of those before.
 */
export function partitioned(groups: readonly Group[], size: number): Group[][] {
  const loads = Array.from({ length: size }, () => 0);
  const parts: Group[][] = loads.map(() => []);
  for (const group of groups) {
    const lists: Tensor[][] = loads.map(() => []);
    for (const parameter of [...group.params].sort((a, b) => b.numel() - a.numel())) {
      const rank = loads.indexOf(Math.min(...loads));
      lists[rank].push(parameter);
      loads[rank] += parameter.numel();
    }
    for (const [rank, params] of lists.entries()) parts[rank].push({ ...group, params });
  }
  return parts;
}
