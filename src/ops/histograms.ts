/** Histograms with the edges of their bins. */
import { cppName } from '../core/cpp_names.js';
import { float32, float64 } from '../core/dtype.js';
import { notImplementedFor, RuntimeError } from '../core/errors.js';
import { formatShape, sameShape } from '../core/layout.js';
import type { List } from '../core/list.js';
import { formatNumber } from '../core/repr.js';
import { signed } from '../core/signature/signed.js';
import type { Tensor } from '../core/tensor.js';
import { empty } from '../dispatch/empty.js';
import { op, ops } from '../dispatch/registry.js';
import { isTransformed } from './open_form.js';

interface Wish {
  readonly weight: Tensor | null;
  readonly density: boolean;
  /** Whether all bins of a dimension are equal. */
  readonly isEqual: boolean;
}

/** Edges of equal bins over a range, or over that of the values. */
function equalEdges(points: Tensor, counts: readonly number[], range: readonly number[] | null): Tensor[] {
  const dims = points.shape[1];
  for (const [d, count] of counts.entries())
    if (count <= 0)
      throw new RuntimeError(`torch.histogram(): bins must be > 0, but got ${count} for dimension ${d}`);
  if (range !== null && range.length !== 2 * dims)
    throw new RuntimeError(
      `torch.histogramdd: for a ${dims}-dimensional histogram range should have ${2 * dims} elements, but got ${range.length}`,
    );
  const [least, most] =
    range === null && points.shape[0] > 0 && !points.isMeta
      ? [points.amin(0), points.amax(0)].map((t) =>
          isTransformed() ? counts.map((_, d) => t.select(0, d).item()) : (t.tolist() as number[]),
        )
      : [counts.map(() => 0), counts.map(() => 1)];
  return counts.map((count, d) => {
    let [low, high] = range === null ? [least[d], most[d]] : [range[2 * d], range[2 * d + 1]];
    if (!Number.isFinite(low) || !Number.isFinite(high))
      throw new RuntimeError(
        `torch.histogramdd: dimension ${d}'s range [${formatNumber(low)}, ${formatNumber(high)}] is not finite`,
      );
    if (low > high)
      throw new RuntimeError(
        `torch.histogramdd: min should not exceed max, but got min ${formatNumber(low)} max ${formatNumber(high)} for dimension ${d}`,
      );
    if (low === high) [low, high] = [low - 0.5, high + 0.5];
    return ops.linspace(low, high, count + 1, { dtype: points.dtype, device: points.device });
  });
}

function checkEdges(points: Tensor, edges: readonly Tensor[]): void {
  for (const [d, edge] of edges.entries()) {
    if (edge.ndim !== 1)
      throw new RuntimeError(
        `torch.histogramdd: bins tensor should have one dimension, but got ${edge.ndim} dimensions in the bins tensor for dimension ${d}`,
      );
    if (edge.numel() === 0)
      throw new RuntimeError(
        `torch.histogramdd: bins tensor should have at least 1 element, but got 0 elements in the bins tensor for dimension ${d}`,
      );
    if (edge.dtype !== points.dtype)
      throw new RuntimeError(
        `torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype ${cppName(points.dtype)} and bins for dimension ${d} with dtype ${cppName(edge.dtype)}`,
      );
  }
}

/** Counts points by the bins that they lie in. */
function count(
  self: Tensor,
  points: Tensor,
  edges: readonly Tensor[],
  { weight, density, isEqual }: Wish,
): Tensor {
  const outer = self.shape.slice(0, -1);
  if (weight !== null && !sameShape(weight.shape, outer))
    throw new RuntimeError(
      `torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding its innermost dimension, but got input with shape ${formatShape(self.shape)} and weight with shape ${formatShape(weight.shape)}`,
    );
  if (weight !== null && weight.dtype !== self.dtype)
    throw new RuntimeError(
      `torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype, but got input(${cppName(self.dtype)}), and weight(${cppName(weight.dtype)})`,
    );
  const sizes = edges.map((edge) => edge.shape[0] - 1);
  const result = sizes.includes(0)
    ? points.newZeros(sizes)
    : isForKernel(points)
      ? countByKernel(points, edges, weight, sizes, isEqual)
      : countByParts(points, edges, weight, sizes);
  if (!density || sizes.includes(0)) return result;
  let share = result.div(result.sum());
  for (const [d, edge] of edges.entries())
    share = share.div(edge.diff().reshape(sizes.map((n, i) => (i === d ? n : 1))));
  return share;
}

const isForKernel = ({ dtype, storage }: Tensor): boolean =>
  storage.backend.isHost && (dtype === float32 || dtype === float64) && !isTransformed();

function countByKernel(
  points: Tensor,
  edges: readonly Tensor[],
  weight: Tensor | null,
  sizes: readonly number[],
  isEqual: boolean,
): Tensor {
  const { backend } = points.storage;
  const counts = empty([...sizes], points.dtype, backend);
  backend.kernels.histogram(
    counts,
    points.contiguous(),
    weight?.detach().reshape([-1]).contiguous() ?? null,
    edges.map((edge) => edge.detach().contiguous()),
    isEqual,
  );
  return counts;
}

function countByParts(
  points: Tensor,
  edges: readonly Tensor[],
  weight: Tensor | null,
  sizes: readonly number[],
): Tensor {
  const total = sizes.reduce((a, b) => a * b, 1);
  let weights = weight?.detach().reshape([-1]) ?? points.newOnes([points.shape[0]]);
  let bins: Tensor | null = null;
  for (const [d, edge] of edges.entries()) {
    const column = points.select(1, d).contiguous();
    const last = sizes[d];
    const [low, high] = [edge.select(0, 0), edge.select(0, last)];
    weights = weights.mul(column.ge(low).logicalAnd(column.le(high)));
    // The last bin has both of its edges.
    const bin = ops
      .searchsorted(edge, column, { right: true })
      .sub(1)
      .clamp(0, last - 1);
    bins = bins === null ? bin : bins.mul(last).add(bin);
  }
  return points
    .newZeros([total])
    .indexAdd_(0, bins!, weights)
    .reshape([...sizes]);
}

function checkDtype(self: Tensor): void {
  if (!self.isFloatingPoint()) throw notImplementedFor('histogramdd', self.dtype.scalarName);
}

op(
  'histogram.bin_ct(Tensor self, int bins=100, *, float[]? range=None, Tensor? weight=None, bool density=False) -> (Tensor hist, Tensor bin_edges)',
  {
    doc: 'How many elements, or what sum of weights, lie in each of `bins` equal parts of `range` (default: that of the elements), and the edges of the parts. With `density` the integral over all is 1.',
    batch: 'loop',
    reads: true,
    composite(self, bins, range, weight, density) {
      checkDtype(self);
      const points = self.detach().reshape([-1, 1]);
      const edges = equalEdges(points, [bins], range);
      const hist = count(points, points, edges, {
        weight: weight?.reshape([-1]) ?? null,
        density,
        isEqual: true,
      });
      return [hist, edges[0]] as const;
    },
  },
);

op(
  'histogram.bins_tensor(Tensor self, Tensor bins, *, Tensor? weight=None, bool density=False) -> (Tensor hist, Tensor bin_edges)',
  {
    doc: 'The same with the edges of the bins given.',
    batch: 'loop',
    composite(self, bins, weight, density) {
      checkDtype(self);
      const points = self.detach().reshape([-1, 1]);
      checkEdges(points, [bins]);
      const wish = { weight: weight?.reshape([-1]) ?? null, density, isEqual: false };
      return [count(points, points, [bins], wish), bins.clone()] as const;
    },
  },
);

/** The counts of `histogramdd` and the edges of each dimension, by position and by name. */
export type Histogramdd = readonly [hist: Tensor, binEdges: List<Tensor>] & {
  readonly hist: Tensor;
  readonly binEdges: List<Tensor>;
};

/**
 * How many points lie in each box of a grid, or what sum of weights. The last dimension of `input` has the coordinates of a point.
 *
 * @param input the points
 * @param bins the number of equal parts of each dimension, one number for all, or the edges of the parts
 * @param range the least and the greatest coordinate of each dimension, one after the other; default: those of the points
 * @param weight a weight for each point
 * @param density whether the integral over all is 1
 * @returns the counts, and the edges of each dimension
 */
export const histogramdd = signed(
  'histogramdd(Tensor input, int|int[]|Tensor[] bins, *, float[]? range=None, Tensor? weight=None, bool density=False)',
  ({ input, bins, range, weight, density }): Histogramdd => {
    if (input.ndim < 2)
      throw new RuntimeError('torch.histogramdd: input tensor should have at least 2 dimensions');
    const dims = input.shape[input.ndim - 1];
    const given = typeof bins === 'number' ? new Array<number>(dims).fill(bins) : bins;
    if (given.length !== dims)
      throw new RuntimeError(
        'histogramdd: The size of bins must be equal to the innermost dimension of the input.',
      );
    checkDtype(input);
    const points = input.detach().reshape([-1, dims]);
    const isEdges = given.some((one) => typeof one !== 'number');
    if (isEdges) checkEdges(points, given as readonly Tensor[]);
    const edges = isEdges
      ? (given as readonly Tensor[])
      : equalEdges(points, given as readonly number[], range);
    const hist = count(input, points, edges, { weight, density, isEqual: !isEdges });
    const binEdges = edges as List<Tensor>;
    return Object.assign([hist, binEdges] as const, { hist, binEdges });
  },
);
