import type { TypedArray } from '../../core/elements.js';
import { isPlainObject } from '../../core/plain.js';
import { signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import { asTensor, type TensorData } from '../../ops/from_data.js';

/** The type that `defaultConvert` gives for an item's. */
export type Converted<T> = T extends Tensor
  ? T
  : T extends TypedArray
    ? Tensor
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: Converted<T[K]> }
      : T extends Readonly<Record<string, unknown>>
        ? { -readonly [K in keyof T]: Converted<T[K]> }
        : T;

const convertSignature = signature('default_convert(Object data)');

/**
 * Makes tensors of the typed arrays of an item, which share their memory, in lists, objects and Maps, too. Whatever else there is stays
 * as it is.
 */
export function defaultConvert<T>(...args: [data: T] | [options: { data: T }]): Converted<T> {
  return converted(convertSignature.bind(args).data) as Converted<T>;
}

function converted(data: unknown): unknown {
  if (data instanceof Tensor) return data;
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) return asTensor(data as unknown as TensorData);
  if (Array.isArray(data)) return data.map(converted);
  if (data instanceof Map) return new Map([...data].map(([key, value]) => [key, converted(value)]));
  if (!isPlainObject(data)) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, converted(value)]));
}
