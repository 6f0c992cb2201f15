/** Constraints to vectors: what the last dimension holds, together. */
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import type { Value } from '../utils.js';
import { Constraint, checks } from './constraint.js';

/** Vectors of zeros and a single one. */
export class OneHot extends Constraint {
  override get isDiscrete(): boolean {
    return true;
  }

  override get eventDim(): number {
    return 1;
  }

  override check(value: Tensor): Tensor {
    return value.eq(0).logicalOr(value.eq(1)).all(-1).logicalAnd(value.sum(-1).eq(1));
  }
}

/** Vectors of numbers that are not negative and of which the sum is 1, as probabilities. */
export class Simplex extends Constraint {
  override get eventDim(): number {
    return 1;
  }

  override check(value: Tensor): Tensor {
    return value.ge(0).all(-1).logicalAnd(value.sum(-1).sub(1).abs().lt(1e-6));
  }
}

const ofMultinomial = signature('Multinomial(Value upper_bound)');

/** Vectors of counts of which the sum is at most a bound. */
export class Multinomial extends Constraint {
  readonly upperBound: Value;

  /** @param upperBound the greatest sum */
  constructor(...args: Arguments<typeof ofMultinomial>) {
    super();
    this.upperBound = ofMultinomial.bind(args).upperBound;
  }

  override get isDiscrete(): boolean {
    return true;
  }

  override get eventDim(): number {
    return 1;
  }

  override check(value: Tensor): Tensor {
    return value.ge(0).all(-1).logicalAnd(value.sum(-1).le(this.upperBound));
  }
}

for (const one of [OneHot, Simplex, Multinomial]) checks(one);

export const oneHot = new OneHot();
export const simplex = new Simplex();

/** The constraint to vectors of counts of which the sum is at most a bound. */
export function multinomial(...args: Arguments<typeof ofMultinomial>): Multinomial {
  return new Multinomial(...args);
}
