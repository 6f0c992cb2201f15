/** What a transform of the backward pass sees of its arguments, and what it lets out. */

import { AccumulateGrad, type Node } from '../autograd/node.js';
import { gradNode } from '../core/autograd_state.js';
import { context } from '../core/context.js';
import { ValueError } from '../core/errors.js';
import { typeName } from '../core/repr.js';
import { Tensor } from '../core/tensor.js';
import { levels } from '../dispatch/forward_level.js';
import { adopt, withModes } from '../dispatch/mode.js';

/** One call of a transform: the arguments that it differentiates by, as its function gets them. */
export class Transform {
  private readonly own = new Set<Tensor>();
  /** A transform works under `noGrad` too, but what it gives is not recorded there. */
  private readonly isRecorded = context().grad;

  /** The argument as a tensor to differentiate by; an outer transform's gradients flow on through it. */
  enter(value: unknown): Tensor {
    if (!(value instanceof Tensor))
      throw new ValueError(`Thing passed to transform API must be Tensor, got <class '${typeName(value)}'>`);
    if (this.isRecorded && value.requiresGrad) return value.alias();
    const inner = value.detach();
    adopt(value, inner);
    this.own.add(inner);
    return inner.requiresGrad_();
  }

  /** A result as the caller sees it: without the history that ends in this transform's own arguments. */
  leave(tensor: Tensor): Tensor {
    const result = this.isForeign(tensor) ? tensor : tensor.detach();
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

  /** Whether its history leads to a leaf of somebody else's. */
  private isForeign(tensor: Tensor): boolean {
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
