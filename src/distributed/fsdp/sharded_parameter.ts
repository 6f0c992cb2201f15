/** Parameters of which processes have parts. */
import { noGradSync } from '../../autograd/modes.js';
import { NotImplementedError, ValueError } from '../../core/errors.js';
import { numel } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import type { Module } from '../../nn/module.js';
import { Parameter } from '../../nn/parameter.js';
import { DeviceMesh } from '../device_mesh.js';
import type { ProcessGroup } from '../process_group.js';
import { fullLength } from '../tensor/chunks.js';
import { cut } from '../tensor/cuts.js';
import { type Placement, Replicate, Shard, StridedShard } from '../tensor/placements.js';
import { setSharding, shardingOf } from '../tensor/sharding.js';

/** A property of a module. */
export interface Slot {
  readonly module: Module;
  readonly name: string;
}

/** The processes that share out parameters, and those that have the same parts. */
export interface Processes {
  /** Of one dimension, or of two: those that have the same parts, and those that have different ones. */
  readonly mesh: DeviceMesh;
  readonly shards: ProcessGroup;
  readonly replicas: ProcessGroup | null;
}

/** A parameter of which this process has a part. */
export interface ShardedParameter {
  readonly parameter: Parameter;
  /** Where modules have it. */
  readonly slots: readonly Slot[];
  /** The sizes of all parts together. */
  readonly shape: readonly number[];
  /** The dimension that is cut. */
  readonly dim: number;
  /** Elements of a full part: what each process sends. */
  readonly sent: number;
}

/** Cuts a parameter, and puts this process's part in its places. */
export function shardParameter(
  whole: Parameter,
  slots: readonly Slot[],
  { mesh, shards, replicas }: Processes,
  placement: Shard | null,
): ShardedParameter {
  const shape = [...whole.shape];
  const [{ name }] = slots;
  if (shape.length === 0)
    throw new ValueError(
      `fullyShard doesn't support scalar parameters. Change ${name} to a 1D tensor with numel equal to 1.`,
    );
  const dim = placement === null || placement.dim >= 0 ? (placement?.dim ?? 0) : placement.dim + shape.length;
  if (dim < 0 || dim >= shape.length)
    throw new ValueError(`Shard dim ${dim} is invalid for ${name}: [${shape}]`);
  if (dim > 0 && shape[dim] % shards.size() !== 0)
    throw new NotImplementedError(
      `FSDP does not support uneven sharding on dim ${dim}: [${shape.join(', ')}] (world size: ${shards.size()})`,
    );
  const inner = shardingOf(whole);
  const joined = inner === null ? mesh : DeviceMesh.joined(mesh, inner.mesh);
  if (joined === null)
    throw new ValueError(
      `FSDP requires the DP and model parallel TP/EP mesh to have the same parent mesh but got: \nDP's global mesh: ${mesh}\nTP/EP's global mesh: ${inner!.mesh}`,
    );
  // Rows that tensor parallelism has cut before are parts of parts.
  const before = (inner?.placements ?? []).reduce(
    (count, one, i) => (one.isShard(dim) ? count * inner!.mesh.shape[i] : count),
    1,
  );
  const own: Placement = before === 1 ? new Shard(dim) : new StridedShard(dim, before);
  const placements = [...(replicas === null ? [] : [new Replicate()]), own, ...(inner?.placements ?? [])];
  const local = noGradSync(() => cut(whole.detach(), dim, shards).clone().contiguous());
  const parameter = new Parameter(local, whole.requiresGrad);
  setSharding(parameter, { mesh: joined, placements, shape: inner?.shape ?? shape });
  for (const slot of slots) slot.module.exchange(slot.name, parameter);
  const sent = (fullLength(shape[dim], shards.size()) * numel(shape)) / Math.max(shape[dim], 1);
  return { parameter, slots, shape, dim, sent };
}

/** The parts of all processes, a row each, as one. */
export function wholeOf(rows: Tensor, { shape, dim }: ShardedParameter): Tensor {
  // Memory of its own, so that it is freed by itself.
  if (dim === 0) return rows.reshape([-1]).narrow(0, 0, numel(shape)).clone().view(shape);
  const [count] = rows.shape;
  const part = shape.map((size, i) => (i === dim ? size / count : size));
  return ops.cat(rows.reshape([count, ...part]).unbind(0), dim);
}

/** A tensor of the whole's sizes, cut into a row for each process. */
export function rowsOf(whole: Tensor, { dim, sent }: ShardedParameter, count: number): Tensor {
  if (dim === 0) return padded(whole.reshape([-1]), sent * count).view([count, sent]);
  return ops.stack(whole.chunk(count, dim).map((part) => part.reshape([-1])));
}

/** Elements in one dimension, with zeros behind them. */
export function padded(elements: Tensor, length: number): Tensor {
  const missing = length - elements.numel();
  if (missing === 0) return elements;
  const { dtype, device } = elements;
  return ops.cat([elements, ops.zeros([missing], { dtype, device })]);
}
