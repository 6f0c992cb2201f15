import { RuntimeError } from '../core/errors.js';

/** A pattern is wrong, or a tensor does not fit it. */
export class EinopsError extends RuntimeError {
  override name = 'EinopsError';
}
