/** `torch.webgpu`: the GPU by way of WebGPU, in browsers and (through the package `webgpu`) in Node. */
import { registerBackend } from '../../core/backends.js';
import { RuntimeError, unexpectedKeyword, ValueError } from '../../core/errors.js';
import type { WebGpuBackend } from './backend.js';

let backend: WebGpuBackend | null = null;
let starting: Promise<void> | null = null;

registerBackend('webgpu', started);

function started(): WebGpuBackend {
  if (backend === null)
    throw new RuntimeError(
      'WebGPU is not initialised: call `await torch.webgpu.init()` once before using device webgpu',
    );
  return backend;
}

export interface InitOptions {
  /**
   * `'adapter'` takes all that the adapter has. `'default'` takes what WebGPU promises everywhere, so that one sees on a large GPU
   * whether a small one would do: tensors of at most 128 MiB, and at most 8 of them in one kernel.
   */
  limits?: 'adapter' | 'default';
}

async function start(hasAll: boolean): Promise<void> {
  // Loaded only where it is asked for: the device's programs are a good part of what a page would have to load.
  const { findBackend } = await import('./start.js');
  backend = await findBackend(hasAll);
}

/**
 * Starts the device `webgpu`. Call it once, before anything uses that device; further calls do nothing, whatever their options,
 * unless the device was lost: then they start another.
 *
 * @throws RuntimeError if the package `webgpu` (in Node), WebGPU itself or an adapter is missing
 * @example
 * await torch.webgpu.init();
 * const x = torch.ones([2, 3], { device: 'webgpu' });
 */
export async function init(options: InitOptions = {}): Promise<void> {
  for (const name of Object.keys(options))
    if (name !== 'limits') throw unexpectedKeyword('init', name, ['limits']);
  const { limits = 'adapter' } = options;
  if (limits !== 'adapter' && limits !== 'default')
    throw new ValueError(`limits must be 'adapter' or 'default', not ${String(limits)}`);
  // A device that was lost is replaced by another.
  if (backend !== null && !isUsable()) {
    backend = null;
    starting = null;
    registerBackend('webgpu', started);
  }
  starting ??= start(limits === 'adapter').catch((error: unknown) => {
    starting = null;
    throw error;
  });
  await starting;
}

/** Whether there is a device that has not been lost. */
const isUsable = (): boolean => backend !== null && !backend.gpu.isLost;

/** Whether the device can be used: `init()` has found one. */
export function isAvailable(): boolean {
  return isUsable();
}

/** How many devices of this type there are: 1 after `init()`. */
export function deviceCount(): number {
  return isUsable() ? 1 : 0;
}

/** The adapter's name. */
export function getDeviceName(): string {
  return started().gpu.adapterName;
}

/** Bytes that tensors hold on the device. */
export function memoryAllocated(): number {
  return started().memoryStats().aliveBytes;
}

/** Bytes that the library has taken from the device: those of tensors and those kept for reuse. */
export function memoryReserved(): number {
  return started().memoryStats().reservedBytes;
}

/** Waits until the device has done everything that was asked of it. @throws what went wrong there meanwhile */
export async function synchronize(): Promise<void> {
  await started().gpu.wait();
}

/** Gives memory that is kept for reuse back to the device. */
export function emptyCache(): void {
  started().allocator.empty();
}
