/** A file holds something that is not a weight, or is damaged. Named as Python's `pickle.UnpicklingError`. */
export class UnpicklingError extends Error {
  override name = 'UnpicklingError';
}

/** A value has no form in a pickle. Named as Python's `pickle.PicklingError`. */
export class PicklingError extends Error {
  override name = 'PicklingError';
}

/** PyTorch's frame for every refusal. */
export function refused(why: string): UnpicklingError {
  return new UnpicklingError(refusal(why));
}

const refusal = (why: string) => `Weights only load failed. WeightsUnpickler error: ${why}`;

/** The bytes end before the pickle does: with more of the file it might be whole. */
export class TruncatedPickle extends UnpicklingError {
  constructor() {
    super(refusal('pickle data was truncated'));
  }
}
