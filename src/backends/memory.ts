import { backendOf } from '../core/backends.js';
import { type DeviceLike, toDevice } from '../core/device.js';
import type { MemoryStats } from './backend.js';

export type { MemoryStats };

/**
 * What of this thread's memory is alive, pooled, and was in use at the peak.
 *
 * @example
 * torch.resetPeakMemoryStats();
 * train();
 * console.log(torch.memoryStats().peakBytes / 2 ** 20, 'MiB at the peak');
 */
export function memoryStats(device: DeviceLike = 'cpu'): MemoryStats {
  return backendOf(toDevice(device)).memoryStats();
}

/** Lets the peaks of `memoryStats()` begin at what is alive now. */
export function resetPeakMemoryStats(device: DeviceLike = 'cpu'): void {
  backendOf(toDevice(device)).resetPeakMemoryStats();
}
