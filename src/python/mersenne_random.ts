/** Python's module `random`: the same numbers for the same seed (Mersenne Twister; Matsumoto and Nishimura, 1998). */
import { IndexError, ValueError } from '../core/errors.js';

const size = 624;
const state = new Uint32Array(size);
let at = size;

/** Begins the stream that Python has for this seed. */
export function seed(value: number): void {
  const key: number[] = [];
  for (let rest = BigInt(Math.abs(value)); rest > 0n; rest >>= 32n) key.push(Number(rest & 0xffffffffn));
  if (key.length === 0) key.push(0);
  start(19650218);
  let i = 1;
  let j = 0;
  for (let k = Math.max(size, key.length); k > 0; k--) {
    state[i] = (state[i] ^ Math.imul(state[i - 1] ^ (state[i - 1] >>> 30), 1664525)) + key[j] + j;
    i++;
    if (i >= size) {
      state[0] = state[size - 1];
      i = 1;
    }
    j = (j + 1) % key.length;
  }
  for (let k = size - 1; k > 0; k--) {
    state[i] = (state[i] ^ Math.imul(state[i - 1] ^ (state[i - 1] >>> 30), 1566083941)) - i;
    i++;
    if (i >= size) {
      state[0] = state[size - 1];
      i = 1;
    }
  }
  state[0] = 0x80000000;
}

function start(value: number): void {
  state[0] = value;
  for (let i = 1; i < size; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  at = size;
}

seed(Date.now());

function twist(): void {
  for (let i = 0; i < size; i++) {
    const y = (state[i] & 0x80000000) | (state[(i + 1) % size] & 0x7fffffff);
    state[i] = state[(i + 397) % size] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
  at = 0;
}

/** 32 bits. */
function word(): number {
  if (at >= size) twist();
  let y = state[at++];
  y ^= y >>> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  y ^= y >>> 18;
  return y >>> 0;
}

/** A number from 0 up to, but not including, 1. */
export function random(): number {
  const a = word() >>> 5;
  const b = word() >>> 6;
  return (a * 67108864 + b) / 9007199254740992;
}

/** A number of `bits` bits. */
function bitsOf(bits: number): number {
  if (bits <= 32) return word() >>> (32 - bits);
  const low = word();
  return (word() >>> (64 - bits)) * 4294967296 + low;
}

/** A whole number below `n`. */
function below(n: number): number {
  const bits = Math.floor(Math.log2(n)) + 1;
  let found = bitsOf(bits);
  while (found >= n) found = bitsOf(bits);
  return found;
}

export const uniform = (a: number, b: number): number => a + (b - a) * random();

/** A whole number between both, which can be either. @throws ValueError if there is none */
export const randint = (a: number, b: number): number => randrange(a, b + 1);

/** A whole number below `stop`, from `start` on, or from 0 if that is all that is given. @throws ValueError if there is none */
export function randrange(start: number, stop?: number): number {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (!(to > from))
    throw new ValueError(
      stop === undefined ? 'empty range for randrange()' : `empty range in randrange(${start}, ${stop})`,
    );
  return from + below(to - from);
}

/** @throws IndexError if there is no item */
export function choice<T>(items: readonly T[]): T {
  if (items.length === 0) throw new IndexError('Cannot choose from an empty sequence');
  return items[below(items.length)];
}

/** Brings items into another order. */
export function shuffle(items: unknown[]): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [items[i], items[j]] = [items[j], items[i]];
  }
}

/** `count` items, none twice. @throws ValueError if there are fewer */
export function sample<T>(items: readonly T[], count: number): T[] {
  const n = items.length;
  if (!(count >= 0 && count <= n)) throw new ValueError('Sample larger than population or is negative');
  // As Python does: small samples of many remember what was taken, others shuffle a pool.
  const least = count > 5 ? 21 + 4 ** Math.ceil(Math.log(count * 3) / Math.log(4)) : 21;
  const found: T[] = [];
  if (n <= least) {
    const pool = [...items];
    for (let i = 0; i < count; i++) {
      const j = below(n - i);
      found.push(pool[j]);
      pool[j] = pool[n - i - 1];
    }
    return found;
  }
  const taken = new Set<number>();
  for (let i = 0; i < count; i++) {
    let j = below(n);
    while (taken.has(j)) j = below(n);
    taken.add(j);
    found.push(items[j]);
  }
  return found;
}
