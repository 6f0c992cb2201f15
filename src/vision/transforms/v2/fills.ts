/** Values outside of images, by what is transformed. */
import { TypeError } from '../../../core/errors.js';

/** One value, one for each channel, or null for black. */
export type Fill = number | readonly number[] | null;

/** A fill, or fills by the class of what is transformed, `others` standing for all other ones. */
export type FillLike = Fill | ReadonlyMap<unknown, Fill>;

/** @throws TypeError if it is none */
export function fillOf(fill: unknown): FillLike {
  if (fill instanceof Map) for (const value of fill.values()) fillOf(value);
  else if (fill !== null && typeof fill !== 'number' && !Array.isArray(fill))
    throw new TypeError('Got inappropriate fill arg, only Numbers, tuples, lists and dicts are allowed.');
  return fill as FillLike;
}

/** The fill for what is transformed. */
export function fillFor(fill: FillLike, input: unknown): Fill {
  if (!(fill instanceof Map)) return fill as Fill;
  const kind: unknown = (input as object).constructor;
  return (fill.has(kind) ? fill.get(kind) : (fill.get('others') ?? null)) as Fill;
}
