/** Images to learn from: bars, crosses and frames at random places, with noise. */
import * as torch from 'flambeau';

export function images(count: number, size: number): [pixels: torch.Tensor, kinds: torch.Tensor] {
  const kinds = torch.randint(0, 3, [count]);
  const places = torch.randint(2, size - 6, [count, 2]).tolist() as [number, number][];
  const pixels = torch.rand(count, 1, size, size).mul(0.2);
  for (const [i, kind] of (kinds.tolist() as number[]).entries()) {
    const [y, x] = places[i];
    const patch = pixels.select(0, i).select(0, 0).narrow(0, y, 5).narrow(1, x, 5);
    if (kind === 2) {
      patch.add_(0.8);
      patch.narrow(0, 1, 3).narrow(1, 1, 3).sub_(0.8);
    } else {
      patch.select(0, 2).add_(0.8);
      if (kind === 1) patch.select(1, 2).add_(0.8);
    }
  }
  return [pixels, kinds];
}
