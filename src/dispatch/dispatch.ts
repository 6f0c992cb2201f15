/** The one point that every call of an op passes. */
import { MissingKernelError } from '../backends/missing_kernel.js';
import { context, type ModeStack } from '../core/context.js';
import { autograd } from './autograd.js';
import { examine } from './examine.js';
import { hasOtherLayouts, layoutRules } from './layouts.js';
import { entered, withModes } from './mode.js';
import type { Op } from './op.js';
import { areOrdinary } from './ordinary.js';
import { beneath, enterKernel, leaveKernel } from './recording.js';

/** Runs an op's kernel. */
function execute(op: Op, args: unknown[]): unknown {
  enterKernel();
  try {
    return op.execute(args);
  } catch (e) {
    throw e instanceof MissingKernelError
      ? new MissingKernelError(op.schema.name.replace(/^_/, ''), e.device)
      : e;
  } finally {
    leaveKernel();
  }
}

/** Calls an op through the modes in sight. */
export function dispatch(op: Op, args: unknown[]): unknown {
  if (hasOtherLayouts) {
    const answer = layoutRules!.call(op, args);
    if (answer !== null) return answer;
  }
  if (beneath > 0) return op.execute(args);
  if (!areOrdinary(op, args)) examine(op, args);
  const modes = entered === 0 ? null : context().modes;
  return modes === null ? autograd.call(op, args, execute) : through(modes, op, args);
}

function through(modes: ModeStack, op: Op, args: unknown[]): unknown {
  const { mode, below } = modes;
  return mode.call(op, args, (op, args) =>
    withModes(below, () => (below === null ? autograd.call(op, args, execute) : through(below, op, args))),
  );
}
