/** The processes that something lies on: a group, or a mesh of one dimension. */
import { NotImplementedError, TypeError } from '../../core/errors.js';
import { typeName } from '../../core/repr.js';
import { groupOr, ProcessGroup } from '../process_group.js';

/** Processes: a group, or a `DeviceMesh` of one dimension. */
export type Mesh = ProcessGroup | { readonly ndim: number; getGroup(): ProcessGroup };

/** The group of a mesh; all processes where there is none. */
export function groupOf(mesh: unknown): ProcessGroup {
  if (mesh === null || mesh === undefined) return groupOr(null);
  if (mesh instanceof ProcessGroup) return mesh;
  const { getGroup, ndim } = mesh as { getGroup?: unknown; ndim?: unknown };
  if (typeof getGroup !== 'function')
    throw new TypeError(`expected a DeviceMesh or a ProcessGroup, but got ${typeName(mesh)}`);
  if (ndim !== 1)
    throw new NotImplementedError(
      `expected a mesh of 1 dimension, but got ${String(ndim)}: take one of them, mesh.get('dp')`,
    );
  return (mesh as { getGroup(): ProcessGroup }).getGroup();
}
