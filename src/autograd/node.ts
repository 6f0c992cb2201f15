import type { Storage } from '../backends/backend.js';
import { type AutogradState, gradNode } from '../core/autograd_state.js';
import type { Device } from '../core/device.js';
import type { DType } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { inspect } from '../core/inspect.js';
import type { Shape } from '../core/layout.js';
import { libraryClass } from '../core/object.js';
import { type Reach, reach } from '../core/scope.js';
import { takes } from '../core/signature/takes.js';
import { autogradState, type Tensor } from '../core/tensor.js';

export type Gradient = Tensor | null;

/** Where a gradient goes: an input of a node. */
export interface Edge {
  readonly node: Node;
  /** Which of the node's results the gradient belongs to. */
  readonly output: number;
}

/** The form that gradients of a result must have. */
export interface ResultMeta {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device: Device;
}

/** Describes the form that gradients of this tensor must have. */
export function metaOf({ shape, dtype, device }: Tensor): ResultMeta {
  return { shape, dtype, device };
}

/** Hooks that are run on gradients as they pass. */
export type GradientHook = (grad: Tensor) => Tensor | null | undefined;
export type NodeHook = (gradInputs: readonly Gradient[], gradOutputs: readonly Gradient[]) => ReplacedByHook;
export type NodePreHook = (gradOutputs: readonly Gradient[]) => ReplacedByHook;
/** Gradients in place of those that a hook was given; nothing leaves them as they are. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook may return nothing at all
export type ReplacedByHook = readonly Gradient[] | null | undefined | void;

/** The result of registering a hook: a way to take it off again. */
export class RemovableHandle {
  constructor(private readonly undo: () => void) {}

  /** Removes the hook; a second call does nothing. */
  remove(): void {
    this.undo();
  }
}

libraryClass(RemovableHandle, { shown: [] });

let sequence = 0;

/** Hooks of a node; few have any. */
interface Hooks {
  readonly tensor: Map<number, GradientHook[]>;
  readonly retain: Map<number, Tensor>;
  readonly post: NodeHook[];
  readonly pre: NodePreHook[];
}

const none: readonly never[] = [];

/** One recorded op: turns gradients of its results into gradients of its inputs. */
export abstract class Node {
  /** @internal Later nodes run first in the backward pass. */
  readonly sequence = sequence++;
  /** @internal One entry per differentiable input; null where no gradient is wanted. */
  edges: readonly (Edge | null)[] = none;
  /** @internal One entry per result. */
  results: readonly ResultMeta[] = none;
  /** @internal */
  hooks: Hooks | null = null;

  /** @internal Whether code of the user's sees the gradients, and may keep them. */
  get exposesGradients(): boolean {
    return false;
  }

  /** PyTorch's name of it: `MulBackward0`. */
  abstract name(): string;

  /** @internal Gradients of the inputs, one per edge. */
  abstract apply(grads: readonly Gradient[]): readonly Gradient[];

  /** @internal Whether its result is a part of its one input, in which each element lies once. */
  get isOfPart(): boolean {
    return false;
  }

  /** @internal Adds the gradient of such a part to what has arrived for the whole, which nobody else knows of; false where it cannot. */
  addInPlace(_arrived: Tensor, _grads: readonly Gradient[]): boolean {
    return false;
  }

  /** @internal Frees what was kept for the backward pass. @param dead takes memory that nobody knows of any more */
  release(_dead: Storage[]): void {}

  /** @internal Everything it holds but code. */
  [reach](into: Reach): void {
    for (const edge of this.edges) into.value(edge?.node);
    if (this.hooks !== null) into.value(this.hooks.retain);
  }

  /** The nodes that made its inputs, PyTorch's `next_functions`. */
  get nextFunctions(): readonly (readonly [Node | null, number])[] {
    return this.edges.map((edge) => (edge === null ? [null, 0] : [edge.node, edge.output]));
  }

  /** Calls `hook(gradInputs, gradOutputs)` whenever the node has run; it may return other gradients for the inputs. */
  registerHook(hook: NodeHook): RemovableHandle {
    return addTo(this.hooked().post, hook);
  }

  /** Calls `hook(gradOutputs)` before the node runs; it may return others. */
  registerPrehook(hook: NodePreHook): RemovableHandle {
    return addTo(this.hooked().pre, hook);
  }

  /** @internal */
  hooked(): Hooks {
    this.hooks ??= { tensor: new Map(), retain: new Map(), post: [], pre: [] };
    return this.hooks;
  }

  toString(): string {
    return `<${this.name().split('::').at(-1)}>`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

takes(Node.prototype, ['register_hook(Callable fn)', 'register_prehook(Callable fn)']);

export function addTo<T>(list: T[], item: T): RemovableHandle {
  list.push(item);
  return new RemovableHandle(() => {
    const i = list.indexOf(item);
    if (i >= 0) list.splice(i, 1);
  });
}

/** Called when gradients have arrived at a leaf. */
export type AccumulateHook = (tensor: Tensor) => void;

/** The end of the graph at a leaf: what arrives is added to `grad` by the engine. */
export class AccumulateGrad extends Node {
  readonly afterHooks: AccumulateHook[] = [];

  constructor(readonly variable: Tensor) {
    super();
    this.results = [variable];
  }

  override name(): string {
    return 'torch::autograd::AccumulateGrad';
  }

  /** @internal */
  override [reach](into: Reach): void {
    super[reach](into);
    into.value(this.variable);
  }

  override apply(): readonly Gradient[] {
    return [];
  }
}

/** Where gradients of a tensor go, or null if none are wanted. */
export function gradientEdge(tensor: Tensor): Edge | null {
  const node = gradNode(tensor);
  if (node !== null) return { node, output: tensor.autograd!.output };
  if (tensor.autograd === null || !tensor.autograd.requiresGrad) return null;
  tensor.autograd.accumulator ??= new AccumulateGrad(tensor);
  return { node: tensor.autograd.accumulator, output: 0 };
}

/** Names another node as a tensor's. Its gradient is kept where the tensor goes; hooks stay with the value they were given for. */
export function setOrigin(tensor: Tensor, node: Node, output: number): AutogradState {
  const state = autogradState(tensor);
  const retained = state.node?.hooks?.retain;
  if (retained?.get(state.output) === tensor) {
    retained.delete(state.output);
    node.hooked().retain.set(output, tensor);
  }
  state.node = node;
  state.output = output;
  return state;
}

/** Makes a tensor result number `output` of a node. */
export function setHistory(tensor: Tensor, node: Node, output: number): void {
  const state = setOrigin(tensor, node, output);
  state.requiresGrad = false;
  state.accumulator = null;
  tensor.viewVersion = tensor.storage.version;
}

/** The error of a node that is asked for what it saved and has freed. */
export function freedError(): RuntimeError {
  return new RuntimeError(
    'Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retainGraph: true if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.',
  );
}
