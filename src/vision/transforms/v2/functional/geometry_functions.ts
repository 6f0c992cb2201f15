/** Functions of `v2.functional` that crop, pad, mirror and resize. */
import { ValueError } from '../../../../core/errors.js';
import type { Tensor } from '../../../../core/tensor.js';
import { warn } from '../../../../core/warnings.js';
import { tensor } from '../../../../ops/from_data.js';
import { columnsOf } from '../../../ops/box_columns.js';
import { type BoundingBoxFormat, type CanvasSize, isRotated } from '../../../tv_tensors/bounding_boxes.js';
import * as geometry from '../../geometry.js';
import type { Image } from '../../image.js';
import { resizedImage } from '../../image_resampling.js';
import { resizedSize } from '../../image_size.js';
import { type InterpolationLike, InterpolationMode, interpolationOf } from '../../interpolation_mode.js';
import { resizedBatch } from '../../tensor_warp.js';
import { tuple } from '../../transform.js';
import { clamped } from './box_clamping.js';
import { joined } from './box_conversions.js';
import {
  type BoxesAbout,
  croppedBoxes,
  movedBoxes,
  movedPoints,
  scaledBoxes,
  scaledPoints,
} from './box_maps.js';
import { asPlanes, inFour } from './image_batches.js';
import { asking, functional, type Shown } from './kernels_by_class.js';

/** @throws ValueError if there is no such mode */
export function modeOf(interpolation: InterpolationLike): InterpolationMode {
  const modes: readonly string[] = Object.values(InterpolationMode);
  if (typeof interpolation === 'string' && !modes.includes(interpolation))
    throw new ValueError(
      `Invalid interpolation mode: '${interpolation}'. Supported string values are: [${modes.map((mode) => `'${mode}'`).join(', ')}].`,
    );
  return interpolationOf(interpolation);
}

/** Boxes of a picture that is mirrored along an axis: 0 is left to right, 1 top to bottom. */
function mirroredBoxes(boxes: Tensor, format: BoundingBoxFormat, canvas: CanvasSize, axis: 0 | 1): Tensor {
  const size = canvas[1 - axis];
  const columns = columnsOf(boxes, format === 'XYXYXYXY' ? 8 : isRotated(format) ? 5 : 4);
  const across = (x: Tensor) => x.sub(size).neg();
  if (format === 'XYXYXYXY') {
    const turned = columns.map((x, i) => (i % 2 === axis ? across(x) : x));
    return joined(...[2, 3, 0, 1, 6, 7, 4, 5].map((i) => turned[i]));
  }
  if (format === 'XYXY') {
    const [near, far] = [columns[axis], columns[axis + 2]];
    columns[axis] = across(far);
    columns[axis + 2] = across(near);
    return joined(...columns);
  }
  if (format === 'XYWH') columns[axis] = across(columns[axis].add(columns[axis + 2]));
  else if (format !== 'XYWHR') columns[axis] = across(columns[axis]);
  else {
    const [x, y, w, , r] = columns;
    const angle = r.mul(Math.PI).div(180);
    const [end, rise] = [x.add(w.mul(angle.cos())), y.sub(w.mul(angle.sin()))];
    [columns[0], columns[1]] = axis === 0 ? [across(end), rise] : [end, across(rise)];
  }
  if (isRotated(format)) columns[4] = axis === 0 ? columns[4].neg() : columns[4].neg().add(180);
  return joined(...columns);
}

/** Points of a picture that is mirrored along an axis. */
function mirroredPoints(points: Tensor, canvas: CanvasSize, axis: 0 | 1): Tensor {
  const columns = columnsOf(points, 2);
  columns[axis] = columns[axis].sub(canvas[1 - axis] - 1).neg();
  return joined(...columns);
}

/** Exchanges left and right of an image, and of what lies on it. */
export const horizontalFlip = functional('horizontal_flip(Any inpt)', {
  shown: (image) => image.flip([-1]),
  picture: (image) => geometry.mirrored(image),
  mask: (mask) => mask.flip([-1]),
  boxes: (boxes, _, { format, canvasSize }) => mirroredBoxes(boxes, format, canvasSize, 0),
  points: (points, _, { canvasSize }) => mirroredPoints(points, canvasSize, 0),
});

/** Exchanges left and right of an image, and of what lies on it. */
export const hflip = horizontalFlip;

/** Exchanges top and bottom of an image, and of what lies on it. */
export const verticalFlip = functional('vertical_flip(Any inpt)', {
  shown: (image) => image.flip([-2]),
  picture: (image) => geometry.upended(image),
  mask: (mask) => mask.flip([-2]),
  boxes: (boxes, _, { format, canvasSize }) => mirroredBoxes(boxes, format, canvasSize, 1),
  points: (points, _, { canvasSize }) => mirroredPoints(points, canvasSize, 1),
});

/** Exchanges top and bottom of an image, and of what lies on it. */
export const vflip = verticalFlip;

type Size = number | readonly number[] | null;

/** The height and width that a picture gets. */
function newSize([height, width]: CanvasSize, size: Size, maxSize: number | null): CanvasSize {
  const sizes = typeof size === 'number' ? [size] : size;
  if (maxSize !== null && sizes !== null && sizes.length !== 1)
    throw new ValueError(
      'max_size should only be passed if size is None or specifies the length of the smaller edge, ' +
        'i.e. size should be an int or a sequence of length 1 in torchscript mode.',
    );
  return resizedSize([height, width], sizes, maxSize);
}

const sizeOf = (image: Tensor): CanvasSize => image.shape.slice(-2) as [number, number];
const isSame = (a: CanvasSize, b: CanvasSize): boolean => a[0] === b[0] && a[1] === b[1];

interface Resizing {
  readonly size: Size;
  readonly interpolation: unknown;
  readonly maxSize?: number | null;
  readonly antialias?: boolean | null;
}

function resizedShown(image: Tensor, { size, interpolation, maxSize, antialias }: Resizing): Tensor {
  const mode = modeOf(interpolation as InterpolationLike);
  if (mode === 'lanczos' && antialias !== true)
    throw new ValueError('InterpolationMode.LANCZOS requires antialias=True');
  const to = newSize(sizeOf(image), size, maxSize ?? null);
  if (isSame(to, sizeOf(image))) return image;
  if (image.numel() === 0) return image.newEmpty([...image.shape.slice(0, -2), ...to]);
  return inFour(image, (batch) => resizedBatch(batch, to, mode, antialias ?? false));
}

function resizedPicture(image: Image, { size, interpolation, maxSize, antialias }: Resizing): Image {
  if (antialias === false)
    warn('Anti-alias option is always applied for PIL Image input. Argument antialias is ignored.');
  const to = newSize([image.height, image.width], size, maxSize ?? null);
  const mode = modeOf(interpolation as InterpolationLike);
  return isSame(to, [image.height, image.width]) ? image : resizedImage(image, to[1], to[0], mode);
}

/** Masks have no values between theirs. */
function resizedMask(mask: Tensor, given: Resizing): Tensor {
  const mode = modeOf(given.interpolation as InterpolationLike);
  const interpolation = mode === 'nearest-exact' ? mode : 'nearest';
  return asPlanes(mask, (image) => resizedShown(image, { ...given, interpolation, antialias: false }));
}

function resizedBoxes(
  boxes: Tensor,
  about: BoxesAbout,
  size: Size,
  maxSize: number | null,
): [Tensor, CanvasSize] {
  const to = newSize(about.canvasSize, size, maxSize);
  return isSame(to, about.canvasSize) ? [boxes, to] : [scaledBoxes(boxes, about, to), to];
}

function resizedPoints(
  points: Tensor,
  canvas: CanvasSize,
  size: Size,
  maxSize: number | null,
): [Tensor, CanvasSize] {
  const to = newSize(canvas, size, maxSize);
  return isSame(to, canvas) ? [points, to] : [scaledPoints(points, canvas, to), to];
}

/**
 * Resizes an image, and what lies on it.
 *
 * @param size `[height, width]`; one number is the length of the shorter side; null leaves `maxSize` to say it
 * @param interpolation how values between pixels are found; masks have none
 * @param maxSize the length that the longer side may have, where `size` is that of the shorter one
 * @param antialias whether all that a pixel covers counts when a tensor is made smaller; for images of bytes it always does
 */
export const resize = functional(
  "resize(Any inpt, int|int[]? size, Interpolation interpolation='bilinear', int? max_size=None, bool? antialias=True)",
  {
    shown: resizedShown,
    picture: resizedPicture,
    mask: resizedMask,
    boxes: (boxes, { size, maxSize }, like) => resizedBoxes(boxes, like, size, maxSize),
    points: (points, { size, maxSize }, { canvasSize }) => resizedPoints(points, canvasSize, size, maxSize),
  },
);

type Fill = number | readonly number[] | null;

function paddingOf(padding: number | readonly number[]): readonly [number, number, number, number] {
  const list = typeof padding === 'number' ? [padding] : padding;
  if (list.length !== 1 && list.length !== 2 && list.length !== 4)
    throw new ValueError(
      `Padding must be an int or a 1, 2, or 4 element tuple or list. Found ${list.length}`,
    );
  const [left, top = left, right = left, bottom = top] = list;
  return [left, top, right, bottom];
}

function paddedShown(image: Tensor, padding: number | readonly number[], fill: Fill, mode: string): Tensor {
  const sides = paddingOf(padding);
  if (!['constant', 'edge', 'reflect', 'symmetric'].includes(mode))
    throw new ValueError(
      `\`padding_mode\` should be either \`'constant'\`, \`'edge'\`, \`'reflect'\` or \`'symmetric'\`, but got \`'${mode}'\`.`,
    );
  const values = fill === null ? [0] : typeof fill === 'number' ? [fill] : fill;
  if (values.length === 1)
    return inFour(
      image,
      (batch) => geometry.bordered(batch, sides, values[0], mode as geometry.PaddingMode) as Tensor,
    );
  if (mode !== 'constant')
    throw new ValueError(`Padding mode '${mode}' is not supported if fill is not scalar`);
  const output = geometry.bordered(image, sides, 0, 'constant') as Tensor;
  const colour = tensor(values, { device: image.device }).to(image.dtype).view([-1, 1, 1]);
  const [left, top, right, bottom] = sides;
  const [height, width] = sizeOf(output);
  const parts: [dim: number, from: number, size: number][] = [
    [-2, 0, top],
    [-1, 0, left],
    [-2, height - bottom, bottom],
    [-1, width - right, right],
  ];
  for (const [dim, from, size] of parts) if (size > 0) output.narrow(dim, from, size).copy_(colour);
  return output;
}

/** The size of a picture with a border. */
const paddedSize = ([h, w]: CanvasSize, [left, top, right, bottom]: readonly number[]): CanvasSize => [
  h + top + bottom,
  w + left + right,
];

/**
 * Adds a border to an image, and moves what lies on it.
 *
 * @param padding its width: one number, `[horizontal, vertical]`, or `[left, top, right, bottom]`
 * @param fill its value, one or one for each channel
 * @param paddingMode what it shows: `constant`, `edge`, `reflect` or `symmetric`
 */
export const pad = functional(
  "pad(Any inpt, int|int[] padding, float|float[]? fill=None, str padding_mode='constant')",
  {
    shown: (image, { padding, fill, paddingMode }) => paddedShown(image, padding, fill, paddingMode),
    picture: (image, { padding, fill, paddingMode }) =>
      geometry.bordered(image, padding, fill ?? 0, paddingMode as geometry.PaddingMode),
    mask: (mask, { padding, fill, paddingMode }) => {
      if (Array.isArray(fill)) throw new ValueError('Non-scalar fill value is not supported');
      return asPlanes(mask, (image) => paddedShown(image, padding, fill, paddingMode));
    },
    boxes: (boxes, { padding, paddingMode }, { format, canvasSize, clampingMode }) => {
      if (paddingMode !== 'constant')
        throw new ValueError(`Padding mode '${paddingMode}' is not supported with bounding boxes`);
      const sides = paddingOf(padding);
      const size = paddedSize(canvasSize, sides);
      return [clamped(movedBoxes(boxes, format, sides[0], sides[1]), format, size, clampingMode), size];
    },
    points: (points, { padding, paddingMode }, { canvasSize }) => {
      if (paddingMode !== 'constant')
        throw new ValueError(
          `Padding mode '${paddingMode}' is not supported with KeyPoints (supported modes are constant)`,
        );
      const sides = paddingOf(padding);
      return [movedPoints(points, sides[0], sides[1]), paddedSize(canvasSize, sides)];
    },
  },
);

interface Part {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

const croppedShown = (image: Tensor, { top, left, height, width }: Part): Tensor =>
  geometry.cropped(image, top, left, height, width) as Tensor;

const croppedBoxesTo = (boxes: Tensor, about: BoxesAbout, { top, left, height, width }: Part) =>
  croppedBoxes(boxes, about, [top, left, height, width]);

const croppedPoints = (points: Tensor, { top, left, height, width }: Part): [Tensor, CanvasSize] => [
  movedPoints(points, -left, -top),
  [height, width],
];

/** The part of what is shown from (top, left). What lies outside is 0. */
export const crop = functional('crop(Any inpt, int top, int left, int height, int width)', {
  shown: croppedShown,
  picture: (image, { top, left, height, width }) => geometry.cropped(image, top, left, height, width),
  mask: croppedShown,
  boxes: (boxes, given, like) => croppedBoxesTo(boxes, like, given),
  points: croppedPoints,
});

/** A size as height and width. */
function sizes(size: number | readonly number[]): CanvasSize {
  return typeof size === 'number' ? [size, size] : [size[0], size[size.length - 1]];
}

/** The part of a size in the middle of a picture. */
function middle([h, w]: CanvasSize, size: number | readonly number[]): Part {
  const [height, width] = sizes(size);
  const half = (n: number) => geometry.roundEven(n / 2);
  return { top: half(h - height), left: half(w - width), height, width };
}

/** The middle part of a size (height, width); what is smaller gets a border of 0. */
export const centerCrop = functional('center_crop(Any inpt, int|int[] output_size)', {
  shown: (image, { outputSize }) => geometry.centered(image, sizes(outputSize) as [number, number]),
  picture: (image, { outputSize }) => geometry.centered(image, sizes(outputSize) as [number, number]),
  mask: (mask, { outputSize }) => geometry.centered(mask, sizes(outputSize) as [number, number]),
  boxes: (boxes, { outputSize }, like) => croppedBoxesTo(boxes, like, middle(like.canvasSize, outputSize)),
  points: (points, { outputSize }, { canvasSize }) => croppedPoints(points, middle(canvasSize, outputSize)),
});

/** The part of what is shown from (top, left), in another size. */
export const resizedCrop = functional(
  "resized_crop(Any inpt, int top, int left, int height, int width, int|int[] size, Interpolation interpolation='bilinear', bool? antialias=True)",
  {
    shown: (image, given) => resizedShown(croppedShown(image, given), given),
    picture: (image, given) => {
      const { top, left, height, width } = given;
      return resizedPicture(geometry.cropped(image, top, left, height, width) as Image, given);
    },
    mask: (mask, given) =>
      resizedMask(croppedShown(mask, given), { size: given.size, interpolation: 'nearest' }),
    boxes: (boxes, given, like) => {
      const [cropped, canvasSize] = croppedBoxesTo(boxes, like, given);
      const { format, clampingMode } = like;
      return resizedBoxes(cropped, { format, canvasSize, clampingMode }, given.size, null);
    },
    points: (points, given) => {
      const [cropped, canvasSize] = croppedPoints(points, given);
      return resizedPoints(cropped, canvasSize, given.size, null);
    },
  },
);

function cropsOf(image: Shown, size: number | readonly number[]): unknown[] {
  const list = typeof size === 'number' ? [size, size] : size;
  if (list.length !== 1 && list.length !== 2)
    throw new ValueError('Please provide only two dimensions (h, w) for size.');
  const [h, w] = sizes(list);
  const [height, width] = 'ndim' in image ? sizeOf(image) : [image.height, image.width];
  if (w > width || h > height) {
    const shown =
      typeof size === 'number' ? size : Object.isFrozen(size) ? tuple(size) : `[${size.join(', ')}]`;
    throw new ValueError(`Requested crop size ${shown} is bigger than input size ${tuple([height, width])}`);
  }
  const from = (top: number, left: number) => geometry.cropped(image, top, left, h, w);
  const [bottom, right] = [height - h, width - w];
  return [from(0, 0), from(0, right), from(bottom, 0), from(bottom, right), geometry.centered(image, [h, w])];
}

function tenCropsOf(image: Shown, size: number | readonly number[], isVertical: boolean): unknown[] {
  const other = isVertical ? geometry.upended(image) : geometry.mirrored(image);
  return [...cropsOf(image, size), ...cropsOf(other, size)];
}

/** The four corners of what is shown and its middle, each of a size (height, width). */
export const fiveCrop = asking<'five_crop(Any inpt, int|int[] size)', Shown[]>(
  'five_crop(Any inpt, int|int[] size)',
  {
    shown: (image, { size }) => cropsOf(image, size),
    picture: (image, { size }) => cropsOf(image, size),
  },
);

/** The crops of `fiveCrop`, and those of what is shown mirrored. */
export const tenCrop = asking<'ten_crop(Any inpt, int|int[] size, bool vertical_flip=False)', Shown[]>(
  'ten_crop(Any inpt, int|int[] size, bool vertical_flip=False)',
  {
    shown: (image, { size, verticalFlip }) => tenCropsOf(image, size, verticalFlip),
    picture: (image, { size, verticalFlip }) => tenCropsOf(image, size, verticalFlip),
  },
);
