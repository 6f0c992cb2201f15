/** Lists whose length the caller of an op chooses. */
import { OutOfMemoryError } from '../core/errors.js';

/** A tensor takes some hundred bytes beside its elements: beyond this many V8 ends the process rather than throw. */
const MOST = 2 ** 24;

/** `count` items. @throws OutOfMemoryError where so many would end the process */
export function listOf<T>(count: number, item: (i: number) => T): T[] {
  if (count > MOST)
    throw new OutOfMemoryError(`std::bad_alloc: a list of ${count} items does not fit in memory`);
  return Array.from({ length: count }, (_, i) => item(i));
}
