/** A file holds something that is not a weight, or is damaged. Named as Python's `pickle.UnpicklingError`. */
export class UnpicklingError extends Error {
  override name = 'UnpicklingError';
}

/** A value has no form in a pickle. Named as Python's `pickle.PicklingError`. */
export class PicklingError extends Error {
  override name = 'PicklingError';
}
