/** Questions about the parts of a sample. */
import { TypeError, ValueError } from '../../../core/errors.js';
import { isPlainObject } from '../../../core/plain.js';
import { formatValue } from '../../../core/repr.js';
import { signed } from '../../../core/signature/signed.js';
import { Tensor } from '../../../core/tensor.js';
import { BoundingBoxes } from '../../tv_tensors/bounding_boxes.js';
import { KeyPoints } from '../../tv_tensors/key_points.js';
import { Mask, Image as TVImage, Video } from '../../tv_tensors/tv_image.js';
import { TVTensor } from '../../tv_tensors/tv_tensor.js';
import { Image } from '../image.js';
import { tuple } from '../transform.js';
import type { Shown } from './functional/kernels_by_class.js';
import { getDimensions, getSize } from './functional/size_functions.js';

type Check = (value: unknown) => boolean;

/** Whether it is a class, and no function that tells what fits. */
const isClass = (value: unknown): boolean =>
  typeof value === 'function' && /^class\b|\[native code\]/.test(Function.prototype.toString.call(value));

function fits(value: unknown, kinds: readonly unknown[]): boolean {
  return kinds.some((kind) =>
    isClass(kind) ? value instanceof (kind as new () => object) : (kind as Check)(value),
  );
}

/** Whether a value is of one of these classes, or one of these functions says that it fits. */
export const checkType = signed('check_type(Any obj, Any types_or_checks)', ({ obj, typesOrChecks }) =>
  fits(obj, typesOrChecks as readonly unknown[]),
);

/** Whether some part of a sample fits one of several classes or checks. */
export const hasAny = signed(
  'has_any(Any flat_inputs, Any *types_or_checks)',
  ({ flatInputs, typesOrChecks }) =>
    (flatInputs as readonly unknown[]).some((part) => fits(part, typesOrChecks)),
);

/** Whether for each of several classes or checks some part of a sample fits it. */
export const hasAll = signed(
  'has_all(Any flat_inputs, Any *types_or_checks)',
  ({ flatInputs, typesOrChecks }) =>
    typesOrChecks.every((kind) => (flatInputs as readonly unknown[]).some((part) => fits(part, [kind]))),
);

/** The boxes of a sample. @throws ValueError if there are none */
export const getBoundingBoxes = signed(
  'get_bounding_boxes(Any flat_inputs)',
  ({ flatInputs }): BoundingBoxes => {
    const found = (flatInputs as readonly unknown[]).find((part) => part instanceof BoundingBoxes);
    if (found === undefined) throw new ValueError('No bounding boxes were found in the sample');
    return found as BoundingBoxes;
  },
);

/** The points of a sample. @throws ValueError if there are none */
export const getKeypoints = signed('get_keypoints(Any flat_inputs)', ({ flatInputs }): KeyPoints => {
  const found = (flatInputs as readonly unknown[]).find((part) => part instanceof KeyPoints);
  if (found === undefined) throw new ValueError('No keypoints were found in the sample');
  return found as KeyPoints;
});

/** Whether it is a tensor that says nothing of what it is. */
export const isPlain = (part: unknown): part is Tensor =>
  part instanceof Tensor && !(part instanceof TVTensor);

/** Whether it is an image or video. */
export const isShown = (part: unknown): part is Shown =>
  isPlain(part) || part instanceof TVImage || part instanceof Image || part instanceof Video;

/** The one size that parts have. */
function only<S extends readonly number[]>(sizes: readonly S[], what: string, none: string): S {
  if (sizes.length === 0) throw new TypeError(none);
  const different = [...new Set(sizes.map((size) => tuple(size)))];
  if (different.length === 1) return sizes[0];
  const sorted = [...sizes].sort((a, b) => a.map((x, i) => x - b[i]).find((d) => d !== 0) ?? 0);
  const texts = [...new Set(sorted.map((size) => `'${tuple(size)}'`))];
  throw new ValueError(`Found multiple ${what} dimensions in the sample: ${texts.join(', ')}`);
}

/** The number of channels, the height and the width of a sample's images and videos. */
export const queryChw = signed('query_chw(Any flat_inputs)', ({ flatInputs }) =>
  only(
    (flatInputs as readonly unknown[]).filter(isShown).map((part) => getDimensions(part)),
    'CxHxW',
    'No image or video was found in the sample',
  ),
);

/** The height and the width of what a sample shows. */
export const querySize = signed('query_size(Any flat_inputs)', ({ flatInputs }) =>
  only(
    (flatInputs as readonly unknown[])
      .filter(
        (part) =>
          isShown(part) || part instanceof Mask || part instanceof BoundingBoxes || part instanceof KeyPoints,
      )
      .map((part) => getSize(part as Shown)),
    'HxW',
    'No image, video, mask, bounding box of keypoint was found in the sample',
  ),
);

/** How the labels of a sample are found. */
export type LabelsGetter = 'default' | ((sample: never) => unknown) | null;

/** The labels: the second part of a pair, or what stands under a name like `labels`. */
function likelyLabels(sample: unknown): unknown {
  const inputs: unknown = Array.isArray(sample) ? sample[1] : sample;
  if (isPlain(inputs)) return inputs;
  if (!isPlainObject(inputs))
    throw new ValueError(
      'When using the default labels_getter, the input passed to forward must be a dictionary or a two-tuple ' +
        `whose second item is a dictionary or a tensor, but got ${formatValue(inputs)} instead.`,
    );
  const keys = Object.keys(inputs);
  const key =
    keys.find((one) => one.toLowerCase() === 'labels') ??
    keys.find((one) => one.toLowerCase().includes('label'));
  if (key === undefined)
    throw new ValueError(
      'Could not infer where the labels are in the sample. Try passing a callable as the labels_getter parameter?' +
        'If there are no labels in the sample by design, pass labels_getter=None.',
    );
  return inputs[key];
}

/** The function that finds the labels of a sample. */
export function labelsFinder(getter: unknown): (sample: unknown) => unknown {
  if (getter === 'default') return likelyLabels;
  if (typeof getter === 'function') return getter as (sample: unknown) => unknown;
  if (getter === null) return () => null;
  throw new ValueError(
    `labels_getter should either be 'default', a callable, or None, but got ${String(getter)}.`,
  );
}
