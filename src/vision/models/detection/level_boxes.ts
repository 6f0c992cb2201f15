/** The best of the boxes that detectors in one step find, over features of several sizes. */
import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { batchedNms, clipBoxesToImage, trueAt } from '../../ops/boxes.js';
import type { ImageSize } from '../../ops/multi_scale_align.js';
import type { Detection } from './detection_types.js';

/** The boxes that one of the features finds in an image: scores [boxes, classes], and boxes by their numbers. */
export interface Level {
  readonly scores: Tensor;
  decode(at: Tensor): Tensor;
}

/** How they are chosen. */
export interface Choice {
  readonly scoreThresh: number;
  readonly nmsThresh: number;
  readonly detectionsPerImg: number;
  readonly topkCandidates: number;
}

/** The best boxes of all features that do not overlap too much. */
export function chosenBoxes(levels: readonly Level[], size: ImageSize, choice: Choice): Detection {
  const found = levels.map(({ scores: matrix, decode }) => {
    const classes = matrix.shape[1];
    const all = matrix.flatten();
    const sure = trueAt(all.gt(choice.scoreThresh));
    const [scores, best] = all.indexSelect(0, sure).topk(Math.min(choice.topkCandidates, sure.shape[0]));
    const at = sure.indexSelect(0, best);
    const boxes = clipBoxesToImage(decode(at.div(classes, { roundingMode: 'floor' })), size);
    return { boxes, scores, labels: at.remainder(classes) };
  });
  return kept(found, choice);
}

/** Those of all that do not overlap too much, the best first. */
export function kept(
  found: readonly Detection[],
  { nmsThresh, detectionsPerImg }: Pick<Choice, 'nmsThresh' | 'detectionsPerImg'>,
): Detection {
  const all = (name: 'boxes' | 'scores' | 'labels') => ops.cat(found.map((one) => one[name]));
  const [boxes, scores, labels] = [all('boxes'), all('scores'), all('labels')];
  const best = batchedNms(boxes, scores, labels, nmsThresh).slice(0, 0, detectionsPerImg);
  const pick = (x: Tensor) => x.indexSelect(0, best);
  return { boxes: pick(boxes), scores: pick(scores), labels: pick(labels) };
}
