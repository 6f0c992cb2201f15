/** Python's module `random`: the same numbers for the same seed. */
import { IndexError, ValueError } from '../core/errors.js';
import { MersenneTwister } from './mersenne_twister.js';

/** A stream of its own, as Python's `random.Random(seed)`. */
export class Random {
  private readonly twister = new MersenneTwister();

  constructor(value: number = Date.now()) {
    this.seed(value);
  }

  /** Begins the stream that Python has for this seed. */
  seed(value: number): void {
    const key: number[] = [];
    for (let rest = BigInt(Math.abs(value)); rest > 0n; rest >>= 32n) key.push(Number(rest & 0xffffffffn));
    this.twister.seedBy(key.length === 0 ? [0] : key);
  }

  /** A number from 0 up to, but not including, 1. */
  random(): number {
    return this.twister.double();
  }

  /** A number of `bits` bits. */
  private bitsOf(bits: number): number {
    if (bits <= 32) return this.twister.word() >>> (32 - bits);
    const low = this.twister.word();
    return (this.twister.word() >>> (64 - bits)) * 4294967296 + low;
  }

  /** A whole number below `n`. */
  private below(n: number): number {
    const bits = Math.floor(Math.log2(n)) + 1;
    let found = this.bitsOf(bits);
    while (found >= n) found = this.bitsOf(bits);
    return found;
  }

  uniform(a: number, b: number): number {
    return a + (b - a) * this.random();
  }

  /** A whole number between both, which can be either. @throws ValueError if there is none */
  randint(a: number, b: number): number {
    return this.randrange(a, b + 1);
  }

  /** A whole number below `stop`, from `start` on, or from 0 if that is all that is given. @throws ValueError if there is none */
  randrange(start: number, stop?: number): number {
    const [from, to] = stop === undefined ? [0, start] : [start, stop];
    if (!(to > from))
      throw new ValueError(
        stop === undefined ? 'empty range for randrange()' : `empty range in randrange(${start}, ${stop})`,
      );
    return from + this.below(to - from);
  }

  /** @throws IndexError if there is no item */
  choice<T>(items: readonly T[]): T {
    if (items.length === 0) throw new IndexError('Cannot choose from an empty sequence');
    return items[this.below(items.length)];
  }

  /** Brings items into another order. */
  shuffle(items: unknown[]): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
  }

  /** `count` items, none twice. @throws ValueError if there are fewer */
  sample<T>(items: readonly T[], count: number): T[] {
    const n = items.length;
    if (!(count >= 0 && count <= n)) throw new ValueError('Sample larger than population or is negative');
    // As Python does: small samples of many remember what was taken, others shuffle a pool.
    const least = count > 5 ? 21 + 4 ** Math.ceil(Math.log(count * 3) / Math.log(4)) : 21;
    const found: T[] = [];
    if (n <= least) {
      const pool = [...items];
      for (let i = 0; i < count; i++) {
        const j = this.below(n - i);
        found.push(pool[j]);
        pool[j] = pool[n - i - 1];
      }
      return found;
    }
    const taken = new Set<number>();
    for (let i = 0; i < count; i++) {
      let j = this.below(n);
      while (taken.has(j)) j = this.below(n);
      taken.add(j);
      found.push(items[j]);
    }
    return found;
  }
}

/** The stream that the module's own functions draw from. */
const own = new Random();

/** Begins the stream that Python has for this seed. */
export const seed = (value: number): void => own.seed(value);
/** A number from 0 up to, but not including, 1. */
export const random = (): number => own.random();
export const uniform = (a: number, b: number): number => own.uniform(a, b);
/** A whole number between both, which can be either. @throws ValueError if there is none */
export const randint = (a: number, b: number): number => own.randint(a, b);
/** A whole number below `stop`, from `start` on, or from 0 if that is all that is given. @throws ValueError if there is none */
export const randrange = (start: number, stop?: number): number => own.randrange(start, stop);
/** @throws IndexError if there is no item */
export const choice = <T>(items: readonly T[]): T => own.choice(items);
/** Brings items into another order. */
export const shuffle = (items: unknown[]): void => own.shuffle(items);
/** `count` items, none twice. @throws ValueError if there are fewer */
export const sample = <T>(items: readonly T[], count: number): T[] => own.sample(items, count);
