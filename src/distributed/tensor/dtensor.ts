import type { DType } from '../../core/dtype.js';
import { NotImplementedError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { type Shard as StoredShard, shard } from '../checkpoint/sharded_value.js';
import { broadcast } from '../moving_collectives.js';
import type { ProcessGroup } from '../process_group.js';
import { partOf } from './chunks.js';
import { Cut, cut, Gather, Scatter, Sum, summed } from './exchanges.js';
import { groupOf, type Mesh } from './meshes.js';
import { Partial, type Placement, Replicate, reductionOf, Shard } from './placements.js';

const ofFromLocal = signature(
  'from_local(Tensor local_tensor, Any device_mesh=None, Any placements=None, *, int[]? shape=None)',
);
const ofRedistribute = signature('redistribute(Any device_mesh=None, Any placements=None)');

function placementOf(placements: unknown, ndim: number): Placement {
  const [one, ...more] = placements === null ? [new Replicate()] : (placements as readonly Placement[]);
  if (more.length > 0)
    throw new NotImplementedError('a DTensor lies on one dimension of processes: give one placement');
  if (!one.isShard()) return one;
  const dim = one.dim < 0 ? one.dim + ndim : one.dim;
  if (dim < 0 || dim >= ndim) throw new ValueError(`${one} of a tensor of ${ndim} dimensions`);
  return new Shard(dim);
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
    readonly deviceMesh: ProcessGroup,
    private readonly placement: Placement,
    /** The whole's sizes. */
    readonly shape: readonly number[],
  ) {}

  /**
   * Makes one of what each process has.
   *
   * @param localTensor this process's part, whole or term
   * @param deviceMesh the processes; default: all
   * @param placements a list of one: how it lies there; default: the whole everywhere
   * @param shape the whole's sizes; default: all parts are as large as this one
   */
  static fromLocal(
    ...args: Arguments<
      typeof ofFromLocal,
      { deviceMesh: Mesh | null; placements: readonly Placement[] | null }
    >
  ): DTensor {
    const { localTensor, deviceMesh, placements, shape } = ofFromLocal.bind(args);
    const group = groupOf(deviceMesh);
    const placement = placementOf(placements, localTensor.ndim);
    const whole = [...(shape ?? localTensor.shape)];
    if (shape === null && placement.isShard()) whole[placement.dim] *= group.size();
    return new DTensor(localTensor, group, placement, whole);
  }

  /** How it lies on the processes: a list of one. */
  get placements(): readonly Placement[] {
    return [this.placement];
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
    return this.redistribute(null, [new Replicate()]).local;
  }

  /**
   * The same tensor, lying otherwise; all processes call it.
   *
   * @param deviceMesh the processes, which stay the same
   * @param placements a list of one: how it shall lie; default: the whole everywhere
   */
  redistribute(
    ...args: Arguments<
      typeof ofRedistribute,
      { deviceMesh: Mesh | null; placements: readonly Placement[] | null }
    >
  ): DTensor {
    const { deviceMesh, placements } = ofRedistribute.bind(args);
    const { local, placement: from, deviceMesh: group, shape } = this;
    if (deviceMesh !== null && groupOf(deviceMesh) !== group)
      throw new NotImplementedError('Cross device mesh comm not supported yet!');
    const to = placementOf(placements, shape.length);
    const moved = (tensor: Tensor): DTensor => new DTensor(tensor, group, to, shape);
    if (String(from) === String(to)) return this;
    if (to.isPartial())
      throw new ValueError(
        `redistribute from ${from} to ${to} is not supported: nothing has terms of its own`,
      );
    if (from.isPartial()) {
      if (reductionOf(from) !== reductionOf(new Partial())) {
        const whole = summed(local, group, reductionOf(from));
        return moved(to.isShard() ? cut(whole, to.dim, group) : whole);
      }
      return moved(to.isShard() ? Scatter.apply(local, to.dim, group) : Sum.apply(local, group));
    }
    if (from.isShard()) {
      const whole = Gather.apply(local, from.dim, shape[from.dim], group);
      return moved(to.isShard() ? cut(whole, to.dim, group) : whole);
    }
    return moved(to.isShard() ? Cut.apply(local, to.dim, group) : local);
  }

  /** @internal Its part, as checkpoints ask for it. */
  [shard](): StoredShard {
    const { placement, shape, local, deviceMesh: group } = this;
    if (placement.isPartial())
      throw new ValueError('a DTensor of terms cannot be saved: redistribute it first');
    const offsets = shape.map((size, d) =>
      placement.isShard(d) ? partOf(size, group.size(), group.rank()).start : 0,
    );
    return { size: shape, offsets, local };
  }

  /** Tells where it lies, not its values. */
  toString(): string {
    return `DTensor(local_tensor=${this.local}, placements=(${this.placement},))`;
  }
}

takesNothing(DTensor.prototype, ['toLocal', 'fullTensor']);

const ofDistribute = signature('distribute_tensor(Tensor tensor, Any device_mesh=None, Any placements=None)');

/**
 * Lets a tensor lie on several processes: the values are those of the first one. All processes call it, with a tensor of the same size.
 *
 * @param tensor the whole
 * @param deviceMesh the processes: a group, or a mesh of one dimension; default: all
 * @param placements a list of one: how it lies there; default: the whole everywhere
 */
export function distributeTensor(
  ...args: Arguments<
    typeof ofDistribute,
    { deviceMesh: Mesh | null; placements: readonly Placement[] | null }
  >
): DTensor {
  const { tensor, deviceMesh, placements } = ofDistribute.bind(args);
  const group = groupOf(deviceMesh);
  const placement = placementOf(placements, tensor.ndim);
  if (placement.isPartial())
    throw new ValueError(
      `Trying to distribute a tensor with unsupported placements on device mesh dimension 0!`,
    );
  const whole = tensor.detach().clone().contiguous();
  if (group.size() > 1) broadcast(whole, { groupSrc: 0, group, asyncOp: true }).waitSync();
  const local = placement.isShard() ? cut(whole, placement.dim, group).clone() : whole;
  if (tensor.requiresGrad) local.requiresGrad = true;
  return new DTensor(local, group, placement, [...tensor.shape]);
}
