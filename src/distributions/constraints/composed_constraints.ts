/** Constraints made of others. */
import { AssertionError, NotImplementedError, ValueError } from '../../core/errors.js';
import { typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { real } from './bounds.js';
import { Constraint, checks } from './constraint.js';

const dependentSignature = signature('Dependent(*, bool? is_discrete=None, int? event_dim=None)');

/** Stands for a constraint that depends on other parameters or on the distribution itself. */
export class Dependent extends Constraint {
  readonly #isDiscrete: boolean | null;
  readonly #eventDim: number | null;

  /**
   * @param isDiscrete whether the region is one of separate values; null: nobody knows before
   * @param eventDim how many of the last dimensions define an event; null: nobody knows before
   */
  constructor(...args: Arguments<typeof dependentSignature>) {
    super();
    const { isDiscrete, eventDim } = dependentSignature.bind(args);
    this.#isDiscrete = isDiscrete;
    this.#eventDim = eventDim;
  }

  override get isDiscrete(): boolean {
    if (this.#isDiscrete === null)
      throw new NotImplementedError('.isDiscrete cannot be determined statically');
    return this.#isDiscrete;
  }

  override get eventDim(): number {
    if (this.#eventDim === null) throw new NotImplementedError('.eventDim cannot be determined statically');
    return this.#eventDim;
  }

  override check(_value: Tensor): Tensor {
    throw new ValueError('Cannot determine validity of dependent constraint');
  }
}

export const dependent = new Dependent();

/** Whether a constraint stands for one that depends on others. */
export const isDependent = signed(
  'is_dependent(Any constraint)',
  ({ constraint }) => constraint instanceof Dependent,
);

function checkBase(base: unknown): asserts base is Constraint {
  if (!(base instanceof Constraint))
    throw new AssertionError(`base_constraint must be a Constraint, got ${typeName(base)}`);
}

const ofIndependent = signature('IndependentConstraint(Any base_constraint, int reinterpreted_batch_ndims)');

/** Another constraint for all elements of the last batch dimensions together. */
export class IndependentConstraint extends Constraint {
  readonly baseConstraint: Constraint;
  readonly reinterpretedBatchNdims: number;

  /**
   * @param baseConstraint the constraint of each
   * @param reinterpretedBatchNdims how many batch dimensions become dimensions of the event
   */
  constructor(...args: Arguments<typeof ofIndependent, { baseConstraint: Constraint }>) {
    super();
    const { baseConstraint, reinterpretedBatchNdims } = ofIndependent.bind(args);
    checkBase(baseConstraint);
    if (reinterpretedBatchNdims < 0)
      throw new AssertionError(`reinterpreted_batch_ndims must be >= 0, got ${reinterpretedBatchNdims}`);
    this.baseConstraint = baseConstraint;
    this.reinterpretedBatchNdims = reinterpretedBatchNdims;
  }

  override get isDiscrete(): boolean {
    return this.baseConstraint.isDiscrete;
  }

  override get eventDim(): number {
    return this.baseConstraint.eventDim + this.reinterpretedBatchNdims;
  }

  override check(value: Tensor): Tensor {
    const result = this.baseConstraint.check(value);
    const kept = result.dim() - this.reinterpretedBatchNdims;
    if (kept < 0) throw new ValueError(`Expected value.dim() >= ${this.eventDim} but got ${value.dim()}`);
    return result.reshape([...result.shape.slice(0, kept), -1]).all(-1);
  }

  override toString(): string {
    return `${this.constructor.name}(${this.baseConstraint}, ${this.reinterpretedBatchNdims})`;
  }
}

const ofMixture = signature('MixtureSameFamilyConstraint(Any base_constraint)');

/** The constraint of a mixture's components, for its samples, which lack the components' dimension. */
export class MixtureSameFamilyConstraint extends Constraint {
  readonly baseConstraint: Constraint;

  /** @param baseConstraint the support of the components */
  constructor(...args: Arguments<typeof ofMixture, { baseConstraint: Constraint }>) {
    super();
    const { baseConstraint } = ofMixture.bind(args);
    checkBase(baseConstraint);
    this.baseConstraint = baseConstraint;
  }

  override get isDiscrete(): boolean {
    return this.baseConstraint.isDiscrete;
  }

  override get eventDim(): number {
    return this.baseConstraint.eventDim;
  }

  override check(value: Tensor): Tensor {
    const { eventDim } = this;
    const result = this.baseConstraint.check(value.unsqueeze(-1 - eventDim));
    if (value.dim() < eventDim)
      throw new ValueError(`Expected value.dim() >= ${eventDim} but got ${value.dim()}`);
    const kept = value.dim() - eventDim;
    return result.reshape([...result.shape.slice(0, kept), -1]).all(-1);
  }

  override toString(): string {
    return `${this.constructor.name}(${this.baseConstraint})`;
  }
}

function checkSequence(sequence: unknown): asserts sequence is readonly Constraint[] {
  if (!Array.isArray(sequence) || !sequence.every((c) => c instanceof Constraint))
    throw new AssertionError('All elements of cseq must be Constraint instances');
}

function checkDim(dim: number, value: Tensor): void {
  if (dim < -value.dim() || dim >= value.dim())
    throw new AssertionError(`dim ${dim} out of range for value with ${value.dim()} dimensions`);
}

const ofCat = signature('Cat(Any cseq, int dim=0, int[]? lengths=None)');

/** Constraints of consecutive parts of a dimension, which `torch.cat` would join. */
export class Cat extends Constraint {
  readonly cseq: readonly Constraint[];
  readonly dim: number;
  readonly lengths: readonly number[];

  /**
   * @param cseq the constraints of the parts
   * @param dim the dimension
   * @param lengths the sizes of the parts; null: 1 each
   */
  constructor(...args: Arguments<typeof ofCat, { cseq: readonly Constraint[] }>) {
    super();
    const { cseq, dim, lengths } = ofCat.bind(args);
    checkSequence(cseq);
    this.cseq = [...cseq];
    this.lengths = lengths ?? cseq.map(() => 1);
    if (this.lengths.length !== cseq.length)
      throw new AssertionError(`lengths (${this.lengths.length}) must match cseq (${cseq.length})`);
    this.dim = dim;
  }

  override get isDiscrete(): boolean {
    return this.cseq.some((c) => c.isDiscrete);
  }

  override get eventDim(): number {
    return Math.max(...this.cseq.map((c) => c.eventDim));
  }

  override check(value: Tensor): Tensor {
    const { dim } = this;
    checkDim(dim, value);
    let start = 0;
    const truths = this.cseq.map((constraint, i) => {
      const part = value.narrow(dim, start, this.lengths[i]);
      start += this.lengths[i];
      return constraint.check(part);
    });
    return ops.cat(truths, dim);
  }
}

const ofStack = signature('Stack(Any cseq, int dim=0)');

/** Constraints of the slices of a dimension, which `torch.stack` would join. */
export class Stack extends Constraint {
  readonly cseq: readonly Constraint[];
  readonly dim: number;

  /**
   * @param cseq the constraints of the slices
   * @param dim the dimension
   */
  constructor(...args: Arguments<typeof ofStack, { cseq: readonly Constraint[] }>) {
    super();
    const { cseq, dim } = ofStack.bind(args);
    checkSequence(cseq);
    this.cseq = [...cseq];
    this.dim = dim;
  }

  override get isDiscrete(): boolean {
    return this.cseq.some((c) => c.isDiscrete);
  }

  override get eventDim(): number {
    const dims = Math.max(...this.cseq.map((c) => c.eventDim));
    return this.dim + dims < 0 ? dims + 1 : dims;
  }

  override check(value: Tensor): Tensor {
    checkDim(this.dim, value);
    const truths = this.cseq.map((constraint, i) => constraint.check(value.select(this.dim, i)));
    return ops.stack(truths, this.dim);
  }
}

for (const one of [Dependent, IndependentConstraint, MixtureSameFamilyConstraint, Cat, Stack]) checks(one);

export const realVector = new IndependentConstraint(real, 1);

/** Another constraint for all elements of the last batch dimensions together. */
export function independent(
  ...args: Arguments<typeof ofIndependent, { baseConstraint: Constraint }>
): IndependentConstraint {
  return new IndependentConstraint(...args);
}

/**
 * Constraints of consecutive parts of a dimension, which `torch.cat` would join.
 *
 * @param cseq the constraints of the parts
 * @param dim the dimension
 * @param lengths the sizes of the parts; null: 1 each
 */
export function cat(...args: Arguments<typeof ofCat, { cseq: readonly Constraint[] }>): Cat {
  return new Cat(...args);
}

/** Constraints of the slices of a dimension, which `torch.stack` would join. */
export function stack(...args: Arguments<typeof ofStack, { cseq: readonly Constraint[] }>): Stack {
  return new Stack(...args);
}
