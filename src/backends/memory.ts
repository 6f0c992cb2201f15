import { backendOf } from '../core/backends.js';
import { toDevice } from '../core/device.js';
import { signed } from '../core/signature/signed.js';
import type { MemoryStats } from './backend.js';

export type { MemoryStats };

/**
 * Counts this thread's memory: alive, pooled, and in use at the peak.
 *
 * @example
 * torch.resetPeakMemoryStats();
 * train();
 * console.log(torch.memoryStats().peakBytes / 2 ** 20, 'MiB at the peak');
 */
export const memoryStats = signed(
  "memory_stats(Device device='cpu')",
  ({ device }): MemoryStats => backendOf(toDevice(device)).memoryStats(),
);

/** Lets the peaks of `memoryStats()` begin at what is alive now. */
export const resetPeakMemoryStats = signed("reset_peak_memory_stats(Device device='cpu')", ({ device }) =>
  backendOf(toDevice(device)).resetPeakMemoryStats(),
);
