/** Anomaly detection: where the forward call was whose gradient fails or is NaN. */
import { checkFunction } from '../core/context.js';
import { RuntimeError } from '../core/errors.js';
import { signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import { gradNode, Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { innermost, type Mode, type Next, setBaseMode, withModeInstead } from '../dispatch/mode.js';
import type { Op } from '../dispatch/op.js';
import type { Gradient, Node } from './node.js';

/** Where a node was recorded, and during which node of a backward pass if in one. */
interface Origin {
  readonly stack: string;
  readonly within: Node | null;
}

const origins = new WeakMap<Node, Origin>();
/** The node that runs now. */
let running: Node | null = null;

class Anomaly implements Mode {
  readonly remembers = false;
  readonly watches = true;
  /** Checks that have yet to be read of devices that must be waited for; null where nobody waits. */
  pending: Promise<void>[] | null = null;

  constructor(
    readonly enabled: boolean,
    readonly checkNan: boolean,
  ) {}

  call(op: Op, args: unknown[], next: Next): unknown {
    if (!this.enabled) return next(op, args);
    if (op.isComposite) return op.execute(args);
    const results = next(op, args);
    for (const result of [results].flat()) {
      const node = result instanceof Tensor ? gradNode(result) : null;
      if (node !== null) this.recorded(node);
    }
    return results;
  }

  recorded(node: Node): void {
    if (this.enabled && !origins.has(node)) origins.set(node, { stack: stackOfCaller(), within: running });
  }

  backward(node: Node, run: () => readonly Gradient[]): readonly Gradient[] {
    if (!this.enabled) return run();
    const outer = running;
    running = node;
    try {
      const grads = run();
      if (this.checkNan) this.check(node, grads);
      return grads;
    } catch (error) {
      if (outer === null) report(node);
      throw error;
    } finally {
      running = outer;
    }
  }

  /** @throws RuntimeError if a gradient has a NaN */
  private check(node: Node, grads: readonly Gradient[]): void {
    for (const [i, grad] of grads.entries()) {
      if (grad === null) continue;
      const found = grad.isnan().any();
      const error = () =>
        new RuntimeError(`Function '${node.name()}' returned nan values in its ${i}th output.`);
      if (found.isReadable) {
        if (found.item() !== 0) throw error();
      } else {
        if (this.pending === null) throw waitError();
        const check = found.itemAsync().then((isNan) => {
          if (isNan === 0) return;
          report(node);
          throw error();
        });
        // It is awaited when the region ends; until then its rejection is no one's.
        check.catch(() => {});
        this.pending.push(check);
      }
    }
  }
}

const isAnomaly = (mode: Mode): boolean => mode instanceof Anomaly;

/** Where the library's own modules lie; null in scripts and where hosts do not tell. */
const library =
  (import.meta.url as string | undefined)?.replace(/^file:\/\//, '').replace(/[^/]*\/[^/]*$/, '') ?? null;

/** The stack of the call that led into the library, innermost call first. */
function stackOfCaller(): string {
  // Calls pass so many functions of the library.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 200;
  const lines = new Error().stack!.split('\n');
  Error.stackTraceLimit = stackTraceLimit;
  const frames = lines[0].startsWith('Error') ? lines.slice(1) : lines;
  const own = library === null ? [] : frames.filter((line) => !line.includes(library));
  // In a bundle the library and its user lie in one file.
  return (own.length > 0 ? own : frames).join('\n');
}

/** Warns where the call was that a node is of. */
function report(node: Node): void {
  const origin = origins.get(node);
  if (origin === undefined) {
    warn(
      `Error detected in ${node.name()}. No forward pass information available. Enable detect anomaly during forward pass for more information.`,
    );
    return;
  }
  warn(`Error detected in ${node.name()}. Traceback of forward call that caused the error:\n${origin.stack}`);
  for (let { within } = origin; within !== null; within = origins.get(within)?.within ?? null) {
    const outer = origins.get(within);
    warn(
      outer === undefined
        ? `\n\nPrevious calculation was induced by ${within.name()}. No forward pass information available. Enable detect anomaly during forward pass for more information.`
        : `\n\nPrevious calculation was induced by ${within.name()}. Traceback of forward call that induced the previous calculation:\n${outer.stack}`,
    );
  }
}

function region<R>(mode: Anomaly, fn: () => R): R {
  const pending: Promise<void>[] = [];
  mode.pending = pending;
  const result = withModeInstead(mode, isAnomaly, fn);
  if (result instanceof Promise)
    return result.then(async (value: unknown) => {
      for (const check of pending) await check;
      return value;
    }) as R;
  if (pending.length > 0) throw waitError();
  return result;
}

/** The error where nobody waits for a device. */
function waitError(): RuntimeError {
  return new RuntimeError(
    'anomaly detection cannot wait for the device; use await torch.autograd.detectAnomaly(async () => { … }), or checkNan: false',
  );
}

const detectSignature = signature('detect_anomaly(Any fn=None, bool check_nan=True)');
const setSignature = signature('set_detect_anomaly(bool mode, bool check_nan=True, Any fn=None)');

/**
 * Runs `fn` with anomaly detection: an error in the backward pass is preceded by a warning that shows the forward call it belongs to,
 * and a gradient that is NaN is an error. For debugging: every call notes its stack. Wrap the forward and the backward pass;
 * on a device that must be waited for, in an async function, whose promise then rejects.
 *
 * @param checkNan whether NaN is an error; default true
 * @throws RuntimeError "Function 'SqrtBackward0' returned nan values in its 0th output."
 *
 * @example
 * torch.autograd.detectAnomaly(() => criterion.forward(net.forward(x), y).backward());
 */
export function detectAnomaly<R>(
  ...args:
    | [fn: () => R, checkNan?: boolean]
    | [fn: () => R, options: { checkNan?: boolean }]
    | [options: { fn: () => R; checkNan?: boolean }]
): R {
  const { fn, checkNan } = detectSignature.bind(args);
  checkFunction(fn, 'detectAnomaly');
  warn(
    'Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.',
  );
  return region(new Anomaly(true, checkNan), fn as () => R);
}

/** Turns anomaly detection on or off while `fn` runs; without `fn` for good. */
export function setDetectAnomaly<R>(mode: boolean, checkNan: boolean | undefined, fn: () => R): R;
export function setDetectAnomaly<R>(options: { mode: boolean; checkNan?: boolean; fn: () => R }): R;
export function setDetectAnomaly(
  ...args:
    | [mode: boolean, checkNan?: boolean]
    | [mode: boolean, options: { checkNan?: boolean }]
    | [options: { mode: boolean; checkNan?: boolean }]
): void;
export function setDetectAnomaly(...args: unknown[]): unknown {
  const { mode, checkNan, fn } = setSignature.bind(args);
  if (fn !== null) {
    checkFunction(fn, 'setDetectAnomaly');
    return region(new Anomaly(mode, checkNan), fn as () => unknown);
  }
  setBaseMode(mode || !checkNan ? new Anomaly(mode, checkNan) : null, isAnomaly);
  return undefined;
}

/** Whether anomaly detection is on. */
export const isAnomalyEnabled = signed('is_anomaly_enabled()', () => innermost(Anomaly)?.enabled ?? false);

/** Whether it takes NaN for an error where it is on. */
export const isAnomalyCheckNanEnabled = signed(
  'is_anomaly_check_nan_enabled()',
  () => innermost(Anomaly)?.checkNan ?? true,
);
