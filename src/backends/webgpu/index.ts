/** `torch.webgpu`: the GPU by way of WebGPU, in browsers and (through the package `webgpu`) in Node. */
import { registerBackend } from '../../core/backends.js';
import { RuntimeError } from '../../core/errors.js';
import { WebGpuBackend } from './backend.js';
import { Gpu } from './gpu.js';

let backend: WebGpuBackend | null = null;
let starting: Promise<void> | null = null;
/** The package's instance: its adapters do not outlive it. */
let instance: GPU | null = null;

registerBackend('webgpu', started);

function started(): WebGpuBackend {
  if (backend === null)
    throw new RuntimeError(
      'WebGPU is not initialised: call `await torch.webgpu.init()` once before using device webgpu',
    );
  return backend;
}

async function findGpu(): Promise<GPU> {
  const browser = (globalThis.navigator as { gpu?: GPU } | undefined)?.gpu;
  if (browser !== undefined) return browser;
  if (globalThis.process?.versions?.node === undefined)
    throw new RuntimeError('WebGPU is not available in this browser (navigator.gpu is missing)');
  // Bundlers must not look for it: browsers have their own.
  const name = 'webgpu';
  let found: { create(options: string[]): GPU };
  try {
    found = (await import(/* @vite-ignore */ name)) as typeof found;
  } catch (error) {
    throw new RuntimeError(
      `WebGPU in Node needs the package "webgpu": run \`npm install webgpu\` (${(error as Error).message.split('\n')[0]})`,
    );
  }
  return found.create([]);
}

async function start(): Promise<void> {
  instance = await findGpu();
  const adapter = await instance.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null)
    throw new RuntimeError(
      'WebGPU found no adapter: there is no GPU with a driver (on Linux: Vulkan; VK_DRIVER_FILES names a driver to use)',
    );
  const { limits, info } = adapter;
  const device = await adapter.requestDevice({
    requiredLimits: {
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
    },
  });
  const name = info.description || [info.vendor, info.architecture].filter(Boolean).join(' ');
  backend = new WebGpuBackend(new Gpu(device, name));
}

/**
 * Starts the device `webgpu`. Call it once, before anything uses that device; further calls do nothing.
 *
 * @throws RuntimeError if the package `webgpu` (in Node), WebGPU itself or an adapter is missing
 * @example
 * await torch.webgpu.init();
 * const x = torch.ones([2, 3], { device: 'webgpu' });
 */
export async function init(): Promise<void> {
  starting ??= start().catch((error: unknown) => {
    starting = null;
    throw error;
  });
  await starting;
}

/** Whether the device can be used: `init()` has found one. */
export function isAvailable(): boolean {
  return backend !== null;
}

/** How many devices of this type there are: 1 after `init()`. */
export function deviceCount(): number {
  return backend === null ? 0 : 1;
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
