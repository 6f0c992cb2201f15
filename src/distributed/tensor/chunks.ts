/** Parts of a dimension, as `torch.chunk` makes them: all of one length, but for the last ones, which may be shorter or empty. */

export interface Part {
  readonly start: number;
  readonly length: number;
}

/** The length of a part that is full. */
export const fullLength = (size: number, count: number): number => Math.ceil(size / count);

/** The part of a rank. */
export function partOf(size: number, count: number, rank: number): Part {
  const full = fullLength(size, count);
  const start = Math.min(rank * full, size);
  return { start, length: Math.min(full, size - start) };
}
