import { ValueError } from '../core/errors.js';

/** Python's `ZeroDivisionError`. */
export class ZeroDivisionError extends Error {
  override readonly name = 'ZeroDivisionError';

  constructor(message = 'division by zero') {
    super(message);
  }
}

/** Python's `OverflowError`: here an int that JavaScript's numbers do not hold exactly. */
export class OverflowError extends Error {
  override readonly name = 'OverflowError';
}

/** Python's `StopIteration`: there is no next item. */
export class StopIteration extends Error {
  override readonly name = 'StopIteration';
}

/** What `int(…)` and `float(…)` say of a text that is no number. */
export const notANumber = (what: string, text: string): ValueError =>
  new ValueError(`${what}: '${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`);
