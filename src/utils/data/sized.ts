import { TypeError, ValueError } from '../../core/errors.js';
import { typeName } from '../../dispatch/type_name.js';

/** A thing with a length: a data set, an array. */
export interface Sized {
  readonly length: number;
}

/** @throws TypeError as Python's `len` does; ValueError for a negative length */
export function lengthOf(value: unknown): number {
  const given: unknown = (value as Partial<Sized> | null | undefined)?.length;
  const length = typeof given === 'bigint' ? Number(given) : given;
  if (typeof length === 'number' && Number.isSafeInteger(length)) {
    if (length < 0) throw new ValueError('__len__() should return >= 0');
    return length;
  }
  if (length === undefined || typeof length === 'function') {
    const why = length === undefined ? '' : ': its length is a method; make it a getter, get length() { … }';
    throw new TypeError(`object of type '${typeName(value)}' has no len()${why}`);
  }
  throw new TypeError(
    `'${typeName(length)}' object cannot be interpreted as an integer (the length of '${typeName(value)}' is ${String(length)})`,
  );
}

/** @throws TypeError as Python's `iter` does */
export function iterated<T>(value: Iterable<T>): Iterable<T> {
  if (typeof (value as Partial<Iterable<T>> | null | undefined)?.[Symbol.iterator] === 'function')
    return value;
  throw new TypeError(`'${typeName(value)}' object is not iterable`);
}
