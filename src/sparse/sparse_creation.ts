/** New sparse tensors, and what must be true of their parts. */
import { context } from '../core/context.js';
import type { DeviceLike } from '../core/device.js';
import { type DType, int32, int64 } from '../core/dtype.js';
import { noPinnedMemory, RuntimeError } from '../core/errors.js';
import { formatShape, type Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { asLeaf, type Tensor } from '../core/tensor.js';
import { checkNotNegative } from '../dispatch/empty.js';
import { ops } from '../dispatch/registry.js';
import { holds } from '../ops/checks.js';
import { asTensor, type TensorData } from '../ops/from_data.js';
import { recordedAs } from './places.js';
import './rules.js';
import { SparseCooTensor, SparseCsrTensor } from './sparse_tensor.js';

let checksAlways = false;

/** Whether the parts of new sparse tensors are checked without being asked to. */
export const invariants = {
  get enabled(): boolean {
    return checksAlways;
  },
  set enabled(value: boolean) {
    checksAlways = value;
  },
};

const options =
  'ScalarType? dtype=None, Device? device=None, bool pin_memory=False, bool requires_grad=False, bool? check_invariants=None';
const coo = signature(
  `sparse_coo_tensor(Any indices, Any values=None, int[]? size=None, *, ${options}, bool? is_coalesced=None)`,
);
const csr = signature(
  `sparse_csr_tensor(Any crow_indices, Any col_indices, Any values, int[]? size=None, *, ${options})`,
);

/** Values that a sparse tensor keeps for itself: what is recorded for them is recorded for it. */
function own(values: Tensor, requiresGrad: boolean, name: string): Tensor {
  const isRecorded = values.requiresGrad && context().grad && !requiresGrad;
  const kept = isRecorded ? recordedAs(values, name) : values.detach();
  return requiresGrad ? asLeaf(kept) : kept;
}

/** @throws RuntimeError in PyTorch's words unless coordinates are within the sizes */
function checkPlaces(places: Tensor, sizes: Shape): void {
  if (!places.isReadable || places.numel() === 0) return;
  for (const [d, row] of [...places].entries()) {
    const [least, most] = [row.min().item(), row.max().item()];
    if (least < 0) throw new RuntimeError(`found negative index ${least} for dim ${d}`);
    if (most >= (sizes[d] ?? Number.POSITIVE_INFINITY))
      throw new RuntimeError(
        `size is inconsistent with indices: for dim ${d}, size is ${sizes[d]} but found index ${most}`,
      );
  }
}

/** @throws RuntimeError in PyTorch's words unless the parts of a tensor by coordinates belong together */
function checkCoo(places: Tensor, values: Tensor, size: Shape): void {
  const sparseDim = places.shape[0];
  const denseDim = values.ndim - 1;
  if (size.length !== sparseDim + denseDim)
    throw new RuntimeError(
      `'len(size) == sparse_dim + dense_dim' is not satisfied: len(size) = ${size.length}, sparse_dim = ${sparseDim}, dense_dim = ${denseDim}`,
    );
  if (places.shape[1] !== values.shape[0])
    throw new RuntimeError(
      `indices and values must have same nnz, but got nnz from indices: ${places.shape[1]}, nnz from values: ${values.shape[0]}`,
    );
  const expected = [values.shape[0], ...size.slice(sparseDim)];
  if (String(expected) !== String(values.shape))
    throw new RuntimeError(
      `values has incorrect size, expected ${formatShape(expected)}, got ${formatShape(values.shape)}`,
    );
}

interface Given {
  readonly dtype: DType | null;
  readonly device: DeviceLike | null;
  readonly pinMemory: boolean;
}

function valuesOf(data: unknown, { dtype, device, pinMemory }: Given): Tensor {
  if (pinMemory) throw noPinnedMemory();
  const values = asTensor(data as TensorData, { dtype, device });
  return values.ndim === 0 ? values.reshape([1]) : values;
}

/**
 * A sparse tensor of elements at coordinates. Elements that are not there are zero, several at one place add up.
 *
 * @param indices the coordinates, [sparse dimensions, n]; or nothing but the sizes, of a tensor without elements
 * @param values the elements, [n, …dense dimensions]
 * @param size all sizes; null: as small as the coordinates allow
 * @param checkInvariants whether coordinates are checked; null: as `torch.sparse.checkSparseTensorInvariants` says
 * @param isCoalesced whether it is known that every place is there once, in order
 * @throws RuntimeError if the parts do not belong together
 * @example
 * torch.sparseCooTensor([[0, 1, 1], [2, 0, 2]], [3, 4, 5], [2, 3]).toDense();
 */
export function sparseCooTensor(
  ...args: Arguments<typeof coo, { indices: TensorData; values: TensorData }>
): Tensor {
  const {
    indices,
    values: data,
    size: sizes,
    checkInvariants,
    isCoalesced,
    requiresGrad,
    ...given
  } = coo.bind(args);
  if (data === null) return withoutElements(sizes ?? indices, requiresGrad, given);
  const values = valuesOf(data, given);
  const places = asTensor(indices as TensorData, { device: values.device })
    .to(int64)
    .detach();
  if (places.ndim !== 2)
    throw new RuntimeError(`indices must be sparse_dim x nnz, but got: ${formatShape(places.shape)}`);
  if (sizes !== null) checkNotNegative(sizes);
  const checks = checkInvariants ?? checksAlways;
  if (sizes === null) checkPlaces(places, []);
  const size = sizes ?? inferred(places, values);
  checkCoo(places, values, size);
  if (checks) checkPlaces(places, size);
  const kept = own(values, requiresGrad, 'SparseCooTensorWithDimsAndTensorsBackward0');
  const made = new SparseCooTensor(places, kept, [...size], isCoalesced ?? false);
  if (checks && isCoalesced && !isInOrder(places))
    throw new RuntimeError('cannot set is_coalesced to true if indices correspond to uncoalesced COO tensor');
  return made;
}

/** A tensor of zeros. @throws TypeError in Python's words unless sizes are given */
function withoutElements(size: unknown, requiresGrad: boolean, { dtype, device }: Given): Tensor {
  if (!Array.isArray(size) || !size.every(Number.isInteger))
    throw new TypeError("sparse_coo_tensor(): argument 'size' (position 1) must be tuple of ints");
  const sizes = size as number[];
  checkNotNegative(sizes);
  const places = ops.zeros([sizes.length, 0], { dtype: int64, device });
  const values = ops.zeros([0], { dtype, device });
  return new SparseCooTensor(places, requiresGrad ? asLeaf(values) : values, [...sizes], true);
}

/** The smallest sizes that hold all elements. */
function inferred(places: Tensor, values: Tensor): number[] {
  const sizes = [...places].map((row) => (row.numel() === 0 ? 0 : row.max().item() + 1));
  return [...sizes, ...values.shape.slice(1)];
}

/** Whether every place comes after the one before. */
function isInOrder(places: Tensor): boolean {
  const rows = places.t().tolist() as number[][];
  return rows.every((row, i) => i === 0 || isLess(rows[i - 1], row));
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const d = a.findIndex((x, i) => x !== b[i]);
  return d >= 0 && a[d] < b[d];
}

/**
 * A sparse matrix of elements by their columns, row after row.
 *
 * @param crowIndices where each row's elements begin, and where the last ones end, [rows + 1]
 * @param colIndices the column of each element
 * @param values the elements
 * @param size rows and columns; null: as small as the indices allow
 * @param checkInvariants whether indices are checked; null: as `torch.sparse.checkSparseTensorInvariants` says
 * @throws RuntimeError if the parts do not belong together
 */
export function sparseCsrTensor(
  ...args: Arguments<typeof csr, { crowIndices: TensorData; colIndices: TensorData; values: TensorData }>
): Tensor {
  const {
    crowIndices,
    colIndices,
    values: data,
    size: sizes,
    checkInvariants,
    requiresGrad,
    ...given
  } = csr.bind(args);
  const values = valuesOf(data, given);
  const [starts, columns] = [crowIndices, colIndices].map((part) =>
    asTensor(part as TensorData, { device: values.device }).detach(),
  );
  for (const [name, part] of Object.entries({ crow_indices: starts, col_indices: columns }))
    if (part.dtype !== int64 && part.dtype !== int32)
      throw new RuntimeError(
        `"\`${name}\`" must have the dtype torch.int32 or torch.int64, but got ${part.dtype}`,
      );
  if (sizes !== null) checkNotNegative(sizes);
  const size = sizes ?? [starts.shape[0] - 1, columns.numel() === 0 ? 0 : columns.max().item() + 1];
  if (checkInvariants ?? checksAlways) checkCsr(starts, columns, values, size);
  const kept = own(values, requiresGrad, 'SparseCompressedTensorBackward0');
  return new SparseCsrTensor(starts, columns, kept, [...size]);
}

/** @throws RuntimeError in PyTorch's words unless the parts of a matrix by rows belong together */
function checkCsr(starts: Tensor, columns: Tensor, values: Tensor, [rows, width]: Shape): void {
  const must = (isTrue: boolean, what: string): void => {
    if (!isTrue) throw new RuntimeError(`\`${what}\` is not satisfied.`);
  };
  must(starts.shape[0] === rows + 1, 'crow_indices.shape[-1] == nrows + 1');
  must(columns.shape[0] === values.shape[0], 'col_indices.shape[-1] == values.shape[0]');
  must(
    holds(starts, (s) => s.select(0, 0).eq(0)),
    'crow_indices[..., 0] == 0',
  );
  must(
    holds(starts, (s) => s.select(0, -1).eq(columns.shape[0])),
    'crow_indices[..., -1] == nnz',
  );
  const counts = starts.narrow(0, 1, rows).sub(starts.narrow(0, 0, rows));
  must(
    holds(counts, (c) => c.ge(0).logicalAnd(c.le(width)).all()),
    '0 <= crow_indices[..., 1:] - crow_indices[..., :-1] <= ncols',
  );
  must(
    holds(columns, (c) => c.ge(0).logicalAnd(c.lt(width)).all()),
    '0 <= col_indices < ncols',
  );
  if (!starts.isReadable) return;
  const [bounds, at] = [starts.tolist() as number[], columns.tolist() as number[]];
  const isSorted = bounds
    .slice(1)
    .every((end, row) => at.slice(bounds[row], end).every((c, i, all) => i === 0 || all[i - 1] < c));
  must(
    isSorted,
    'col_indices[..., crow_indices[..., i - 1]:crow_indices[..., i]] for all i = 1, ..., nrows are sorted and distinct along the last dimension values',
  );
}
