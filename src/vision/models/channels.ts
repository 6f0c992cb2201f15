/** A number of channels that `divisor` divides, near `value` and not below nine tenths of it. */
export function makeDivisible(value: number, divisor: number, least = divisor): number {
  const near = Math.max(least, Math.floor(Math.trunc(value + divisor / 2) / divisor) * divisor);
  return near < 0.9 * value ? near + divisor : near;
}

/** To the nearest whole number, halves to the even one, as Python's `round` does. */
export function roundEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
