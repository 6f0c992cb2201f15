/** Tensors of kinds that there are none of here, as dense ones. */
import { float32, int32, int64 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { refused } from './file_errors.js';

/** (q − zero point) · scale, in float32. */
export function dequantized(
  q: Tensor,
  scale: number | Tensor,
  zeroPoint: number | Tensor,
  axis: number,
): Tensor {
  const along = (x: number | Tensor): number | Tensor => {
    if (!(x instanceof Tensor)) return x;
    const sizes = q.shape.map((_, d) => (d === axis ? -1 : 1));
    return x.reshape(sizes);
  };
  // Zero points may be fractions where each channel has its own.
  const isFloat = zeroPoint instanceof Tensor && zeroPoint.dtype.isFloatingPoint;
  const whole = isFloat ? q.to(float32) : q.to(int32);
  const zero = along(zeroPoint);
  const difference =
    zero instanceof Tensor ? whole.sub(isFloat ? zero.to(float32) : zero.to(int32)) : whole.sub(zero);
  const factor = along(scale);
  return factor instanceof Tensor
    ? difference.to(float32).mul(factor.to(float32))
    : difference.to(float32).mul(factor);
}

const compressed = new Map([
  ['torch.sparse_csr', { byRows: true, hasBlocks: false }],
  ['torch.sparse_csc', { byRows: false, hasBlocks: false }],
  ['torch.sparse_bsr', { byRows: true, hasBlocks: true }],
  ['torch.sparse_bsc', { byRows: false, hasBlocks: true }],
]);

/** How many tensors make a sparse one of a layout; undefined for layouts that are not known. */
export const partsOf = (layout: string): number | undefined =>
  layout === 'torch.sparse_coo' ? 2 : compressed.has(layout) ? 3 : undefined;

/** A sparse tensor of a file, made dense. @throws RuntimeError unless its parts belong together */
export function denseOf(layout: string, parts: readonly Tensor[], size: readonly number[]): Tensor {
  const values = parts[parts.length - 1];
  if (layout === 'torch.sparse_coo') {
    const [indices] = parts;
    const dense = zerosLike(values, size);
    if (indices.ndim !== 2 || indices.shape[0] === 0) throw refused('a sparse tensor is described wrongly');
    return dense.indexPut([...indices.to(int64).unbind(0)], values, { accumulate: true });
  }
  const kind = compressed.get(layout);
  if (kind === undefined) throw refused('a sparse tensor is described wrongly');
  const { byRows, hasBlocks } = kind;
  const [ends, plain] = parts.map((part) => part.to(int64));
  if (ends.ndim !== 1 || plain.ndim !== 1 || values.ndim !== (hasBlocks ? 3 : 1) || size.length !== 2)
    throw new RuntimeError(
      `torch.load: batches of ${layout} tensors cannot be made dense: save x.to_dense() in Python`,
    );
  const blocks = hasBlocks ? values : values.reshape([-1, 1, 1]);
  const [height, width] = blocks.shape.slice(1);
  const counts = ends.diff();
  // Counts say how often rows are repeated: nothing is made of those that are wrong.
  const bounds = Array.from(ends.toArray() as ArrayLike<number | bigint>, Number);
  if (
    bounds[0] !== 0 ||
    bounds.at(-1) !== plain.shape[0] ||
    bounds.some((end, i) => end < (bounds[i - 1] ?? 0))
  )
    throw refused('a sparse tensor is described wrongly');
  const along = ops.repeatInterleave(ops.arange(counts.shape[0], { device: counts.device }), counts);
  const grid = [size[0] / Math.max(height, 1), size[1] / Math.max(width, 1)];
  if (!grid.every(Number.isInteger) || counts.shape[0] !== grid[byRows ? 0 : 1])
    throw refused('a sparse tensor is described wrongly');
  const places = byRows ? [along, plain] : [plain, along];
  const dense = zerosLike(values, [grid[0], grid[1], height, width]);
  return dense
    .indexPut(places, blocks, { accumulate: true })
    .permute([0, 2, 1, 3])
    .reshape([...size]);
}

const zerosLike = ({ dtype, device }: Tensor, size: readonly number[]): Tensor =>
  ops.zeros([...size], { dtype, device });
