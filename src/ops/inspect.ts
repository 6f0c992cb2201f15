/** Questions about values that are no ops. */
import type { DType } from '../core/dtype.js';
import { RuntimeError, ValueError } from '../core/errors.js';
import { Size } from '../core/layout.js';
import type { Scalar } from '../core/scalar.js';
import { Tensor } from '../core/tensor.js';
import { commonDtype } from './promote.js';

/** Whether a value is a tensor. */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof Tensor;
}

/** Whether a tensor's dtype is a floating-point one. */
export function isFloatingPoint(input: Tensor): boolean {
  return input.isFloatingPoint();
}

/** Whether a tensor's dtype is a complex one. */
export function isComplex(input: Tensor): boolean {
  return input.isComplex();
}

/** The number of elements. */
export function numel(input: Tensor): number {
  return input.numel();
}

/** The dtype that arithmetic on these operands gives. */
export function resultType(a: Tensor | Scalar, b: Tensor | Scalar): DType {
  return commonDtype([a, b]);
}

/**
 * The sizes that tensors of these sizes have once they are broadcast; a number is a list of one.
 *
 * @example torch.broadcastShapes([2, 1], [3]) // torch.Size([2, 3])
 */
export function broadcastShapes(...shapes: (number | readonly number[])[]): Size {
  const lists = shapes.map((shape) => (typeof shape === 'number' ? [shape] : shape));
  const n = Math.max(0, ...lists.map((shape) => shape.length));
  const result = new Array<number>(n).fill(1);
  for (const [i, shape] of lists.entries())
    for (let d = -shape.length; d < 0; d++) {
      const size = shape[shape.length + d];
      if (size < 0) throw new ValueError('Attempting to broadcast a dimension with negative length!');
      if (size === 1 || size === result[n + d]) continue;
      if (result[n + d] !== 1)
        throw new RuntimeError(
          `Attempting to broadcast a dimension of length ${size} at ${d}! Mismatching argument at index ${i} had (${shape.join(', ')}); but expected shape should be broadcastable to [${result.join(', ')}]`,
        );
      result[n + d] = size;
    }
  return Size.create(result);
}
