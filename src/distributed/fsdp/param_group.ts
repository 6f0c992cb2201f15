/** Parameters that are gathered together, and whose gradients are reduced together. */
import { Function, type FunctionContext } from '../../autograd/function.js';
import { noGradSync } from '../../autograd/modes.js';
import type { Gradient } from '../../autograd/node.js';
import type { Storage } from '../../backends/backend.js';
import type { DType } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import type { ProcessGroup } from '../process_group.js';
import { ReduceOp } from '../reduce_op.js';
import { allReduce, reduceScatterTensor } from '../reducing_collectives.js';
import { Gathering, type Rows } from './gathering.js';
import type { MixedPrecisionPolicy } from './policies.js';
import { type Processes, rowsOf, type ShardedParameter } from './sharded_parameter.js';

/** The gathered tensors that there are, by their memory: the group, and the number in it. */
export const gatheredFrom = new WeakMap<Storage, { readonly group: ParamGroup; readonly index: number }>();

/** The groups that fetch parameters ahead. */
const fetching = new Set<ParamGroup>();

interface Held {
  readonly gathering: Gathering;
  readonly wholes: readonly Tensor[];
}

export class ParamGroup {
  /** Whether the backward pass reduces gradients, or keeps them until it does. */
  isSynchronized = true;
  /** Whether it adds up those of replicas, too. */
  reducesReplicas = true;
  /** Whether whole parameters are let go after the backward pass. */
  reshardsAfterBackward = true;
  /** By what sums of gradients are divided; null: the number of processes. */
  divideFactor: number | null = null;
  /** Is told of reduced gradients, before parameters have them. */
  reductionHook: ((reduced: Tensor) => void) | null = null;
  /** The groups that are fetched ahead when this one has come: in the forward pass, and in the backward pass, where null means the one before. */
  fetchedForward: readonly ParamGroup[] = [];
  fetchedBackward: readonly ParamGroup[] | null = null;
  /** The group whose forward pass ended before, and whose backward pass will come next. */
  before: ParamGroup | null = null;
  /** The smaller group that keeps parameters after the forward pass; null: the one that shares them out. */
  keepers: ProcessGroup | null = null;

  /** Gradients of whole parameters that were not reduced yet. */
  #unreduced: Gradient[];
  /** Reduced gradients that were not added up over the replicas yet, by dtype. */
  readonly #partial = new Map<DType, Tensor>();
  /** The whole parameters, once a backward pass has asked for them again. */
  #again: readonly Tensor[] | null = null;
  /** What the smaller group keeps of them after the forward pass. */
  #kept: readonly Rows[] | null = null;
  /** A gather ahead of its time. */
  #ahead: Gathering | null = null;
  /** Whole parameters that somebody has asked for, or that were not let go. */
  #held: Held | null = null;
  /** The last gather, where something of it is kept. */
  #last: Held | null = null;

  constructor(
    readonly members: readonly ShardedParameter[],
    readonly processes: Processes,
    readonly policy: MixedPrecisionPolicy,
  ) {
    this.#unreduced = members.map(() => null);
  }

  /** The whole parameters, with a history by which gradients come back to the parts. */
  unshard(): readonly Tensor[] {
    this.#again = null;
    const parts = this.members.map(({ parameter }) => parameter);
    const wholes = Unshard.apply(this, ...parts) as unknown as readonly Tensor[];
    for (const group of this.fetchedForward) group.fetch();
    return wholes;
  }

  /** A whole parameter in the backward pass: the first that is asked for brings all. */
  again(index: number): Tensor {
    if (this.#again === null) {
      this.#again = this.gather();
      const next = this.fetchedBackward ?? (this.before === null ? [] : [this.before]);
      for (const group of next) if (group !== this) group.fetch();
    }
    return this.#again[index];
  }

  /** Begins to gather the parameters, which will soon be asked for. */
  fetch(): void {
    if (this.#ahead !== null || this.#held !== null || this.#again !== null) return;
    this.#ahead = this.#begin();
    fetching.add(this);
  }

  /** Gathers the parameters until `release()`. @returns what waits for it */
  hold(): () => readonly Tensor[] {
    const gathering = this.#ahead ?? this.#begin();
    this.#ahead = null;
    fetching.delete(this);
    return () => {
      if (this.#held?.gathering !== gathering)
        this.#held = { gathering, wholes: this.#marked(gathering.wholes()) };
      return this.#held.wholes;
    };
  }

  /** Lets go what `hold()` has gathered. */
  release(): void {
    this.#held = null;
  }

  /** Ends the forward pass: what is let go is kept in parts for the backward pass where a smaller group shares it. */
  afterForward(isLetGo: boolean): void {
    const { keepers, processes } = this;
    if (isLetGo) this.#held = null;
    if (isLetGo && keepers !== null && this.#last !== null) {
      const rows = processes.shards.size() / keepers.size();
      this.#kept = this.#last.gathering.wait().map(({ indices, all }) => ({
        indices,
        all: noGradSync(() => all.narrow(0, keepers.rank() * rows, rows).clone()),
      }));
    }
    if (this.reshardsAfterBackward) this.#last = null;
  }

  /** Waits for what was fetched and not asked for, and forgets it. */
  static dropFetched(): void {
    for (const group of fetching) group.drop();
    fetching.clear();
  }

  /** Forgets what is left of a pass that has failed. */
  reset(): void {
    this.drop();
    this.#again = this.#kept = this.#held = this.#last = null;
    this.#partial.clear();
    this.#unreduced = this.members.map(() => null);
  }

  private drop(): void {
    this.#ahead?.wait();
    this.#ahead = null;
  }

  #begin(): Gathering {
    const { members, processes, keepers } = this;
    if (this.#kept !== null) return Gathering.ofRows(members, keepers!, this.#kept);
    const lists = this.#byDtype((_, own) => this.policy.paramDtype ?? own);
    return Gathering.ofParts(members, processes.shards, lists);
  }

  #marked(wholes: readonly Tensor[]): readonly Tensor[] {
    for (const [index, whole] of wholes.entries()) gatheredFrom.set(whole.storage, { group: this, index });
    return wholes;
  }

  /** The whole parameters. */
  gather(): readonly Tensor[] {
    if (this.#held !== null) {
      if (this.#held.gathering.isFresh) return this.#held.wholes.map((one) => one.view(one.shape));
      this.#held = null;
    }
    if (this.#ahead !== null && !this.#ahead.isFresh) this.drop();
    const gathering = this.#ahead ?? this.#begin();
    this.#ahead = null;
    fetching.delete(this);
    const wholes = this.#marked(gathering.wholes());
    if (this.keepers !== null || !this.reshardsAfterBackward) this.#last = { gathering, wholes };
    return wholes;
  }

  /** Makes the next gather one of the parts themselves. */
  forget(): void {
    this.#kept = null;
  }

  /** Gradients of the parts, of those of the whole parameters on all processes. */
  reduce(given: readonly Gradient[]): Gradient[] {
    if (!this.reshardsAfterBackward) this.#held = this.#last;
    this.#again = this.#kept = this.#last = null;
    return noGradSync(() => {
      const grads = given.map((grad, i) => {
        const kept = this.#unreduced[i];
        return kept === null ? grad : grad === null ? kept : kept.add(grad);
      });
      const none: Gradient[] = grads.map(() => null);
      if (!this.isSynchronized) {
        // In the dtype of the reduction, as they will be added up.
        this.#unreduced = grads.map((grad) => grad?.to(this.policy.reduceDtype ?? grad.dtype) ?? null);
        return none;
      }
      this.#unreduced = none;
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
    const { shards, replicas } = this.processes;
    const count = shards.size();
    const rows = indices.map((i) => rowsOf(grads[i].detach().to(dtype), this.members[i], count));
    const all = ops.cat(rows, 1).contiguous();
    let own = ops.empty([all.numel() / count], { dtype, device: all.device });
    const op = this.divideFactor === null ? ReduceOp.AVG : ReduceOp.SUM;
    reduceScatterTensor(own, all, { op, group: shards, asyncOp: true }).waitSync();
    if (replicas !== null) {
      const partial = this.#partial.get(dtype);
      if (partial !== undefined) own = own.add(partial);
      if (!this.reducesReplicas) {
        this.#partial.set(dtype, own);
        return;
      }
      this.#partial.delete(dtype);
      allReduce(own, { op, group: replicas, asyncOp: true }).waitSync();
    }
    if (this.divideFactor !== null) own.div_(this.divideFactor);
    this.reductionHook?.(own);
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

/** From parts to wholes, and back for gradients. */
class Unshard extends Function {
  static override forward(ctx: FunctionContext, group: ParamGroup, ...parts: Tensor[]): readonly Tensor[] {
    ctx.setMaterializeGrads(false);
    ctx.group = group;
    group.forget();
    const wholes = group.gather();
    ctx.markNonDifferentiable(...wholes.filter((_, i) => !parts[i].requiresGrad));
    return wholes;
  }

  static override backward(ctx: FunctionContext, ...grads: Tensor[]): readonly Gradient[] {
    return [null, ...(ctx.group as ParamGroup).reduce(grads)];
  }
}
