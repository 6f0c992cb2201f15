/** Boxes [N, K] and points [..., 2] under the maps that move pixels, by torchvision's formulas. */
import { type DType, float32 } from '../../../../core/dtype.js';
import { RuntimeError, TypeError, ValueError } from '../../../../core/errors.js';
import { formatShape } from '../../../../core/layout.js';
import { formatFloat } from '../../../../core/repr.js';
import { Tensor } from '../../../../core/tensor.js';
import { ops } from '../../../../dispatch/registry.js';
import { tensor } from '../../../../ops/from_data.js';
import { columnsOf } from '../../../ops/box_columns.js';
import {
  type BoundingBoxFormat,
  type CanvasSize,
  type ClampingMode,
  isRotated,
} from '../../../tv_tensors/bounding_boxes.js';
import { forwardAffine, inverseAffine } from '../../geometric_maps.js';
import { expandedSizeOfV2, identityGrid } from '../../tensor_warp.js';
import { clamped } from './box_clamping.js';
import { converted, cornersFormat, inFullPrecision, joined } from './box_conversions.js';

/** The facts about boxes beside their numbers. */
export interface BoxesAbout {
  readonly format: BoundingBoxFormat;
  readonly canvasSize: CanvasSize;
  readonly clampingMode: ClampingMode;
}

/** Rectangles in place of parallelograms: the ends of the longer diagonal stay. */
export function rectangles(parallelograms: Tensor): Tensor {
  return inFullPrecision(parallelograms, (corners) => {
    const [x1, y1, x2, y2, x3, y3, x4, y4] = columnsOf(corners, 8);
    const [cx, cy] = [x1.add(x3).div(2), y1.add(y3).div(2)];
    const length = (dx: Tensor, dy: Tensor) => dx.pow(2).add(dy.pow(2)).sqrt();
    const wide = length(x2.sub(x1), y2.sub(y1));
    const high = length(x4.sub(x1), y4.sub(y1));
    const across = ops.atan2(y1.sub(y2), x2.sub(x1));
    const down = ops.atan2(y1.sub(y4), x4.sub(x1));
    const between = across.sub(down);
    const sign = ops.where(between.gt(Math.PI / 2), -1, 1);
    const [bc, bs] = [between.cos(), between.sin()];
    const w = ops.where(wide.lt(high), wide.mul(bs), wide.add(high.mul(bc).mul(sign)));
    const h = ops.where(wide.gt(high), high.mul(bs), high.add(wide.mul(bc).mul(sign)));
    const angle = ops.where(high.gt(wide), down.add(Math.PI / 2), across);
    const [cos, sin] = [angle.cos(), angle.sin()];
    const [wc, ws, hc, hs] = [w, w, h, h].map((side, i) => side.div(2).mul(i % 2 === 0 ? cos : sin));
    return joined(
      ...[cx.sub(wc).sub(hs), cy.sub(hc).add(ws), cx.add(wc).sub(hs), cy.sub(hc).sub(ws)],
      ...[cx.add(wc).add(hs), cy.add(hc).sub(ws), cx.sub(wc).add(hs), cy.add(hc).add(ws)],
    );
  });
}

/** The corners of boxes as points [N, 4, 2]. */
function cornerPoints(boxes: Tensor): Tensor {
  if (boxes.shape[boxes.ndim - 1] === 8) return boxes.reshape([-1, 4, 2]);
  const [x1, y1, x2, y2] = columnsOf(boxes, 4);
  return ops.stack([joined(x1, y1), joined(x2, y1), joined(x2, y2), joined(x1, y2)], 1);
}

/** The boxes around moved corners [N, 4, 2]. */
function around(points: Tensor, isTurned: boolean): Tensor {
  if (isTurned) return rectangles(points.reshape([-1, 8]));
  return ops.cat([points.amin(1), points.amax(1)], 1);
}

/** Boxes of a picture that is scaled from one size to another. */
export function scaledBoxes(boxes: Tensor, about: BoxesAbout, size: CanvasSize): Tensor {
  const { format, canvasSize, clampingMode } = about;
  const ratios = [size[1] / canvasSize[1], size[0] / canvasSize[0]];
  const by = (n: number) =>
    tensor(new Array(n).fill(ratios).flat() as number[], { dtype: float32, device: boxes.device });
  if (!isRotated(format)) return boxes.mul(by(2)).to(boxes.dtype);
  const corners = rectangles(converted(boxes, format, 'XYXYXYXY').reshape([-1, 8]).mul(by(4)));
  const inside = clamped(corners, 'XYXYXYXY', size, clampingMode);
  return converted(inside, 'XYXYXYXY', format).to(boxes.dtype).reshape(boxes.shape);
}

/** Points of a picture that is scaled from one size to another. */
export function scaledPoints(points: Tensor, [h, w]: CanvasSize, [height, width]: CanvasSize): Tensor {
  return points
    .mul(tensor([width / w, height / h], { dtype: float32, device: points.device }))
    .to(points.dtype);
}

/** Boxes whose picture begins so many pixels further left and further up. */
export function movedBoxes(boxes: Tensor, format: BoundingBoxFormat, left: number, top: number): Tensor {
  const by =
    format === 'XYXYXYXY'
      ? [left, top, left, top, left, top, left, top]
      : format === 'XYXY'
        ? [left, top, left, top]
        : isRotated(format)
          ? [left, top, 0, 0, 0]
          : [left, top, 0, 0];
  return boxes.add(tensor(by, { dtype: boxes.dtype, device: boxes.device }));
}

/** Boxes of a part of a picture. */
export function croppedBoxes(
  boxes: Tensor,
  { format, clampingMode }: BoxesAbout,
  [top, left, height, width]: readonly number[],
): [Tensor, CanvasSize] {
  const moved = movedBoxes(boxes, format, -left, -top);
  const canvas = [height, width] as const;
  return [clamped(format === 'XYXYXYXY' ? rectangles(moved) : moved, format, canvas, clampingMode), canvas];
}

/** Points of a picture that begins so many pixels further left and further up. */
export const movedPoints = (points: Tensor, left: number, top: number): Tensor =>
  points.add(tensor([left, top], { dtype: points.dtype, device: points.device }));

/** An affine map of a picture, as the functions describe it. */
export interface AffineMap {
  readonly angle: number;
  readonly translate: readonly number[];
  readonly scale: number;
  readonly shear: readonly number[];
  readonly center: readonly number[] | null;
  /** Whether the picture becomes as large as what it shows. */
  readonly expand?: boolean;
}

/** Points with a 1 behind, times a matrix of two rows. */
const times = (points: Tensor, rows: Tensor): Tensor =>
  ops.cat([points, points.narrow(-1, 0, 1).onesLike()], -1).matmul(rows.transpose(0, 1));

/** Points [N, 2] under an affine map; the leftmost and uppermost places of its picture's corners; its picture's size. */
function affinePoints(
  points: Tensor,
  canvas: CanvasSize,
  { angle, translate, scale, shear, center, expand = false }: AffineMap,
): { moved: Tensor; corner: Tensor | null; canvas: CanvasSize } {
  const [height, width] = canvas;
  const middle = center ?? [width * 0.5, height * 0.5];
  const { dtype, device } = points;
  const matrix = forwardAffine(middle, angle, translate, scale, shear);
  const rows = tensor(matrix, { dtype, device }).view([2, 3]);
  const moved = times(points, rows);
  if (!expand) return { moved, corner: null, canvas };
  const ends = tensor([0, 0, 0, height, width, height, width, 0], { dtype, device }).view([4, 2]);
  const corner = times(ends, rows).amin(0, true);
  const [w, h] = expandedSizeOfV2(inverseAffine(middle, angle, translate, scale, shear), width, height);
  return { moved, corner, canvas: [h, w] };
}

/** Boxes under an affine map, and the size of their picture. */
export function affineBoxes(boxes: Tensor, about: BoxesAbout, map: AffineMap): [Tensor, CanvasSize] {
  const { format, clampingMode } = about;
  if (boxes.numel() === 0) return [boxes, about.canvasSize];
  const between = cornersFormat(format);
  const isTurned = isRotated(format);
  const floats = boxes.isFloatingPoint() ? boxes : boxes.float();
  const corners = cornerPoints(converted(floats, format, between)).reshape([-1, 2]);
  const { moved, corner, canvas } = affinePoints(corners, about.canvasSize, map);
  let result = around(moved.reshape([-1, 4, 2]), isTurned);
  if (corner !== null) result = result.sub(corner.repeat([1, isTurned ? 4 : 2]));
  result = clamped(result, between, canvas, clampingMode);
  return [converted(result, between, format).reshape(boxes.shape).to(boxes.dtype), canvas];
}

/** Points under an affine map, and the size of their picture. */
export function affineKeyPoints(points: Tensor, size: CanvasSize, map: AffineMap): [Tensor, CanvasSize] {
  if (points.numel() === 0) return [points, size];
  const floats = points.isFloatingPoint() ? points : points.float();
  const { moved, corner, canvas } = affinePoints(floats.reshape([-1, 2]), size, map);
  const result = corner === null ? moved : moved.sub(corner);
  return [result.reshape(points.shape).to(points.dtype), canvas];
}

const shownCoefficients = (coefficients: readonly number[]): string =>
  `[${coefficients.map(formatFloat).join(', ')}]`;

/** Points [N, 2] under a perspective map, of which eight coefficients say where a pixel comes from. */
function perspectivePoints(
  points: Tensor,
  coefficients: readonly number[],
  dtype: DType,
  what: string,
): Tensor {
  const [a, b, c, d, e, f, g, h] = coefficients;
  const denom = a * e - b * d;
  if (denom === 0)
    throw new RuntimeError(
      `Provided perspective_coeffs ${shownCoefficients(coefficients)} can not be inverted to transform ${what}. Denominator is zero, denom=${formatFloat(denom)}`,
    );
  const above = [e - f * h, -b + c * h, b * f - c * e, -d + f * g, a - c * g, -a * f + c * d];
  const below = [-e * g + d * h, -a * h + b * g].map((x) => x / denom);
  const options = { dtype, device: points.device };
  const numerator = tensor(
    above.map((x) => x / denom),
    options,
  ).view([2, 3]);
  const denominator = tensor([...below, 1, ...below, 1], options).view([2, 3]);
  const floats = points.to(dtype);
  return times(floats, numerator).div(times(floats, denominator));
}

const computeType = (of: Tensor): DType => (of.isFloatingPoint() ? of.dtype : float32);

/** Boxes under a perspective map, of which eight coefficients say where a pixel comes from. */
export function perspectiveBoxes(boxes: Tensor, about: BoxesAbout, coefficients: readonly number[]): Tensor {
  if (boxes.numel() === 0) return boxes;
  const { format, canvasSize, clampingMode } = about;
  const between = cornersFormat(format);
  const corners = cornerPoints(converted(boxes, format, between)).reshape([-1, 2]);
  const moved = perspectivePoints(corners, coefficients, computeType(boxes), 'bounding boxes');
  const result = clamped(
    around(moved.reshape([-1, 4, 2]), isRotated(format)),
    between,
    canvasSize,
    clampingMode,
  );
  return converted(result, between, format).reshape(boxes.shape).to(boxes.dtype);
}

/** Points under a perspective map, of which eight coefficients say where a pixel comes from. */
export function perspectiveKeyPoints(points: Tensor, coefficients: readonly number[]): Tensor {
  if (points.numel() === 0) return points;
  const moved = perspectivePoints(points.reshape([-1, 2]), coefficients, computeType(points), 'keypoints');
  return moved.to(points.dtype).reshape(points.shape);
}

/** @throws TypeError or ValueError unless it is [1, height, width, 2] */
export function checkDisplacement(displacement: unknown, [height, width]: readonly number[]): void {
  if (!(displacement instanceof Tensor)) throw new TypeError('Argument displacement should be a Tensor');
  const shape = [1, height, width, 2];
  if (displacement.ndim === 4 && shape.every((size, i) => size === displacement.shape[i])) return;
  throw new ValueError(
    `Argument displacement shape should be (${shape.join(', ')}), but given torch.Size(${formatShape(displacement.shape)})`,
  );
}

/** Points [N, 2] where pixels are stirred: by the inverse at the pixel that they are on, as far as it is known. */
function stirred(points: Tensor, canvas: CanvasSize, displacement: Tensor, dtype: DType): Tensor {
  const [height, width] = canvas;
  const inverse = identityGrid(height, width, dtype)
    .to(points.device)
    .sub(displacement.to(points.device, dtype));
  const [x, y] = columnsOf(points.long(), 2);
  const at = y
    .clamp(0, height - 1)
    .mul(width)
    .add(x.clamp(0, width - 1));
  const half = tensor([width * 0.5, height * 0.5], { dtype, device: points.device });
  return inverse.view([-1, 2]).indexSelect(0, at).add(1).mul(half).sub(0.5);
}

/** Boxes where pixels are stirred. */
export function elasticBoxes(boxes: Tensor, about: BoxesAbout, displacement: Tensor): Tensor {
  const { format, canvasSize, clampingMode } = about;
  checkDisplacement(displacement, canvasSize);
  if (boxes.numel() === 0) return boxes;
  const isTurned = isRotated(format);
  const between = isTurned ? 'CXCYWHR' : 'XYXY';
  const given = converted(boxes, format, between);
  const points = isTurned ? given.narrow(-1, 0, 2) : cornerPoints(given).reshape([-1, 2]);
  const whole = points.isFloatingPoint() ? points.ceil() : points;
  const moved = stirred(whole, canvasSize, displacement, computeType(boxes));
  const result = isTurned
    ? ops.cat([moved, given.narrow(-1, 2, 3)], 1)
    : around(moved.reshape([-1, 4, 2]), false);
  const inside = clamped(result.to(boxes.dtype), between, canvasSize, clampingMode);
  return converted(inside, between, format).reshape(boxes.shape);
}

/** Points where pixels are stirred. */
export function elasticKeyPoints(points: Tensor, canvasSize: CanvasSize, displacement: Tensor): Tensor {
  checkDisplacement(displacement, canvasSize);
  if (points.numel() === 0) return points;
  const moved = stirred(points.reshape([-1, 2]), canvasSize, displacement, computeType(points));
  return moved.to(points.dtype).reshape(points.shape);
}
