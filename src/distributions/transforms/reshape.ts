import { ValueError } from '../../core/errors.js';
import { numel, type Shape, Size } from '../../core/layout.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { real } from '../constraints/bounds.js';
import { IndependentConstraint } from '../constraints/composed_constraints.js';
import type { Constraint } from '../constraints/constraint.js';
import { Transform, transformClass } from './base_transform.js';

const reshapeTransform = signature('ReshapeTransform(int[] in_shape, int[] out_shape, int cache_size=0)');

/** Gives the last dimensions of a tensor another shape; its log-determinant is 0. */
export class ReshapeTransform extends Transform {
  readonly inShape: Shape;
  readonly outShape: Shape;

  /**
   * @param inShape the input event's shape
   * @param outShape the output event's shape
   * @param cacheSize 1: the last result is kept with its input
   */
  constructor(...args: Arguments<typeof reshapeTransform>) {
    const { inShape, outShape, cacheSize } = reshapeTransform.bind(args);
    super(cacheSize);
    this.inShape = inShape;
    this.outShape = outShape;
    if (numel(inShape) !== numel(outShape))
      throw new ValueError('in_shape, out_shape have different numbers of elements');
  }

  override get bijective(): boolean {
    return true;
  }

  override get domain(): Constraint {
    return new IndependentConstraint(real, this.inShape.length);
  }

  override get codomain(): Constraint {
    return new IndependentConstraint(real, this.outShape.length);
  }

  protected override copy(cacheSize: number): Transform {
    return new ReshapeTransform(this.inShape, this.outShape, cacheSize);
  }

  override _call(x: Tensor): Tensor {
    return x.reshape([...x.shape.slice(0, x.dim() - this.inShape.length), ...this.outShape]);
  }

  override _inverse(y: Tensor): Tensor {
    return y.reshape([...y.shape.slice(0, y.dim() - this.outShape.length), ...this.inShape]);
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    return x.newZeros(x.shape.slice(0, x.dim() - this.inShape.length));
  }

  override forwardShape(shape: Shape): Shape {
    return replaced(shape, this.inShape, this.outShape);
  }

  override inverseShape(shape: Shape): Shape {
    return replaced(shape, this.outShape, this.inShape);
  }
}

/** A shape with another end. */
function replaced(shape: Shape, from: Shape, to: Shape): Shape {
  const cut = shape.length - from.length;
  if (cut < 0) throw new ValueError('Too few dimensions on input');
  const end = shape.slice(cut);
  if (end.join() !== from.join())
    throw new ValueError(`Shape mismatch: expected ${Size.create(end)} but got ${Size.create(from)}`);
  return [...shape.slice(0, cut), ...to];
}

transformClass(ReshapeTransform);
