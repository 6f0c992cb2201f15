/** `numpy.random`: the numbers of NumPy's old functions for a seed, to the bit. */
import { float64, int64 } from '../../core/dtypes.js';
import { ValueError } from '../../core/errors.js';
import { tensor } from '../../ops/from_data.js';
import { MersenneTwister } from '../mersenne_twister.js';
import { valuesOf } from './array_sums.js';
import { type ArrayData, arange, asarray } from './making_arrays.js';
import { NDArray } from './ndarray.js';

type Size = number | readonly number[] | null | undefined;

interface ChoiceOptions {
  size?: Size;
  replace?: boolean;
  p?: ArrayData | null;
}

/** A stream of its own, as `numpy.random.RandomState(seed)`. */
export class RandomState {
  private readonly twister = new MersenneTwister();
  /** The second number of a pair of normal ones. */
  private kept: number | null = null;

  constructor(value: number = Date.now() % 2 ** 32) {
    this.seed(value);
  }

  /** Begins the stream of a seed. @throws ValueError for one beyond 32 bits */
  seed(value: number): void {
    if (!(value >= 0 && value < 2 ** 32)) throw new ValueError('Seed must be between 0 and 2**32 - 1');
    this.twister.seed(value);
    this.kept = null;
  }

  /** Uniform numbers from 0 up to 1. */
  rand(...shape: number[]): NDArray {
    return this.filled(shape, () => this.twister.double());
  }

  random(size?: Size): NDArray {
    return this.filled(size, () => this.twister.double());
  }

  uniform(low = 0, high = 1, size?: Size): NDArray {
    return this.filled(size, () => low + (high - low) * this.twister.double());
  }

  /** Numbers of the standard normal distribution, by Marsaglia's polar method. */
  randn(...shape: number[]): NDArray {
    return this.filled(shape, () => this.gauss());
  }

  normal(loc = 0, scale = 1, size?: Size): NDArray {
    return this.filled(size, () => loc + scale * this.gauss());
  }

  /** Whole numbers from `low` up to `high`, or from 0 up to the only bound. @throws ValueError if there is none */
  randint(low: number, high?: number | null, size?: Size): NDArray {
    const [from, to] = high === undefined || high === null ? [0, low] : [low, high];
    if (from >= to) throw new ValueError('low >= high');
    const most = to - from - 1;
    return this.filled(size, () => from + this.upTo(most), true);
  }

  /** Brings the rows of an array, or the items of a list, into another order. */
  shuffle(rows: NDArray | unknown[]): void {
    if (Array.isArray(rows)) {
      for (let i = rows.length - 1; i > 0; i--) {
        const j = this.upTo(i);
        [rows[i], rows[j]] = [rows[j], rows[i]];
      }
      return;
    }
    const order = this.order(rows.length);
    rows.indexPut_(['...'], rows.index(order));
  }

  /** The numbers below `of`, or the rows of an array, in another order. */
  permutation(of: number | ArrayData): NDArray {
    const rows = typeof of === 'number' ? arange(of) : asarray(of);
    return new NDArray(rows.tensor.index(this.order(rows.length)));
  }

  /** Elements of a vector, or numbers below `of`; `p` has their probabilities. @throws ValueError if there are too few */
  choice(of: number | ArrayData, { size, replace = true, p = null }: ChoiceOptions = {}): NDArray {
    const from = typeof of === 'number' ? null : asarray(of);
    const count = from === null ? (of as number) : from.length;
    const shape = size === undefined || size === null ? [] : ([size].flat() as number[]);
    const wanted = shape.reduce((a, b) => a * b, 1);
    let places: number[];
    if (replace)
      places =
        p === null
          ? Array.from({ length: wanted }, () => this.upTo(count - 1))
          : this.drawn(weights(p), wanted);
    else {
      if (wanted > count)
        throw new ValueError("Cannot take a larger sample than population when 'replace=False'");
      places = p === null ? this.order(count).slice(0, wanted) : this.distinct(weights(p), wanted);
    }
    const at = new NDArray(tensor(Float64Array.from(places)).to(int64).reshape(shape));
    return from === null ? at : new NDArray(from.tensor.index(at.tensor));
  }

  private order(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    this.shuffle(order);
    return order;
  }

  /** Places by the sums of their weights. */
  private drawn(p: readonly number[], count: number): number[] {
    let sum = 0;
    const sums = p.map((one) => (sum += one));
    const parts = sums.map((one) => one / sum);
    return Array.from({ length: count }, () => {
      const at = this.twister.double();
      const found = parts.findIndex((one) => one > at);
      return found < 0 ? p.length - 1 : found;
    });
  }

  /** The same, none twice. */
  private distinct(p: number[], count: number): number[] {
    const found: number[] = [];
    const left = [...p];
    while (found.length < count) {
      for (const place of found) left[place] = 0;
      found.push(...new Set(this.drawn(left, count - found.length)));
    }
    return found;
  }

  private gauss(): number {
    if (this.kept !== null) {
      const { kept } = this;
      this.kept = null;
      return kept;
    }
    for (;;) {
      const x = 2 * this.twister.double() - 1;
      const y = 2 * this.twister.double() - 1;
      const r = x * x + y * y;
      if (r >= 1 || r === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(r)) / r);
      this.kept = scale * x;
      return scale * y;
    }
  }

  /** A whole number up to `most`, of as many bits as that has: those beyond it are drawn again. */
  private upTo(most: number): number {
    if (most === 0) return 0;
    if (most > 0xffffffff) throw new ValueError('ranges beyond 2**32 are not here');
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const value = (this.twister.word() & mask) >>> 0;
      if (value <= most) return value;
    }
  }

  private filled(size: Size, draw: () => number, isInt = false): NDArray {
    const shape = size === undefined || size === null ? [] : ([size].flat() as number[]);
    const values = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, draw);
    return new NDArray(
      tensor(values)
        .to(isInt ? int64 : float64)
        .reshape(shape),
    );
  }
}

const weights = (p: ArrayData): number[] => Array.from(valuesOf(asarray(p).tensor));

/** The stream that the functions of `numpy.random` draw from. */
export const random = new RandomState();
