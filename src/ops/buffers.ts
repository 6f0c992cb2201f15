/** Tensors of what is in memory already. */

import { cpuBackend } from '../core/backends.js';
import type { DType } from '../core/dtype.js';
import { RuntimeError, ValueError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { asLeaf, Tensor } from '../core/tensor.js';
import { asTensor, type TensorData, tensor } from './from_data.js';

const asarraySignature = signature(
  'asarray(Any obj, *, ScalarType? dtype=None, Device? device=None, bool? copy=None, bool requires_grad=False)',
);
const frombufferSignature = signature(
  'frombuffer(Any buffer, *, ScalarType dtype, int count=-1, int offset=0, bool requires_grad=False)',
);

/**
 * A tensor of data. It shares memory with a tensor, a typed array or an ndarray-like object of the wanted dtype and device.
 *
 * @param obj the data
 * @param dtype the dtype; default: that of the data
 * @param device where it is; default: where the data is
 * @param copy true: never shares memory; false: an error where it would not
 * @param requiresGrad whether gradients are recorded for it
 */
export function asarray(...args: Arguments<typeof asarraySignature, { obj: TensorData }>): Tensor {
  const { obj, dtype, device, copy, requiresGrad } = asarraySignature.bind(args);
  const data = obj as TensorData;
  if (copy === true)
    return tensor(data instanceof Tensor ? data.detach().clone() : data, { dtype, device, requiresGrad });
  const result = asTensor(data, { dtype, device });
  const isShared = data instanceof Tensor ? result.storage === data.storage : ArrayBuffer.isView(data);
  if (copy === false && !isShared)
    throw new ValueError(
      data instanceof Tensor
        ? "can't alias tensor with a different dtype or device"
        : "can't alias arbitrary sequence into a tensor.",
    );
  if (data instanceof Tensor && data.requiresGrad && !requiresGrad) return result.detach();
  return requiresGrad && !result.requiresGrad ? asLeaf(result.detach()) : result;
}

/**
 * A vector over the bytes of a buffer: a write on either side is seen on the other.
 *
 * @param buffer an ArrayBuffer, or an array over one
 * @param dtype the dtype as which the bytes are read
 * @param count how many elements to take; -1: all
 * @param offset how many bytes to skip
 * @param requiresGrad whether gradients are recorded for it
 *
 * @example
 * torch.frombuffer(await response.arrayBuffer(), { dtype: torch.float32 });
 */
export function frombuffer(
  ...args: Arguments<typeof frombufferSignature, { buffer: ArrayBufferLike | ArrayBufferView }>
): Tensor {
  const { buffer, dtype, count, offset, requiresGrad } = frombufferSignature.bind(args);
  const memory = bytesOf(buffer);
  const length = memory.byteLength;
  const { itemsize } = dtype;
  if (requiresGrad && !dtype.isDifferentiable)
    throw new RuntimeError('Only Tensors of floating point and complex dtype can require gradients');
  if (length === 0 || count === 0)
    throw new ValueError(`both buffer length (${length}) and count (${count}) must not be 0`);
  if (offset < 0 || offset >= length)
    throw new ValueError(
      `offset (${offset} bytes) must be non-negative and no greater than buffer length (${length} bytes) minus 1`,
    );
  if (count > 0 && offset + count * itemsize > length)
    throw new ValueError(
      `requested buffer length (${count} * ${itemsize} bytes) after offset (${offset} bytes) must not be greater than actual buffer length (${length} bytes)`,
    );
  if (count < 0 && (length - offset) % itemsize !== 0)
    throw new ValueError(
      `buffer length (${length - offset} bytes) after offset (${offset} bytes) must be a multiple of element size (${itemsize})`,
    );
  const n = count < 0 ? (length - offset) / itemsize : count;
  const start = memory.byteOffset + offset;
  // Elements have to begin at a multiple of their size.
  const storage =
    start % itemsize === 0
      ? cpuBackend().wrap(memory.buffer, start, n * itemsize)
      : cpuBackend().wrap(memory.slice(offset, offset + n * itemsize).buffer, 0, n * itemsize);
  const result = new Tensor(storage, dtype as DType, [n], [1], 0);
  return requiresGrad ? asLeaf(result) : result;
}

function bytesOf(buffer: unknown): Uint8Array<ArrayBuffer> {
  if (ArrayBuffer.isView(buffer))
    return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer);
  throw new ValueError(
    'object does not implement Python buffer protocol; give an ArrayBuffer or a typed array',
  );
}
