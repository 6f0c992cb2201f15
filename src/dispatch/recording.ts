/** Tells calls whether anybody sees them: autograd, or a mode. */
import { context } from '../core/context.js';
import { entered } from './mode.js';

/** The number of kernels that run, which may call ops on the way: beneath all modes. */
export let beneath = 0;

/** Counts a kernel in. End it by `leaveKernel`. */
export function enterKernel(): void {
  beneath++;
}

export function leaveKernel(): void {
  beneath--;
}

/** Runs `fn` beneath all modes, autograd too. */
export function belowAutograd<R>(fn: () => R): R {
  beneath++;
  try {
    return fn();
  } finally {
    beneath--;
  }
}

/** Whether calls are recorded now. */
export function isRecording(): boolean {
  return beneath === 0 && context().grad;
}

/** Whether modes that do more than watch see what is called now, or autograd may record it: what is called must then be made of ops. */
export function isObserved(): boolean {
  if (beneath > 0) return false;
  const { grad } = context();
  let { modes } = context();
  if (entered === 0) return grad;
  while (modes !== null && modes.mode.watches === true) modes = modes.below;
  return grad || modes !== null;
}
