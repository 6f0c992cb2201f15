/** Functions of `v2.functional` that move pixels. */
import { ValueError } from '../../../../core/errors.js';
import { formatFloat } from '../../../../core/repr.js';
import type { Tensor } from '../../../../core/tensor.js';
import { type Corners, inverseAffine, perspectiveCoefficients } from '../../geometric_maps.js';
import { colour } from '../../geometry.js';
import * as v1 from '../../image_functions.js';
import { affineImage, perspectiveImage } from '../../image_warp.js';
import type { InterpolationLike, InterpolationMode } from '../../interpolation_mode.js';
import {
  affineTensor,
  elasticTensor,
  expandedSizeOfV2,
  type Fill,
  perspectiveTensor,
} from '../../tensor_warp.js';
import {
  type AffineMap,
  affineBoxes,
  affineKeyPoints,
  checkDisplacement,
  elasticBoxes,
  elasticKeyPoints,
  perspectiveBoxes,
  perspectiveKeyPoints,
} from './box_maps.js';
import { modeOf } from './geometry_functions.js';
import { asPlanes, inFour } from './image_batches.js';
import { functional } from './kernels_by_class.js';
import { pictureOf, valuesOf } from './pictures_as_tensors.js';

interface Affine {
  readonly angle: number;
  readonly translate: readonly number[];
  readonly scale: number;
  readonly shear: number | readonly number[];
  readonly center: readonly number[] | null;
}

function affineOf({ angle, translate, scale, shear, center }: Affine): AffineMap {
  if (translate.length !== 2) throw new ValueError('Argument translate should be a sequence of length 2');
  if (scale <= 0) throw new ValueError('Argument scale should be positive');
  const given = typeof shear === 'number' ? [shear, 0] : shear;
  const shears = given.length === 1 ? [given[0], given[0]] : given;
  if (shears.length !== 2)
    throw new ValueError(
      `Shear should be a sequence containing two values. Got [${shears.map(formatFloat).join(', ')}]`,
    );
  return { angle, translate, scale, shear: shears, center };
}

/** Where pixels of an image come from, counted from its middle. */
function matrixOf(image: Tensor, { center, angle, translate, scale, shear }: AffineMap): number[] {
  const [height, width] = image.shape.slice(-2);
  const point = center === null ? [0, 0] : [center[0] - width * 0.5, center[1] - height * 0.5];
  return inverseAffine(point, angle, translate, scale, shear);
}

const modeGiven = (interpolation: unknown): InterpolationMode => modeOf(interpolation as InterpolationLike);

function affineShown(image: Tensor, map: AffineMap, mode: InterpolationMode, fill: Fill): Tensor {
  const matrix = matrixOf(image, map);
  return inFour(image, (batch) =>
    affineTensor(batch, matrix, mode, fill, map.expand ? expandedSizeOfV2 : null),
  );
}

/**
 * Turns, moves, scales and shears an image, and what lies on it; its middle (or `center`) stays before it is moved.
 *
 * @param angle by how many degrees, clockwise
 * @param translate by how many pixels, [horizontally, vertically]
 * @param scale by which factor
 * @param shear by how many degrees: of the x axis, or [of x, of y]
 * @param interpolation how values between pixels are found; masks have none
 * @param fill what is outside, one value or one for each channel
 * @param center the point [x, y] around which it is turned; by default the middle
 */
export const affine = functional(
  "affine(Any inpt, float angle, float[] translate, float scale, float|float[] shear, Interpolation interpolation='nearest', float|float[]? fill=None, float[]? center=None)",
  {
    shown: (image, given) => affineShown(image, affineOf(given), modeGiven(given.interpolation), given.fill),
    picture: (image, given) => {
      const mode = modeGiven(given.interpolation);
      const { angle, translate, scale, shear, center } = affineOf(given);
      const point = center ?? [image.width * 0.5, image.height * 0.5];
      const matrix = inverseAffine(point, angle, translate, scale, shear);
      return affineImage(image, matrix, mode, colour(given.fill ?? 0, image));
    },
    mask: (mask, given) =>
      asPlanes(mask, (image) => affineShown(image, affineOf(given), 'nearest', given.fill)),
    boxes: (boxes, given, like) => affineBoxes(boxes, like, affineOf(given)),
    points: (points, given, { canvasSize }) => affineKeyPoints(points, canvasSize, affineOf(given)),
  },
);

interface Rotation {
  readonly angle: number;
  readonly expand: boolean;
  readonly center: readonly number[] | null;
}

const rotation = ({ angle, expand, center }: Rotation): AffineMap => ({
  angle: -angle,
  translate: [0, 0],
  scale: 1,
  shear: [0, 0],
  center,
  expand,
});

function rotatedShown(image: Tensor, given: Rotation, interpolation: unknown, fill: Fill): Tensor {
  const angle = ((given.angle % 360) + 360) % 360;
  const [height, width] = image.shape.slice(-2);
  if (given.center === null) {
    if (angle === 0) return image.clone();
    const quarters = angle / 90;
    if (quarters === 2 || (Number.isInteger(quarters) && (given.expand || height === width)))
      return image.rot90(quarters, [-2, -1]);
  }
  return affineShown(image, rotation({ ...given, angle }), modeGiven(interpolation), fill);
}

/**
 * Turns an image counterclockwise, and what lies on it.
 *
 * @param angle by how many degrees
 * @param interpolation how values between pixels are found; masks have none
 * @param expand whether the result is as large as what was turned
 * @param center the point [x, y] that stays; by default the middle
 * @param fill what is outside, one value or one for each channel
 */
export const rotate = functional(
  "rotate(Any inpt, float angle, Interpolation interpolation='nearest', bool expand=False, float[]? center=None, float|float[]? fill=None)",
  {
    shown: (image, given) => rotatedShown(image, given, given.interpolation, given.fill),
    picture: (image, { angle, interpolation, expand, center, fill }) =>
      v1.rotate(image, angle, { interpolation: modeGiven(interpolation), expand, center, fill }),
    mask: (mask, given) => asPlanes(mask, (image) => rotatedShown(image, given, 'nearest', given.fill)),
    boxes: (boxes, given, like) => affineBoxes(boxes, like, rotation(given)),
    points: (points, given, { canvasSize }) => affineKeyPoints(points, canvasSize, rotation(given)),
  },
);

function coefficientsOf(startpoints: unknown, endpoints: unknown, coefficients: readonly number[] | null) {
  if (coefficients !== null) {
    if (startpoints !== null && endpoints !== null)
      throw new ValueError(
        "The startpoints/endpoints and the coefficients shouldn't be defined concurrently.",
      );
    if (coefficients.length !== 8) throw new ValueError('Argument coefficients should have 8 float values');
    return coefficients;
  }
  if (startpoints === null || endpoints === null)
    throw new ValueError('Either the startpoints/endpoints or the coefficients must have non `None` values.');
  return perspectiveCoefficients(startpoints as Corners, endpoints as Corners);
}

const perspectiveShown = (
  image: Tensor,
  by: readonly number[],
  mode: InterpolationMode,
  fill: Fill,
): Tensor => inFour(image, (batch) => perspectiveTensor(batch, by, mode, fill));

/**
 * Shows an image from another side, and what lies on it.
 *
 * @param startpoints four corners [x, y] of it: top left, top right, bottom right, bottom left
 * @param endpoints where those are in the result
 * @param interpolation how values between pixels are found; masks have none
 * @param fill what is outside, one value or one for each channel
 * @param coefficients the map's eight coefficients, in place of the points
 */
export const perspective = functional(
  "perspective(Any inpt, Any startpoints, Any endpoints, Interpolation interpolation='bilinear', float|float[]? fill=None, float[]? coefficients=None)",
  {
    shown: (image, { startpoints, endpoints, interpolation, fill, coefficients }) =>
      perspectiveShown(
        image,
        coefficientsOf(startpoints, endpoints, coefficients),
        modeGiven(interpolation),
        fill,
      ),
    picture: (image, { startpoints, endpoints, interpolation, fill, coefficients }) =>
      perspectiveImage(
        image,
        coefficientsOf(startpoints, endpoints, coefficients),
        modeGiven(interpolation),
        colour(fill ?? 0, image),
      ),
    mask: (mask, { startpoints, endpoints, fill, coefficients }) =>
      asPlanes(mask, (image) =>
        perspectiveShown(image, coefficientsOf(startpoints, endpoints, coefficients), 'nearest', fill),
      ),
    boxes: (boxes, { startpoints, endpoints, coefficients }, like) =>
      perspectiveBoxes(boxes, like, coefficientsOf(startpoints, endpoints, coefficients)),
    points: (points, { startpoints, endpoints, coefficients }) =>
      perspectiveKeyPoints(points, coefficientsOf(startpoints, endpoints, coefficients)),
  },
);

function elasticShown(image: Tensor, displacement: unknown, mode: InterpolationMode, fill: Fill): Tensor {
  checkDisplacement(displacement, image.shape.slice(-2));
  return inFour(image, (batch) => elasticTensor(batch, displacement as Tensor, mode, fill));
}

/**
 * Displaces the pixels of an image, and what lies on it.
 *
 * @param displacement from how far away, [1, H, W, 2] in halves of the width and height
 * @param interpolation how values between pixels are found; masks have none
 * @param fill what is outside, one value or one for each channel
 */
export const elastic = functional(
  "elastic(Any inpt, Tensor displacement, Interpolation interpolation='bilinear', float|float[]? fill=None)",
  {
    shown: (image, { displacement, interpolation, fill }) =>
      elasticShown(image, displacement, modeGiven(interpolation), fill),
    picture: (image, { displacement, interpolation, fill }) =>
      pictureOf(elasticShown(valuesOf(image), displacement, modeGiven(interpolation), fill), image.mode),
    mask: (mask, { displacement, fill }) =>
      asPlanes(mask, (image) => elasticShown(image, displacement, 'nearest', fill)),
    boxes: (boxes, { displacement }, like) => elasticBoxes(boxes, like, displacement as Tensor),
    points: (points, { displacement }, { canvasSize }) =>
      elasticKeyPoints(points, canvasSize, displacement as Tensor),
  },
);

/** Displaces the pixels of an image, and what lies on it. */
export const elasticTransform = elastic;
