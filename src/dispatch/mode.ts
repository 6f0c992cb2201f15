/**
 * Modes: layers between what callers ask of an op and what its kernel does. A call goes through the modes that are entered,
 * innermost first; beneath all of them lies autograd, beneath that the kernel.
 */

import type { Gradient, Node } from '../autograd/node.js';
import type { Storage } from '../backends/backend.js';
import {
  baseContext,
  changeModes,
  context,
  type Mode,
  type ModeStack,
  withContext,
  withContextSync,
} from '../core/context.js';
import type { Tensor } from '../core/tensor.js';
import type { Op } from './op.js';

/** Asks the layers beneath a mode. */
export type Next = (op: Op, args: unknown[]) => unknown;

/** A public name of an op. */
export interface Callee {
  /** `''` for the top level. */
  readonly module: string;
  /** PyTorch's name. */
  readonly name: string;
  readonly isMethod: boolean;
}

export type { Mode } from '../core/context.js';

declare module '../core/context.js' {
  interface Mode {
    /** Gives the text of a tensor that stands for another here, by `print` of that; null: it prints as it is. */
    shown?(tensor: Tensor, print: (tensor: Tensor) => string): string | null;
    /**
     * Answers a call: by `next`, or in its own way. While `next` runs only the layers beneath are in sight. A mode that cares only for
     * the parts of a composite carries that out itself (`op.execute(args)`), and meets its parts.
     */
    call(op: Op, args: unknown[], next: Next): unknown;
    /** Whether it may know of tensors that nothing else knows of any more, so that their memory must not be reused at once. */
    readonly remembers: boolean;
    /** Whether it only watches what is called: then kernels that stand for several ops run as they do without it. */
    readonly watches?: boolean;
    /** Lets what it knows of one tensor hold for another of the same values. */
    adopt?(from: Tensor, to: Tensor): void;
    /** Answers a call of a function or method as its caller wrote it: by `run`, which binds the arguments and calls the op, or in its own way. */
    invoke?(callee: Callee, args: readonly unknown[], run: () => unknown): unknown;
    /** Learns of a node that has been recorded for what is no op. */
    recorded?(node: Node): void;
    /** Runs a part of the program that was given a name. */
    annotate?<R>(name: string, run: () => R): R;
    /** Runs a node of the backward pass. */
    backward?(node: Node, run: () => readonly Gradient[]): readonly Gradient[];
  }
}

/** How many modes are entered anywhere. While there are none, calls do not look for them. */
export let entered = 0;

/** How many of them remember tensors. */
export let remembering = 0;

/** Counts a mode in; its stack lies on the one in sight. End it by `leaveMode`. */
export function enterMode(mode: Mode): ModeStack {
  entered++;
  if (mode.remembers) remembering++;
  return { mode, below: context().modes };
}

export function leaveMode(mode: Mode): void {
  entered--;
  if (mode.remembers) remembering--;
}

/** Runs `fn` in a mode; if it returns a promise, the mode lasts until that settles. */
export function withMode<R>(mode: Mode, fn: () => R): R {
  return within(mode, { mode, below: context().modes }, fn);
}

/** As `withMode`, but beneath all modes in sight. */
export function withModeBeneath<R>(mode: Mode, fn: () => R): R {
  return within(mode, beneath(context().modes, mode), fn);
}

function within<R>(mode: Mode, modes: ModeStack, fn: () => R): R {
  enterMode(mode);
  let pending = false;
  try {
    const result = withContext({ modes }, fn);
    pending = result instanceof Promise;
    return pending ? ((result as Promise<unknown>).finally(() => leaveMode(mode)) as R) : result;
  } finally {
    if (!pending) leaveMode(mode);
  }
}

/** A stack with a mode beneath all others. */
function beneath(stack: ModeStack | null, mode: Mode): ModeStack {
  if (stack === null) return { mode, below: null };
  return { mode: stack.mode, below: beneath(stack.below, mode) };
}

/** Runs `fn` with only these modes in sight. */
export function withModes<R>(modes: ModeStack | null, fn: () => R): R {
  return withContextSync({ modes }, fn);
}

/** A stack without some of its modes. */
export function without(stack: ModeStack | null, drop: (mode: Mode) => boolean): ModeStack | null {
  if (stack === null) return null;
  const below = without(stack.below, drop);
  if (drop(stack.mode)) return below;
  return below === stack.below ? stack : { mode: stack.mode, below };
}

/** Runs `fn` in a mode that takes the place of those around it of its kind. */
export function withModeInstead<R>(mode: Mode, replaces: (mode: Mode) => boolean, fn: () => R): R {
  return withContext({ modes: without(context().modes, replaces) }, () => withMode(mode, fn));
}

/** Puts a mode, or none, in the place of those of its kind: for good, beneath those of regions, also of the regions that are entered. */
export function setBaseMode(mode: Mode | null, replaces: (mode: Mode) => boolean): void {
  for (let stack = baseContext().modes; stack !== null; stack = stack.below)
    if (replaces(stack.mode)) leaveMode(stack.mode);
  if (mode !== null) enterMode(mode);
  changeModes((modes) => {
    const others = without(modes, replaces);
    return mode === null ? others : beneath(others, mode);
  });
}

/** Runs what a caller wrote as a call, as the modes in sight answer it. */
export function invoke(
  module: string,
  name: string,
  args: readonly unknown[],
  isMethod: boolean,
  run: () => unknown,
): unknown {
  for (let stack = context().modes; stack !== null; stack = stack.below)
    if (stack.mode.invoke !== undefined) return stack.mode.invoke({ module, name, isMethod }, args, run);
  return run();
}

/** Runs a part of the program under a name, for modes that note such. */
export function annotated<R>(name: string, run: () => R): R {
  if (entered > 0)
    for (let stack = context().modes; stack !== null; stack = stack.below)
      if (stack.mode.annotate !== undefined) return stack.mode.annotate(name, run);
  return run();
}

/** The innermost mode in sight of a kind. */
export function innermost<M extends Mode>(kind: abstract new (...args: never[]) => M): M | null {
  if (entered === 0) return null;
  for (let stack = context().modes; stack !== null; stack = stack.below)
    if (stack.mode instanceof kind) return stack.mode;
  return null;
}

/** The memory that the op whose body runs was given; null outside of bodies. */
let given: ReadonlySet<Storage> | null = null;

/** Runs an op's body, or formulas, where modes see the parts; `tensors` is what it was given. */
export function carryOut<R>(tensors: readonly Tensor[], body: () => R): R {
  if (given !== null) return body();
  given = new Set(tensors.map((t) => t.storage));
  try {
    return body();
  } finally {
    given = null;
  }
}

/** Whether memory was made by the body that runs. */
export function isMadeHere(storage: Storage): boolean {
  return given !== null && !given.has(storage);
}

/** How a tensor prints that stands for another in one of the modes in sight; null for any other. */
export function shownByMode(tensor: Tensor, print: (tensor: Tensor) => string): string | null {
  if (entered === 0) return null;
  for (let stack = context().modes; stack !== null; stack = stack.below) {
    const text = stack.mode.shown?.(tensor, print) ?? null;
    if (text !== null) return text;
  }
  return null;
}

/** Lets what the modes in sight know of a tensor hold for another of the same values. */
export function adopt(from: Tensor, to: Tensor): void {
  if (entered === 0) return;
  for (let stack = context().modes; stack !== null; stack = stack.below) stack.mode.adopt?.(from, to);
}
