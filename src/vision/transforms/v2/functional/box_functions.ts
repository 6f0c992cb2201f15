/** Functions of `v2.functional` for boxes and points alone. */
import { TypeError, ValueError } from '../../../../core/errors.js';
import { typeName } from '../../../../core/repr.js';
import { type Arguments, signature } from '../../../../core/signature/signature.js';
import { Tensor } from '../../../../core/tensor.js';
import { columnsOf } from '../../../ops/box_columns.js';
import {
  BoundingBoxes,
  type BoundingBoxFormat,
  type CanvasSize,
  type ClampingMode,
  canvasOf,
  type FormatLike,
  formatOf,
  isRotated,
} from '../../../tv_tensors/bounding_boxes.js';
import { KeyPoints } from '../../../tv_tensors/key_points.js';
import { asPlain, TVTensor } from '../../../tv_tensors/tv_tensor.js';
import { clamped } from './box_clamping.js';
import { converted, cornersFormat, joined } from './box_conversions.js';

const isPure = (value: unknown): value is Tensor => value instanceof Tensor && !(value instanceof TVTensor);

const shownFormat = (format: string | null) => (format === null ? 'None' : format);
const shownSize = (size: readonly number[] | null) => (size === null ? 'None' : `[${size.join(', ')}]`);

const converting = signature(
  'convert_bounding_box_format(Any inpt, str? old_format=None, str? new_format=None, bool inplace=False)',
);

/**
 * Boxes in another format.
 *
 * @param inpt the boxes
 * @param oldFormat the format of boxes that are a plain tensor
 * @param newFormat the format that they get
 * @param inplace whether their memory may be changed
 */
export function convertBoundingBoxFormat<T extends Tensor>(
  ...args: Arguments<
    typeof converting,
    { inpt: T; oldFormat: FormatLike | null; newFormat: FormatLike | null }
  >
): T {
  const { inpt, oldFormat, newFormat, inplace } = converting.bind(args);
  if (newFormat === null)
    throw new TypeError("convert_bounding_box_format() missing 1 required argument: 'new_format'");
  const to = formatOf(newFormat);
  const change = (boxes: Tensor, from: BoundingBoxFormat): Tensor => {
    const result = converted(boxes, from, to);
    const fits = inplace && result.shape.every((size, i) => size === boxes.shape[i]);
    return fits ? boxes.copy_(result) : result;
  };
  if (isPure(inpt)) {
    if (oldFormat === null) throw new ValueError('For pure tensor inputs, `old_format` has to be passed.');
    return change(inpt, formatOf(oldFormat)) as T;
  }
  if (!(inpt instanceof BoundingBoxes)) throw wrongInput(inpt, 'bounding box');
  if (oldFormat !== null)
    throw new ValueError('For bounding box tv_tensor inputs, `old_format` must not be passed.');
  return inpt.wrap(change(asPlain(inpt), inpt.format), { format: to }) as Tensor as T;
}

const wrongInput = (input: unknown, what: string): TypeError =>
  new TypeError(
    `Input can either be a plain tensor or a ${what} tv_tensor, but got <class '${typeName(input)}'> instead.`,
  );

const clamping = signature(
  "clamp_bounding_boxes(Any inpt, str? format=None, int[]? canvas_size=None, str? clamping_mode='auto')",
);

/**
 * Boxes cut off at the edges of their picture.
 *
 * @param inpt the boxes
 * @param format the format of boxes that are a plain tensor
 * @param canvasSize the size of their picture
 * @param clampingMode how turned boxes are cut off; `auto` for their own mode
 */
export function clampBoundingBoxes<T extends Tensor>(
  ...args: Arguments<
    typeof clamping,
    { inpt: T; format: FormatLike | null; clampingMode: ClampingMode | 'auto' }
  >
): T {
  const { inpt, format, canvasSize, clampingMode } = clamping.bind(args);
  if (clampingMode !== null && !['soft', 'hard', 'auto'].includes(clampingMode))
    throw new ValueError(`clamping_mode must be soft, hard, auto or None, got ${clampingMode}`);
  if (isPure(inpt)) {
    if (format === null || canvasSize === null || clampingMode === 'auto')
      throw new ValueError(
        'For pure tensor inputs, `format`, `canvas_size` and `clamping_mode` have to be passed.',
      );
    return clamped(inpt, formatOf(format), canvasOf(canvasSize), clampingMode as ClampingMode) as T;
  }
  if (!(inpt instanceof BoundingBoxes)) throw wrongInput(inpt, 'bounding box');
  if (format !== null || canvasSize !== null)
    throw new ValueError('For bounding box tv_tensor inputs, `format` and `canvas_size` must not be passed.');
  const mode = clampingMode === 'auto' ? inpt.clampingMode : (clampingMode as ClampingMode);
  return inpt.wrap(clamped(asPlain(inpt), inpt.format, inpt.canvasSize, mode)) as Tensor as T;
}

const clampingPoints = signature('clamp_keypoints(Any inpt, int[]? canvas_size=None)');

/**
 * Points moved to the edges of their picture where they are outside.
 *
 * @param inpt the points
 * @param canvasSize the size of the picture of points that are a plain tensor
 */
export function clampKeypoints<T extends Tensor>(...args: Arguments<typeof clampingPoints, { inpt: T }>): T {
  const { inpt, canvasSize } = clampingPoints.bind(args);
  const change = (points: Tensor, [height, width]: CanvasSize): Tensor => {
    const [x, y] = columnsOf(points.isFloatingPoint() ? points : points.float(), 2);
    return joined(x.clamp(0, width - 1), y.clamp(0, height - 1)).to(points.dtype);
  };
  if (isPure(inpt)) {
    if (canvasSize === null) throw new ValueError('For pure tensor inputs, `canvas_size` has to be passed.');
    return change(inpt, canvasOf(canvasSize)) as T;
  }
  if (!(inpt instanceof KeyPoints)) throw wrongInput(inpt, 'keypoints');
  if (canvasSize !== null)
    throw new ValueError('For keypoints tv_tensor inputs, `canvas_size` must not be passed.');
  return inpt.wrap(change(asPlain(inpt), inpt.canvasSize)) as Tensor as T;
}

/** Rows of a tensor where a mask is true. */
export const rowsWhere = (rows: Tensor, mask: Tensor): Tensor =>
  rows.indexSelect(0, mask.nonzero().squeeze(1));

/** Which boxes are large enough and within their picture. */
export function validBoxes(
  boxes: Tensor,
  format: BoundingBoxFormat,
  [height, width]: CanvasSize,
  minSize: number,
  minArea: number,
): Tensor {
  const corners = converted(boxes, format, cornersFormat(format));
  const columns = columnsOf(corners, isRotated(format) ? 8 : 4);
  const [x1, y1, x2, y2] = columns;
  let [w, h] = [x2.sub(x1), y2.sub(y1)];
  if (isRotated(format)) {
    // The places are torchvision's.
    const length = (a: number, b: number, c: number, d: number) =>
      columns[a].sub(columns[b]).pow(2).add(columns[c].sub(columns[d]).pow(2)).sqrt();
    [w, h] = [length(0, 2, 1, 3), length(3, 5, 4, 6)];
  }
  const conditions = [
    w.ge(minSize),
    h.ge(minSize),
    corners.ge(0).all(-1),
    w.mul(h).ge(minArea),
    ...columns.map((column, i) => column.le(i % 2 === 0 ? width : height)),
  ];
  return conditions.reduce((all, one) => all.logicalAnd(one));
}

const sanitizing = signature(
  'sanitize_bounding_boxes(Any bounding_boxes, str? format=None, int[]? canvas_size=None, float min_size=1.0, float min_area=1.0)',
);

/**
 * The boxes that are large enough and within their picture, and which those are.
 *
 * @param boundingBoxes the boxes
 * @param format the format of boxes that are a plain tensor
 * @param canvasSize the size of their picture
 * @param minSize the least width and height
 * @param minArea the least area
 */
export function sanitizeBoundingBoxes<T extends Tensor>(
  ...args: Arguments<typeof sanitizing, { boundingBoxes: T; format: FormatLike | null }>
): [boxes: T, valid: Tensor] {
  const { boundingBoxes: boxes, format, canvasSize, minSize, minArea } = sanitizing.bind(args);
  if (isPure(boxes)) {
    if (format === null || canvasSize === null)
      throw new ValueError(
        'format and canvas_size cannot be None if bounding_boxes is a pure tensor. ' +
          `Got format=${shownFormat(format)} and canvas_size=${shownSize(canvasSize)}.` +
          'Set those to appropriate values or pass bounding_boxes as a tv_tensors.BoundingBoxes object.',
      );
    const valid = validBoxes(boxes, formatOf(format), canvasOf(canvasSize), minSize, minArea);
    return [rowsWhere(boxes, valid) as T, valid];
  }
  if (!(boxes instanceof BoundingBoxes))
    throw new ValueError('bounding_boxes must be a tv_tensors.BoundingBoxes instance or a pure tensor.');
  if (format !== null || canvasSize !== null)
    throw new ValueError(
      'format and canvas_size must be None when bounding_boxes is a tv_tensors.BoundingBoxes instance. ' +
        `Got format=${shownFormat(format)} and canvas_size=${shownSize(canvasSize)}. ` +
        'Leave those to None or pass bounding_boxes as a pure tensor.',
    );
  const plain = asPlain(boxes);
  const valid = validBoxes(plain, boxes.format, boxes.canvasSize, minSize, minArea);
  return [boxes.wrap(rowsWhere(plain, valid)) as Tensor as T, valid];
}

/** Which points, or groups of points, are within their picture. */
export function validPoints(points: Tensor, [height, width]: CanvasSize): Tensor {
  const [x, y] = columnsOf(points, 2);
  const isInside = x.ge(0).logicalAnd(x.lt(width)).logicalAnd(y.ge(0)).logicalAnd(y.lt(height));
  return isInside.ndim > 1 ? isInside.flatten(1).all(1) : isInside;
}

const sanitizingPoints = signature('sanitize_keypoints(Any key_points, int[]? canvas_size=None)');

/**
 * The points, or groups of points, that are within their picture, and which those are.
 *
 * @param keyPoints the points
 * @param canvasSize the size of the picture of points that are a plain tensor
 */
export function sanitizeKeypoints<T extends Tensor>(
  ...args: Arguments<typeof sanitizingPoints, { keyPoints: T }>
): [points: T, valid: Tensor] {
  const { keyPoints: points, canvasSize } = sanitizingPoints.bind(args);
  if (isPure(points)) {
    if (canvasSize === null)
      throw new ValueError(
        'canvas_size cannot be None if key_points is a pure tensor. ' +
          'Set it to an appropriate value or pass key_points as a tv_tensors.KeyPoints object.',
      );
    const valid = validPoints(points, canvasOf(canvasSize));
    return [rowsWhere(points, valid) as T, valid];
  }
  if (!(points instanceof KeyPoints))
    throw new ValueError('key_points must be a tv_tensors.KeyPoints instance or a pure tensor.');
  if (canvasSize !== null)
    throw new ValueError(
      'canvas_size must be None when key_points is a tv_tensors.KeyPoints instance. ' +
        `Got canvas_size=${shownSize(canvasSize)}. ` +
        'Leave it to None or pass key_points as a pure tensor.',
    );
  const plain = asPlain(points);
  const valid = validPoints(plain, points.canvasSize);
  return [points.wrap(rowsWhere(plain, valid)) as Tensor as T, valid];
}
