/** Reduces gradients over all processes while the backward pass goes on: those of a bucket as soon as the last of them is there. */
import { currentPass, type Pass, queueCallback } from '../../autograd/backward_pass.js';
import { noGradSync } from '../../autograd/modes.js';
import { gradientEdge } from '../../autograd/node.js';
import { int32, int64 } from '../../core/dtype.js';
import { NotImplementedError, RuntimeError } from '../../core/errors.js';
import { sameShape } from '../../core/layout.js';
import { strided } from '../../core/memory_format.js';
import { autogradState, type Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { tensor as tensorOf } from '../../ops/from_data.js';
import { broadcast } from '../moving_collectives.js';
import type { ProcessGroup } from '../process_group.js';
import { assignBuckets } from './bucket_assignment.js';
import { Proceeding, type Steps } from './collective_steps.js';
import { type CommHook, stepsOf, summed } from './comm_hook.js';
import { GradBucket } from './grad_bucket.js';
import { GradientGuard } from './gradient_guard.js';
import { readyTwice, type Search, underway, unfinished } from './reducer_errors.js';
import { leavesOf } from './used_parameters.js';

export interface ReducerSettings extends Search {
  readonly group: ProcessGroup;
  /** Bytes of the first buckets, and of all others: the last. */
  readonly limits: readonly number[];
  readonly gradientAsBucketView: boolean;
}

/** A bucket in a backward pass. */
interface Filling {
  readonly bucket: GradBucket;
  /** Places of its parameters among all. */
  readonly indices: readonly number[];
  missing: number;
  running: Proceeding<Tensor> | null;
}

/** The number of processes that have not joined, once it is known. */
export type ActiveCount = () => Steps<number>;

export class Reducer {
  #fillings: Filling[] = [];
  /** The bucket of each parameter, and its place there. */
  #places: { readonly filling: Filling; readonly at: number }[] = [];
  readonly #guard = new GradientGuard();
  #hook: ((bucket: GradBucket) => Steps<Tensor>) | null = null;

  // ---- one iteration
  /** Whether gradients of the next backward pass are reduced. */
  #isExpecting = false;
  /** Whether a gradient has come, and the reduction has not ended. */
  #isOpen = false;
  #ready: boolean[] = [];
  /** Parameters that the output does not depend on. */
  #unused: readonly number[] = [];
  #isQueued = false;
  #next = 0;
  #finalizing: Proceeding<void> | null = null;
  /** Whether a parameter got a gradient since the last reduction. */
  #isUsed: boolean[];
  /** Those that any process uses; null where all are taken for used. */
  #used: readonly boolean[] | null = null;
  #active: ActiveCount | null = null;

  // ---- the first iteration
  /** In which order gradients came; null once buckets follow it. */
  #order: number[] | null;
  #rebuilt: number[][] | null = null;
  /** How often each gradient comes, where the graph stays the same; null before that is known. */
  #counts: number[] | null = null;
  #arrivals: number[] = [];

  constructor(
    private readonly parameters: readonly Tensor[],
    private readonly names: readonly string[],
    private readonly settings: ReducerSettings,
  ) {
    this.#isUsed = parameters.map(() => false);
    const { staticGraph, findUnusedParameters, limits } = settings;
    const isRebuilt = staticGraph || !findUnusedParameters;
    this.#order = isRebuilt ? [] : null;
    const all = parameters.map((_, i) => i);
    const assigned = assignBuckets(this.#sized(all), isRebuilt ? [Number.POSITIVE_INFINITY] : limits);
    // In the order of their first parameters, the last ones first: so gradients come.
    this.#build(assigned.sort((a, b) => Math.min(...b) - Math.min(...a)));
    for (const [i, parameter] of parameters.entries())
      parameter.registerPostAccumulateGradHook(() => this.#arrived(i));
  }

  #sized(indices: readonly number[]) {
    return indices.map((i) => {
      const { nbytes, dtype, device } = this.parameters[i];
      return { nbytes, key: `${dtype} ${device}` };
    });
  }

  #build(assigned: readonly (readonly number[])[]): void {
    this.#fillings = assigned.map((indices, i) => ({
      bucket: new GradBucket(
        i,
        i === assigned.length - 1,
        indices.map((at) => this.parameters[at]),
      ),
      indices,
      missing: 0,
      running: null,
    }));
    for (const filling of this.#fillings)
      for (const [at, i] of filling.indices.entries()) this.#places[i] = { filling, at };
  }

  /** The buckets, in the order in which they are reduced. */
  get buckets(): readonly GradBucket[] {
    return this.#fillings.map(({ bucket }) => bucket);
  }

  get hasHook(): boolean {
    return this.#hook !== null;
  }

  setHook<State>(state: State, hook: CommHook<State>): void {
    this.#hook = (bucket) => stepsOf(hook(state, bucket));
  }

  /** @throws RuntimeError unless all gradients of the last backward pass are reduced */
  checkFinished(): void {
    if (this.#finalizing !== null) throw underway();
    if (this.#isOpen) throw this.#unfinished();
  }

  #unfinished(): RuntimeError {
    const missing = this.names.flatMap((name, i) => (this.#ready[i] ? [] : [[i, name] as const]));
    return unfinished(this.settings, this.settings.group.rank(), missing);
  }

  /** Expects gradients of a backward pass from these outputs; null where it is not looked for parameters that are not used. */
  prepare(outputs: Iterable<Tensor> | null, active: ActiveCount | null): void {
    this.#isExpecting = true;
    this.#active = active;
    this.#ready = this.parameters.map(() => false);
    this.#arrivals = this.parameters.map(() => 0);
    this.#next = 0;
    for (const filling of this.#fillings) {
      filling.missing = filling.indices.length;
      filling.running = null;
    }
    if (this.settings.staticGraph) {
      this.#unused = (this.#counts ?? []).flatMap((count, i) => (count === 0 ? [i] : []));
    } else if (outputs !== null) {
      const used = leavesOf(outputs);
      this.#unused = this.parameters.flatMap((parameter, i) => (used.has(parameter) ? [] : [i]));
    } else this.#unused = [];
  }

  get #isFirstOfStatic(): boolean {
    return this.settings.staticGraph && this.#counts === null;
  }

  #arrived(i: number): void {
    this.#isUsed[i] = true;
    if (!this.#isExpecting) return;
    const { grad } = autogradState(this.parameters[i]);
    if (grad!.layout !== strided)
      throw new NotImplementedError(
        `DistributedDataParallel reduces no sparse gradients, as ${this.names[i]} has one: use sparse: false`,
      );
    const pass = currentPass()!;
    this.#isOpen = true;
    if (!this.#isQueued) {
      this.#isQueued = true;
      queueCallback(() => this.#passed(pass));
    }
    this.#arrivals[i]++;
    if (this.#isFirstOfStatic) {
      if (this.#arrivals[i] === 1) this.#order?.push(i);
      return;
    }
    for (const unused of this.#unused) if (!this.#ready[unused]) this.#mark(unused);
    if (this.#counts !== null && this.#arrivals[i] < this.#counts[i]) return;
    this.#order?.push(i);
    this.#mark(i);
  }

  /** Takes a gradient that will not change any more. */
  #mark(i: number): void {
    if (this.#ready[i]) throw readyTwice(i, this.names[i]);
    this.#ready[i] = true;
    const { filling, at } = this.#places[i];
    noGradSync(() => this.#hand(this.parameters[i], filling.bucket.gradients()[at]));
    filling.missing--;
    for (let next = this.#fillings[this.#next]; next?.missing === 0; next = this.#fillings[++this.#next])
      this.#launch(next);
  }

  /** By what gradients are multiplied before they are added up. */
  get #share(): number {
    return this.#hook !== null || this.#active !== null ? 1 : 1 / this.settings.group.size();
  }

  #hand(parameter: Tensor, view: Tensor): void {
    const { grad } = autogradState(parameter);
    const share = this.#share;
    if (grad === null) view.zero_();
    else if (liesIn(grad, view)) {
      if (share !== 1) view.mul_(share);
    } else {
      if (share === 1) view.copy_(grad);
      else ops.mul(grad, share, { out: view });
    }
  }

  #launch(filling: Filling): void {
    const { bucket } = filling;
    filling.running = new Proceeding(this.#hook?.(bucket) ?? summed(bucket.buffer(), this.settings.group));
  }

  /** A backward pass has ended. */
  #passed(pass: Pass): void {
    this.#isQueued = false;
    if (this.#isFirstOfStatic) this.#counts = [...this.#arrivals];
    const { findUnusedParameters, staticGraph } = this.settings;
    for (const [i, parameter] of this.parameters.entries()) {
      if (this.#ready[i]) continue;
      // Whatever the pass has come to and had no gradient for.
      const edge = gradientEdge(parameter);
      const isReached = edge !== null && pass.runs(edge.node) && this.#arrivals[i] === 0;
      const isFirst = staticGraph && this.#counts![i] === this.#arrivals[i];
      if (isReached || isFirst || findUnusedParameters) this.#mark(i);
    }
    if (this.#next < this.#fillings.length) {
      this.#guard.close(
        this.parameters.filter((_, i) => this.#ready[i]),
        (parameter) => (currentPass() === null ? this.#unfinished() : this.#repeated(parameter)),
      );
      return;
    }
    this.#isExpecting = false;
    this.#finalizing = new Proceeding(this.#finalize());
    try {
      if (this.#finalizing.advance()) this.#finalizing = null;
    } finally {
      if (this.#finalizing !== null) this.#guard.close(this.parameters, underway);
    }
  }

  #repeated(parameter: Tensor): RuntimeError {
    const i = this.parameters.indexOf(parameter);
    return readyTwice(i, this.names[i]);
  }

  /** Waits for the reduction of the last backward pass; returns whether there was anything to wait for. */
  async finish(): Promise<boolean> {
    if (this.#finalizing === null) {
      if (this.#isOpen) throw this.#unfinished();
      return false;
    }
    await this.#finalizing.finish();
    this.#finalizing = null;
    return true;
  }

  *#finalize(): Steps {
    if (this.#findsUnused) this.#used = yield* this.#usedAnywhere();
    const results: Tensor[] = [];
    for (const { running } of this.#fillings) results.push(yield* running!.rest());
    const share = this.#active === null ? 1 : 1 / (yield* this.#active());
    if (this.#order !== null) yield* this.#follow(this.#order);
    this.#guard.open();
    noGradSync(() => {
      for (const [k, { bucket, indices }] of this.#fillings.entries())
        this.#takeBack(bucket, indices, results[k], share);
    });
    this.#isOpen = false;
    this.#isUsed = this.parameters.map(() => false);
    if (this.#rebuilt !== null) this.#build(this.#rebuilt);
    this.#rebuilt = null;
  }

  get #findsUnused(): boolean {
    const { findUnusedParameters, staticGraph } = this.settings;
    return findUnusedParameters && !staticGraph ? true : staticGraph && this.#order !== null;
  }

  *#usedAnywhere(): Steps<readonly boolean[]> {
    const map = tensorOf(
      this.#isUsed.map((is) => (is ? 1 : 0)),
      { dtype: int32 },
    );
    yield* summed(map, this.settings.group);
    return (map.tolist() as number[]).map((count) => count > 0);
  }

  #takeBack(bucket: GradBucket, indices: readonly number[], result: Tensor, share: number): void {
    const buffer = bucket.buffer();
    if (result.numel() !== buffer.numel())
      throw new RuntimeError(
        `a communication hook gave ${result.numel()} elements for a bucket of ${buffer.numel()}`,
      );
    if (!liesIn(result, buffer)) buffer.copy_(result.reshape(buffer.shape));
    if (share !== 1) buffer.mul_(share);
    for (const [at, view] of bucket.gradients().entries()) {
      const i = indices[at];
      const parameter = this.parameters[i];
      const { grad } = autogradState(parameter);
      if (this.#used !== null && !this.#used[i]) continue;
      if (grad !== null && liesIn(grad, view)) continue;
      if (this.settings.gradientAsBucketView) {
        // Gives the memory back that the pass has made, if nobody else has seen it.
        parameter.grad = null;
        parameter.grad = view;
      } else if (grad === null) parameter.grad = view.clone();
      else grad.copy_(view);
    }
  }

  /** Lets buckets follow the order in which gradients came on the first process. Gradients that did not come are the last. */
  *#follow(order: readonly number[]): Steps {
    const came = new Set(order);
    const rest = this.parameters.flatMap((_, i) => (came.has(i) ? [] : [i]));
    const { group, limits } = this.settings;
    const told = tensorOf([...order, ...rest], { dtype: int64 });
    yield broadcast(told, { groupSrc: 0, group, asyncOp: true });
    const common = (told.tolist() as (number | bigint)[]).map(Number);
    this.#order = null;
    this.#rebuilt = assignBuckets(this.#sized(common), limits).map((indices) =>
      indices.map((i) => common[i]),
    );
  }

  /** Takes part in a backward pass of others for a process that has no more inputs. */
  *shadow(): Steps {
    for (const filling of this.#fillings) {
      noGradSync(() => filling.bucket.buffer().zero_());
      this.#launch(filling);
    }
    this.#isUsed = this.parameters.map(() => false);
    if (this.#findsUnused) yield* this.#usedAnywhere();
    for (const { running } of this.#fillings) yield* running!.rest();
    if (this.#order === null) return;
    yield* this.#follow(this.parameters.map((_, i) => i));
    this.#build(this.#rebuilt!);
    this.#rebuilt = null;
  }
}

/** Whether a tensor is the same part of the same memory as another. */
function liesIn(one: Tensor, other: Tensor): boolean {
  return (
    one.storage === other.storage &&
    one.offset === other.offset &&
    sameShape(one.shape, other.shape) &&
    sameShape(one.strides, other.strides)
  );
}
