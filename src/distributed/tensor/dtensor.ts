import type { DType } from '../../core/dtype.js';
import { NotImplementedError, RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { type Shard as StoredShard, shard } from '../checkpoint/sharded_value.js';
import type { DeviceMesh } from '../device_mesh.js';
import { broadcast } from '../moving_collectives.js';
import { boxOf, cutAll, cutsOf } from './cuts.js';
import { isSameMesh, type Mesh, meshOf } from './meshes.js';
import { Placement, Replicate, Shard, StridedShard } from './placements.js';
import { redistributed } from './redistribution.js';

const ofFromLocal = signature(
  'from_local(Tensor local_tensor, Any device_mesh=None, Any placements=None, *, int[]? shape=None)',
);
const ofRedistribute = signature('redistribute(Any device_mesh=None, Any placements=None)');

/** A placement for each dimension of the mesh, with the tensor's dimensions counted from the front. */
function placementsOf(placements: unknown, ndim: number, mesh: DeviceMesh): readonly Placement[] {
  const list = (placements as readonly Placement[] | null) ?? mesh.shape.map(() => new Replicate());
  if (!Array.isArray(list) || !list.every((one) => one instanceof Placement))
    throw new TypeError('placements are a list of Placement, one for each dimension of the mesh');
  if (list.length !== mesh.ndim)
    throw new ValueError(
      `\`placements\` must have the same length as \`deviceMesh.ndim\`! Found placements length: ${list.length}, and deviceMesh.ndim: ${mesh.ndim}.`,
    );
  return list.map((one) => {
    if (!one.isShard()) return one;
    const dim = one.dim < 0 ? one.dim + ndim : one.dim;
    if (dim < 0 || dim >= ndim)
      throw new RuntimeError(
        `Sharding dim ${one.dim} greater than or equal to tensor ndim ${ndim} for mesh dim ${list.indexOf(one)}.`,
      );
    return one instanceof StridedShard ? one : new Shard(dim);
  });
}

/**
 * A tensor that lies on several processes: each has a part of it, the whole, or a term.
 *
 * Other than PyTorch's it is no tensor itself: no op takes it, and what is to be computed is computed of `toLocal()` and `fullTensor()`, through
 * both of which gradients flow. It is what states of sharded modules hold, and what checkpoints save from all processes and load on any number of them.
 *
 * @example
 * const x = distributed.tensor.distributeTensor(torch.arange(6), null, [new distributed.tensor.Shard(0)]);
 * x.toLocal(); // with 2 processes: [0, 1, 2] on the first, [3, 4, 5] on the second
 * x.fullTensor();
 */
export class DTensor {
  /** @internal */
  constructor(
    private readonly local: Tensor,
    /** The processes. */
    readonly deviceMesh: DeviceMesh,
    /** How it lies along each dimension of the mesh. */
    readonly placements: readonly Placement[],
    /** The whole's sizes. */
    readonly shape: readonly number[],
  ) {}

  /**
   * Makes one of what each process has.
   *
   * @param localTensor this process's part, whole or term
   * @param deviceMesh the processes; default: all
   * @param placements how it lies along each dimension of the mesh; default: the whole everywhere
   * @param shape the whole's sizes; default: all parts are as large as this one
   */
  static fromLocal(
    ...args: Arguments<
      typeof ofFromLocal,
      { deviceMesh: Mesh | null; placements: readonly Placement[] | null }
    >
  ): DTensor {
    const { localTensor, deviceMesh, placements, shape } = ofFromLocal.bind(args);
    const mesh = meshOf(deviceMesh);
    const list = placementsOf(placements, localTensor.ndim, mesh);
    const whole = [...(shape ?? localTensor.shape)];
    if (shape === null) for (const { dim, group } of cutsOf(mesh, list)) whole[dim] *= group.size();
    return new DTensor(localTensor, mesh, list, whole);
  }

  get dtype(): DType {
    return this.local.dtype;
  }

  /** What this process has of it. */
  toLocal(): Tensor {
    return this.local;
  }

  /** The whole, on every process; all call it. */
  fullTensor(): Tensor {
    return this.redistribute().local;
  }

  /**
   * The same tensor, lying otherwise; all processes call it.
   *
   * @param deviceMesh the processes, which stay the same
   * @param placements how it shall lie along each dimension of the mesh; default: the whole everywhere
   */
  redistribute(
    ...args: Arguments<
      typeof ofRedistribute,
      { deviceMesh: Mesh | null; placements: readonly Placement[] | null }
    >
  ): DTensor {
    const { deviceMesh, placements } = ofRedistribute.bind(args);
    const { local, placements: from, deviceMesh: mesh, shape } = this;
    if (deviceMesh !== null && !isSameMesh(meshOf(deviceMesh), mesh))
      throw new NotImplementedError('Cross device mesh comm not supported yet!');
    const to = placementsOf(placements, shape.length, mesh);
    if (String(from) === String(to)) return this;
    return new DTensor(redistributed(local, mesh, shape, from, to), mesh, to, shape);
  }

  /** @internal Its part, as checkpoints ask for it. */
  [shard](): StoredShard {
    const { placements, shape, local, deviceMesh } = this;
    if (placements.some((one) => one.isPartial()))
      throw new ValueError('a DTensor of terms cannot be saved: redistribute it first');
    return { size: shape, offsets: boxOf(shape, cutsOf(deviceMesh, placements)).offsets, local };
  }

  /** Tells where it lies. */
  toString(): string {
    const { local, deviceMesh, placements } = this;
    const list = `${placements.join(', ')}${placements.length === 1 ? ',' : ''}`;
    return `DTensor(local_tensor=${local}, device_mesh=${deviceMesh}, placements=(${list}))`;
  }
}

takesNothing(DTensor.prototype, ['toLocal', 'fullTensor']);

const ofDistribute = signature('distribute_tensor(Tensor tensor, Any device_mesh=None, Any placements=None)');

/**
 * Lets a tensor lie on several processes: the values are those of the first one. All processes call it, with a tensor of the same size.
 *
 * @param tensor the whole
 * @param deviceMesh the processes: a group, or a mesh; default: all
 * @param placements how it lies along each dimension of the mesh; default: the whole everywhere
 */
export function distributeTensor(
  ...args: Arguments<
    typeof ofDistribute,
    { deviceMesh: Mesh | null; placements: readonly Placement[] | null }
  >
): DTensor {
  const { tensor, deviceMesh, placements } = ofDistribute.bind(args);
  const mesh = meshOf(deviceMesh);
  const list = placementsOf(placements, tensor.ndim, mesh);
  for (const [dim, one] of list.entries())
    if (one.isPartial())
      throw new ValueError(
        `Trying to distribute a tensor with unsupported placements on device mesh dimension ${dim}!`,
      );
  const whole = tensor.detach().clone().contiguous();
  for (const group of mesh.getAllGroups())
    if (group.size() > 1) broadcast(whole, { groupSrc: 0, group, asyncOp: true }).waitSync();
  const cuts = cutsOf(mesh, list);
  const local = cuts.length === 0 ? whole : cutAll(whole, cuts).clone();
  if (tensor.requiresGrad) local.requiresGrad = true;
  return new DTensor(local, mesh, list, [...tensor.shape]);
}
