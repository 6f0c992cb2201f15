/** `torch.webgpu`: the GPU by way of WebGPU, in browsers and (through the package `webgpu`) in Node. */
import { registerBackend } from '../../core/backends.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { signed } from '../../core/signature/signed.js';
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

const initSignature = signature("init(*, 'adapter'|'default' limits='adapter')");

async function start(hasAll: boolean): Promise<void> {
  // Loaded only where it is asked for: the device's programs are a good part of what a page would have to load.
  const { findBackend } = await import('./start.js');
  backend = await findBackend(hasAll);
}

/**
 * Starts the device `webgpu`. Call it once, before anything uses that device; further calls do nothing, whatever their options,
 * unless the device was lost: then they start another.
 *
 * @param limits `'adapter'` takes all that the adapter has. `'default'` takes what WebGPU promises everywhere, so that one sees on a
 * large GPU whether a small one would do: tensors of at most 128 MiB, and at most 8 of them in one kernel.
 * @throws RuntimeError if the package `webgpu` (in Node), WebGPU itself or an adapter is missing
 * @example
 * await torch.webgpu.init();
 * const x = torch.ones([2, 3], { device: 'webgpu' });
 */
export async function init(...args: Arguments<typeof initSignature>): Promise<void> {
  const { limits } = initSignature.bind(args);
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
export const isAvailable = signed('is_available()', (): boolean => isUsable());

/** How many devices of this type there are: 1 after `init()`. */
export const deviceCount = signed('device_count()', (): number => (isUsable() ? 1 : 0));

/** The adapter's name. */
export const getDeviceName = signed('get_device_name()', (): string => started().gpu.adapterName);

/** Bytes that tensors hold on the device. */
export const memoryAllocated = signed('memory_allocated()', (): number => started().memoryStats().aliveBytes);

/** Bytes that the library has taken from the device: those of tensors and those kept for reuse. */
export const memoryReserved = signed(
  'memory_reserved()',
  (): number => started().memoryStats().reservedBytes,
);

/** Waits until the device has done everything that was asked of it. @throws what went wrong there meanwhile */
export const synchronize = signed('synchronize()', async (): Promise<void> => {
  await started().gpu.wait();
});

/** Gives memory that is kept for reuse back to the device. */
export const emptyCache = signed('empty_cache()', (): void => started().allocator.empty());
