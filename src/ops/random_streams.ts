/** `torch.random`: the default generator. */
import { checkFunction } from '../core/context.js';
import { signature } from '../core/signature/signature.js';
import { getRngState, setRngState } from './seed.js';

export { getRngState, initialSeed, manualSeed, seed, setRngState } from './seed.js';

const forkSignature = signature(
  "fork_rng(Any devices=None, bool enabled=True, *, str device_type='cuda', Any fn=None)",
);

/** Settings of `forkRng`. */
export interface ForkOptions {
  /** False: the stream goes on as if there were no fork. Default true. */
  enabled?: boolean;
}

/**
 * Runs `fn`, and puts the default generator back to where it stood before; if `fn` is async, once its promise has settled.
 *
 * @example
 * const noise = torch.random.forkRng(() => torch.randn(3)); // the numbers that come next are drawn again afterwards
 */
export function forkRng<R>(
  ...args: [fn: () => R] | [options: ForkOptions, fn: () => R] | [options: ForkOptions & { fn: () => R }]
): R {
  const last = args.at(-1);
  const [given, own] = typeof last === 'function' ? [args.slice(0, -1), last] : [args, null];
  const bound = forkSignature.bind(given);
  const fn = (own ?? bound.fn) as () => R;
  checkFunction(fn, 'forkRng');
  if (!bound.enabled) return fn();
  const state = getRngState();
  const restore = () => {
    setRngState(state);
  };
  let pending = false;
  try {
    const result = fn();
    pending = result instanceof Promise;
    return pending ? ((result as Promise<unknown>).finally(restore) as R) : result;
  } finally {
    if (!pending) restore();
  }
}
