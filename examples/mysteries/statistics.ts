/** A mean with its standard error, which a single value does not have. */
export interface Estimate {
  readonly mean: number;
  readonly error: number | null;
}

export const meanOf = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** @param values of replicates that are independent of each other */
export function estimate(values: readonly number[]): Estimate {
  const mean = meanOf(values);
  if (values.length < 2) return { mean, error: null };
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}

/** `66.4 ± 1.2`; with `isSigned` `+2.17 ± 0.06`. */
export function written({ mean, error }: Estimate, digits: number, isSigned = false): string {
  const text = mean.toFixed(digits).replace('-', '−');
  const sign = isSigned && !text.startsWith('−') ? '+' : '';
  return `${sign}${text}${error === null ? '' : ` ± ${error.toFixed(digits)}`}`;
}
