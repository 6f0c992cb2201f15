/** The rules that the parts of sparse tensors keep. */
import { RuntimeError } from '../core/errors.js';
import { formatShape, type Shape } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import { holds } from '../ops/checks.js';

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

/** @throws RuntimeError in PyTorch's words unless coordinates are within the sizes */
export function checkPlaces(places: Tensor, sizes: Shape): void {
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
export function checkCoo(places: Tensor, values: Tensor, size: Shape): void {
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

/** Whether every place comes after the one before. */
export function isInOrder(places: Tensor): boolean {
  const rows = places.t().tolist() as number[][];
  return rows.every((row, i) => i === 0 || isLess(rows[i - 1], row));
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const d = a.findIndex((x, i) => x !== b[i]);
  return d >= 0 && a[d] < b[d];
}

/** @throws RuntimeError in PyTorch's words unless the parts of a matrix by rows belong together */
export function checkCsr(starts: Tensor, columns: Tensor, values: Tensor, [rows, width]: Shape): void {
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
