import type { Node } from '../autograd/node.js';
import type { Tensor } from './tensor.js';

/** What autograd knows of a tensor. Tensors that never took part have none. */
export interface AutogradState {
  /** Whether a leaf asks for its gradient. */
  requiresGrad: boolean;
  grad: Tensor | null;
  /** The node that made it; null for leaves. Read it through `gradNode`. */
  node: Node | null;
  /** Which of the node's results it is. */
  output: number;
  /** Where a leaf's gradients arrive, once a graph uses it. */
  accumulator: Node | null;
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
