/** Transforms from unconstrained numbers to constrained ones. */
import { NotImplementedError, TypeError } from '../core/errors.js';
import { PyFloat } from '../core/pyfloat.js';
import { formatValue, typeName } from '../core/repr.js';
import { signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import {
  GreaterThan,
  GreaterThanEq,
  HalfOpenInterval,
  Interval,
  LessThan,
  Real,
} from './constraints/bounds.js';
import { Cat, IndependentConstraint, Stack } from './constraints/composed_constraints.js';
import { Constraint } from './constraints/constraint.js';
import { CorrCholesky, LowerCholesky, PositiveDefinite } from './constraints/matrix_constraints.js';
import { Simplex } from './constraints/vectors.js';
import { AffineTransform } from './transforms/affine.js';
import type { Transform } from './transforms/base_transform.js';
import {
  ComposeTransform,
  IndependentTransform,
  identityTransform,
} from './transforms/composed_transforms.js';
import { ExpTransform, SigmoidTransform } from './transforms/elementwise.js';
import { CatTransform, StackTransform } from './transforms/joined.js';
import {
  CorrCholeskyTransform,
  LowerCholeskyTransform,
  PositiveDefiniteTransform,
} from './transforms/matrix_transforms.js';
import { SoftmaxTransform, StickBreakingTransform } from './transforms/simplex.js';
import type { Value } from './utils.js';

/** A class, by what its objects are. */
type ConstraintClass<C extends Constraint = Constraint> = { readonly prototype: C };
type Factory<C extends Constraint = Constraint> = (constraint: C) => Transform;

/** Finds a transform for a constraint, and learns of others. */
export interface ConstraintRegistry {
  /**
   * The transform of a constraint.
   *
   * @throws NotImplementedError for constraints of a class that is not registered
   */
  (constraint: Constraint | { constraint: Constraint }): Transform;
  /** Says which transforms the constraints of a class have. */
  register<C extends Constraint>(constraint: C | ConstraintClass<C>, factory: Factory<C>): Factory<C>;
}

const call = signature('ConstraintRegistry(Any constraint)');
const register = signature('ConstraintRegistry.register(Any constraint, Callable factory)');

function registry(own: readonly Entry[]): ConstraintRegistry {
  const factories = new Map<unknown, Factory>([...common, ...own]);
  const find = (...args: unknown[]): Transform => {
    const constraint = call.bind(args).constraint as Constraint;
    const factory = factories.get(constraint?.constructor);
    if (factory === undefined)
      throw new NotImplementedError(`Cannot transform ${typeName(constraint)} constraints`);
    return factory(constraint);
  };
  return Object.assign(find, {
    register(...args: unknown[]): Factory {
      const { constraint, factory } = register.bind(args);
      const Class = constraint instanceof Constraint ? constraint.constructor : constraint;
      if (typeof Class !== 'function' || !(Class.prototype instanceof Constraint))
        throw new TypeError(
          `Expected constraint to be either a Constraint subclass or instance, but got ${formatValue(constraint)}`,
        );
      factories.set(Class, factory as Factory);
      return factory as Factory;
    },
  }) as ConstraintRegistry;
}

type Entry = readonly [ConstraintClass, Factory];

const entry = <C extends Constraint>(Class: ConstraintClass<C>, factory: Factory<C>): Entry => [
  Class,
  factory as Factory as never,
];

/** exp(x), moved to a bound. */
const beyond = (bound: Value, sign: 1 | -1): Transform =>
  new ComposeTransform([new ExpTransform(), new AffineTransform(bound, sign)]);

const above = ({ lowerBound }: GreaterThan | GreaterThanEq): Transform => beyond(lowerBound, 1);

const isNumber = (value: Value, number: number): boolean =>
  (typeof value === 'number' || value instanceof PyFloat) && Number(value) === number;

/** Logistic function, stretched to an interval. */
function between({ lowerBound, upperBound }: Interval | HalfOpenInterval): Transform {
  if (isNumber(lowerBound, 0) && isNumber(upperBound, 1)) return new SigmoidTransform();
  const scale =
    upperBound instanceof Tensor
      ? upperBound.sub(lowerBound)
      : lowerBound instanceof Tensor
        ? lowerBound.rsub(Number(upperBound))
        : Number(upperBound) - Number(lowerBound);
  return new ComposeTransform([new SigmoidTransform(), new AffineTransform(lowerBound, scale)]);
}

const common: readonly Entry[] = [
  entry(Real, () => identityTransform),
  entry(GreaterThan, above),
  entry(GreaterThanEq, above),
  entry(LessThan, ({ upperBound }) => beyond(upperBound, -1)),
  entry(Interval, between),
  entry(HalfOpenInterval, between),
  entry(CorrCholesky, () => new CorrCholeskyTransform()),
];

/** Those of constraints made of others, by a registry that knows these. */
const composed = (find: () => ConstraintRegistry): readonly Entry[] => [
  entry(
    IndependentConstraint,
    ({ baseConstraint, reinterpretedBatchNdims }) =>
      new IndependentTransform(find()(baseConstraint), reinterpretedBatchNdims),
  ),
  entry(
    Cat,
    ({ cseq, dim, lengths }) =>
      new CatTransform(
        cseq.map((c) => find()(c)),
        dim,
        lengths,
      ),
  ),
  entry(
    Stack,
    ({ cseq, dim }) =>
      new StackTransform(
        cseq.map((c) => find()(c)),
        dim,
      ),
  ),
];

/**
 * The bijective transform from unconstrained numbers to those that satisfy a constraint: `bijectTo(constraints.positive)`. Its
 * log-determinant can be computed, so it suits Hamiltonian Monte Carlo. `bijectTo.register` teaches it other constraints.
 */
export const bijectTo: ConstraintRegistry = registry([
  ...composed(() => bijectTo),
  entry(Simplex, () => new StickBreakingTransform()),
]);

/**
 * A transform from unconstrained numbers to those that satisfy a constraint, which need not be bijective: it treats all coordinates
 * alike where it can, so it suits optimization. `transformTo.register` teaches it other constraints.
 */
export const transformTo: ConstraintRegistry = registry([
  ...composed(() => transformTo),
  entry(Simplex, () => new SoftmaxTransform()),
  entry(LowerCholesky, () => new LowerCholeskyTransform()),
  entry(PositiveDefinite, () => new PositiveDefiniteTransform()),
]);
