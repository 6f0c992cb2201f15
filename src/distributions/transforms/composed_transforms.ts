/** Transforms made of others, one after the other or of more dimensions. */
import { AssertionError, ValueError } from '../../core/errors.js';
import type { Shape } from '../../core/layout.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { real } from '../constraints/bounds.js';
import { IndependentConstraint } from '../constraints/composed_constraints.js';
import type { Constraint } from '../constraints/constraint.js';
import { sumRightmost } from '../utils.js';
import { Transform, transformClass } from './base_transform.js';

const composeTransform = signature('ComposeTransform(Any parts, int cache_size=0)');

/** Several transforms, one after the other; their caches are theirs. */
export class ComposeTransform extends Transform {
  readonly parts: readonly Transform[];

  /**
   * @param parts the transforms, the first one first
   * @param cacheSize 1: every part keeps its last result with its input
   */
  constructor(...args: Arguments<typeof composeTransform, { parts: readonly Transform[] }>) {
    const { parts, cacheSize } = composeTransform.bind(args);
    super(cacheSize);
    const transforms = parts as readonly Transform[];
    this.parts = cacheSize === 0 ? [...transforms] : transforms.map((part) => part.withCache(cacheSize));
  }

  override equals(other: unknown): boolean {
    return other instanceof ComposeTransform && sameTransforms(this.parts, other.parts);
  }

  override get domain(): Constraint {
    const { parts } = this;
    if (parts.length === 0) return real;
    const { domain } = parts[0];
    // The parts together take at least what each of them takes.
    let eventDim = parts[parts.length - 1].codomain.eventDim;
    for (const part of [...parts].reverse())
      eventDim = Math.max(eventDim + part.domain.eventDim - part.codomain.eventDim, part.domain.eventDim);
    return widened(domain, eventDim, 'domain');
  }

  override get codomain(): Constraint {
    const { parts } = this;
    if (parts.length === 0) return real;
    const { codomain } = parts[parts.length - 1];
    let eventDim = parts[0].domain.eventDim;
    for (const part of parts)
      eventDim = Math.max(eventDim + part.codomain.eventDim - part.domain.eventDim, part.codomain.eventDim);
    return widened(codomain, eventDim, 'codomain');
  }

  override get bijective(): boolean {
    return this.parts.every((part) => part.bijective);
  }

  override get sign(): number | Tensor {
    return signOf(this.parts);
  }

  protected override inverted(): Transform {
    const inverse = new ComposeTransform([...this.parts].reverse().map((part) => part.inv));
    inverse.setInverse(this);
    return inverse;
  }

  protected override copy(cacheSize: number): Transform {
    return new ComposeTransform(this.parts, cacheSize);
  }

  override forward(x: Tensor): Tensor {
    return this.parts.reduce((value, part) => part.forward(value), x);
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    const { parts } = this;
    if (parts.length === 0) return x.zerosLike();
    const values = [x];
    for (const part of parts.slice(0, -1)) values.push(part.forward(values[values.length - 1]));
    values.push(y);
    let { eventDim } = this.domain;
    return parts
      .map((part, i) => {
        const own = part.logAbsDetJacobian(values[i], values[i + 1]);
        const term = sumRightmost(own, eventDim - part.domain.eventDim);
        eventDim += part.codomain.eventDim - part.domain.eventDim;
        return term;
      })
      .reduce((sum, term) => sum.add(term));
  }

  override forwardShape(shape: Shape): Shape {
    return this.parts.reduce((result, part) => part.forwardShape(result), shape);
  }

  override inverseShape(shape: Shape): Shape {
    return this.parts.reduceRight((result, part) => part.inverseShape(result), shape);
  }

  override toString(): string {
    return `ComposeTransform(\n    ${this.parts.join(',\n    ')}\n)`;
  }
}

/** The sign of several transforms together. */
export function signOf(parts: readonly Transform[]): number | Tensor {
  return parts.reduce<number | Tensor>((sign, part) => {
    const next = part.sign;
    if (typeof next !== 'number') return next.mul(sign);
    return typeof sign === 'number' ? sign * next : sign.mul(next);
  }, 1);
}

/** Whether two lists are of the same transforms. */
export function sameTransforms(a: readonly Transform[], b: readonly Transform[]): boolean {
  return a.length === b.length && a.every((one, i) => one.equals(b[i]));
}

function widened(constraint: Constraint, eventDim: number, what: string): Constraint {
  const more = eventDim - constraint.eventDim;
  if (more < 0)
    throw new AssertionError(`event_dim ${eventDim} must be >= ${what}.event_dim ${constraint.eventDim}`);
  return more === 0 ? constraint : new IndependentConstraint(constraint, more);
}

/** The transform that changes nothing. */
export const identityTransform = new ComposeTransform([]);

const independentTransform = signature(
  'IndependentTransform(Any base_transform, int reinterpreted_batch_ndims, int cache_size=0)',
);

/** Another transform of which the last batch dimensions are dimensions of the event: its log-determinant is summed over them. */
export class IndependentTransform extends Transform {
  readonly baseTransform: Transform;
  readonly reinterpretedBatchNdims: number;

  /**
   * @param baseTransform the transform
   * @param reinterpretedBatchNdims how many batch dimensions become dimensions of the event
   * @param cacheSize 1: the last result is kept with its input
   */
  constructor(...args: Arguments<typeof independentTransform, { baseTransform: Transform }>) {
    const { baseTransform, reinterpretedBatchNdims, cacheSize } = independentTransform.bind(args);
    super(cacheSize);
    this.baseTransform = (baseTransform as Transform).withCache(cacheSize);
    this.reinterpretedBatchNdims = reinterpretedBatchNdims;
  }

  protected override copy(cacheSize: number): Transform {
    return new IndependentTransform(this.baseTransform, this.reinterpretedBatchNdims, cacheSize);
  }

  override get domain(): Constraint {
    return new IndependentConstraint(this.baseTransform.domain, this.reinterpretedBatchNdims);
  }

  override get codomain(): Constraint {
    return new IndependentConstraint(this.baseTransform.codomain, this.reinterpretedBatchNdims);
  }

  override get bijective(): boolean {
    return this.baseTransform.bijective;
  }

  override get sign(): number | Tensor {
    return this.baseTransform.sign;
  }

  override _call(x: Tensor): Tensor {
    if (x.dim() < this.domain.eventDim) throw new ValueError('Too few dimensions on input');
    return this.baseTransform.forward(x);
  }

  override _inverse(y: Tensor): Tensor {
    if (y.dim() < this.codomain.eventDim) throw new ValueError('Too few dimensions on input');
    return this.baseTransform.inv.forward(y);
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    return sumRightmost(this.baseTransform.logAbsDetJacobian(x, y), this.reinterpretedBatchNdims);
  }

  override forwardShape(shape: Shape): Shape {
    return this.baseTransform.forwardShape(shape);
  }

  override inverseShape(shape: Shape): Shape {
    return this.baseTransform.inverseShape(shape);
  }

  override toString(): string {
    return `IndependentTransform(${this.baseTransform}, ${this.reinterpretedBatchNdims})`;
  }
}

for (const one of [ComposeTransform, IndependentTransform]) transformClass(one);
