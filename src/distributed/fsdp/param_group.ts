/** Parameters that are gathered together, and whose gradients are reduced together. */
import { Function, type FunctionContext } from '../../autograd/function.js';
import { noGradSync } from '../../autograd/modes.js';
import type { Gradient } from '../../autograd/node.js';
import type { Storage } from '../../backends/backend.js';
import type { DType } from '../../core/dtype.js';
import { numel } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import type { Module } from '../../nn/module.js';
import { Parameter } from '../../nn/parameter.js';
import { allGatherIntoTensor } from '../moving_collectives.js';
import type { ProcessGroup } from '../process_group.js';
import { ReduceOp } from '../reduce_op.js';
import { reduceScatterTensor } from '../reducing_collectives.js';
import { fullLength, partOf } from '../tensor/chunks.js';
import { setSharding } from '../tensor/sharding.js';
import type { MixedPrecisionPolicy } from './policies.js';

/** A property of a module. */
export interface Slot {
  readonly module: Module;
  readonly name: string;
}

/** A parameter of which this process has some rows. */
export interface ShardedParameter {
  readonly parameter: Parameter;
  /** Where modules have it. */
  readonly slots: readonly Slot[];
  /** The whole's sizes; a number is a row of one. */
  readonly shape: readonly number[];
  /** Elements of a full part: what each process sends. */
  readonly sent: number;
}

/** The gathered tensors that there are, by their memory: the group, and the number in it. */
export const gatheredFrom = new WeakMap<Storage, { readonly group: ParamGroup; readonly index: number }>();

const rowsOf = (shape: readonly number[]): number => (shape.length === 0 ? 1 : shape[0]);

export class ParamGroup {
  readonly members: readonly ShardedParameter[];
  /** Whether the backward pass reduces gradients, or keeps them until it does. */
  isSynchronized = true;
  /** What was kept, of the whole parameters. */
  #kept: Gradient[];
  /** The whole parameters, once a backward pass has asked for them again. */
  #again: readonly Tensor[] | null = null;

  constructor(
    parameters: ReadonlyMap<Parameter, readonly Slot[]>,
    readonly processes: ProcessGroup,
    readonly policy: MixedPrecisionPolicy,
  ) {
    this.members = [...parameters].map(([whole, slots]) => this.#shard(whole, slots));
    this.#kept = this.members.map(() => null);
  }

  #shard(whole: Parameter, slots: readonly Slot[]): ShardedParameter {
    const { processes } = this;
    const shape = [...whole.shape];
    const { start, length } = partOf(rowsOf(shape), processes.size(), processes.rank());
    const rows = noGradSync(() => whole.detach().reshape(shape.length === 0 ? [1] : shape));
    const local = noGradSync(() => rows.narrow(0, start, length).clone().contiguous());
    const parameter = new Parameter(local, whole.requiresGrad);
    setSharding(parameter, { group: processes, dim: 0, shape });
    for (const { module, name } of slots) module.exchange(name, parameter);
    const sent = (fullLength(rowsOf(shape), processes.size()) * numel(shape)) / Math.max(rowsOf(shape), 1);
    return { parameter, slots, shape, sent };
  }

  /** The whole parameters, with a history by which gradients come back to the parts. */
  unshard(): readonly Tensor[] {
    this.#again = null;
    const parts = this.members.map(({ parameter }) => parameter);
    return Unshard.apply(this, ...parts) as unknown as readonly Tensor[];
  }

  /** A whole parameter in the backward pass: the first that is asked for brings all. */
  again(index: number): Tensor {
    this.#again ??= this.gather();
    return this.#again[index];
  }

  /** Gathers the whole parameters, one dtype at a time. */
  gather(): readonly Tensor[] {
    return noGradSync(() => {
      const wholes: Tensor[] = [];
      for (const [dtype, indices] of this.#byDtype((_, own) => this.policy.paramDtype ?? own)) {
        const members = indices.map((i) => this.members[i]);
        const own = ops.cat(members.map(({ parameter, sent }) => flat(parameter, sent, dtype)));
        const count = this.processes.size();
        const all = ops.empty([count, own.numel()], { dtype, device: own.device });
        allGatherIntoTensor(all, own, { group: this.processes, asyncOp: true }).waitSync();
        let offset = 0;
        for (const [k, { shape, sent }] of members.entries()) {
          const rows = all.narrow(1, offset, sent).reshape([-1]);
          offset += sent;
          // Memory of its own, so that it is freed by itself.
          const whole = rows.narrow(0, 0, numel(shape)).clone().view(shape);
          gatheredFrom.set(whole.storage, { group: this, index: indices[k] });
          wholes[indices[k]] = whole;
        }
      }
      return wholes;
    });
  }

  /** Gradients of the parts, of those of the whole parameters on all processes. */
  reduce(given: readonly Gradient[]): Gradient[] {
    this.#again = null;
    return noGradSync(() => {
      const grads = given.map((grad, i) => {
        const kept = this.#kept[i];
        return kept === null ? grad : grad === null ? kept : kept.add(grad);
      });
      const none: Gradient[] = grads.map(() => null);
      if (!this.isSynchronized) {
        // In the dtype of the reduction, as they will be added up.
        this.#kept = grads.map((grad) => grad?.to(this.policy.reduceDtype ?? grad.dtype) ?? null);
        return none;
      }
      this.#kept = none;
      const reduced = [...none];
      for (const [dtype, all] of this.#byDtype(
        (i, own) => this.policy.reduceDtype ?? grads[i]?.dtype ?? own,
      )) {
        const indices = all.filter((i) => grads[i] !== null);
        if (indices.length > 0) this.#reduceAll(dtype, indices, grads as readonly Tensor[], reduced);
      }
      return reduced;
    });
  }

  #reduceAll(dtype: DType, indices: readonly number[], grads: readonly Tensor[], reduced: Gradient[]): void {
    const count = this.processes.size();
    const pieces = indices.map((i) => flat(grads[i], this.members[i].sent * count, dtype).view([count, -1]));
    const all = ops.cat(pieces, 1).contiguous();
    const own = ops.empty([all.numel() / count], { dtype, device: all.device });
    reduceScatterTensor(own, all, { op: ReduceOp.AVG, group: this.processes, asyncOp: true }).waitSync();
    let offset = 0;
    for (const i of indices) {
      const { parameter, sent } = this.members[i];
      const part = own.narrow(0, offset, parameter.numel()).view(parameter.shape);
      reduced[i] = part.to(parameter.dtype).clone();
      offset += sent;
    }
  }

  /** The members by the dtype in which they are sent. */
  #byDtype(dtypeOf: (index: number, own: DType) => DType): Map<DType, number[]> {
    const lists = new Map<DType, number[]>();
    for (const [i, { parameter }] of this.members.entries()) {
      const dtype = dtypeOf(i, parameter.dtype);
      lists.set(dtype, [...(lists.get(dtype) ?? []), i]);
    }
    return lists;
  }
}

/** The elements of a tensor in one dimension, with zeros behind them. */
function flat(tensor: Tensor, length: number, dtype: DType): Tensor {
  const elements = tensor.detach().reshape([-1]).to(dtype);
  const missing = length - elements.numel();
  return missing === 0
    ? elements
    : ops.cat([elements, ops.zeros([missing], { dtype, device: tensor.device })]);
}

/** From parts to wholes, and back for gradients. */
class Unshard extends Function {
  static override forward(ctx: FunctionContext, group: ParamGroup, ...parts: Tensor[]): readonly Tensor[] {
    ctx.setMaterializeGrads(false);
    ctx.group = group;
    const wholes = group.gather();
    ctx.markNonDifferentiable(...wholes.filter((_, i) => !parts[i].requiresGrad));
    return wholes;
  }

  static override backward(ctx: FunctionContext, ...grads: Tensor[]): readonly Gradient[] {
    return [null, ...(ctx.group as ParamGroup).reduce(grads)];
  }
}
