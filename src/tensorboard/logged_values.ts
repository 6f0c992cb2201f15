/** Values of what is logged: at once from the host's memory, later from a device that must be waited for. */
import { type DType, float64, int64 } from '../core/dtype.js';
import { NotImplementedError, TypeError } from '../core/errors.js';
import { typeName } from '../core/repr.js';
import { Tensor } from '../core/tensor.js';
import { fromNumpy } from '../ops/from_data.js';
import type { Eventually } from './event_file.js';

/** A value that can be logged: a tensor, numbers in a typed array, or one number. */
export type Loggable = Tensor | ArrayBufferView | number | bigint | boolean;

/** The shape and type of what is logged, and its elements in their order. */
export interface Logged {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly numbers: Eventually<Float64Array>;
}

/** A value to log as a tensor without history, or as a number. @throws NotImplementedError in PyTorch's words for anything else */
export function asLogged(value: unknown): Tensor | number {
  if (value instanceof Tensor) return value.detach();
  if (ArrayBuffer.isView(value)) return fromNumpy(value);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return Number(value);
  throw new NotImplementedError(
    `Got <class '${typeName(value)}'>, but numpy array or torch tensor are expected.`,
  );
}

/** Reads the elements now, or as they are now. */
export function logged(value: unknown): Logged {
  const given = asLogged(value);
  if (typeof given === 'number')
    return {
      shape: [1],
      dtype: Number.isSafeInteger(given) ? int64 : float64,
      numbers: Float64Array.of(given),
    };
  const { shape, dtype } = given;
  if (dtype.isComplex) throw new TypeError("can't convert complex to float");
  if (given.storage.backend.isHost)
    return { shape, dtype, numbers: Float64Array.from(given.toArray() as Float64Array, Number) };
  // A copy on the device, since the tensor may change before it is read.
  const numbers = given.clone().toArrayAsync();
  return { shape, dtype, numbers: numbers.then((array) => Float64Array.from(array as Float64Array, Number)) };
}

/** Calls `make` with a value, at once if it is there. */
export function whenThere<T, R>(value: Eventually<T>, make: (value: T) => R): Eventually<Awaited<R>> {
  return value instanceof Promise
    ? (value.then(make) as Promise<Awaited<R>>)
    : (make(value) as Eventually<Awaited<R>>);
}
