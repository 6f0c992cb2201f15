/**
 * Kernels on complex operands. Where a device does not take those, a kernel that is linear over the real numbers runs once on the
 * real parts and once on the imaginary parts; a bilinear one (the matrix product) takes four runs everywhere.
 */

import type { DType } from '../core/dtype.js';
import { notImplementedFor } from '../core/errors.js';
import { interleaved, partsOf } from '../core/interleaved.js';
import type { StridedView } from './backend.js';
import type { ComplexUse, Kernel, KernelArgument } from './kernel_row.js';

type Run = (args: readonly KernelArgument[]) => void;

function isComplex(arg: KernelArgument): arg is StridedView {
  return typeof arg === 'object' && arg !== null && 'dtype' in arg && arg.dtype.isComplex;
}

/** Whether a kernel's operands are complex. */
export function hasComplex(args: readonly KernelArgument[]): boolean {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (
      typeof arg === 'object' &&
      arg !== null &&
      !Array.isArray(arg) &&
      (arg as StridedView).dtype.isComplex
    )
      return true;
  }
  return false;
}

function useOf(
  { row: { complex }, parameters }: Kernel,
  args: readonly KernelArgument[],
): ComplexUse | undefined {
  if (typeof complex !== 'object') return complex;
  return complex[args[parameters.findIndex(({ type }) => type === 'words')] as string];
}

/**
 * Runs a kernel on complex operands.
 *
 * @param takesWhole whether the device takes operands of a complex dtype as they are
 * @throws NotImplementedError if it has no way to do that
 */
export function runComplex(
  kernel: Kernel,
  args: readonly KernelArgument[],
  run: Run,
  takesWhole: (dtype: DType) => boolean,
): void {
  const use = useOf(kernel, args);
  if (use === 'bilinear') {
    const [out, a, b, alpha, beta] = args as [StridedView, StridedView, StridedView, number, number];
    const [re, im] = partsOf(out);
    const [x, y] = partsOf(a);
    const [u, v] = partsOf(b);
    run([re, x, u, alpha, beta]);
    run([re, y, v, -alpha, 1]);
    run([im, x, v, alpha, beta]);
    run([im, y, u, alpha, 1]);
    return;
  }
  const { dtype } = args.find(isComplex)!;
  if (use !== undefined && takesWhole(dtype)) {
    run(args);
    return;
  }
  if (use === 'interleaved') {
    run(args.map((arg) => (isComplex(arg) ? interleaved(arg) : arg)));
    return;
  }
  const { parameters } = kernel;
  if (use !== 'linear') {
    throw notImplementedFor(`${kernel.name}_cpu`, dtype.scalarName);
  }
  for (const part of [0, 1])
    run(
      args.map((arg, i) => {
        if (isComplex(arg)) return partsOf(arg)[part];
        return parameters[i].type === 'stride' ? (arg as readonly number[]).map((s) => 2 * s) : arg;
      }),
    );
}
