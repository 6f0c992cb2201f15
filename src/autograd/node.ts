import type { AutogradState } from '../core/autograd_state.js';
import { RuntimeError } from '../core/errors.js';
import {
  type EdgeOf,
  GradFn,
  type GradientHookOf,
  type GradientOf,
  type NodeHookOf,
  type NodePreHookOf,
  type ReplacedByHookOf,
  type ResultMeta,
} from '../core/grad_fn.js';
import { type Reach, reach } from '../core/scope.js';
import { autogradState, gradNode, type Tensor } from '../core/tensor.js';

export type Gradient = GradientOf<Tensor>;
export type Edge = EdgeOf<Tensor>;
export type GradientHook = GradientHookOf<Tensor>;
export type NodeHook = NodeHookOf<Tensor>;
export type NodePreHook = NodePreHookOf<Tensor>;
export type ReplacedByHook = ReplacedByHookOf<Tensor>;

/** One recorded op on tensors: turns gradients of its results into gradients of its inputs. */
export abstract class Node extends GradFn<Tensor> {}

/** Describes the form that gradients of this tensor must have. */
export function metaOf({ shape, dtype, device }: Tensor): ResultMeta {
  return { shape, dtype, device };
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
export function setOrigin(tensor: Tensor, node: Node, output: number): AutogradState<Tensor> {
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
