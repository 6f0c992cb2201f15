import { RuntimeError } from '../../core/errors.js';
import { optionalPackage } from '../../core/optional_package.js';
import { WebGpuBackend } from './backend.js';
import { Gpu } from './gpu.js';

/** Some adapters bind a million storages; what one dispatch does with so many has no room among its parameters. */
const MOST_BINDINGS = 32;

/** The package's instance: its adapters do not outlive it. */
let instance: GPU | null = null;

async function findGpu(): Promise<GPU> {
  const browser = (globalThis.navigator as { gpu?: GPU } | undefined)?.gpu;
  if (browser !== undefined) return browser;
  if (globalThis.process?.versions?.node === undefined)
    throw new RuntimeError('WebGPU is not available in this browser (navigator.gpu is missing)');
  const { create } = await optionalPackage<{ create(options: string[]): GPU }>('webgpu', 'WebGPU in Node');
  return create([]);
}

/**
 * Asks for an adapter and its device.
 *
 * @param hasAll whether the device may use all that the adapter has, beyond what every adapter has
 * @throws RuntimeError if there is none
 */
export async function findBackend(hasAll: boolean): Promise<WebGpuBackend> {
  instance = await findGpu();
  const adapter = await instance.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null)
    throw new RuntimeError(
      'WebGPU found no adapter: there is no GPU with a driver (on Linux: Vulkan; VK_DRIVER_FILES names a driver to use)',
    );
  const { limits, info } = adapter;
  const { maxStorageBufferBindingSize, maxBufferSize } = limits;
  const maxStorageBuffersPerShaderStage = Math.min(limits.maxStorageBuffersPerShaderStage, MOST_BINDINGS);
  const device = await adapter.requestDevice(
    hasAll
      ? {
          requiredLimits: { maxStorageBuffersPerShaderStage, maxStorageBufferBindingSize, maxBufferSize },
        }
      : {},
  );
  // A process that ends while the package's threads compute would crash (SIGSEGV after `process.exit`).
  globalThis.process?.once?.('exit', () => device.destroy());
  const name = info.description || [info.vendor, info.architecture].filter(Boolean).join(' ');
  return new WebGpuBackend(new Gpu(device, name));
}
