import { autogradState, type Tensor } from '../../core/tensor.js';

/**
 * Refuses to give gradients away that are not what they should be yet. It stands in the place of `grad` in the parameters' own state, so that whoever
 * reads it is told, and nobody else pays for it.
 */
export class GradientGuard {
  #closed = new Map<Tensor, Tensor | null>();

  get isClosed(): boolean {
    return this.#closed.size > 0;
  }

  /** Lets nobody read or write gradients of these, whose error tells why. */
  close(parameters: Iterable<Tensor>, complaint: (parameter: Tensor) => Error): void {
    this.open();
    for (const parameter of parameters) {
      const state = autogradState(parameter);
      this.#closed.set(parameter, state.grad);
      const refuse = (): never => {
        throw complaint(parameter);
      };
      Object.defineProperty(state, 'grad', {
        configurable: true,
        enumerable: true,
        get: refuse,
        set: refuse,
      });
    }
  }

  /** Puts the gradients back. */
  open(): void {
    for (const [parameter, value] of this.#closed)
      Object.defineProperty(autogradState(parameter), 'grad', {
        configurable: true,
        enumerable: true,
        writable: true,
        value,
      });
    this.#closed = new Map();
  }
}
