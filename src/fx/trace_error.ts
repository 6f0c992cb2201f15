import { ValueError } from '../core/errors.js';

/** The error of what depends on values that are not known while a function is traced. */
export class TraceError extends ValueError {
  override name = 'TraceError';
}
