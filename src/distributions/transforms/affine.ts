import type { Shape } from '../../core/layout.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import { broadcastShapes } from '../../ops/questions.js';
import { real } from '../constraints/bounds.js';
import { IndependentConstraint } from '../constraints/composed_constraints.js';
import type { Constraint } from '../constraints/constraint.js';
import { sumRightmost, type Value } from '../utils.js';
import { Transform, transformClass } from './base_transform.js';
import { same } from './elementwise.js';

const affineTransform = signature(
  'AffineTransform(Value loc, Value scale, int event_dim=0, int cache_size=0)',
);

/** y = loc + scale * x, element by element. */
export class AffineTransform extends Transform {
  readonly loc: Value;
  readonly scale: Value;
  readonly #eventDim: number;

  /**
   * @param loc what is added
   * @param scale the factor
   * @param eventDim how many of the last dimensions are an event: 0 for numbers, 1 for vectors, 2 for matrices
   * @param cacheSize 1: the last result is kept with its input
   */
  constructor(...args: Arguments<typeof affineTransform>) {
    const { loc, scale, eventDim, cacheSize } = affineTransform.bind(args);
    super(cacheSize);
    this.loc = loc;
    this.scale = scale;
    this.#eventDim = eventDim;
  }

  override get eventDim(): number {
    return this.#eventDim;
  }

  override get domain(): Constraint {
    return this.#eventDim === 0 ? real : new IndependentConstraint(real, this.#eventDim);
  }

  override get codomain(): Constraint {
    return this.domain;
  }

  override get bijective(): boolean {
    return true;
  }

  override get sign(): number | Tensor {
    return this.scale instanceof Tensor ? this.scale.sign() : Math.sign(Number(this.scale));
  }

  protected override copy(cacheSize: number): Transform {
    return new AffineTransform(this.loc, this.scale, this.#eventDim, cacheSize);
  }

  override equals(other: unknown): boolean {
    return other instanceof AffineTransform && same(this.loc, other.loc) && same(this.scale, other.scale);
  }

  override _call(x: Tensor): Tensor {
    return x.mul(this.scale).add(this.loc);
  }

  override _inverse(y: Tensor): Tensor {
    return y.sub(this.loc).div(this.scale);
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    const { scale } = this;
    const dims = this.#eventDim;
    const each = scale instanceof Tensor ? scale.abs().log() : x.fullLike(Math.log(Math.abs(Number(scale))));
    return sumRightmost(each, dims).expand(x.shape.slice(0, x.dim() - dims));
  }

  override forwardShape(shape: Shape): Shape {
    return broadcastShapes(shape, shapeOf(this.loc), shapeOf(this.scale));
  }

  override inverseShape(shape: Shape): Shape {
    return this.forwardShape(shape);
  }
}

function shapeOf(value: Value): Shape {
  return value instanceof Tensor ? value.shape : [];
}

transformClass(AffineTransform);
