/** The processes that something lies on: a group, or a mesh. */
import { NotImplementedError, TypeError } from '../../core/errors.js';
import { typeName } from '../../core/repr.js';
import { DeviceMesh } from '../device_mesh.js';
import { groupOr, ProcessGroup } from '../process_group.js';

/** Processes: a group, or a `DeviceMesh`. */
export type Mesh = ProcessGroup | DeviceMesh;

const ofGroups = new WeakMap<ProcessGroup, DeviceMesh>();

/** A mesh, or that of a group; all processes where there is none. */
export function meshOf(given: unknown): DeviceMesh {
  if (given instanceof DeviceMesh) return given;
  if (given !== null && given !== undefined && !(given instanceof ProcessGroup))
    throw new TypeError(`expected a DeviceMesh or a ProcessGroup, but got ${typeName(given)}`);
  const group = groupOr(given ?? null);
  const known = ofGroups.get(group) ?? DeviceMesh.fromGroup(group, 'cpu');
  ofGroups.set(group, known);
  return known;
}

/** Whether two meshes have the same groups. */
export const isSameMesh = (a: DeviceMesh, b: DeviceMesh): boolean => {
  const [first, second] = [a.getAllGroups(), b.getAllGroups()];
  return first.length === second.length && first.every((group, dim) => group === second[dim]);
};

/** A mesh of one dimension. */
export function lineOf(given: unknown): DeviceMesh {
  const mesh = meshOf(given);
  if (mesh.ndim !== 1)
    throw new NotImplementedError(
      `expected a mesh of 1 dimension, but got ${mesh.ndim}: take one of them, mesh.get('tp')`,
    );
  return mesh;
}
