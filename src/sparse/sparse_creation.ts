/** New sparse tensors, and what must be true of their parts. */
import { context } from '../core/context.js';
import type { DeviceLike } from '../core/device.js';
import { type DType, int32, int64 } from '../core/dtype.js';
import { noPinnedMemory, RuntimeError } from '../core/errors.js';
import { formatShape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { asLeaf, type Tensor } from '../core/tensor.js';
import { checkNotNegative } from '../dispatch/empty.js';
import { ops } from '../dispatch/registry.js';
import { asTensor, type TensorData } from '../ops/from_data.js';
import { checkCoo, checkCsr, checkPlaces, invariants, isInOrder } from './invariants.js';
import { recordedAs } from './places.js';
import './rules.js';
import { SparseCooTensor, SparseCsrTensor } from './sparse_tensor.js';

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
  const checks = checkInvariants ?? invariants.enabled;
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
  if (checkInvariants ?? invariants.enabled) checkCsr(starts, columns, values, size);
  const kept = own(values, requiresGrad, 'SparseCompressedTensorBackward0');
  return new SparseCsrTensor(starts, columns, kept, [...size]);
}
