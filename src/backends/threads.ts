import { ValueError } from '../core/errors.js';
import { host } from '../core/host.js';
import { warn } from '../core/warnings.js';

/** How many threads a large op may use. */
export function getNumThreads(): number {
  return host().engine().threads();
}

/**
 * Sets how many threads a large op may use, in this process. Where there cannot be so many a warning says why.
 * @throws ValueError unless it is a positive integer
 */
export function setNumThreads(n: number): void {
  if (!Number.isInteger(n) || n < 1)
    throw new ValueError(`set_num_threads expects a positive integer, got ${n}`);
  const engine = host().engine();
  engine.setThreads(n);
  const { limit } = engine;
  if (limit && limit.threads < n)
    warn(
      `setNumThreads(${n}): there ${limit.threads === 1 ? 'is 1 thread' : `are ${limit.threads} threads`}, since ${limit.why}`,
    );
}
