/** Which class is taken for which, with the images of the mistakes: what snippets show by `confusion(guesses, labels, images)`. */
import * as torch from 'flambeau';
import type { Confusion } from './messages.js';
import { formOf, snapshotOf } from './snapshots.js';

/** So many images of mistakes are sent to the page. */
const mostImages = 400;

/**
 * @param guesses classes, int64 [N]
 * @param labels the right ones, int64 [N]
 * @param images of shape [N, C, H, W]
 * @param classes their names; without them numbers
 * @throws TypeError if shapes do not fit
 */
export async function confusionOf(
  guesses: torch.Tensor,
  labels: torch.Tensor,
  images: torch.Tensor,
  classes?: readonly string[],
): Promise<Confusion> {
  for (const [name, tensor] of Object.entries({ guesses, labels }))
    if (!(tensor instanceof torch.Tensor) || tensor.dim() !== 1 || tensor.shape[0] !== labels.shape[0])
      throw new TypeError(`confusion() takes ${name} of shape [N], got ${formOf(tensor)}`);
  if (!(images instanceof torch.Tensor) || images.dim() !== 4 || images.shape[0] !== labels.shape[0])
    throw new TypeError(
      `confusion() takes images of shape [${labels.shape[0]}, C, H, W], got ${formOf(images)}`,
    );
  const [found, right] = (await Promise.all([guesses, labels].map((one) => one.tolistAsync()))) as number[][];
  const count = classes?.length ?? 1 + Math.max(...found, ...right);
  const counts = Array.from({ length: count }, () => Array<number>(count).fill(0));
  const wrong: number[] = [];
  for (const [i, truth] of right.entries()) {
    counts[truth][found[i]]++;
    if (truth !== found[i] && wrong.length < mostImages) wrong.push(i);
  }
  const shown = wrong.length === 0 ? images.index(':1') : images.index(torch.tensor(wrong).to(images.device));
  return {
    classes: classes ?? Array.from({ length: count }, (_, i) => String(i)),
    counts,
    mistakes: wrong.map((i) => ({ truth: right[i], guess: found[i] })),
    images: await snapshotOf(shown, 'confusion()'),
  };
}
