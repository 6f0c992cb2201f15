import { int32 } from '../core/dtype.js';
import { KeyError, RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';
import { tensor } from '../ops/from_data.js';
import { groupOr, ProcessGroup } from './process_group.js';
import { initProcessGroup, isInitialized, newGroup } from './process_groups.js';

const ofDim = signature('get_group(int|str? mesh_dim=None)');
const ofSlice = signature('get(str|str[] mesh_dim_names)');
const ofFromGroup = signature(
  'from_group(Any group, str device_type, Any mesh=None, *, str[]? mesh_dim_names=None)',
);

/**
 * The processes as an array of several dimensions, with a group along each: rows that share a batch, columns that share a model. `initDeviceMesh`
 * makes one.
 */
export class DeviceMesh {
  /** @internal */
  constructor(
    /** Where tensors are: `'cpu'`, `'webgpu'`. */
    readonly deviceType: string,
    /** The sizes of its dimensions. */
    readonly shape: readonly number[],
    /** The names of its dimensions, or null. */
    readonly meshDimNames: readonly string[] | null,
    private readonly ranks: readonly number[],
    private readonly groups: readonly ProcessGroup[],
    private readonly rank: number,
    /** The mesh that it is some dimensions of. */
    private readonly origin: { readonly mesh: DeviceMesh; readonly dims: readonly number[] } | null = null,
  ) {}

  /**
   * The mesh of groups that there are.
   *
   * @param group the processes, or a list of groups: one for each dimension, with this process in all of them
   * @param deviceType where tensors are: `'cpu'`, `'webgpu'`
   * @param mesh the ranks, in the mesh's shape: needed for several groups
   * @param meshDimNames names of the dimensions: needed for several groups
   */
  static fromGroup(
    ...args: Arguments<
      typeof ofFromGroup,
      { group: ProcessGroup | readonly ProcessGroup[]; mesh: Tensor | readonly unknown[] | null }
    >
  ): DeviceMesh {
    const { group, deviceType, mesh, meshDimNames } = ofFromGroup.bind(args);
    const own = groupOr(null).rank();
    const given = mesh === null ? null : tensor(mesh instanceof Tensor ? mesh.tolist() : (mesh as number[]));
    const ranks = given === null ? null : (given.flatten().tolist() as number[]);
    if (group instanceof ProcessGroup) {
      if (ranks !== null && String(ranks) !== String(group.ranks))
        throw new ValueError(
          `Invalid mesh [${ranks.join(', ')}] for ProcessGroup with ranks [${group.ranks.join(', ')}]`,
        );
      return new DeviceMesh(deviceType, [group.size()], meshDimNames, group.ranks, [group], own);
    }
    const groups = group as readonly ProcessGroup[];
    if (!Array.isArray(groups) || !groups.every((one) => one instanceof ProcessGroup))
      throw new TypeError('fromGroup(): group is a ProcessGroup or a list of them');
    if (groups.length === 0) throw new ValueError('Expects at least one ProcessGroup to be passed');
    if (given === null || ranks === null)
      throw new ValueError('Must pass mesh if passing multiple ProcessGroups');
    if (meshDimNames === null)
      throw new ValueError('Must pass meshDimNames if passing multiple ProcessGroups');
    if (given.ndim !== groups.length)
      throw new ValueError('Expects mesh with ndim equal to number of ProcessGroups');
    for (const [dim, one] of groups.entries())
      if (one.size() !== given.shape[dim])
        throw new ValueError(
          `dimension ${dim} has ${given.shape[dim]} processes, and its group ${one.size()}`,
        );
    return new DeviceMesh(deviceType, [...given.shape], meshDimNames, ranks, groups, own);
  }

  /** @internal The mesh of the dimensions of two that are parts of one; null if they are not. */
  static joined(first: DeviceMesh, second: DeviceMesh): DeviceMesh | null {
    const [a, b] = [first, second].map(
      (one) => one.origin ?? { mesh: one, dims: one.shape.map((_, dim) => dim) },
    );
    if (a.mesh !== b.mesh || a.dims.some((dim) => b.dims.includes(dim))) return null;
    return a.mesh.slice([...a.dims, ...b.dims]);
  }

  /** The mesh of some dimensions that this process is in. */
  private slice(dims: readonly number[]): DeviceMesh {
    const at = this.getCoordinate();
    let places = [at];
    for (const dim of dims)
      places = places.flatMap((place) =>
        Array.from({ length: this.shape[dim] }, (_, i) => place.toSpliced(dim, 1, i)),
      );
    const ranks = places.map(
      (place) => this.ranks[place.reduce((position, i, dim) => position * this.shape[dim] + i, 0)],
    );
    const { mesh, dims: own } = this.origin ?? { mesh: this, dims: this.shape.map((_, dim) => dim) };
    return new DeviceMesh(
      this.deviceType,
      dims.map((dim) => this.shape[dim]),
      this.meshDimNames === null ? null : dims.map((dim) => this.meshDimNames![dim]),
      ranks,
      dims.map((dim) => this.groups[dim]),
      this.rank,
      { mesh, dims: dims.map((dim) => own[dim]) },
    );
  }

  /** The number of dimensions. */
  get ndim(): number {
    return this.shape.length;
  }

  /** The ranks, in its shape. */
  get mesh(): Tensor {
    return tensor([...this.ranks], { dtype: int32 }).view([...this.shape]);
  }

  /** The number of processes, or the size of a dimension. */
  size(...args: [] | [meshDim: number | null] | [{ meshDim?: number | null }]): number {
    const { meshDim } = ofSize.bind(args);
    return meshDim === null ? this.ranks.length : this.shape[this.dim(meshDim)];
  }

  /**
   * The group that this process is in along a dimension.
   *
   * @param meshDim its number or name; needed where there are several
   */
  getGroup(...args: Arguments<typeof ofDim>): ProcessGroup {
    const { meshDim } = ofDim.bind(args, 'getGroup');
    return this.groups[this.dim(meshDim)];
  }

  /** The groups that this process is in, by dimension. */
  getAllGroups(): ProcessGroup[] {
    return [...this.groups];
  }

  /** This process's number among all. */
  getRank(): number {
    return this.rank;
  }

  /**
   * This process's place along a dimension.
   *
   * @param meshDim its number or name; needed where there are several
   */
  getLocalRank(...args: Arguments<typeof ofDim>): number {
    const { meshDim } = ofDim.bind(args, 'getLocalRank');
    return this.groups[this.dim(meshDim)].rank();
  }

  /** This process's place along every dimension. */
  getCoordinate(): number[] {
    return this.groups.map((group) => group.rank());
  }

  /**
   * The mesh of some dimensions that this process is in, Python's `mesh['dp', 'tp']`.
   *
   * @param meshDimNames their names
   */
  get(...args: Arguments<typeof ofSlice>): DeviceMesh {
    const { meshDimNames } = ofSlice.bind(args);
    if (this.meshDimNames === null) throw new RuntimeError('Cannot slice a DeviceMesh without meshDimNames!');
    const names = typeof meshDimNames === 'string' ? [meshDimNames] : meshDimNames;
    const dims = names.map((name) => this.dim(name));
    const ordered = dims.every((dim, i) => i === 0 || dim > dims[i - 1]);
    if (!ordered)
      throw new KeyError(`Invalid meshDimNames [${names.join(', ')}]: they come in the order of the mesh`);
    return this.slice(dims);
  }

  toString(): string {
    const { shape, meshDimNames } = this;
    const list = shape.map((n, i) => (meshDimNames === null ? String(n) : `${meshDimNames[i]}=${n}`));
    const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
    const tuple = (items: readonly unknown[]): string =>
      `(${items.join(', ')}${items.length === 1 ? ',' : ''})`;
    const sizes = meshDimNames === null ? tuple(list) : `(${list.join(', ')})`;
    return `DeviceMesh(${sizes}, '${this.deviceType}', stride=${tuple(strides)})`;
  }

  private dim(given: number | string | null): number {
    if (given === null) {
      if (this.ndim > 1)
        throw new RuntimeError(
          `Found the DeviceMesh have ${this.ndim} dimensions: \`meshDim\` needs to be specified when ndim > 1. If you want to get the list of all the ProcessGroups in the DeviceMesh, please use \`getAllGroups()\` instead.`,
        );
      return 0;
    }
    const found =
      typeof given === 'string'
        ? (this.meshDimNames?.indexOf(given) ?? -1)
        : given < 0
          ? given + this.ndim
          : given;
    if (found < 0 || found >= this.ndim)
      throw new KeyError(
        `Invalid meshDim '${given}': the mesh has ${this.meshDimNames === null ? `${this.ndim} dimensions` : this.meshDimNames.join(', ')}`,
      );
    return found;
  }
}

const ofSize = signature('size(int? mesh_dim=None)');
takesNothing(DeviceMesh.prototype, ['getAllGroups', 'getRank', 'getCoordinate']);

function placeOf(position: number, shape: readonly number[]): number[] {
  let left = position;
  return shape
    .map((_, i) => shape[shape.length - 1 - i])
    .map((n) => {
      const at = left % n;
      left = (left - at) / n;
      return at;
    })
    .reverse();
}

const ofInit = signature(
  'init_device_mesh(str device_type, int[] mesh_shape, *, str[]? mesh_dim_names=None)',
);

/**
 * Arranges all processes as an array, and makes a group of those along each of its lines. All processes call it; without `initProcessGroup` it does
 * that, too.
 *
 * @param deviceType where tensors are: `'cpu'`, `'webgpu'`
 * @param meshShape the sizes of its dimensions, whose product is the number of processes
 * @param meshDimNames names of the dimensions
 *
 * @example
 * const mesh = await dist.initDeviceMesh('cpu', [2, 2], { meshDimNames: ['dp', 'tp'] });
 * await dist.allReduce(gradient, { group: mesh.getGroup('dp') });
 */
export async function initDeviceMesh(...args: Arguments<typeof ofInit>): Promise<DeviceMesh> {
  const { deviceType, meshShape, meshDimNames } = ofInit.bind(args);
  if (meshDimNames !== null) {
    if (new Set(meshDimNames).size !== meshDimNames.length)
      throw new RuntimeError(
        `Each meshDimName must be unique. Found repeated meshDimName in meshDimNames [${meshDimNames.join(', ')}]`,
      );
    if (meshDimNames.length !== meshShape.length)
      throw new RuntimeError(
        `meshShape and meshDimNames should have same length! Found len(meshDimNames): ${meshDimNames.length} and len(meshShape):${meshShape.length}.`,
      );
  }
  if (!/^[a-z]+$/i.test(deviceType))
    throw new RuntimeError(`Device type with index is not supported but got ${deviceType}. `);
  if (!isInitialized()) await initProcessGroup();
  const world = groupOr(null);
  const count = meshShape.reduce((a, b) => a * b, 1);
  if (count !== world.size())
    throw new ValueError(
      `a mesh of [${meshShape.join(', ')}] has ${count} processes, but there are ${world.size()}`,
    );
  const ranks = Array.from({ length: count }, (_, i) => i);
  const own = world.rank();
  const groups: ProcessGroup[] = [];
  for (const [dim] of meshShape.entries()) {
    const lines = new Map<string, number[]>();
    for (const rank of ranks) {
      const key = placeOf(rank, meshShape).toSpliced(dim, 1).join();
      lines.set(key, [...(lines.get(key) ?? []), rank]);
    }
    for (const line of lines.values()) {
      const group = await newGroup(line, { groupDesc: `mesh_${meshDimNames?.[dim] ?? `dim_${dim}`}` });
      if (line.includes(own)) groups.push(group);
    }
  }
  return new DeviceMesh(deviceType, meshShape, meshDimNames, ranks, groups, own);
}
