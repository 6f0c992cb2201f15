/** The one point that every call of an op passes. */
import { MissingKernelError } from '../backends/missing_kernel.js';
import { context, type ModeStack } from '../core/context.js';
import { autograd } from './autograd.js';
import { checkArguments } from './check_arguments.js';
import { entered, withModes } from './mode.js';
import type { Op } from './op.js';

/** How many kernels run that may call ops on the way: beneath all modes. */
let beneath = 0;

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

/** Whether modes see what is called now, or autograd may record it: what is called must then be made of ops. */
export function isObserved(): boolean {
  return beneath === 0 && (context().grad || (entered > 0 && context().modes !== null));
}

/** Runs an op's kernel. */
function execute(op: Op, args: unknown[]): unknown {
  beneath++;
  try {
    return op.execute(args);
  } catch (e) {
    throw e instanceof MissingKernelError
      ? new MissingKernelError(op.schema.name.replace(/^_/, ''), e.device)
      : e;
  } finally {
    beneath--;
  }
}

/** Calls an op through the modes in sight. */
export function dispatch(op: Op, args: unknown[]): unknown {
  if (beneath > 0) return op.execute(args);
  checkArguments(op, args);
  const modes = entered === 0 ? null : context().modes;
  return modes === null ? autograd.call(op, args, execute) : through(modes, op, args);
}

function through(modes: ModeStack, op: Op, args: unknown[]): unknown {
  const { mode, below } = modes;
  return mode.call(op, args, (op, args) =>
    withModes(below, () => (below === null ? autograd.call(op, args, execute) : through(below, op, args))),
  );
}
