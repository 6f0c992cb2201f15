import type { DType } from '../core/dtype.js';
import { hasComplex, runComplex } from './complex_parts.js';
import type { Kernel, KernelArgument } from './kernel_row.js';
import { type Kernels, kernels } from './kernels.js';

/** A device's table of kernels, from what carries one out, and whether that takes operands of a complex dtype as they are. */
export function kernelTable(
  run: (kernel: Kernel, args: readonly KernelArgument[]) => void,
  takesWhole: (dtype: DType) => boolean,
): Kernels {
  const table: Record<string, (...args: KernelArgument[]) => void> = {};
  for (const kernel of kernels) {
    const runOne = (args: readonly KernelArgument[]): void => run(kernel, args);
    table[kernel.name] = (...args) =>
      hasComplex(args) ? runComplex(kernel, args, runOne, takesWhole) : runOne(args);
  }
  // Built by name from the rows that type it.
  return table as unknown as Kernels;
}
