/** `torch.accelerator`: the device beside the CPU, whichever it is. Here that is `webgpu`, once it has been started. */
import * as webgpu from '../backends/webgpu/index.js';
import { Device } from '../core/device.js';
import { RuntimeError } from '../core/errors.js';
import { signed } from '../core/signature/signed.js';

/** @throws RuntimeError in PyTorch's words where there is none */
function checkAvailable(): void {
  if (!webgpu.isAvailable())
    throw new RuntimeError(
      'Cannot access accelerator device when none is available: call `await torch.webgpu.init()` once before',
    );
}

/** Whether there is one: `torch.webgpu.init()` has found a GPU. */
export const isAvailable = signed('is_available()', (): boolean => webgpu.isAvailable());

/** How many there are. */
export const deviceCount = signed('device_count()', (): number => webgpu.deviceCount());

/**
 * The device that tensors and modules can be moved to; null where there is none.
 *
 * @example
 * const device = torch.accelerator.currentAccelerator() ?? 'cpu';
 * const x = torch.ones([2, 3], { device });
 */
export const currentAccelerator = signed(
  'current_accelerator(bool check_available=False)',
  (): Device | null => (webgpu.isAvailable() ? new Device('webgpu') : null),
);

/** Which of them is used: 0. */
export const currentDeviceIndex = signed('current_device_index()', (): number => {
  checkAvailable();
  return 0;
});

/** Waits until the device has done everything that was asked of it. */
export const synchronize = signed('synchronize(Device|int? device=None)', async (): Promise<void> => {
  checkAvailable();
  await webgpu.synchronize();
});

/** Bytes that tensors hold on the device. */
export const memoryAllocated = signed('memory_allocated(Device|int? device_index=None)', (): number => {
  checkAvailable();
  return webgpu.memoryAllocated();
});

/** Bytes that the library has taken from the device. */
export const memoryReserved = signed('memory_reserved(Device|int? device_index=None)', (): number => {
  checkAvailable();
  return webgpu.memoryReserved();
});

/** Gives memory that is kept for reuse back to the device. */
export const emptyCache = signed('empty_cache()', (): void => {
  checkAvailable();
  webgpu.emptyCache();
});
