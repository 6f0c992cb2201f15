import type { Node } from '../autograd/node.js';
import type { Tensor } from './tensor.js';

/** Autograd's knowledge of a tensor. Tensors that never took part have none. */
export interface AutogradState {
  /** Whether a leaf asks for its gradient. */
  requiresGrad: boolean;
  grad: Tensor | null;
  /** Whether anybody but the library may hold `grad`. */
  gradSeen: boolean;
  /** The node that made it; null for leaves. Read it through `gradNode`. */
  node: Node | null;
  /** Which of the node's results it is. */
  output: number;
  /** Where a leaf's gradients arrive, once a graph uses it. */
  accumulator: Node | null;
}

/** How many backward passes are under way: while one is, gradients may have users that only it knows. */
let passes = 0;

export function beginPass(): void {
  passes++;
}

export function endPass(): void {
  passes--;
}

/** Drops a gradient, and ends its memory if nobody else can know of it. */
export function dropGrad(state: AutogradState): void {
  const { grad } = state;
  state.grad = null;
  if (grad !== null && !state.gradSeen && passes === 0) grad.storage.backend.release(grad.storage, 'engine');
}

/** Gives a view whose storage was changed in place the node that its base's history implies; set by autograd. */
let refreshView: (view: Tensor) => void = () => {};

export function onStaleView(refresh: (view: Tensor) => void): void {
  refreshView = refresh;
}

/** The node that made a tensor, or null for a leaf. */
export function gradNode(tensor: Tensor): Node | null {
  if (tensor.base !== null && tensor.viewVersion !== tensor.storage.version) refreshView(tensor);
  return tensor.autograd === null ? null : tensor.autograd.node;
}
