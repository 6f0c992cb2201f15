/**
 * Kernels on complex operands, by kernels on real ones. A kernel that is linear over the real numbers runs once on the real
 * parts and once on the imaginary parts; the matrix product is bilinear and takes four runs.
 */

import { notImplementedFor } from '../core/errors.js';
import { partsOf } from '../core/interleaved.js';
import type { StridedView } from './backend.js';
import type { KernelArgument, KernelName } from './kernels.js';

type Run = (args: readonly KernelArgument[]) => void;

interface Linear {
  /** Position of an argument with strides of a complex operand. */
  readonly strides?: number;
  /** Position of an argument up to whose value (a kind of combining) the kernel is linear. */
  readonly kind?: readonly [position: number, largest: number];
}

/** Kernels that are real-linear in all their complex operands. */
const linear: { readonly [kernel in KernelName]?: Linear } = {
  index_get: { strides: 4 },
  index_put: { strides: 4 },
  index_select: {},
  index_add: {},
  gather: {},
  // assignment and sum
  scatter: { kind: [4, 1] },
  triangle: {},
  // sum
  scan: { kind: [4, 0] },
};

function isView(arg: KernelArgument): arg is StridedView {
  return typeof arg === 'object' && arg !== null && !Array.isArray(arg);
}

function isComplex(arg: KernelArgument): arg is StridedView {
  return isView(arg) && arg.dtype.isComplex;
}

/** Whether a kernel's operands are complex. */
export function hasComplex(args: readonly KernelArgument[]): boolean {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (isView(arg) && arg.dtype.isComplex) return true;
  }
  return false;
}

/** Runs a kernel on complex operands by runs on their parts. @throws NotImplementedError if it is not linear */
export function runByParts(kernel: KernelName, args: readonly KernelArgument[], run: Run): void {
  if (kernel === 'matmul') {
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
  const form = linear[kernel];
  if (form === undefined || (form.kind !== undefined && Number(args[form.kind[0]]) > form.kind[1])) {
    const { dtype } = args.find(isComplex)!;
    throw notImplementedFor(`${kernel}_cpu`, dtype.scalarName);
  }
  for (const part of [0, 1])
    run(
      args.map((arg, i) => {
        if (isComplex(arg)) return partsOf(arg)[part];
        return i === form.strides ? (arg as readonly number[]).map((s) => 2 * s) : arg;
      }),
    );
}
