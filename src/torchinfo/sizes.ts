/** Sizes of what goes in and out of layers. */
import { TypeError } from '../core/errors.js';
import { isPlainObject } from '../core/plain.js';
import { formatValue, typeName } from '../core/repr.js';
import { Tensor } from '../core/tensor.js';
import { Distribution } from '../distributions/distribution.js';

/** A size, and the bytes of an element. */
export interface Measured {
  readonly size: readonly number[];
  readonly elementBytes: number;
}

const nothing: Measured = { size: [], elementBytes: 0 };

const ofTensor = (tensor: Tensor): Measured => ({
  size: [...tensor.shape],
  elementBytes: tensor.dtype.itemsize,
});

/** The tensor that stands for a value: itself, or the one in a packed sequence. */
function tensorOf(value: unknown): Tensor | null {
  if (value instanceof Tensor) return value;
  const data: unknown = typeof value === 'object' && value !== null && 'data' in value ? value.data : null;
  return data instanceof Tensor ? data : null;
}

/** The first tensor of what may be lists in lists. */
function nested(value: unknown): Measured {
  if (value instanceof Tensor) return ofTensor(value);
  if (Array.isArray(value)) return value.length === 0 ? nothing : nested(value[0]);
  if (value instanceof Map) return nested([...value.values()]);
  return isPlainObject(value) ? nested(Object.values(value)) : nothing;
}

function withBatchOfOne(size: readonly number[], dim: number | null): readonly number[] {
  return dim === null ? size : [...size.slice(0, dim), 1, ...size.slice(dim + 1)];
}

/**
 * The size of a layer's arguments or of its result: of the first tensor in a list, of the last value by name.
 *
 * @param batchDim the dimension that is shown as 1
 */
export function sizeOf(value: unknown, batchDim: number | null): Measured {
  if (value === null || value === undefined) return nothing;
  if (value instanceof Tensor) return ofTensor(value);
  if (Array.isArray(value)) {
    const first = tensorOf(value[0]);
    const { size, elementBytes } = first === null ? nested(value) : ofTensor(first);
    const isThere = first !== null || (batchDim !== null && batchDim < size.length);
    return { size: isThere ? withBatchOfOne(size, batchDim) : size, elementBytes };
  }
  if (value instanceof Map || isPlainObject(value)) {
    const values: unknown[] = value instanceof Map ? [...value.values()] : Object.values(value);
    const { size, elementBytes } = nested(values.at(-1));
    return { size: withBatchOfOne(size, batchDim), elementBytes };
  }
  const packed = tensorOf(value);
  if (packed !== null) return ofTensor(packed);
  if (value instanceof Distribution)
    return { size: [...value.batchShape, ...value.eventShape], elementBytes: 0 };
  throw new TypeError(
    `Model contains a layer with an unsupported input or output type: ${formatValue(value)}, type: ${typeName(value)}`,
  );
}

export const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);
