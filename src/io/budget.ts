import { UnpicklingError } from './file_errors.js';

/**
 * Limits what a pickle may make us copy. A few bytes can name a long list again and again and ask for a copy of it each time;
 * honest pickles say each thing once, so the copies of all together are no longer than a few times the pickle.
 */
export class Budget {
  constructor(private left: number) {}

  static of(bytes: Uint8Array): Budget {
    return new Budget(1024 + 8 * bytes.length);
  }

  spend(items: number): void {
    this.left -= items;
    if (this.left < 0) {
      throw new UnpicklingError(
        'Weights only load failed. WeightsUnpickler error: the pickle asks for far more than its own size',
      );
    }
  }
}
