import { type Storage, storageSerial } from '../backends/backend.js';
import { contiguousStrides, isNonOverlappingAndDense, numel, sameShape } from '../core/layout.js';
import { autogradState, setGrad, type Tensor } from '../core/tensor.js';
import type { Gradient } from './node.js';

/** The books that a backward pass keeps of its gradients' memory: which may be handed on to a leaf, and which used again at once. */
export class GradientMemory {
  /** Memory that records have saved and nothing else knows of, once they are done with it. */
  readonly internals: Storage[] = [];
  /** Storages that a leaf's `grad`, the caller or a hook holds: another leaf must not take them over. */
  private readonly held = new Set<Storage>();
  /** Storages that code of the user's has seen. */
  private readonly exposed = new Set<Storage>();
  /** Tensors that were given memory of this pass as their `grad`. */
  private readonly given: Tensor[] = [];
  /** How many gradients that wait for their node lie in each storage. */
  private readonly pending = new Map<Storage, number>();
  /** Storages that may have become dead while a node ran: decided when all its gradients have been delivered. */
  private readonly spent: Storage[] = [];
  /** Only memory made during the pass can be dead at its end. */
  private readonly start = storageSerial();

  /** @param isRecorded whether the graph of the pass knows of all that is made */
  constructor(private readonly isRecorded: boolean) {}

  /** Notes a gradient of the caller's. */
  hold(grad: Tensor): void {
    this.held.add(grad.storage);
  }

  /** Notes gradients that code of the user's sees. */
  expose(grads: readonly Gradient[]): void {
    for (const grad of grads)
      if (grad !== null) {
        this.held.add(grad.storage);
        this.exposed.add(grad.storage);
      }
  }

  /** Notes a gradient that waits for its node. */
  wait(grad: Tensor): void {
    this.pending.set(grad.storage, (this.pending.get(grad.storage) ?? 0) + 1);
  }

  /** Notes that one no longer waits. */
  done(grad: Gradient): void {
    if (grad === null) return;
    this.pending.set(grad.storage, this.pending.get(grad.storage)! - 1);
    this.spend(grad);
  }

  /** Whether nothing but one gradient that waits lies in memory of this pass: then that may be changed. */
  isAlone({ storage }: Tensor): boolean {
    return (
      !this.isRecorded &&
      storage.serial > this.start &&
      !this.held.has(storage) &&
      this.pending.get(storage) === 1
    );
  }

  /** Notes memory that is dead unless a gradient in it waits. */
  spend(grad: Tensor): void {
    this.spent.push(grad.storage);
  }

  /** Gives memory back that only this pass knew of and that no gradient lies in any more. */
  recycle(): void {
    for (let s = this.spent.pop(); s !== undefined; s = this.spent.pop())
      if (s.serial > this.start) this.reuse(s);
    for (let s = this.internals.pop(); s !== undefined; s = this.internals.pop()) this.reuse(s);
  }

  private reuse(storage: Storage): void {
    if (this.isRecorded || this.held.has(storage) || (this.pending.get(storage) ?? 0) > 0) return;
    this.held.add(storage);
    storage.backend.release(storage, 'engine');
  }

  /** Makes a gradient a leaf's `grad`, in memory that is nobody else's. */
  give(variable: Tensor, grad: Tensor): void {
    const taken = this.owned(variable, grad);
    setGrad(variable, taken);
    this.held.add(taken.storage);
    if (!this.isRecorded && taken.storage.serial > this.start) {
      autogradState(variable).gradSeen = false;
      this.given.push(variable);
    }
  }

  private owned(variable: Tensor, grad: Tensor): Tensor {
    const isHeld = this.held.has(grad.storage);
    if (this.isRecorded) return isHeld ? grad.clone() : grad;
    if (grad.layout !== variable.layout) return isHeld ? grad.detach().clone() : grad.detach();
    // A gradient that is laid out as its variable, fills its storage and that nobody else holds is taken over.
    const dense = isNonOverlappingAndDense(variable.shape, variable.strides);
    const fits =
      sameShape(grad.strides, dense ? variable.strides : contiguousStrides(variable.shape)) &&
      grad.storage.nbytes < 2 * numel(grad.shape) * grad.dtype.itemsize + 64;
    if (fits && !isHeld) return grad.detach();
    if (dense) return grad.newEmptyStrided(variable.shape, variable.strides).copy_(grad);
    return grad.detach()._contiguousCopy();
  }

  /** Ends the books: what the user has seen may be held by anybody. */
  close(): void {
    for (const { autograd } of this.given)
      if (autograd!.grad !== null && this.exposed.has(autograd!.grad.storage)) autograd!.gradSeen = true;
  }
}
