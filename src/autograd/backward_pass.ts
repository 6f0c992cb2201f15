/**
 * The backward pass: nodes run once all gradients of their results have arrived, later ones first. Everything is
 * iterative, so that the length of a chain does not matter.
 */
import { beginPass, endPass } from '../core/autograd_state.js';
import { context, withContextSync } from '../core/context.js';
import { RuntimeError, TypeError } from '../core/errors.js';
import { sameShape } from '../core/layout.js';
import { strided } from '../core/memory_format.js';
import { typeName } from '../core/repr.js';
import { autogradState, setGrad, Tensor } from '../core/tensor.js';
import { fitGradient } from './fit_gradient.js';
import { GradientMemory } from './gradient_memory.js';
import { AccumulateGrad, type Edge, type Gradient, type Node, type ReplacedByHook } from './node.js';
import { ReadyHeap, type Task } from './ready_heap.js';

export interface BackwardOptions {
  /** Keep what the graph saved, so that it can be run again. */
  readonly keepGraph: boolean;
  /** Record the backward pass itself, so that gradients can be differentiated. */
  readonly createGraph: boolean;
  /** Only the gradients that arrive at these edges are wanted; null: accumulate into every leaf. */
  readonly capture: readonly Edge[] | null;
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

/** A backward pass that is under way. */
export interface Pass {
  /** Whether gradients go to leaves, and not only to where they are asked for. */
  readonly accumulates: boolean;
  /** Whether a node is run, or its gradient asked for. */
  runs(node: Node): boolean;
}

let current: Pass | null = null;

/** The innermost backward pass that is under way. */
export const currentPass = (): Pass | null => current;

/** Functions to call once the outermost pass has ended. */
let callbacks: (() => void)[] = [];

/** Calls `callback` once the backward pass that is under way has ended, the outermost one if it runs within another; not if that fails. */
export function queueCallback(callback: () => void): void {
  if (current === null) throw new RuntimeError('Final callbacks can only be installed during backward pass.');
  callbacks.push(callback);
}

class Run implements Pass {
  private readonly tasks = new Map<Node, Task>();
  private readonly ready = new ReadyHeap();
  private readonly captured: Gradient[];
  private readonly memory: GradientMemory;
  /** A mode that wants to see nodes run. */
  private readonly observer = observer();

  constructor(
    private readonly roots: readonly Edge[],
    private readonly rootGrads: readonly Tensor[],
    private readonly options: BackwardOptions,
  ) {
    this.captured = (options.capture ?? []).map(() => null);
    this.memory = new GradientMemory(options.createGraph);
  }

  get accumulates(): boolean {
    return this.options.capture === null;
  }

  runs(node: Node): boolean {
    const { capture } = this.options;
    if (capture?.some((edge) => edge.node === node)) return true;
    const task = this.tasks.get(node);
    return task?.needed === true;
  }

  run(): Gradient[] {
    const outer = current;
    current = this;
    beginPass();
    try {
      this.runAll();
    } catch (error) {
      if (outer === null) callbacks = [];
      throw error;
    } finally {
      endPass();
      current = outer;
      this.memory.close();
    }
    if (outer === null && callbacks.length > 0) {
      const ended = callbacks;
      callbacks = [];
      for (const callback of ended) callback();
    }
    return this.captured;
  }

  private runAll(): void {
    this.countDependencies();
    for (const [i, edge] of this.roots.entries()) {
      this.memory.hold(this.rootGrads[i]);
      this.deliver(edge, this.rootGrads[i], null, edge.output);
    }
    // Several roots may be results of one node.
    for (const node of new Set(this.roots.map((edge) => edge.node))) {
      const task = this.tasks.get(node)!;
      if (task.waiting === 0) this.ready.push(task);
    }
    for (let task = this.ready.pop(); task !== null; task = this.ready.pop()) this.execute(task);
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

  /** @param from the node that the gradient comes from by its edge number `index`; null for a root's */
  private deliver(edge: Edge, grad: Gradient, from: Node | null, index: number): void {
    const task = this.tasks.get(edge.node)!;
    if (grad !== null) {
      const fitted = fitGradient(grad, edge, from, index);
      const present = task.grads[edge.output];
      const sum = present === null ? fitted : sumOf(present, fitted);
      task.grads[edge.output] = sum;
      this.memory.wait(sum);
      // Terms of the sum or the conversion are dead unless they wait elsewhere.
      if (fitted !== grad) this.memory.spend(grad);
      if (present !== null) {
        this.memory.spend(fitted);
        this.memory.done(present);
      }
    }
    if (from !== null && --task.waiting === 0) this.ready.push(task);
  }

  private execute(task: Task): void {
    this.executeNode(task);
    for (const grad of task.grads) this.memory.done(grad);
    this.memory.recycle();
  }

  private executeNode(task: Task): void {
    const { node } = task;
    const { keepGraph, capture } = this.options;
    let grads = task.grads;
    if (node.hooks !== null && this.runs(node)) grads = this.runPreHooks(node, grads);
    if (capture !== null)
      for (const [i, edge] of capture.entries())
        if (edge.node === node) {
          this.captured[i] = grads[edge.output];
          this.memory.expose(grads);
        }
    if (node instanceof AccumulateGrad) {
      if (capture !== null) return;
      this.accumulate(node, grads[0]);
      if (node.hooks !== null) this.runPostHooks(node, [], grads);
      return;
    }
    const wanted = task.needed && grads.some((g) => g !== null);
    let inputs: readonly Gradient[] | null = null;
    if (wanted && !this.addedInPlace(node, grads)) {
      inputs = this.observer === null ? node.apply(grads) : this.observer(node, () => node.apply(grads));
      if (node.exposesGradients) {
        this.memory.expose(grads);
        this.memory.expose(inputs);
      }
      if (node.hooks !== null) inputs = this.runPostHooks(node, inputs, grads);
      if (!keepGraph) node.release(this.memory.internals);
    }
    for (let i = 0; i < node.edges.length; i++) {
      const edge = node.edges[i];
      if (edge !== null) this.deliver(edge, inputs === null ? null : (inputs[i] ?? null), node, i);
    }
  }

  /**
   * Adds the gradient of a part to that of the whole where others have arrived before: a tensor of the whole's size for each of many
   * parts would cost the square of it.
   */
  private addedInPlace(node: Node, grads: readonly Gradient[]): boolean {
    if (!node.isOfPart || node.hooks !== null || this.observer !== null) return false;
    const [edge] = node.edges;
    if (edge === null) return false;
    const arrived = this.tasks.get(edge.node)!.grads[edge.output];
    return arrived !== null && this.memory.isAlone(arrived) && node.addInPlace(arrived, grads);
  }

  private runPreHooks(node: Node, arrived: Gradient[]): Gradient[] {
    const { tensor, retain, pre } = node.hooks!;
    let grads = [...arrived];
    for (const [output, hooks] of tensor)
      for (const hook of [...hooks]) {
        const grad = grads[output];
        if (grad === null) break;
        this.memory.expose(grads);
        grads[output] = checked(hook(grad), grad, hook) ?? grad;
        this.memory.expose(grads);
      }
    for (const [output, variable] of retain) {
      const grad = grads[output];
      if (grad !== null) this.addToGrad(variable, grad);
    }
    for (const hook of [...pre]) {
      this.memory.expose(grads);
      grads = [...replaced(hook(grads), grads, hook)];
      this.memory.expose(grads);
    }
    return grads;
  }

  private runPostHooks(node: Node, given: readonly Gradient[], grads: Gradient[]): readonly Gradient[] {
    let inputs = given;
    for (const hook of [...node.hooks!.post]) {
      this.memory.expose(grads);
      this.memory.expose(inputs);
      inputs = replaced(hook(inputs, grads), inputs, hook);
      this.memory.expose(inputs);
    }
    return inputs;
  }

  private accumulate(node: AccumulateGrad, grad: Gradient): void {
    if (grad === null) return;
    this.addToGrad(node.variable, grad);
    for (const hook of [...node.afterHooks]) hook(node.variable);
  }

  private addToGrad(variable: Tensor, grad: Tensor): void {
    const { grad: before } = autogradState(variable);
    if (before === null) this.memory.give(variable, grad);
    else if (before.layout !== strided && grad.layout === strided) setGrad(variable, grad.add(before));
    else if (this.options.createGraph) setGrad(variable, before.add(grad));
    else before.add_(grad);
  }
}

/** The sum of gradients that arrived one after the other. A strided one takes up a sparse one; the order is PyTorch's. */
function sumOf(before: Tensor, grad: Tensor): Tensor {
  return before.layout === strided ? before.add(grad) : grad.add(before);
}

/** A hook's name in errors. */
const nameOf = ({ name }: { readonly name: string }): string => (name === '' ? '<lambda>' : name);

/** Looks at what a hook returned for a gradient; null: the gradient stays. @throws in PyTorch's words unless it is a tensor of the same dtype and shape */
function checked(result: unknown, grad: Tensor, hook: { readonly name: string }): Tensor | null {
  if (result === null || result === undefined) return null;
  if (!(result instanceof Tensor))
    throw new TypeError(`expected Variable, but hook returned '${typeName(result)}'`);
  if (result.dtype !== grad.dtype)
    throw new RuntimeError(
      `hook '${nameOf(hook)}' has changed the type of value (was torch.${grad.dtype.scalarName}Tensor got torch.${result.dtype.scalarName}Tensor)`,
    );
  if (!sameShape(result.shape, grad.shape))
    throw new RuntimeError(`hook '${nameOf(hook)}' has changed the size of value`);
  return result;
}

/** Gradients as a node's hook leaves them. @throws RuntimeError in PyTorch's words for another number of them */
function replaced(
  result: ReplacedByHook,
  grads: readonly Gradient[],
  hook: { readonly name: string },
): readonly Gradient[] {
  if (result === null || result === undefined) return grads;
  const list: unknown = result;
  if (!Array.isArray(list))
    throw new TypeError(`expected tuple, but hook returned '${typeName(list)}'; return a list: [grad]`);
  if (list.length !== grads.length)
    throw new RuntimeError(
      `hook '${nameOf(hook)}' has returned an incorrect number of values (got ${list.length}, but expected ${grads.length})`,
    );
  return list as readonly Gradient[];
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
