import { NotImplementedError, ValueError } from '../../core/errors.js';
import { inspect } from '../../core/inspect.js';
import type { Shape } from '../../core/layout.js';
import { libraryClass } from '../../core/object.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import type { Constraint } from '../constraints/constraint.js';

const transform = signature('Transform(int cache_size=0)');

/**
 * A transformation of tensors with a log-determinant of its derivative that can be computed: the base of all transforms.
 * `transform.forward(x)` computes y, `transform.inv.forward(y)` x. Subclasses define `domain`, `codomain`, `_call`, and, if it is
 * invertible, `bijective`, `_inverse` and `logAbsDetJacobian`.
 */
export class Transform {
  /** How many pairs of an input and a result are kept: 0 or 1. */
  protected readonly cacheSize: number;
  private inverse: Transform | null = null;
  private cached: readonly [x: Tensor, y: Tensor] | null = null;

  /** @param cacheSize 1: the last result is kept with its input, so that the inverse of it is free and exact */
  constructor(...args: Arguments<typeof transform>) {
    const { cacheSize } = transform.bind(args, new.target.name);
    if (cacheSize !== 0 && cacheSize !== 1) throw new ValueError('cache_size must be 0 or 1');
    this.cacheSize = cacheSize;
  }

  /** Whether every value of the codomain is that of one value of the domain. */
  get bijective(): boolean {
    return false;
  }

  /** The values that are transformed. */
  get domain(): Constraint {
    throw new NotImplementedError(`${this.constructor.name} does not implement domain`);
  }

  /** The values that come out. */
  get codomain(): Constraint {
    throw new NotImplementedError(`${this.constructor.name} does not implement codomain`);
  }

  /** How many of the last dimensions are transformed together. */
  get eventDim(): number {
    const { domain, codomain } = this;
    if (domain.eventDim === codomain.eventDim) return domain.eventDim;
    throw new ValueError('Please use either .domain.event_dim or .codomain.event_dim');
  }

  /** The inverse of this transform, of which the inverse is this. */
  get inv(): Transform {
    this.inverse ??= this.inverted();
    return this.inverse;
  }

  /** @internal Makes the inverse. */
  protected inverted(): Transform {
    return new InverseTransform(this);
  }

  /** @internal */
  protected setInverse(inverse: Transform): void {
    this.inverse = inverse;
  }

  /** The sign of the derivative of a transform of single numbers: 1 if it rises, -1 if it falls. */
  get sign(): number | Tensor {
    throw new NotImplementedError(`${this.constructor.name} does not implement sign`);
  }

  /** The same transform with a cache of this size. */
  withCache(cacheSize = 1): Transform {
    return this.cacheSize === cacheSize ? this : this.copy(cacheSize);
  }

  /** @internal Makes the same transform with a cache of this size. */
  protected copy(cacheSize: number): Transform {
    const Class = this.constructor as new (cacheSize: number) => Transform;
    if (Class.length > 0) throw new NotImplementedError(`${Class.name}.with_cache is not implemented`);
    return new Class(cacheSize);
  }

  /** Whether another transform does the same. */
  equals(other: unknown): boolean {
    return this === other;
  }

  /** Transforms x. */
  forward(x: Tensor): Tensor {
    if (this.cacheSize === 0) return this._call(x);
    if (this.cached?.[0] === x) return this.cached[1];
    const y = this._call(x);
    this.cached = [x, y];
    return y;
  }

  /** @internal Finds what was transformed into y. */
  backward(y: Tensor): Tensor {
    if (this.cacheSize === 0) return this._inverse(y);
    if (this.cached?.[1] === y) return this.cached[0];
    const x = this._inverse(y);
    this.cached = [x, y];
    return x;
  }

  /** Computes the transform; `forward` calls it. */
  _call(_x: Tensor): Tensor {
    throw new NotImplementedError(`${this.constructor.name} does not implement _call`);
  }

  /** Computes the inverse; `inv` calls it. */
  _inverse(_y: Tensor): Tensor {
    throw new NotImplementedError(`${this.constructor.name} does not implement _inverse`);
  }

  /** The logarithm of the absolute determinant of dy/dx at x, which is transformed to y. */
  logAbsDetJacobian(_x: Tensor, _y: Tensor): Tensor {
    throw new NotImplementedError(`${this.constructor.name} does not implement logAbsDetJacobian`);
  }

  /** The shape of the result for an input of this shape. */
  forwardShape(shape: Shape): Shape {
    return shape;
  }

  /** The shape of the input for a result of this shape. */
  inverseShape(shape: Shape): Shape {
    return shape;
  }

  toString(): string {
    return `${this.constructor.name}()`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

/** The inverse of another transform, which keeps the results of both. */
class InverseTransform extends Transform {
  constructor(private readonly of: Transform) {
    super(0);
    this.setInverse(of);
  }

  override get domain(): Constraint {
    return this.of.codomain;
  }

  override get codomain(): Constraint {
    return this.of.domain;
  }

  override get bijective(): boolean {
    return this.of.bijective;
  }

  override get sign(): number | Tensor {
    return this.of.sign;
  }

  override withCache(cacheSize = 1): Transform {
    return this.of.withCache(cacheSize).inv;
  }

  override equals(other: unknown): boolean {
    return other instanceof InverseTransform && this.of.equals(other.of);
  }

  override forward(x: Tensor): Tensor {
    return this.of.backward(x);
  }

  override backward(y: Tensor): Tensor {
    return this.of.forward(y);
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    return this.of.logAbsDetJacobian(y, x).neg();
  }

  override forwardShape(shape: Shape): Shape {
    return this.of.inverseShape(shape);
  }

  override inverseShape(shape: Shape): Shape {
    return this.of.forwardShape(shape);
  }

  override toString(): string {
    return `_InverseTransform(${this.of})`;
  }
}

const methods: Readonly<Record<string, string>> = {
  withCache: 'with_cache(int cache_size=1)',
  equals: 'equals(Any other)',
  forward: 'forward(Tensor x)',
  logAbsDetJacobian: 'log_abs_det_jacobian(Tensor x, Tensor y)',
  forwardShape: 'forward_shape(int[] shape)',
  inverseShape: 'inverse_shape(int[] shape)',
};

/** Makes the methods of transforms that a class defines bind their arguments, by position or by name. */
export function transformClass({ prototype }: { readonly prototype: object }): void {
  takes(
    prototype,
    Object.keys(methods).flatMap((name) => (Object.hasOwn(prototype, name) ? methods[name] : [])),
  );
}

libraryClass(Transform);
transformClass(Transform);
transformClass(InverseTransform);
