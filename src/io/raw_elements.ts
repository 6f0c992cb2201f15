import type { Storage } from '../backends/backend.js';
import { cpuBackend } from '../core/backends.js';
import { bool, type DType } from '../core/dtype.js';
import { contiguousStrides, isContiguous, type Shape } from '../core/layout.js';
import { notOnHost } from '../core/numpy.js';
import { track } from '../core/scope.js';
import { Tensor } from '../core/tensor.js';

/** How many bytes an array takes; Infinity or an inexact number beyond 2^53, which is larger than any file. */
export function byteLength(shape: Shape, dtype: DType): number {
  return shape.reduce((product, size) => product * size, dtype.itemsize);
}

/** A tensor over a copy of little-endian elements, row-major unless strides say otherwise. */
export function tensorOf(
  bytes: Uint8Array,
  dtype: DType,
  shape: Shape,
  strides: readonly number[] = contiguousStrides(shape),
): Tensor {
  const storage = track(cpuBackend().allocate(bytes.length));
  const memory = storage.host()!;
  const target = new Uint8Array(memory.buffer, memory.byteOffset, bytes.length);
  if (dtype === bool) {
    // A file may hold any byte; in memory true is 1.
    for (let i = 0; i < bytes.length; i++) target[i] = bytes[i] === 0 ? 0 : 1;
  } else target.set(bytes);
  return new Tensor(storage, dtype, shape, strides, 0);
}

/**
 * `nbytes` bytes of a storage, for a writer that waits while it writes: memory that may move is copied, and shared memory,
 * which could change between the checksum and the write, and which file systems refuse.
 */
export function stableBytes(storage: Storage, start: number, nbytes: number): Uint8Array {
  const { buffer, byteOffset, moves } = storage.host()!;
  const bytes = new Uint8Array(buffer, byteOffset + start, nbytes);
  return buffer instanceof ArrayBuffer && moves !== true ? bytes : new Uint8Array(bytes);
}

/** The elements in row-major order as bytes. */
export function elementBytes(tensor: Tensor): Uint8Array {
  if (tensor.storage.host() === null) throw notOnHost(tensor.device);
  const dense = isContiguous(tensor.shape, tensor.strides) ? tensor : tensor.contiguous();
  return stableBytes(dense.storage, dense.offset * dense.dtype.itemsize, dense.nbytes);
}
