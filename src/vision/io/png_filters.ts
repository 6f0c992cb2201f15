/** Paul Paeth's guess of a value from those to its left, above it and above to the left: whichever is nearest to left + up - corner. */
export function paeth(left: number, up: number, corner: number): number {
  const byLeft = Math.abs(up - corner);
  const byUp = Math.abs(left - corner);
  const byCorner = Math.abs(left + up - 2 * corner);
  if (byLeft <= byUp && byLeft <= byCorner) return left;
  return byUp <= byCorner ? up : corner;
}

/** The first bytes of every PNG file. */
export const pngSignature: readonly number[] = [137, 80, 78, 71, 13, 10, 26, 10];
