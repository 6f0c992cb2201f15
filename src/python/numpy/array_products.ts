/** Products of vectors and matrices. */
import { ops } from '../../dispatch/registry.js';
import { promoted } from './array_types.js';
import { type ArrayData, asarray } from './making_arrays.js';
import { NDArray } from './ndarray.js';

export const matmul = (a: ArrayData, b: ArrayData): NDArray => asarray(a).matmul(asarray(b));

/** The product of vectors or matrices; that of a number is one of each element. */
export function dot(a: ArrayData, b: ArrayData): NDArray {
  const [x, y] = [asarray(a), asarray(b)];
  return x.ndim === 0 || y.ndim === 0 ? x.mul(y) : x.matmul(y);
}

export function outer(a: ArrayData, b: ArrayData): NDArray {
  const [x, y] = [asarray(a).ravel(), asarray(b).ravel()];
  return x.reshape(-1, 1).mul(y.reshape(1, -1));
}

export function einsum(equation: string, ...operands: ArrayData[]): NDArray {
  const own = operands.map((one) => asarray(one).tensor);
  const dtype = own.map((one) => one.dtype).reduce(promoted);
  return new NDArray(
    ops.einsum(
      equation,
      own.map((one) => one.to(dtype)),
    ),
  );
}

export const trace = (a: ArrayData): NDArray => new NDArray(asarray(a).tensor.trace());
