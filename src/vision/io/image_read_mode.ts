import { KeyError } from '../../core/errors.js';

/** How the functions of `io` convert what they decode. Names may be given for members: `mode: 'RGB'`. */
export const ImageReadMode = {
  /** As the file has it. */
  UNCHANGED: 0,
  GRAY: 1,
  GRAY_ALPHA: 2,
  RGB: 3,
  RGB_ALPHA: 4,
  RGBA: 4,
} as const;

/** The channels of a mode; 0 for those of the file. @throws KeyError if there is no such mode */
export function channelsOfMode(mode: number | string): number {
  if (typeof mode === 'number') return mode;
  const name = mode.toUpperCase();
  if (!(name in ImageReadMode)) throw new KeyError(`'${name}'`);
  return ImageReadMode[name as keyof typeof ImageReadMode];
}
