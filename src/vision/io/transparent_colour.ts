/** The colour that is transparent in a picture without alpha, as PIL keeps it (`info['transparency']`) and converts it. */
import { imageModes } from './image_modes.js';
import { luma } from './pixels.js';

/** A level of gray, or red, green and blue. */
export type TransparentColour = number | readonly [red: number, green: number, blue: number];

/** The colour in an image of colours. A level that was kept there is one of red for PIL. */
export const asColours = (colour: TransparentColour): readonly [number, number, number] =>
  typeof colour === 'number' ? [colour, 0, 0] : colour;

/** The colour in an image of gray. */
export const asLevel = (colour: TransparentColour): number =>
  typeof colour === 'number' ? colour : colour[0];

/** Whether a conversion from one mode to another makes pixels of the colour transparent. */
export const becomesAlpha = (from: string, to: string): boolean =>
  (to === 'LA' || to === 'RGBA') && ['1', 'L', 'I', 'I;16', 'RGB'].includes(from);

/** The colour in an image that was converted. PIL converts it between L and RGB alone. */
export function convertedColour(
  colour: TransparentColour | null,
  from: string,
  to: string,
): TransparentColour | null {
  if (colour === null || becomesAlpha(from, to)) return null;
  const { nearest } = imageModes.L;
  if (from === 'L' && to === 'RGB') {
    const value = nearest(asLevel(colour));
    return [value, value, value];
  }
  if (from !== 'RGB' || to !== 'L') return colour;
  // A level that was kept there is now three bytes for PIL.
  const [red, green, blue] =
    typeof colour === 'number' ? [colour & 255, colour >> 8, 0] : colour.map(nearest);
  return luma(red, green, blue);
}

/** Writes 0 as the alpha of pixels (planes of bytes) whose values are the low bytes of those given: PIL compares no more. */
export function makeTransparent(pixels: Uint8Array, values: readonly number[], alpha: Uint8Array): void {
  const size = alpha.length;
  const wanted = values.map((value) => value & 255);
  for (let i = 0; i < size; i++) if (wanted.every((value, c) => pixels[c * size + i] === value)) alpha[i] = 0;
}
