import { hasComplex, runByParts } from './complex_parts.js';
import type { Kernel, KernelArgument } from './kernel_row.js';
import { type Kernels, kernels } from './kernels.js';

/** A device's table of kernels, from what carries one out. */
export function kernelTable(run: (kernel: Kernel, args: readonly KernelArgument[]) => void): Kernels {
  const table: Record<string, (...args: KernelArgument[]) => void> = {};
  for (const kernel of kernels) {
    const runReal = (args: readonly KernelArgument[]): void => run(kernel, args);
    table[kernel.name] = (...args) => (hasComplex(args) ? runByParts(kernel, args, runReal) : runReal(args));
  }
  // Built by name from the rows that type it.
  return table as unknown as Kernels;
}
