/** A colour as red, green and blue from 0 to 255. */
export type Colour = readonly [number, number, number];

/**
 * Dark to light through blue, green and yellow, even in lightness and readable without seeing colours: eight points of matplotlib's
 * viridis (https://github.com/BIDS/colormap), with straight lines between them.
 */
const points: readonly Colour[] = [
  [68, 1, 84],
  [70, 50, 127],
  [54, 92, 141],
  [39, 127, 142],
  [31, 161, 135],
  [74, 194, 109],
  [159, 218, 58],
  [253, 231, 37],
];

/** Colours of no number, and of what is beyond all numbers: colours that the scale does not have. */
export const notANumber: Colour = [200, 30, 160];
export const infinite: Colour = [235, 80, 40];
export const negativeInfinite: Colour = [130, 130, 130];

/** The colour of a number from 0 to 1. */
export function scaleColour(x: number): Colour {
  const at = Math.min(Math.max(x, 0), 1) * (points.length - 1);
  const i = Math.min(Math.floor(at), points.length - 2);
  const [from, to] = [points[i], points[i + 1]];
  return [0, 1, 2].map((c) => Math.round(from[c] + (to[c] - from[c]) * (at - i))) as unknown as Colour;
}

export const css = ([red, green, blue]: Colour) => `rgb(${red} ${green} ${blue})`;

/** The whole scale, for a legend. */
export const gradient = `linear-gradient(to right, ${points.map(css).join(', ')})`;
