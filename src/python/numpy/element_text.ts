/** Texts of single numbers, as NumPy's `dragon4` functions make them: the shortest digits that are the number, and no more than are asked for. */

/** The shortest digits of a number and its power of ten: `[digits, exponent]`, as in `1.25e+3`. */
function shortest(value: number, isSingle: boolean): string {
  if (!isSingle) return value.toExponential();
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toExponential(9);
}

/** `12.5` or `3.`: at most `precision` digits behind the point. */
export function positional(value: number, precision: number, isSingle: boolean): string {
  if (value === 0) return Object.is(value, -0) ? '-0.' : '0.';
  const [digits, power] = shortest(value, isSingle).split('e');
  const behind = Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(power));
  const isShort = behind <= precision;
  // What is short is rounded to its own digits; else the exact value is rounded.
  const text = (isShort ? Number(`${digits}e${power}`) : value).toFixed(Math.min(behind, precision));
  const [whole, fraction = ''] = text.split('.');
  return `${whole}.${fraction.replace(/0+$/, '')}`;
}

/** `1.25e+03`, with the digits before the sign of the power as they are. */
export function scientific(
  value: number,
  precision: number,
  isSingle: boolean,
): [digits: string, power: string] {
  if (value === 0) return [Object.is(value, -0) ? '-0.' : '0.', '+00'];
  let text = shortest(value, isSingle);
  const count = (/^-?\d+\.?(\d*)/.exec(text) as RegExpExecArray)[1].length;
  if (count > precision) text = value.toExponential(precision).replace(/0+e/, 'e');
  const [digits, power] = text.split('e');
  const sign = power.startsWith('-') ? '-' : '+';
  return [digits.includes('.') ? digits : `${digits}.`, sign + power.replace(/^[-+]/, '').padStart(2, '0')];
}

/** A scalar as `str` of NumPy's has it. */
export function scalarText(value: number, isSingle: boolean): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e16))
    return positional(value, 400, isSingle).replace(/\.$/, '.0');
  const [digits, power] = scientific(value, 400, isSingle);
  return `${digits.replace(/\.$/, '')}e${power}`;
}
