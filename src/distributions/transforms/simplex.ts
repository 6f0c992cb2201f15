/** Transforms of vectors to probabilities. */
import { ValueError } from '../../core/errors.js';
import type { Shape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { finfo } from '../../core/type_info.js';
import { F } from '../../nn/functions.js';
import { realVector } from '../constraints/composed_constraints.js';
import type { Constraint } from '../constraints/constraint.js';
import { simplex } from '../constraints/vectors.js';
import { Transform, transformClass } from './base_transform.js';
import { clippedSigmoid } from './elementwise.js';

abstract class ToSimplex extends Transform {
  override get domain(): Constraint {
    return realVector;
  }

  override get codomain(): Constraint {
    return simplex;
  }

  override equals(other: unknown): boolean {
    return other instanceof Transform && other.constructor === this.constructor;
  }
}

/** The last size of a shape that has one. */
function lastSize(shape: Shape): number {
  if (shape.length < 1) throw new ValueError('Too few dimensions on input');
  return shape[shape.length - 1];
}

/**
 * y = exp(x) / sum(exp(x)), with log(y) as its inverse. It is not bijective, so it is of no use for Hamiltonian Monte Carlo; but it
 * treats all coordinates alike, which suits optimization.
 */
export class SoftmaxTransform extends ToSimplex {
  override _call(x: Tensor): Tensor {
    const probs = x.sub(x.amax(-1, true)).exp();
    return probs.div(probs.sum(-1, true));
  }

  override _inverse(y: Tensor): Tensor {
    return y.log();
  }

  override forwardShape(shape: Shape): Shape {
    lastSize(shape);
    return shape;
  }

  override inverseShape(shape: Shape): Shape {
    lastSize(shape);
    return shape;
  }
}

/**
 * From vectors to probabilities, of which there is one more, by breaking a stick: each coordinate says, through the logistic function,
 * which share of what is left is taken next. It is bijective.
 */
export class StickBreakingTransform extends ToSimplex {
  override get bijective(): boolean {
    return true;
  }

  override _call(x: Tensor): Tensor {
    const z = clippedSigmoid(x.sub(offset(x, lastSize(x.shape) + 1, lastSize(x.shape)).log()));
    const left = z.rsub(1).cumprod(-1);
    return F.pad(z, [0, 1], { value: 1 }).mul(F.pad(left, [1, 0], { value: 1 }));
  }

  override _inverse(y: Tensor): Tensor {
    const last = lastSize(y.shape);
    const cropped = y.narrow(-1, 0, last - 1);
    const left = cropped.cumsum(-1).rsub(1).clamp(finfo(y.dtype).tiny);
    return cropped
      .log()
      .sub(left.log())
      .add(offset(y, last, last - 1).log());
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    const last = lastSize(x.shape);
    const shifted = x.sub(offset(x, last + 1, last).log());
    return shifted
      .neg()
      .add(F.logsigmoid(shifted))
      .add(y.narrow(-1, 0, last).log())
      .sum(-1);
  }

  override forwardShape(shape: Shape): Shape {
    return [...shape.slice(0, -1), lastSize(shape) + 1];
  }

  override inverseShape(shape: Shape): Shape {
    return [...shape.slice(0, -1), lastSize(shape) - 1];
  }
}

/** `count` numbers that fall by one from `first` - 1 on. */
function offset(like: Tensor, first: number, count: number): Tensor {
  return like.newOnes([count]).cumsum(-1).rsub(first);
}

for (const one of [ToSimplex, SoftmaxTransform, StickBreakingTransform]) transformClass(one);
