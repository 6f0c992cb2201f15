/** The text of c₀ + c₁ u + c₂ u² + …, by Horner's rule. */
export const polynomial = (u: string, coefficients: readonly number[]): string =>
  coefficients.reduceRight((rest, c) => (rest === '' ? `${c}` : `(${c} + ${u} * ${rest})`), '');
