import { ValueError } from '../core/errors.js';
import { host } from '../core/host.js';

/** How many threads a large op may use. */
export function getNumThreads(): number {
  return host().engine().threads();
}

/** Sets how many threads a large op may use, in this process. @throws ValueError unless it is a positive integer */
export function setNumThreads(n: number): void {
  if (!Number.isInteger(n) || n < 1)
    throw new ValueError(`set_num_threads expects a positive integer, got ${n}`);
  host().engine().setThreads(n);
}
