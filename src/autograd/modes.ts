import { checkFunction, context, setBaseContext, withContext, withContextSync } from '../core/context.js';
import { signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';

const noGradSignature = signature('no_grad(Any fn=None)');
const enableGradSignature = signature('enable_grad(Any fn=None)');
const setGradEnabledSignature = signature('set_grad_enabled(bool mode, Any fn=None)');
const inferenceModeSignature = signature('inference_mode(bool mode=True, Any fn=None)');

/** The function to run; asked for so often that the usual call is not bound. */
function functionOf<R>(
  of: typeof noGradSignature | typeof enableGradSignature,
  args: readonly unknown[],
  name: string,
): () => R {
  if (args.length === 1 && typeof args[0] === 'function') return args[0] as () => R;
  return checked(of.bind(args).fn, name);
}

function checked<R>(fn: unknown, name: string): () => R {
  checkFunction(fn, name);
  return fn as () => R;
}

/**
 * Runs `fn` without recording a graph; if it is async, until its promise settles.
 *
 * @example
 * const y = torch.noGrad(() => model.forward(x));
 */
export function noGrad<R>(...args: [fn: (() => R) | { fn: () => R }]): R {
  return withContext({ grad: false }, functionOf<R>(noGradSignature, args, 'noGrad'));
}

/** @internal `noGrad` for what never waits, which costs next to nothing. */
export function noGradSync<R>(fn: () => R): R {
  return withContextSync({ grad: false }, fn);
}

/** Runs `fn` with recording on, also inside `noGrad`. */
export function enableGrad<R>(...args: [fn: (() => R) | { fn: () => R }]): R {
  return withContext(
    { grad: true, inference: false },
    functionOf<R>(enableGradSignature, args, 'enableGrad'),
  );
}

/** Runs `fn` with recording on or off; without `fn` it sets the mode for good. */
export function setGradEnabled<R>(mode: boolean, fn: () => R): R;
export function setGradEnabled<R>(options: { mode: boolean; fn: () => R }): R;
export function setGradEnabled(...args: [mode: boolean] | [options: { mode: boolean }]): void;
export function setGradEnabled(...args: unknown[]): unknown {
  const { mode, fn } = setGradEnabledSignature.bind(args);
  if (fn !== null) return withContext({ grad: mode }, checked(fn, 'setGradEnabled'));
  setBaseContext({ grad: mode });
  return undefined;
}

/** Whether ops are recorded now. */
export const isGradEnabled = signed('is_grad_enabled()', () => context().grad);

/** As `noGrad`, and what is made inside can never enter a graph, which saves some bookkeeping. */
export function inferenceMode<R>(
  ...args: [fn: () => R] | [mode: boolean, fn: () => R] | [options: { mode?: boolean; fn: () => R }]
): R {
  const { mode, fn } = inferenceModeSignature.bind(typeof args[0] === 'function' ? [true, ...args] : args);
  const on = { grad: false, inference: true, tangents: false };
  return withContext(
    mode ? on : { inference: false, grad: true, tangents: true },
    checked<R>(fn, 'inferenceMode'),
  );
}

/** Whether inference mode is on. */
export const isInferenceModeEnabled = signed('is_inference_mode_enabled()', () => context().inference);
