/** Constraints that compare every element with bounds. */
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { float, formatted, type Value } from '../utils.js';
import { Constraint, checks } from './constraint.js';

/** Every number that is not NaN. */
export class Real extends Constraint {
  override check(value: Tensor): Tensor {
    return value.eq(value);
  }
}

/** Zeros and ones. */
export class Boolean extends Constraint {
  override get isDiscrete(): boolean {
    return true;
  }

  override check(value: Tensor): Tensor {
    return value.eq(0).logicalOr(value.eq(1));
  }
}

const above = signature('GreaterThan(Value lower_bound)');
const below = signature('LessThan(Value upper_bound)');
const between = signature('Interval(Value lower_bound, Value upper_bound)');

abstract class LowerBounded extends Constraint {
  readonly lowerBound: Value;

  /** @param lowerBound the bound, a number or a tensor */
  constructor(...args: Arguments<typeof above>) {
    super();
    this.lowerBound = above.bind(args, new.target.name).lowerBound;
  }

  override toString(): string {
    return `${this.constructor.name}(lower_bound=${formatted(this.lowerBound)})`;
  }
}

abstract class UpperBounded extends Constraint {
  readonly upperBound: Value;

  /** @param upperBound the bound, a number or a tensor */
  constructor(...args: Arguments<typeof below>) {
    super();
    this.upperBound = below.bind(args, new.target.name).upperBound;
  }

  override toString(): string {
    return `${this.constructor.name}(upper_bound=${formatted(this.upperBound)})`;
  }
}

abstract class Bounded extends Constraint {
  readonly lowerBound: Value;
  readonly upperBound: Value;

  /**
   * @param lowerBound the lower bound, a number or a tensor
   * @param upperBound the upper bound, a number or a tensor
   */
  constructor(...args: Arguments<typeof between>) {
    super();
    const { lowerBound, upperBound } = between.bind(args, new.target.name);
    this.lowerBound = lowerBound;
    this.upperBound = upperBound;
  }

  override toString(): string {
    return `${this.constructor.name}(lower_bound=${formatted(this.lowerBound)}, upper_bound=${formatted(this.upperBound)})`;
  }
}

/** Numbers greater than a bound. */
export class GreaterThan extends LowerBounded {
  override check(value: Tensor): Tensor {
    return value.gt(this.lowerBound);
  }
}

/** Numbers that are a bound or greater. */
export class GreaterThanEq extends LowerBounded {
  override check(value: Tensor): Tensor {
    return value.ge(this.lowerBound);
  }
}

/** Numbers less than a bound. */
export class LessThan extends UpperBounded {
  override check(value: Tensor): Tensor {
    return value.lt(this.upperBound);
  }
}

/** Numbers between two bounds, both included. */
export class Interval extends Bounded {
  override check(value: Tensor): Tensor {
    return value.ge(this.lowerBound).logicalAnd(value.le(this.upperBound));
  }
}

/** Numbers between two bounds, the upper one excluded. */
export class HalfOpenInterval extends Bounded {
  override check(value: Tensor): Tensor {
    return value.ge(this.lowerBound).logicalAnd(value.lt(this.upperBound));
  }
}

const isWhole = (value: Tensor): Tensor => value.remainder(1).eq(0);

/** Integers that are a bound or greater. */
export class IntegerGreaterThan extends LowerBounded {
  override get isDiscrete(): boolean {
    return true;
  }

  override check(value: Tensor): Tensor {
    return isWhole(value).logicalAnd(value.ge(this.lowerBound));
  }
}

/** Integers that are a bound or less. */
export class IntegerLessThan extends UpperBounded {
  override get isDiscrete(): boolean {
    return true;
  }

  override check(value: Tensor): Tensor {
    return isWhole(value).logicalAnd(value.le(this.upperBound));
  }
}

/** Integers between two bounds, both included. */
export class IntegerInterval extends Bounded {
  override get isDiscrete(): boolean {
    return true;
  }

  override check(value: Tensor): Tensor {
    return isWhole(value).logicalAnd(value.ge(this.lowerBound)).logicalAnd(value.le(this.upperBound));
  }
}

for (const one of [
  Real,
  Boolean,
  GreaterThan,
  GreaterThanEq,
  LessThan,
  Interval,
  HalfOpenInterval,
  IntegerGreaterThan,
  IntegerLessThan,
  IntegerInterval,
])
  checks(one);

export const real = new Real();
export const boolean = new Boolean();
export const positive = new GreaterThan(float(0));
export const nonnegative = new GreaterThanEq(float(0));
export const nonnegativeInteger = new IntegerGreaterThan(0);
export const positiveInteger = new IntegerGreaterThan(1);
export const unitInterval = new Interval(float(0), float(1));

/** The constraint to numbers greater than a bound. */
export function greaterThan(...args: Arguments<typeof above>): GreaterThan {
  return new GreaterThan(...args);
}

/** The constraint to numbers that are a bound or greater. */
export function greaterThanEq(...args: Arguments<typeof above>): GreaterThanEq {
  return new GreaterThanEq(...args);
}

/** The constraint to numbers less than a bound. */
export function lessThan(...args: Arguments<typeof below>): LessThan {
  return new LessThan(...args);
}

/** The constraint to numbers between two bounds, both included. */
export function interval(...args: Arguments<typeof between>): Interval {
  return new Interval(...args);
}

/** The constraint to numbers between two bounds, the upper one excluded. */
export function halfOpenInterval(...args: Arguments<typeof between>): HalfOpenInterval {
  return new HalfOpenInterval(...args);
}

/** The constraint to integers between two bounds, both included. */
export function integerInterval(...args: Arguments<typeof between>): IntegerInterval {
  return new IntegerInterval(...args);
}
