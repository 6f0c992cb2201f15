/** Surroundings that a part of a network runs in, so that it can be run again in the same. */
import { autocast, getAutocastDtype, isAutocastEnabled } from '../../amp/autocast.js';
import { TypeError } from '../../core/errors.js';
import { typeName } from '../../core/repr.js';
import { Tensor } from '../../core/tensor.js';
import { getRngState, setRngState } from '../../ops/seed.js';

/** Part of a network: a function, or a module. */
export type Part<Args extends readonly unknown[] = never[], R = unknown> =
  | ((...args: Args) => R)
  | { forward(...args: Args): R };

/** The function of a part. @throws TypeError unless it is one */
export function callableOf(part: unknown): (...args: readonly unknown[]) => unknown {
  if (typeof part === 'function') return part as (...args: readonly unknown[]) => unknown;
  const module = part as { forward?: unknown } | null;
  if (typeof module !== 'object' || typeof module?.forward !== 'function')
    throw new TypeError(`'${typeName(part)}' object is not callable`);
  return (...args) => (module.forward as (...args: readonly unknown[]) => unknown)(...args);
}

/** @throws TypeError for a promise: the backward pass, which runs the part again, waits for nothing */
export function refusePromise<R>(result: R): R {
  if (result instanceof Promise)
    throw new TypeError(
      "checkpoint(): argument 'function' must not be async; the backward pass cannot wait for it",
    );
  return result;
}

/** Runs something as it would have run before. */
export type Again = <R>(fn: () => R) => R;

/** Notes autocast and, if wanted, where the default generator stands. */
export function surroundings(args: readonly unknown[], preserveRngState: boolean): Again {
  const other = args.find((arg) => arg instanceof Tensor && arg.device.type !== 'cpu' && !arg.isMeta);
  const types = other instanceof Tensor ? ['cpu', other.device.type] : ['cpu'];
  const casts = types.map((type) => ({
    type,
    enabled: isAutocastEnabled(type),
    dtype: getAutocastDtype(type),
  }));
  const start = preserveRngState ? getRngState() : null;
  return (fn) => {
    const within = casts.reduce(
      (inner, { type, enabled, dtype }) =>
        enabled || isAutocastEnabled(type) ? () => autocast(type, { enabled, dtype }, inner) : inner,
      fn,
    );
    if (start === null) return within();
    const now = getRngState();
    setRngState(start);
    try {
      return within();
    } finally {
      setRngState(now);
    }
  };
}
