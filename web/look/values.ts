import type { Snapshot } from '../worker/messages.js';

/** Figures of many numbers for a legend. */
export interface Range {
  /** Of the finite numbers; NaN if there are none. */
  readonly least: number;
  readonly greatest: number;
  readonly nans: number;
  readonly infinities: number;
}

export function rangeOf(values: Float64Array): Range {
  let [least, greatest, nans, infinities] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) nans++;
    else if (!Number.isFinite(value)) infinities++;
    else {
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
  }
  return least > greatest
    ? { least: Number.NaN, greatest: Number.NaN, nans, infinities }
    : { least, greatest, nans, infinities };
}

/** A number in few characters. */
export function short(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

/** A tensor as a pile of matrices: the last two dimensions, one for each index of the others. */
export interface Matrices {
  readonly rows: number;
  readonly columns: number;
  readonly count: number;
}

export function matrices({ shape }: Snapshot): Matrices {
  const columns = shape.at(-1)!;
  const rows = shape.length > 1 ? shape.at(-2)! : 1;
  return { rows, columns, count: shape.slice(0, -2).reduce((product, size) => product * size, 1) };
}

/** How Python would write the `i`-th matrix of the pile: `[2, 0, :, :]`. */
export function matrixName({ shape }: Snapshot, i: number): string {
  const indices: string[] = shape.length > 1 ? [':', ':'] : [':'];
  let rest = i;
  for (const size of shape.slice(0, -2).reverse()) {
    indices.unshift(String(rest % size));
    rest = Math.floor(rest / size);
  }
  return `[${indices.join(', ')}]`;
}

export interface Images {
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A tensor as images: H×W, C×H×W or N×C×H×W with one, three or four channels; null if it has no such shape. */
export function asImages({ shape }: Snapshot): Images | null {
  if (shape.length < 2 || shape.length > 4) return null;
  const [height, width] = shape.slice(-2);
  const channels = shape.length > 2 ? shape.at(-3)! : 1;
  if (![1, 3, 4].includes(channels) || height < 2 || width < 2) return null;
  return { count: shape.length === 4 ? shape[0] : 1, channels, height, width };
}
