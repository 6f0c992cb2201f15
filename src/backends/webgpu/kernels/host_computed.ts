/**
 * Ranges, permutations and a generator's own numbers: the CPU's engine computes them, in double precision and from PyTorch's
 * stream.
 */
import { cpuBackend } from '../../../core/backends.js';
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { dense, type GpuBackend, identity, numberKind, scratch } from '../launch.js';
import { product } from '../loops.js';

/** Lets the CPU fill a view of its own and copies it over. */
function fromHost(backend: GpuBackend, out: StridedView, fill: (view: StridedView) => void): void {
  const count = product(out.shape);
  if (count === 0) return;
  const host = cpuBackend();
  const { dtype, shape } = out;
  const made: StridedView = {
    storage: host.allocate(count * dtype.itemsize),
    dtype,
    shape,
    strides: dense(shape),
    offset: 0,
  };
  fill(made);
  const memory = made.storage.host()!;
  const bytes = new Uint8Array(memory.buffer, memory.byteOffset, count * dtype.itemsize);
  const there: StridedView = { ...scratch(backend, count, dtype), shape, strides: dense(shape) };
  backend.upload(there.storage, 0, bytes);
  host.release(made.storage, 'engine');
  backend.pointwise(identity[numberKind(dtype)], shape, [out], [there], []);
  backend.release(there.storage, 'engine');
}

export function arange(backend: GpuBackend, { out, start, step }: KernelArguments<'arange'>): void {
  fromHost(backend, out, (view) => cpuBackend().kernels.arange(view, start, step));
}

export function linspace(backend: GpuBackend, { out, start, end }: KernelArguments<'linspace'>): void {
  fromHost(backend, out, (view) => cpuBackend().kernels.linspace(view, start, end));
}

export function random_permutation(
  backend: GpuBackend,
  { out, state }: KernelArguments<'random_permutation'>,
): void {
  fromHost(backend, out, (view) => cpuBackend().kernels.random_permutation(view, state));
}

/** A generator's state lies on the CPU whichever device draws. */
export function random_seed(_: GpuBackend, { state, seed }: KernelArguments<'random_seed'>): void {
  cpuBackend().kernels.random_seed(state, seed);
}

export function random_raw(backend: GpuBackend, { out, state }: KernelArguments<'random_raw'>): void {
  fromHost(backend, out, (view) => cpuBackend().kernels.random_raw(view, state));
}
