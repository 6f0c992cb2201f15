/** Counts of values by ranges, as NumPy's `histogram` gives them and TensorBoard draws them. */
import { ValueError } from '../core/errors.js';
import { message, type ProtoMessage } from './proto_message.js';

/** Rules of NumPy's for the number of ranges. */
export type HistogramBins =
  | 'tensorflow'
  | 'auto'
  | 'fd'
  | 'doane'
  | 'scott'
  | 'stone'
  | 'rice'
  | 'sturges'
  | 'sqrt'
  | number
  | readonly number[];

/** TensorFlow's edges: powers of 1.1 on both sides of 0. */
const tensorflowEdges: readonly number[] = /* @__PURE__ */ (() => {
  const above: number[] = [];
  for (let edge = 1e-12; edge < 1e20; edge *= 1.1) above.push(edge);
  return [...above.map((edge) => -edge).reverse(), 0, ...above];
})();

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The mean of the differences from the mean, to a power. */
function moment(values: Float64Array, power: number): number {
  const center = mean(values);
  return values.reduce((sum, value) => sum + (value - center) ** power, 0) / values.length;
}

/** NumPy's percentile, by linear interpolation. */
function percentile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below] + (at - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
}

const spread = (sorted: Float64Array): number => sorted[sorted.length - 1] - sorted[0];

/** The width of a range by each rule; 0 where it knows none. */
const widths: Readonly<Record<string, (sorted: Float64Array) => number>> = {
  sqrt: (x) => spread(x) / Math.sqrt(x.length),
  sturges: (x) => spread(x) / (Math.log2(x.length) + 1),
  rice: (x) => spread(x) / (2 * x.length ** (1 / 3)),
  scott: (x) => ((24 * Math.sqrt(Math.PI)) / x.length) ** (1 / 3) * Math.sqrt(moment(x, 2)),
  fd: (x) => (2 * (percentile(x, 0.75) - percentile(x, 0.25))) / x.length ** (1 / 3),
  doane(x) {
    if (x.length <= 2) return 0;
    const deviation = Math.sqrt(moment(x, 2));
    if (deviation <= 0) return 0;
    const n = x.length;
    const skewness = moment(x, 3) / deviation ** 3;
    const ofSkewness = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
    return spread(x) / (1 + Math.log2(n) + Math.log2(1 + Math.abs(skewness) / ofSkewness));
  },
  /** Stone's: the number with the least estimated loss. */
  stone(x) {
    const n = x.length;
    if (n <= 1 || spread(x) === 0) return 0;
    const most = Math.max(100, Math.trunc(Math.sqrt(n)));
    let [best, least] = [1, Number.POSITIVE_INFINITY];
    for (let bins = 1; bins <= most; bins++) {
      const width = spread(x) / bins;
      const squares = counted(x, evenEdges(x[0], x[n - 1], bins)).reduce(
        (sum, count) => sum + (count / n) ** 2,
        0,
      );
      const loss = (2 - (n + 1) * squares) / width;
      if (loss < least) [best, least] = [bins, loss];
    }
    return spread(x) / best;
  },
  auto(x) {
    const [fd, sturges, sqrt] = [widths.fd(x), widths.sturges(x), widths.sqrt(x)];
    // Few distinct values make the quartiles meet.
    return Math.min(Math.max(fd, sqrt / 2), sturges);
  },
};

const evenEdges = (low: number, high: number, count: number): number[] =>
  Array.from({ length: count + 1 }, (_, i) => (i === count ? high : low + i * ((high - low) / count)));

/** The edges that a rule gives. */
function edgesBy(bins: HistogramBins, sorted: Float64Array): readonly number[] {
  if (bins === 'tensorflow') return tensorflowEdges;
  if (typeof bins === 'object') {
    if (bins.some((edge, i) => i > 0 && bins[i - 1] > edge))
      throw new ValueError('`bins` must increase monotonically, when an array');
    return bins;
  }
  let [low, high] = [sorted[0], sorted[sorted.length - 1]];
  if (!Number.isFinite(low) || !Number.isFinite(high))
    throw new ValueError(`autodetected range of [${low}, ${high}] is not finite`);
  let count: number;
  if (typeof bins === 'string') {
    const rule = Object.hasOwn(widths, bins) ? widths[bins] : undefined;
    if (rule === undefined) throw new ValueError(`'${bins}' is not a valid estimator for \`bins\``);
    const width = rule(sorted);
    count = width > 0 ? Math.ceil((high - low) / width) : 1;
  } else {
    if (bins < 1) throw new ValueError('`bins` must be positive, when an integer');
    count = bins;
  }
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  return evenEdges(low, high, Math.max(count, 1));
}

/** The first place in a sorted list whose value is not below (or, on the right, above) one. */
function place(sorted: Float64Array, value: number, isRight: boolean): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle] < value || (isRight && sorted[middle] === value)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** How many values lie between neighbouring edges; the last range includes its end. */
function counted(sorted: Float64Array, edges: readonly number[]): number[] {
  const places = edges.map((edge, i) => place(sorted, edge, i === edges.length - 1));
  return places.slice(1).map((end, i) => end - places[i]);
}

/** Joins neighbouring ranges, so that there are no more than about `maxBins`. */
function thinned(
  counts: readonly number[],
  edges: readonly number[],
  maxBins: number,
): [counts: number[], edges: number[]] {
  const step = Math.trunc(counts.length / maxBins);
  const joined: number[] = [];
  for (let i = 0; i < counts.length; i += step)
    joined.push(counts.slice(i, i + step).reduce((sum, count) => sum + count, 0));
  const starts = joined.map((_, i) => edges[i * step]);
  return [joined, [...starts, edges[edges.length - 1]]];
}

/** A histogram as a message. */
export function histogramOf(
  given: Float64Array,
  bins: HistogramBins,
  maxBins: number | null = null,
): ProtoMessage {
  if (given.length === 0) throw new ValueError('The input has no element.');
  const sorted = Float64Array.from(given).sort();
  let edges = edgesBy(bins, sorted);
  let counts: readonly number[] = counted(sorted, edges);
  if (maxBins !== null && counts.length > maxBins) [counts, edges] = thinned(counts, edges, maxBins);
  const first = counts.findIndex((count) => count > 0);
  const isEmpty = first < 0;
  const start = isEmpty ? counts.length : first;
  const end = isEmpty ? 1 : counts.findLastIndex((count) => count > 0) + 1;
  // TensorBoard knows right ends alone: an empty range on the left says where the first one begins.
  const shown = start > 0 ? counts.slice(start - 1, end) : [0, ...counts.slice(0, end)];
  if (shown.length === 0) throw new ValueError('The histogram is empty, please file a bug report.');
  const isNan = Number.isNaN(sorted[sorted.length - 1]);
  return rawHistogram({
    min: isNan ? Number.NaN : sorted[0],
    max: sorted[sorted.length - 1],
    num: given.length,
    sum: given.reduce((sum, value) => sum + value, 0),
    sumSquares: given.reduce((sum, value) => sum + value * value, 0),
    bucketLimits: edges.slice(start, end + 1),
    bucketCounts: shown,
  });
}

/** A histogram whose numbers are known. */
export interface RawHistogram {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly bucketLimits: readonly number[];
  readonly bucketCounts: readonly number[];
}

export function rawHistogram(histogram: RawHistogram): ProtoMessage {
  return message()
    .double(1, histogram.min)
    .double(2, histogram.max)
    .double(3, histogram.num)
    .double(4, histogram.sum)
    .double(5, histogram.sumSquares)
    .numbers(6, Float64Array.from(histogram.bucketLimits))
    .numbers(7, Float64Array.from(histogram.bucketCounts));
}
