/** Matrices of diagonals. */
import { int64 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import type { Layout } from '../core/memory_format.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { tensor } from '../ops/from_data.js';
import { toCsr } from './conversion.js';
import { SparseCooTensor, sparseCoo, sparseCsr } from './sparse_tensor.js';

declare module '../core/signature/argument_types.js' {
  interface ParameterTypes {
    Layout: Layout;
  }
}

const signatureOf = signature('spdiags(Tensor diagonals, Tensor offsets, int[] shape, Layout? layout=None)');

/**
 * A sparse matrix with these diagonals: the i-th row of `diagonals` lies on the diagonal that is `offsets`[i] above the main one, each
 * element in the column of its own number.
 *
 * @param diagonals the diagonals, [n, length], or one of them
 * @param offsets which diagonals they are, [n]; int64
 * @param shape rows and columns
 * @param layout `torch.sparseCoo`, the default, or `torch.sparseCsr`
 * @throws RuntimeError if the arguments do not belong together
 */
export function spdiags(...args: Arguments<typeof signatureOf>): Tensor {
  const { diagonals: given, offsets: places, shape, layout } = signatureOf.bind(args);
  const diagonals = given.ndim === 1 ? given.unsqueeze(0) : given;
  const offsets = places.ndim === 0 ? places.unsqueeze(0) : places;
  if (diagonals.ndim !== 2) throw new RuntimeError('Diagonals must be vector or matrix');
  if (shape.length !== 2) throw new RuntimeError('Output shape must be 2d');
  if (offsets.ndim !== 1) throw new RuntimeError('Offsets must be scalar or vector');
  if (diagonals.shape[0] !== offsets.shape[0])
    throw new RuntimeError(
      `Number of diagonals (${diagonals.shape[0]}) does not match the number of offsets (${offsets.shape[0]})`,
    );
  if (layout !== null && layout !== sparseCoo && layout !== sparseCsr)
    throw new RuntimeError(
      `Only output layouts (Sparse, SparseCsc, SparseCsr) are supported, got ${layout.name === 'strided' ? 'Strided' : layout}`,
    );
  if (offsets.dtype !== int64)
    throw new RuntimeError(`Offset Tensor must have dtype Long but got ${offsets.dtype.scalarName}`);
  const list = offsets.tolist() as number[];
  if (new Set(list).size < list.length) throw new RuntimeError('Offset tensor contains duplicate values');
  const [rows, columns] = shape;
  const [row, column, from]: number[][] = [[], [], []];
  for (const [i, offset] of list.entries()) {
    const end = Math.min(diagonals.shape[1], columns, rows + offset);
    for (let j = Math.max(0, offset); j < end; j++) {
      row.push(j - offset);
      column.push(j);
      from.push(i * diagonals.shape[1] + j);
    }
  }
  const index = (numbers: readonly number[]): Tensor =>
    tensor(numbers, { dtype: int64, device: diagonals.device });
  const values = diagonals.reshape([-1]).indexSelect(0, index(from));
  const made = new SparseCooTensor(ops.stack([index(row), index(column)]), values, [rows, columns]);
  return layout === sparseCsr ? toCsr(made) : made;
}
