/** Tensors as backends take them: dense elements in the host's memory. Those that lie so already go as they are, all others by way of a copy. */
import { noGradSync } from '../autograd/modes.js';
import { cpuBackend } from '../core/backends.js';
import { NotImplementedError } from '../core/errors.js';
import { contiguousStrides, isContiguous } from '../core/layout.js';
import { strided } from '../core/memory_format.js';
import { onHost, Tensor } from '../core/tensor.js';
import type { Buffer } from './communicator.js';

/** A tensor's elements as a backend takes them. */
export interface Loan extends Buffer {
  /** Puts what was received where the tensor is, and gives the memory back. */
  finish(): void;
  /** Gives the memory back. */
  release(): void;
}

/** How a tensor takes part. */
export interface Use {
  /** Whether its values are sent. */
  readonly read: boolean;
  /** Whether it is written. */
  readonly write: boolean;
}

/** A tensor's elements; a promise of them where its device must be waited for. */
export function lend(tensor: Tensor, use: Use): Loan | Promise<Loan> {
  if (tensor.layout !== strided)
    throw new NotImplementedError(`collectives take no tensors of layout ${tensor.layout}`);
  if (!tensor.storage.backend.hasValues)
    throw new NotImplementedError(`collectives take no tensors on ${tensor.device}, which have no values`);
  const { storage } = tensor;
  if (storage.arrival !== null) return tensor.ready().then(() => lend(tensor, use));
  const memory = storage.host();
  if (memory === null) return use.read ? onHost(tensor).then((t) => copied(tensor, t)) : copied(tensor, null);
  if (memory.moves || !isContiguous(tensor.shape, tensor.strides))
    return copied(tensor, use.read ? tensor : null);
  // Nobody else gets this memory as long as it is lent, whatever becomes of the tensor.
  const held = storage.alias();
  const release = (): void => held.backend.release(held, 'dispose');
  const bytes = new Uint8Array(
    memory.buffer,
    memory.byteOffset + tensor.offset * tensor.dtype.itemsize,
    tensor.nbytes,
  );
  const finish = (): void => {
    if (use.write) storage.version++;
    release();
  };
  return { bytes, dtype: tensor.dtype, finish, release };
}

/** A copy of `values`, which is written to `tensor` at the end; uninitialized where there are none. */
function copied(tensor: Tensor, values: Tensor | null): Loan {
  const { dtype, shape, nbytes } = tensor;
  const buffer = new ArrayBuffer(nbytes);
  const copy = new Tensor(cpuBackend().wrap(buffer, 0, nbytes), dtype, shape, contiguousStrides(shape), 0);
  if (values !== null) noGradSync(() => copy.copy_(values));
  return {
    bytes: new Uint8Array(buffer),
    dtype,
    finish: () => {
      noGradSync(() => tensor.copy_(copy));
    },
    release() {},
  };
}
