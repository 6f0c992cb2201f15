import { IndexError, TypeError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { typeName } from '../../dispatch/type_name.js';

/** An index of a list. A tensor of indices gives 0-d tensors when it is iterated. */
export function toIndex(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Tensor && value.numel() === 1 && !value.isFloatingPoint()) return Number(value.item());
  throw new TypeError(`list indices must be integers or slices, not ${typeName(value)} (${String(value)})`);
}

/** Item `index` of whatever has items: a data set, an array, the rows of a tensor. */
export function itemAt(dataset: unknown, index: number): unknown {
  if (dataset instanceof Tensor) return dataset.select(0, index);
  const { at } = (dataset ?? {}) as { at?: unknown };
  if (typeof at !== 'function')
    throw new TypeError(`'${typeName(dataset)}' object is not subscriptable: a data set needs at(index)`);
  return Reflect.apply(at, dataset, [index]);
}

/** The number at a place of a list of indices. @throws IndexError as Python's lists do */
export function indexAt(list: readonly number[], place: number): number {
  const index = itemAt(list, toIndex(place));
  if (index === undefined) throw new IndexError('list index out of range');
  return toIndex(index);
}
