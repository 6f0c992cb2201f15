/**
 * Autograd above a `vmap`: where a function's gradients are asked for inside of one, what is recorded are calls of the tensors that
 * the function sees, not of the stacks that these stand for.
 */
import { context, withContextSync } from '../core/context.js';
import type { Tensor } from '../core/tensor.js';
import { autograd } from './autograd.js';
import type { BatchLevel } from './batch_level.js';
import { mapTensors } from './batching.js';
import { carryOut, type Mode, type Next } from './mode.js';
import type { Op } from './op.js';

export class AutogradLevel implements Mode {
  readonly remembers = false;
  readonly isTransform = true;
  /** Recording beneath is as where it was entered: off stays off. */
  readonly grad = context().grad;

  constructor(
    /** The `vmap` beneath. */
    readonly batch: BatchLevel,
  ) {}

  call(op: Op, args: unknown[], next: Next): unknown {
    if (op.isComposite) return carryOut(op.tensorsOf(args), () => op.execute(args));
    // Tensors that the `vmap` does not know are none of this level's: their history, if any, is that of another.
    if (!op.tensorsOf(args).some((t) => this.batch.known(t) !== null)) return next(op, args);
    const own = mapTensors(op, args, (t) =>
      op.isInPlace && t === args[0] ? this.batch.note(t) : this.lift(t),
    );
    return autograd.call(op, own, (op, args) =>
      withContextSync({ grad: this.grad && context().grad }, () => next(op, args)),
    );
  }

  /** A tensor as this level records it: with a history of its own. */
  lift(tensor: Tensor): Tensor {
    return this.batch.known(tensor) === null ? this.batch.enter(tensor, null) : tensor;
  }
}
