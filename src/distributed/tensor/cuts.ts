/** The steps by which a tensor is cut into the parts of processes. */
import { contiguousStrides } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import type { DeviceMesh } from '../device_mesh.js';
import type { ProcessGroup } from '../process_group.js';
import { partOf } from './chunks.js';
import { type Placement, StridedShard } from './placements.js';

/** A dimension of a tensor that is cut among the processes of a mesh's dimension. */
export interface CutStep {
  readonly meshDim: number;
  readonly dim: number;
  readonly group: ProcessGroup;
}

/** The steps in their order: along the mesh's dimensions, those that stand back at the end. */
export function cutsOf(mesh: DeviceMesh, placements: readonly Placement[]): CutStep[] {
  const groups = mesh.getAllGroups();
  const [first, last]: [CutStep[], CutStep[]] = [[], []];
  for (const [meshDim, placement] of placements.entries()) {
    if (!placement.isShard()) continue;
    const step = { meshDim, dim: placement.dim, group: groups[meshDim] };
    if (placement instanceof StridedShard) last.unshift(step);
    else first.push(step);
  }
  return [...first, ...last];
}

/** Where this process's part lies in the whole, and the sizes before each step. */
export function boxOf(
  shape: readonly number[],
  cuts: readonly CutStep[],
): { readonly offsets: number[]; readonly sizes: number[]; readonly before: readonly number[][] } {
  const offsets = shape.map(() => 0);
  const sizes = [...shape];
  const before = cuts.map(({ dim, group }) => {
    const whole = [...sizes];
    const { start, length } = partOf(sizes[dim], group.size(), group.rank());
    offsets[dim] += start;
    sizes[dim] = length;
    return whole;
  });
  return { offsets, sizes, before };
}

/** This rank's part of what all have alike. */
export function cut(whole: Tensor, dim: number, group: ProcessGroup): Tensor {
  const { start, length } = partOf(whole.shape[dim], group.size(), group.rank());
  const part = whole.narrow(dim, start, length);
  return part.strides.join() === contiguousStrides(part.shape).join() ? part : part.contiguous();
}

/** This rank's part of what all have alike, by several steps. */
export const cutAll = (whole: Tensor, cuts: readonly CutStep[]): Tensor =>
  cuts.reduce((rest, { dim, group }) => cut(rest, dim, group), whole);
