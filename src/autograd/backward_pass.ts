/**
 * The backward pass: nodes run once all gradients of their results have arrived, later ones first. Everything is
 * iterative, so that the length of a chain does not matter.
 */
import { type Storage, storageSerial } from '../backends/backend.js';
import { beginPass, endPass } from '../core/autograd_state.js';
import { context, withContextSync } from '../core/context.js';
import { RuntimeError } from '../core/errors.js';
import {
  contiguousStrides,
  formatShape,
  isNonOverlappingAndDense,
  numel,
  type Shape,
  sameShape,
} from '../core/layout.js';
import { autogradState, setGrad, type Tensor } from '../core/tensor.js';
import { AccumulateGrad, type Edge, type Gradient, type Node, type ResultMeta } from './node.js';

export interface BackwardOptions {
  /** Keep what the graph saved, so that it can be run again. */
  readonly keepGraph: boolean;
  /** Record the backward pass itself, so that gradients can be differentiated. */
  readonly createGraph: boolean;
  /** Only the gradients that arrive at these edges are wanted; null: accumulate into every leaf. */
  readonly capture: readonly Edge[] | null;
}

/** One run's state of a node. */
interface Task {
  readonly node: Node;
  readonly grads: Gradient[];
  /** How many gradients have yet to arrive. */
  waiting: number;
  /** Whether anything wanted lies behind it. */
  needed: boolean;
}

/** Runs the graph backward from `roots`; returns the captured gradients in the order of `options.capture`. */
export function runBackward(
  roots: readonly Edge[],
  grads: readonly Tensor[],
  options: BackwardOptions,
): Gradient[] {
  // Entering a context costs more than a small node: do it only where it changes something.
  const run = () => new Run(roots, grads, options).run();
  return context().grad === options.createGraph ? run() : withContextSync({ grad: options.createGraph }, run);
}

class Run {
  private readonly tasks = new Map<Node, Task>();
  private readonly ready = new ReadyHeap();
  private readonly captured: Gradient[];
  /** Storages that a leaf's `grad`, the caller or a hook holds: another leaf must not take them over. */
  private readonly held = new Set<Storage>();
  /** Storages that code of the user's has seen. */
  private readonly exposed = new Set<Storage>();
  /** Tensors that were given memory of this run as their `grad`. */
  private readonly given: Tensor[] = [];
  /** How many gradients that wait for their node lie in each storage. */
  private readonly pending = new Map<Storage, number>();
  /** Storages that may have become dead while a node ran: decided when all its gradients have been delivered. */
  private readonly spent: Storage[] = [];
  /** Memory that records have saved and nothing else knows of, once they are done with it. */
  private readonly internals: Storage[] = [];
  /** Only memory made during this run can be dead at its end. */
  private readonly start = storageSerial();

  /** A mode that wants to see nodes run. */
  private readonly observer = observer();

  constructor(
    private readonly roots: readonly Edge[],
    private readonly rootGrads: readonly Tensor[],
    private readonly options: BackwardOptions,
  ) {
    this.captured = (options.capture ?? []).map(() => null);
  }

  run(): Gradient[] {
    beginPass();
    try {
      return this.runAll();
    } finally {
      endPass();
      for (const { autograd } of this.given)
        if (autograd!.grad !== null && this.exposed.has(autograd!.grad.storage)) autograd!.gradSeen = true;
    }
  }

  private runAll(): Gradient[] {
    this.countDependencies();
    for (const [i, edge] of this.roots.entries()) {
      this.held.add(this.rootGrads[i].storage);
      this.deliver(edge, this.rootGrads[i], false);
    }
    // Several roots may be results of one node.
    for (const node of new Set(this.roots.map((edge) => edge.node))) {
      const task = this.tasks.get(node)!;
      if (task.waiting === 0) this.ready.push(task);
    }
    for (let task = this.ready.pop(); task !== null; task = this.ready.pop()) this.execute(task);
    return this.captured;
  }

  private countDependencies(): void {
    const stack: Task[] = [];
    const order: Task[] = [];
    const visit = (node: Node): Task => {
      let task = this.tasks.get(node);
      if (task === undefined) {
        task = {
          node,
          grads: node.results.map(() => null),
          waiting: 0,
          needed: this.options.capture === null,
        };
        this.tasks.set(node, task);
        stack.push(task);
      }
      return task;
    };
    for (const edge of this.roots) visit(edge.node);
    for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
      order.push(task);
      for (const edge of task.node.edges) if (edge !== null) visit(edge.node).waiting++;
    }
    if (this.options.capture !== null) this.markNeeded();
  }

  /** Marks the nodes from which a captured edge can be reached, walking the edges backwards. */
  private markNeeded(): void {
    const users = new Map<Node, Task[]>();
    for (const task of this.tasks.values())
      for (const edge of task.node.edges)
        if (edge !== null) {
          const list = users.get(edge.node);
          if (list === undefined) users.set(edge.node, [task]);
          else list.push(task);
        }
    const stack: Task[] = [];
    const mark = (task: Task | undefined) => {
      if (task === undefined || task.needed) return;
      task.needed = true;
      stack.push(task);
    };
    const wanted = new Set(this.options.capture!.map((edge) => edge.node));
    for (const node of wanted) for (const user of users.get(node) ?? []) mark(user);
    for (let task = stack.pop(); task !== undefined; task = stack.pop())
      for (const user of users.get(task.node) ?? []) mark(user);
    // A captured node itself runs only if it leads to another captured one; its gradient is taken before.
  }

  private deliver(edge: Edge, grad: Gradient, counted = true): void {
    const task = this.tasks.get(edge.node)!;
    if (grad !== null) {
      const fitted = fitGradient(grad, edge);
      const present = task.grads[edge.output];
      const sum = present === null ? fitted : present.add(fitted);
      task.grads[edge.output] = sum;
      this.pending.set(sum.storage, (this.pending.get(sum.storage) ?? 0) + 1);
      // Terms of the sum or the conversion are dead unless they wait elsewhere.
      if (fitted !== grad) this.spent.push(grad.storage);
      if (present !== null) {
        this.spent.push(fitted.storage);
        this.done(present);
      }
    }
    if (counted && --task.waiting === 0) this.ready.push(task);
  }

  /** A gradient no longer waits. */
  private done(grad: Gradient): void {
    if (grad === null) return;
    this.pending.set(grad.storage, this.pending.get(grad.storage)! - 1);
    this.spent.push(grad.storage);
  }

  /** Gives memory back that only this run knew of and that no gradient lies in any more. */
  private recycle(): void {
    for (let s = this.spent.pop(); s !== undefined; s = this.spent.pop())
      if (s.serial > this.start) this.reuse(s);
    for (let s = this.internals.pop(); s !== undefined; s = this.internals.pop()) this.reuse(s);
  }

  private reuse(storage: Storage): void {
    if (this.options.createGraph || this.held.has(storage) || (this.pending.get(storage) ?? 0) > 0) return;
    this.held.add(storage);
    storage.backend.release(storage, 'engine');
  }

  private execute(task: Task): void {
    this.executeNode(task);
    for (const grad of task.grads) this.done(grad);
    this.recycle();
  }

  private executeNode(task: Task): void {
    const { node } = task;
    const { keepGraph, capture } = this.options;
    let grads = task.grads;
    if (node.hooks !== null) grads = this.runPreHooks(node, grads);
    if (capture !== null)
      for (const [i, edge] of capture.entries())
        if (edge.node === node) {
          this.captured[i] = grads[edge.output];
          this.hold(grads);
        }
    if (node instanceof AccumulateGrad) {
      if (capture === null) this.accumulate(node, grads[0]);
      return;
    }
    const wanted = task.needed && grads.some((g) => g !== null);
    let inputs: readonly Gradient[] | null = null;
    if (wanted) {
      inputs = this.observer === null ? node.apply(grads) : this.observer(node, () => node.apply(grads));
      if (node.exposesGradients) {
        this.hold(grads);
        this.hold(inputs);
      }
      if (node.hooks !== null)
        for (const hook of [...node.hooks.post]) {
          this.hold(grads);
          this.hold(inputs);
          inputs = hook(inputs, grads) ?? inputs;
          this.hold(inputs);
        }
      if (!keepGraph) node.release(this.internals);
    }
    for (let i = 0; i < node.edges.length; i++) {
      const edge = node.edges[i];
      if (edge !== null) this.deliver(edge, inputs === null ? null : (inputs[i] ?? null));
    }
  }

  private runPreHooks(node: Node, arrived: Gradient[]): Gradient[] {
    const { tensor, retain, pre } = node.hooks!;
    let grads = [...arrived];
    for (const [output, hooks] of tensor)
      for (const hook of [...hooks]) {
        const grad = grads[output];
        if (grad === null) break;
        this.hold(grads);
        const replaced = hook(grad);
        if (replaced !== null && replaced !== undefined) grads[output] = replaced;
        this.hold(grads);
      }
    for (const [output, variable] of retain) {
      const grad = grads[output];
      if (grad !== null) this.addToGrad(variable, grad);
    }
    for (const hook of [...pre]) {
      this.hold(grads);
      const replaced = hook(grads);
      if (replaced !== null && replaced !== undefined) grads = [...replaced];
      this.hold(grads);
    }
    return grads;
  }

  private hold(grads: readonly Gradient[]): void {
    for (const grad of grads)
      if (grad !== null) {
        this.held.add(grad.storage);
        this.exposed.add(grad.storage);
      }
  }

  private accumulate(node: AccumulateGrad, grad: Gradient): void {
    if (grad === null) return;
    this.addToGrad(node.variable, grad);
    for (const hook of [...node.afterHooks]) hook(node.variable);
  }

  private addToGrad(variable: Tensor, grad: Tensor): void {
    const { grad: before } = autogradState(variable);
    const { createGraph } = this.options;
    if (before !== null) {
      if (createGraph) setGrad(variable, before.add(grad));
      else before.add_(grad);
      return;
    }
    let taken: Tensor;
    if (createGraph) taken = this.held.has(grad.storage) ? grad.clone() : grad;
    else {
      // A gradient that is laid out as its variable, fills its storage and that nobody else holds is taken over.
      const dense = isNonOverlappingAndDense(variable.shape, variable.strides);
      const own =
        !this.held.has(grad.storage) &&
        sameShape(grad.strides, dense ? variable.strides : contiguousStrides(variable.shape)) &&
        grad.storage.nbytes < 2 * numel(grad.shape) * grad.dtype.itemsize + 64;
      if (own) taken = grad.detach();
      else if (dense) taken = grad.newEmptyStrided(variable.shape, variable.strides).copy_(grad);
      else taken = grad.detach()._contiguousCopy();
    }
    setGrad(variable, taken);
    this.held.add(taken.storage);
    if (!createGraph && taken.storage.serial > this.start) {
      autogradState(variable).gradSeen = false;
      this.given.push(variable);
    }
  }
}

type Observer = (node: Node, run: () => readonly Gradient[]) => readonly Gradient[];

/** Finds the modes in sight that care for nodes; each runs those beneath it. */
function observer(stack = context().modes): Observer | null {
  if (stack === null) return null;
  const { mode } = stack;
  const below = observer(stack.below);
  if (mode.backward === undefined) return below;
  return (node, run) => mode.backward!(node, below === null ? run : () => below(node, run));
}

/** Brings a gradient to the shape, dtype and device of the result it belongs to, as broadcasting and promotion require. */
function fitGradient(grad: Tensor, edge: Edge): Tensor {
  const meta = edge.node.results[edge.output];
  if (!sameShape(grad.shape, meta.shape) && !expandable(meta.shape, grad.shape))
    throw new RuntimeError(
      `Function ${edge.node.name()} returned an invalid gradient at index ${edge.output} - got ${formatShape(grad.shape)} but expected shape compatible with ${formatShape(meta.shape)}`,
    );
  return reduceTo(grad, meta);
}

/** Sums over broadcast dimensions, converts and moves: the gradient of what was broadcast, promoted and moved. */
export function reduceTo(grad: Tensor, { shape, dtype, device }: ResultMeta): Tensor {
  const summed = sameShape(grad.shape, shape) ? grad : grad.sumToSize(shape);
  const fitted = summed.device === device ? summed : summed.to(device);
  if (fitted.dtype === dtype) return fitted;
  // Only the real part of a gradient counts for a real number.
  return (fitted.dtype.isComplex && !dtype.isComplex ? fitted.real : fitted).to(dtype);
}

function expandable(from: Shape, to: Shape): boolean {
  if (from.length > to.length) return false;
  const lead = to.length - from.length;
  return from.every((size, i) => size === 1 || size === to[i + lead]);
}

/** Tasks by descending sequence: a binary heap. */
class ReadyHeap {
  private readonly heap: Task[] = [];

  push(task: Task): void {
    const { heap } = this;
    let i = heap.length;
    heap.push(task);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent].node.sequence >= task.node.sequence) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = task;
  }

  pop(): Task | null {
    const { heap } = this;
    if (heap.length === 0) return null;
    const top = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1].node.sequence > heap[child].node.sequence) child++;
      if (heap[child].node.sequence <= last.node.sequence) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return top;
  }
}
