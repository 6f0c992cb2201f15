import { RuntimeError } from '../core/errors.js';
import { host } from '../core/host.js';
import { signed } from '../core/signature/signed.js';
import { warn } from '../core/warnings.js';

/** How many threads a large op may use. */
export const getNumThreads = signed('get_num_threads()', () => host().engine().threads());

/**
 * Sets how many threads a large op may use, in this process. Where there cannot be so many a warning says why.
 * @throws RuntimeError unless it is a positive integer
 */
export const setNumThreads = signed('set_num_threads(int num)', ({ num }) => {
  if (num < 1) throw new RuntimeError('set_num_threads expects a positive integer');
  const engine = host().engine();
  engine.setThreads(num);
  const { limit } = engine;
  if (limit && limit.threads < num)
    warn(
      `setNumThreads(${num}): there ${limit.threads === 1 ? 'is 1 thread' : `are ${limit.threads} threads`}, since ${limit.why}`,
    );
});
