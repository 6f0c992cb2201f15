import type { Storage } from '../backends/backend.js';
import type { GradFn } from './grad_fn.js';

/** Autograd's knowledge of a tensor, of type `T`. Tensors that never took part have none. */
export interface AutogradState<T> {
  /** Whether a leaf asks for its gradient. */
  requiresGrad: boolean;
  grad: T | null;
  /** Whether anybody but the library may hold `grad`. */
  gradSeen: boolean;
  /** The node that made it; null for leaves. Read it through `gradNode`. */
  node: GradFn<T> | null;
  /** Which of the node's results it is. */
  output: number;
  /** Where a leaf's gradients arrive, once a graph uses it. */
  accumulator: GradFn<T> | null;
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
export function dropGrad<T extends { readonly storage: Storage }>(state: AutogradState<T>): void {
  const { grad } = state;
  state.grad = null;
  if (grad !== null && !state.gradSeen && passes === 0) grad.storage.backend.release(grad.storage, 'engine');
}
