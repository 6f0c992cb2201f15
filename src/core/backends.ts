/** The backends there are, by device type. They start when first used: importing the library loads no engine. */
import type { Backend } from '../backends/backend.js';
import type { Device } from './device.js';
import { AssertionError, RuntimeError } from './errors.js';

const factories = new Map<string, () => Backend>();
const started = new Map<string, Backend>();
let cpuInstance: Backend | null = null;

/** Makes a device type available; one that has started already is started anew. */
export function registerBackend(type: string, start: () => Backend): void {
  factories.set(type, start);
  started.delete(type);
}

/** The backend of a device. @throws RuntimeError where there is no such device */
export function backendOf(device: Device): Backend {
  const { type } = device;
  if (type === 'cpu') return cpuBackend();
  let backend = started.get(type);
  if (backend === undefined) {
    const start = factories.get(type);
    if (start === undefined) throw absent(type);
    backend = start();
    started.set(type, backend);
  }
  if (device.index !== null && device.index !== backend.device.index)
    throw new RuntimeError(`invalid device ordinal: there is no ${device}, only ${backend.device}`);
  return backend;
}

/** The error for a device that is known and not here, as in a program written for CUDA. */
export function absent(type: string): Error {
  const remedy = "tensors can be on 'cpu', on 'meta' and, after torch.webgpu.init(), on 'webgpu'";
  return type === 'cuda' || type === 'xpu'
    ? new AssertionError(`Torch not compiled with ${type.toUpperCase()} enabled: ${remedy}`)
    : new RuntimeError(`PyTorch is not linked with support for ${type} devices: ${remedy}`);
}

/** The CPU's backend: the one asked for most. */
export function cpuBackend(): Backend {
  if (cpuInstance === null) {
    const start = factories.get('cpu');
    if (start === undefined)
      throw new RuntimeError('the CPU backend is not installed; import flambeau itself');
    cpuInstance = start();
  }
  return cpuInstance;
}

/** Waits for devices that are far behind; null where none is. For loops that may never wait for a value. */
export function catchUp(): Promise<void> | null {
  for (const backend of started.values()) {
    const behind = backend.catchUp?.() ?? null;
    if (behind !== null) return behind.then(() => catchUp() ?? undefined);
  }
  return null;
}
