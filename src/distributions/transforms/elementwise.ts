/** Transforms of single numbers. */
import type { Shape } from '../../core/layout.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { finfo } from '../../core/type_info.js';
import { F } from '../../nn/functions.js';
import { broadcastShapes } from '../../ops/questions.js';
import { Interval, positive, real, unitInterval } from '../constraints/bounds.js';
import type { Constraint } from '../constraints/constraint.js';
import { broadcastAll, float, type Value } from '../utils.js';
import { Transform, transformClass } from './base_transform.js';

/** A transform without settings: every one is like the other. */
abstract class PlainTransform extends Transform {
  override get domain(): Constraint {
    return real;
  }

  override get codomain(): Constraint {
    return positive;
  }

  override equals(other: unknown): boolean {
    return other instanceof Transform && other.constructor === this.constructor;
  }
}

/** A bijective one whose values rise. */
abstract class RisingTransform extends PlainTransform {
  override get bijective(): boolean {
    return true;
  }

  override get sign(): number {
    return 1;
  }
}

/** y = exp(x). */
export class ExpTransform extends RisingTransform {
  override _call(x: Tensor): Tensor {
    return x.exp();
  }

  override _inverse(y: Tensor): Tensor {
    return y.log();
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    return x;
  }
}

/** The logistic function, away from 0 and 1, which have no finite inverse. */
export function clippedSigmoid(x: Tensor): Tensor {
  const { tiny, eps } = finfo(x.dtype);
  return x.sigmoid().clamp(tiny, 1 - eps);
}

/** y = 1 / (1 + exp(-x)), whose inverse is logit(y). */
export class SigmoidTransform extends RisingTransform {
  override get codomain(): Constraint {
    return unitInterval;
  }

  override _call(x: Tensor): Tensor {
    return clippedSigmoid(x);
  }

  override _inverse(y: Tensor): Tensor {
    const { tiny, eps } = finfo(y.dtype);
    const clamped = y.clamp(tiny, 1 - eps);
    return clamped.log().sub(clamped.neg().log1p());
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    return F.softplus(x.neg()).neg().sub(F.softplus(x));
  }
}

/** y = log(1 + exp(x)), as the identity where x > 20. */
export class SoftplusTransform extends RisingTransform {
  override _call(x: Tensor): Tensor {
    return F.softplus(x);
  }

  override _inverse(y: Tensor): Tensor {
    return y.neg().expm1().neg().log().add(y);
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    return F.softplus(x.neg()).neg();
  }
}

/** y = tanh(x). */
export class TanhTransform extends RisingTransform {
  override get codomain(): Constraint {
    return new Interval(float(-1), float(1));
  }

  override _call(x: Tensor): Tensor {
    return x.tanh();
  }

  override _inverse(y: Tensor): Tensor {
    return y.atanh();
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    return x
      .rsub(Math.log(2))
      .sub(F.softplus(x.mul(-2)))
      .mul(2);
  }
}

/** y = |x|. */
export class AbsTransform extends PlainTransform {
  override _call(x: Tensor): Tensor {
    return x.abs();
  }

  override _inverse(y: Tensor): Tensor {
    return y;
  }
}

const powerTransform = signature('PowerTransform(Value exponent, int cache_size=0)');

/** y = x ** exponent. */
export class PowerTransform extends Transform {
  readonly exponent: Tensor;

  /**
   * @param exponent the exponent
   * @param cacheSize 1: the last result is kept with its input
   */
  constructor(...args: Arguments<typeof powerTransform>) {
    const { exponent, cacheSize } = powerTransform.bind(args);
    super(cacheSize);
    [this.exponent] = broadcastAll(exponent);
  }

  override get domain(): Constraint {
    return positive;
  }

  override get codomain(): Constraint {
    return positive;
  }

  override get bijective(): boolean {
    return true;
  }

  override get sign(): Tensor {
    return this.exponent.sign();
  }

  protected override copy(cacheSize: number): Transform {
    return new PowerTransform(this.exponent, cacheSize);
  }

  override equals(other: unknown): boolean {
    return other instanceof PowerTransform && same(this.exponent, other.exponent);
  }

  override _call(x: Tensor): Tensor {
    return x.pow(this.exponent);
  }

  override _inverse(y: Tensor): Tensor {
    return y.pow(this.exponent.reciprocal());
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    return this.exponent.mul(y).div(x).abs().log();
  }

  override forwardShape(shape: Shape): Shape {
    return broadcastShapes(shape, this.exponent.shape);
  }

  override inverseShape(shape: Shape): Shape {
    return broadcastShapes(shape, this.exponent.shape);
  }
}

/** Whether two settings are equal, numbers or tensors. */
export function same(a: Value, b: Value): boolean {
  if (a === b) return true;
  const [x, y] = broadcastAll(a, b);
  return x.eq(y).all().item() === 1;
}

for (const one of [
  PlainTransform,
  ExpTransform,
  SigmoidTransform,
  SoftplusTransform,
  TanhTransform,
  AbsTransform,
  PowerTransform,
])
  transformClass(one);
