import { TypeError as PythonTypeError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';

/** Python's `==` of numbers, texts, lists, dicts and sets, and of anything else by identity. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === 'boolean' && typeof b === 'number') return Number(a) === b;
  if (typeof b === 'boolean' && typeof a === 'number') return Number(b) === a;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return deviceText(a, b);
  if (a instanceof Tensor || b instanceof Tensor)
    throw new PythonTypeError('Tensors are compared by eq(), or by torch.equal().');
  // An object of a class with Python's `__eq__`.
  if ('eq' in a && typeof a.eq === 'function') return Boolean(a.eq(b));
  if (isList(a) && isList(b))
    return a.length === b.length && Array.from(a).every((item, i) => equal(item, b[i]));
  if (a instanceof Map && b instanceof Map)
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && equal(value, b.get(key)));
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((item) => b.has(item));
  if (isPlain(a) && isPlain(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]))
    );
  }
  return a.constructor === b.constructor && a.constructor.name === 'Device' && String(a) === String(b);
}

/** A device is equal to its name. */
const deviceText = (a: unknown, b: unknown): boolean =>
  typeof a === 'object' && a !== null && a.constructor.name === 'Device' && String(a) === b;

const isList = (value: object): value is ArrayLike<unknown> => Array.isArray(value);

const isPlain = (value: object): value is Record<string, unknown> =>
  Object.getPrototypeOf(value) === Object.prototype;

/** An object of a class with Python's `__lt__`. */
const isOrdered = (value: unknown): value is { lt(other: unknown): boolean } =>
  typeof value === 'object' && value !== null && 'lt' in value && typeof value.lt === 'function';

/** Which of two values comes first: negative for the first, positive for the second, 0 where they are equal. Lists go item by item. */
export function order(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' || typeof b === 'boolean') return Number(a) - Number(b);
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (const [i, item] of a.entries()) {
      if (i >= b.length) return 1;
      const found = order(item, b[i]);
      if (found !== 0) return found;
    }
    return a.length - b.length;
  }
  if (a instanceof Tensor && b instanceof Tensor) return a.item() - b.item();
  if (isOrdered(a) && isOrdered(b)) return a.lt(b) ? -1 : b.lt(a) ? 1 : 0;
  throw new PythonTypeError(`'<' not supported between ${typeof a} and ${typeof b}`);
}
