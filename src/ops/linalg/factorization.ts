/** Common parts of factorizations of matrices: checks, and stacks of matrices as kernels take them. */
import { Category, complex64, complex128, float32, float64, int32 } from '../../core/dtype.js';
import { LinAlgError, RuntimeError } from '../../core/errors.js';
import { numel, type Shape } from '../../core/layout.js';
import { Tensor } from '../../core/tensor.js';
import { empty } from '../../dispatch/empty.js';
import { notImplemented } from '../../dispatch/promote.js';
import { ops } from '../../dispatch/registry.js';
import { copyInto, fillInto } from '../copying.js';

const dtypes = [float32, float64, complex64, complex128];

/** @throws NotImplementedError unless kernels have this dtype */
export function checkKernel(kernel: string, { dtype }: Tensor): void {
  if (!dtypes.includes(dtype)) throw notImplemented(kernel, dtype);
}

export function checkMatrix(name: string, tensor: Tensor, argument = 'A'): void {
  if (tensor.ndim < 2)
    throw new RuntimeError(`${name}: The input tensor ${argument} must have at least 2 dimensions.`);
}

export function checkSquare(name: string, tensor: Tensor): void {
  checkMatrix(name, tensor);
  const [rows, columns] = tensor.shape.slice(-2);
  if (rows !== columns)
    throw new RuntimeError(
      `${name}: A must be batches of square matrices, but they are ${rows} by ${columns} matrices`,
    );
}

export function checkFloating(name: string, { dtype }: Tensor): void {
  if (dtype.category < Category.float)
    throw new RuntimeError(
      `${name}: Expected a floating point or complex tensor as input. Got ${dtype.scalarName}`,
    );
}

/** A new tensor of other values' dtype and device. */
export const emptyAs = (shape: Shape, { dtype, storage }: Tensor): Tensor =>
  empty([...shape], dtype, storage.backend);

/** Numbers that say of each matrix what a factorization found, 0 to begin with. */
export function emptyInfo(batch: Shape, { storage }: Tensor): Tensor {
  const info = empty([...batch], int32, storage.backend);
  fillInto(info, 0);
  return info;
}

/** A copy whose memory nobody else has, row by row. */
export function denseCopyOf(tensor: Tensor): Tensor {
  const copy = emptyAs(tensor.shape, tensor);
  if (copy.numel() > 0) copyInto(copy, tensor);
  return copy;
}

/** A tensor with all dimensions but the last `kept` made one, for kernels; that of a dense tensor is a view. */
export function stackOf(tensor: Tensor, kept = 2): Tensor {
  const { storage, dtype, shape, strides, offset } = tensor;
  const lead = shape.length - kept;
  if (lead === 1) return tensor;
  // One of a stack of one is a view without further ado.
  if (lead === 0) return new Tensor(storage, dtype, [1, ...shape], [numel(shape), ...strides], offset);
  return tensor.reshape([numel(shape.slice(0, lead)), ...shape.slice(lead)]);
}

/** The first rows and columns of matrices, zero above the diagonal (`upper`: below it), for kernels' results. */
export function triangleOf(
  matrix: Tensor,
  [rows, columns]: readonly [number, number],
  diagonal: number,
  upper: boolean,
): Tensor {
  const { storage, dtype, strides, offset } = matrix;
  const shape = [...matrix.shape.slice(0, -2), rows, columns];
  const out = empty(shape, dtype, storage.backend);
  if (out.numel() > 0)
    storage.backend.kernels.triangle(
      out,
      new Tensor(storage, dtype, shape, strides, offset),
      diagonal,
      upper,
    );
  return out;
}

/** Looks at dense `info`. @throws LinAlgError (or another kind) that names the first matrix of which `info` says that a factorization failed, where that can be read */
export function checkInfo(
  name: string,
  info: Tensor,
  describe: (value: number) => string,
  Kind: new (message: string) => Error = LinAlgError,
): void {
  const which = (position: number): string => (info.ndim === 0 ? '' : `(Batch element ${position}): `);
  const error = (position: number, value: number): Error =>
    new Kind(`${name}: ${which(position)}${describe(value)}`);
  if (!info.isReadable) {
    if (info.numel() > 0)
      info.storage.backend.refuseNonzero?.(info.view([-1]), `${name} ${info.ndim === 0}`, error);
    return;
  }
  const { buffer, byteOffset } = info.storage.host()!;
  const values = new Int32Array(buffer, byteOffset + info.offset * int32.itemsize, info.numel());
  const first = values.findIndex((value) => value !== 0);
  if (first >= 0) throw error(first, values[first]);
}

export const notPositive = (order: number): string =>
  `The factorization could not be completed because the input is not positive-definite (the leading minor of order ${order} is not positive-definite).`;

/** @throws RuntimeError for half types, in the words of those that name them low */
export function checkPrecision(name: string, tensor: Tensor): void {
  checkFloating(name, tensor);
  const { dtype } = tensor;
  if (!dtypes.includes(dtype))
    throw new RuntimeError(`${name}: Low precision dtypes not supported. Got ${dtype.scalarName}`);
}

/** Stacks side by side: a matrix whose columns lie along memory. */
export const emptyByColumns = (shape: Shape, like: Tensor): Tensor =>
  emptyAs([...shape.slice(0, -2), shape[shape.length - 1], shape[shape.length - 2]], like).mT;

export const zeroPivot = (index: number): string =>
  `The diagonal element ${index} is zero, the inversion could not be completed because the input matrix is singular.`;

export const singular = (): string => 'The solver failed because the input matrix is singular.';

/** The formula of an op that has no derivative. */
export const notDifferentiable = (name: string) => (): never => {
  throw new RuntimeError(`derivative for aten::${name} is not implemented`);
};

/** The identity, of matrices' last sizes, dtype and device. */
export function identityLike({ shape, dtype, device }: Tensor): Tensor {
  const [rows, columns] = shape.slice(-2);
  return ops.eye(rows, columns, { dtype, device });
}

/** The conjugate transpose; of real matrices a view. */
export const adjoint = (matrix: Tensor): Tensor => (matrix.isComplex() ? matrix.mH : matrix.mT);
