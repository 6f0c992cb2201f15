import { checkFunction, context, setBaseContext, withContext, withContextSync } from '../core/context.js';
import { TypeError } from '../core/errors.js';
import { typeName } from '../core/repr.js';

/**
 * Runs `fn` without recording a graph; if it is async, until its promise settles.
 *
 * @example
 * const y = torch.noGrad(() => model.forward(x));
 */
export function noGrad<R>(fn: () => R): R {
  checkFunction(fn, 'noGrad');
  return withContext({ grad: false }, fn);
}

/** @internal `noGrad` for what never waits, which costs next to nothing. */
export function noGradSync<R>(fn: () => R): R {
  return withContextSync({ grad: false }, fn);
}

/** Runs `fn` with recording on, also inside `noGrad`. */
export function enableGrad<R>(fn: () => R): R {
  checkFunction(fn, 'enableGrad');
  return withContext({ grad: true, inference: false }, fn);
}

/** Runs `fn` with recording on or off; without `fn` it sets the mode for good. */
export function setGradEnabled<R>(mode: boolean, fn: () => R): R;
export function setGradEnabled(mode: boolean): void;
export function setGradEnabled<R>(mode: boolean, fn?: () => R): R | undefined {
  if (typeof mode !== 'boolean')
    throw new TypeError(`setGradEnabled(): argument 'mode' must be bool, not ${typeName(mode)}`);
  if (fn !== undefined) {
    checkFunction(fn, 'setGradEnabled');
    return withContext({ grad: mode }, fn);
  }
  setBaseContext({ grad: mode });
  return undefined;
}

/** Whether ops are recorded now. */
export function isGradEnabled(): boolean {
  return context().grad;
}

/** As `noGrad`, and what is made inside can never enter a graph, which saves some bookkeeping. */
export function inferenceMode<R>(fn: () => R): R;
export function inferenceMode<R>(mode: boolean, fn: () => R): R;
export function inferenceMode<R>(mode: boolean | (() => R), fn?: () => R): R {
  const on = { grad: false, inference: true, forward: null };
  if (typeof mode === 'function') return withContext(on, mode);
  if (mode !== undefined && typeof mode !== 'boolean')
    throw new TypeError(`inferenceMode(): argument 'mode' must be bool, not ${typeName(mode)}`);
  checkFunction(fn, 'inferenceMode');
  return withContext(mode ? on : { inference: false, grad: true }, fn!);
}

/** Whether inference mode is on. */
export function isInferenceModeEnabled(): boolean {
  return context().inference;
}
