/** Axes: where values stand, and which of them are written. */

export interface Axis {
  /** A share of the axis' length, from 0 at its beginning. */
  place(value: number): number;
  readonly ticks: readonly number[];
}

/** About so many ticks. */
const wanted = 6;

/** An axis of equal steps, each 1, 2 or 5 times a power of 10. */
export function linearAxis(low: number, high: number): Axis {
  const [from, to] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  const rough = (to - from) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const first = Math.ceil(from / step);
  const count = Math.floor(to / step) - first + 1;
  return {
    place: (value) => (value - from) / (to - from),
    // From whole numbers, so that no tick is 0.30000000000000004.
    ticks: Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12))),
  };
}

/** An axis of equal ratios, of values above 0. */
export function logAxis(low: number, high: number): Axis {
  const [from, to] = low === high ? [low / 2, high * 2] : [low, high];
  const [first, last] = [Math.floor(Math.log10(from)), Math.ceil(Math.log10(to))];
  const factors = last - first <= 2 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil((last - first) / wanted));
  const ticks: number[] = [];
  for (let power = first; power <= last; power += every)
    for (const factor of factors) {
      const tick = Number((factor * 10 ** power).toPrecision(12));
      if (tick >= from && tick <= to) ticks.push(tick);
    }
  return { place: (value) => Math.log(value / from) / Math.log(to / from), ticks };
}

/** A tick's number, short. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e5 || size < 1e-3)
    ? value.toExponential().replace('e+', 'e')
    : String(value);
}
