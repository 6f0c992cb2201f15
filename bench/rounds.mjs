// What rounds of measurements come to.

const sorted = (values) => values.toSorted((a, b) => a - b);

export const median = (values) => sorted(values)[values.length >> 1];

/** The range of the middle half of some numbers, as a share of their median. */
export function spread(values) {
  const ordered = sorted(values);
  const quarter = Math.floor(values.length / 4);
  return (ordered[values.length - 1 - quarter] - ordered[quarter]) / median(values);
}

/** The middle half of a contestant's rounds may differ by this share of their median. */
const WIDEST = 0.25;
export const isCertain = (spread) => spread <= WIDEST;

/** Whether so many uncertain measurements make all the others doubtful. */
export const tooUncertain = (uncertain, all) => uncertain > 0.2 * all;

export const geometricMean = (values) =>
  Math.exp(values.reduce((sum, x) => sum + Math.log(x), 0) / values.length);

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
