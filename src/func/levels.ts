/** Arguments of a transform of the backward pass as it sees them, and results as it lets them out. */

import { AccumulateGrad, type Node } from '../autograd/node.js';
import { context } from '../core/context.js';
import { ValueError } from '../core/errors.js';
import { typeName } from '../core/repr.js';
import { asLeaf, gradNode, Tensor } from '../core/tensor.js';
import { AutogradLevel } from '../dispatch/autograd_level.js';
import { BatchLevel } from '../dispatch/batch_level.js';
import { levels } from '../dispatch/forward_level.js';
import { adopt, withMode, withModes } from '../dispatch/mode.js';

/** The `vmap` in sight that gradients would pass through unseen, and the level above it that keeps them apart, if there is one. */
function surroundings(): { batch: BatchLevel | null; level: AutogradLevel | null } {
  for (let stack = context().modes; stack !== null; stack = stack.below) {
    const { mode } = stack;
    if (mode instanceof AutogradLevel) return { batch: mode.batch, level: mode };
    if (mode instanceof BatchLevel) return { batch: mode, level: null };
  }
  return { batch: null, level: null };
}

/** One call of a transform: the arguments that it differentiates by, as its function gets them. */
export class Transform {
  private readonly own = new Set<Tensor>();
  /** A transform works under `noGrad` too, but what it gives is not recorded there. */
  readonly isRecorded = context().grad;
  private readonly modes = context().modes;
  /** Inside of a `vmap`: it, and the level that records. */
  private readonly batch: BatchLevel | null;
  private readonly level: AutogradLevel | null;
  private readonly outer: AutogradLevel | null;

  constructor() {
    const { batch, level } = surroundings();
    this.batch = batch;
    this.outer = level;
    this.level = level ?? (batch === null ? null : new AutogradLevel(batch));
  }

  /** Runs the function whose gradients are asked for. */
  run<R>(fn: () => R): R {
    return this.level === this.outer ? fn() : withMode(this.level!, fn);
  }

  /** The same values without history, of which the modes in sight know the same. */
  private copy(tensor: Tensor): Tensor {
    if (this.batch === null) {
      const inner = tensor.detach();
      adopt(tensor, inner);
      return inner;
    }
    const { storage, dtype, shape, strides, offset } = tensor;
    const known = this.batch.known(tensor) !== null;
    const inner = known ? new Tensor(storage, dtype, shape, strides, offset) : this.batch.enter(tensor, null);
    adopt(tensor, inner);
    return inner;
  }

  /** The argument as a tensor to differentiate by; an outer transform's gradients flow on through it. */
  enter(value: unknown): Tensor {
    if (!(value instanceof Tensor))
      throw new ValueError(`Thing passed to transform API must be Tensor, got <class '${typeName(value)}'>`);
    if (this.isRecorded && value.requiresGrad && this.isOwnLevel(value)) return value.alias();
    const inner = this.copy(value);
    this.own.add(inner);
    return asLeaf(inner);
  }

  /** A result as the caller sees it: without the history that ends in this transform's own arguments. */
  leave(tensor: Tensor): Tensor {
    const result = this.isForeign(this.beneath(tensor)) ? tensor : this.without(tensor);
    for (const level of levels()) {
      const tangent = level.get(tensor);
      if (tangent !== null)
        level.set(
          result,
          withModes(level.below, () => this.leave(tangent)),
        );
    }
    return result;
  }

  /** Finds what a tensor stands for in the modes that this transform was entered in: a pullback may run in a `vmap` of its own. */
  private beneath(tensor: Tensor): Tensor {
    let found = tensor;
    for (let stack = context().modes; stack !== null && stack !== this.modes; stack = stack.below)
      if (stack.mode instanceof BatchLevel) found = stack.mode.known(found) ?? found;
    return found;
  }

  /** Whether its history, if there is one, is of the level at which this transform records. */
  private isOwnLevel(tensor: Tensor): boolean {
    return this.batch === null || (this.outer !== null && this.batch.known(tensor) !== null);
  }

  private without(tensor: Tensor): Tensor {
    if (this.batch === null) return tensor.detach();
    return this.batch.known(tensor) === null ? tensor : this.copy(tensor);
  }

  /** Whether its history leads to a leaf of somebody else's. */
  private isForeign(tensor: Tensor): boolean {
    if (!this.isOwnLevel(tensor)) return false;
    const origin = gradNode(tensor);
    if (!this.isRecorded || origin === null)
      return this.isRecorded && tensor.requiresGrad && !this.own.has(tensor);
    const seen = new Set<Node>([origin]);
    for (const node of seen) {
      if (node instanceof AccumulateGrad && !this.own.has(node.variable)) return true;
      for (const edge of node.edges) if (edge !== null) seen.add(edge.node);
    }
    return false;
  }
}
