import { noGrad } from '../../autograd/modes.js';
import { bool, type DType, int64, uint8 } from '../../core/dtype.js';
import { IndexError, NotImplementedError, TypeError, ValueError } from '../../core/errors.js';
import { formatSize } from '../../core/printing.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { ops } from '../../dispatch/registry.js';
import { typeName } from '../../dispatch/type_name.js';
import { fromBytes, rawBytes } from '../../ops/from_data.js';
import { drawText, textSize } from './bitmap_font.js';
import { colorOf, parseColors, type Rgb } from './color_names.js';
import { type Box, type Canvas, fillEllipse, fillRectangle, outlineRectangle } from './raster.js';
import { drawDashes, drawLine, fillPolygon, type Point } from './raster_lines.js';

function checkPicture(image: Tensor): void {
  if (image.dtype !== uint8 && !image.isFloatingPoint())
    throw new ValueError(`The image dtype must be uint8 or float, got ${image.dtype}`);
  if (image.ndim !== 3) throw new ValueError('Pass individual images, not batches');
}

function checkRgb(image: Tensor): void {
  checkPicture(image);
  if (image.shape[0] !== 3) throw new ValueError('Pass an RGB image. Other Image formats are not supported');
}

/** Whole numbers as lists. */
const lists = (numbers: Tensor) => numbers.to('cpu').to(int64).tolist() as unknown[];

/** Values from 0 to 1 as bytes: torchvision's `to_dtype(scale=True)`. */
const toBytes = (image: Tensor) => (image.dtype === uint8 ? image : image.mul(256 - 1e-3).to(uint8));

const fromUint8 = (image: Tensor, dtype: DType) => (dtype === uint8 ? image : image.to(dtype).div(255));

/** A copy of a picture [3, H, W] on which `draw` draws. */
function drawnOn(image: Tensor, draw: (canvas: Canvas) => void): Tensor {
  const [, height, width] = image.shape;
  const samples = rawBytes(toBytes(image).to('cpu').permute([1, 2, 0]).contiguous()).slice();
  draw({ width, height, channels: 3, samples });
  return fromUint8(fromBytes(samples, uint8, [height, width, 3]).permute([2, 0, 1]), image.dtype);
}

/** Texts for boxes: one for each, or none. */
function checkLabels(labels: unknown, count: number): readonly (string | null)[] {
  if (labels === null || labels === undefined) return new Array<null>(count).fill(null);
  const texts = labels as readonly (string | null)[];
  if (texts.length !== count)
    throw new ValueError(
      `Number of boxes (${count}) and labels (${texts.length}) mismatch. Please specify labels for each box.`,
    );
  for (const text of texts)
    if (text !== null && typeof text !== 'string')
      throw new TypeError(`labels must be str or None, but got ${typeName(text)}`);
  return texts;
}

/** Room around labels. */
const labelMargin = 1;

/**
 * A picture with boxes drawn on it, as PIL draws rectangles. Labels have a font of pixels of the library's own.
 *
 * @param image the picture [C, H, W], of bytes or of values from 0 to 1
 * @param boxes the boxes [N, 4]: left, top, right, bottom; or turned ones [N, 8]: the x and y of each corner, of which the first two are joined by dashes
 * @param labels texts for boxes, within their upper left corners; null for none
 * @param colors one colour or a list, as names, `#rrggbb` or `[red, green, blue]`
 * @param fill whether to fill boxes, half seen through
 * @param width the width of the outlines
 * @param font a file of outlines, which is refused
 * @param fontSize of that font
 * @param labelColors the colours of labels; by default those of boxes, and black where labels are filled
 * @param labelBackgroundColors what filled labels stand on; by default the colours of boxes
 * @param fillLabels whether labels stand on a ground of their own
 */
export const drawBoundingBoxes = signed(
  'draw_bounding_boxes(Tensor image, Tensor boxes, Any labels=None, Any colors=None, bool fill=False, int width=1, str? font=None, int? font_size=None, Any label_colors=None, Any label_background_colors=None, bool fill_labels=False)',
  ({ image, boxes, labels, colors, fill, width, font, fontSize, ...given }) =>
    noGrad(() => {
      checkPicture(image);
      if (image.shape[0] !== 1 && image.shape[0] !== 3)
        throw new ValueError('Only grayscale and RGB images are supported');
      const [count, numbers] = boxes.shape;
      if (count > 0 && numbers !== 4 && numbers !== 8)
        throw new ValueError(`boxes must be of shape (N, 4) or (N, 8), got ${formatSize(boxes.shape)}`);
      const found = lists(boxes) as number[][];
      const ordered = boxes.tolist() as unknown as Box[];
      const isTurned = numbers === 8;
      if (!isTurned && ordered.some(([left, top, right, bottom]) => left > right || top > bottom))
        throw new ValueError(
          'Boxes need to be in (xmin, ymin, xmax, ymax) format. Use torchvision.ops.box_convert to convert them',
        );
      if (count === 0) {
        warn("boxes doesn't contain any box. No box was drawn");
        return image;
      }
      const texts = checkLabels(labels, count);
      const palette = parseColors(colors, count);
      const { fillLabels, labelColors, labelBackgroundColors } = given;
      const inks = labelColors || fillLabels ? parseColors(labelColors || 'black', count) : palette;
      const grounds =
        fillLabels && labelBackgroundColors ? parseColors(labelBackgroundColors, count) : palette;
      if (font !== null)
        throw new NotImplementedError(
          'draw_bounding_boxes: files of fonts are not read here; labels have a font of their own',
        );
      if (fontSize !== null) warn("Argument 'font_size' will be ignored since 'font' is not set.");
      return drawnOn(image.shape[0] === 1 ? ops.tile(image, [3, 1, 1]) : image, (canvas) => {
        for (const [i, box] of found.entries()) {
          if (isTurned) drawTurned(canvas, box, palette[i], width, fill);
          else {
            const [left, top, right, bottom] = box;
            if (fill) fillRectangle(canvas, [left, top, right, bottom], palette[i], 100);
            outlineRectangle(canvas, [left, top, right, bottom], palette[i], width);
          }
          const text = texts[i];
          if (text === null) continue;
          const [left, top] = [box[0] + width + labelMargin, box[1] + width + labelMargin];
          const [across, down] = textSize(text);
          const ground = [
            left - labelMargin,
            top - labelMargin,
            left + across + labelMargin,
            top + down + labelMargin,
          ] as const;
          if (fillLabels) fillRectangle(canvas, ground, grounds[i], 255);
          drawText(canvas, left, top, text, inks[i]);
        }
      });
    }),
);

/** Draws the lines between four corners, the first of dashes, and fills what is between them. */
function drawTurned(
  canvas: Canvas,
  numbers: readonly number[],
  colour: Rgb,
  width: number,
  fill: boolean,
): void {
  const corners = [0, 2, 4, 6].map((at): Point => [numbers[at], numbers[at + 1]]);
  const pen = { colour, cover: 255, mixes: fill };
  drawDashes(canvas, corners[0], corners[1], width, pen);
  for (let i = 1; i < 4; i++) drawLine(canvas, corners[i], corners[(i + 1) % 4], width, pen);
  if (fill) fillPolygon(canvas, corners, { ...pen, cover: 100 });
}

/**
 * A picture with masks laid over it. Where masks overlap it is darkened.
 *
 * @param image the picture [3, H, W], of bytes or of values from 0 to 1
 * @param masks the masks [N, H, W] or [H, W], of bool
 * @param alpha how much masks cover: from 0 to 1
 * @param colors one colour or a list, as names, `#rrggbb` or `[red, green, blue]`
 */
export const drawSegmentationMasks = signed(
  'draw_segmentation_masks(Tensor image, Tensor masks, float alpha=0.8, Any colors=None)',
  ({ image, masks, alpha, colors }) =>
    noGrad(() => {
      checkRgb(image);
      const all = masks.ndim === 2 ? masks.unsqueeze(0) : masks;
      if (all.ndim !== 3) throw new ValueError('masks must be of shape (H, W) or (batch_size, H, W)');
      if (all.dtype !== bool) throw new ValueError(`The masks must be of dtype bool. Got ${all.dtype}`);
      const [count, height, width] = all.shape;
      if (height !== image.shape[1] || width !== image.shape[2])
        throw new ValueError('The image and the masks must have the same height and width');
      if (count === 0) {
        warn("masks doesn't contain any mask. No mask was drawn");
        return image;
      }
      const { dtype } = image;
      let drawn = image.detach();
      for (const [i, color] of parseColors(colors, count).entries()) {
        const values = dtype === uint8 ? color : color.map((part) => part / 255);
        const planes = values.map((value) => ops.full([1, 1], value, { dtype, device: image.device }));
        drawn = ops.where(all.select(0, i), ops.stack(planes), drawn);
      }
      const overlapping = all.sum(0).gt(1);
      drawn = drawn.maskedFill(overlapping, 0);
      return image
        .mul(1 - alpha)
        .add(drawn.mul(alpha))
        .to(dtype);
    }),
);

/**
 * A picture with points drawn on it, as discs, and white lines between them.
 *
 * @param image the picture [3, H, W], of bytes or of values from 0 to 1
 * @param keypoints the points [N, K, 2] of N things: x, y
 * @param connectivity pairs of points that a line joins where both are drawn
 * @param colors their colour, as a name, `#rrggbb` or `[red, green, blue]`; without one no points are drawn
 * @param radius of the discs
 * @param width of the lines
 * @param visibility which points are drawn [N, K]; by default all
 */
export const drawKeypoints = signed(
  'draw_keypoints(Tensor image, Tensor keypoints, Any connectivity=None, Any colors=None, int radius=2, int width=3, Tensor? visibility=None)',
  ({ image, keypoints, connectivity, colors, radius, width, visibility }) =>
    noGrad(() => {
      checkRgb(image);
      if (keypoints.ndim !== 3) throw new ValueError('keypoints must be of shape (num_instances, K, 2)');
      let seen = visibility ?? ops.ones(keypoints.shape.slice(0, -1), { dtype: bool });
      if (seen.ndim === 3) seen = seen.squeeze(-1);
      if (seen.ndim !== 2)
        throw new ValueError(`visibility must be of shape (num_instances, K). Got ndim=${seen.ndim}`);
      if (seen.shape[0] !== keypoints.shape[0] || seen.shape[1] !== keypoints.shape[1])
        throw new ValueError(
          'keypoints and visibility must have the same dimensionality for num_instances and K. ' +
            `Got visibility.shape=torch.Size([${seen.shape.join(', ')}]) and keypoints.shape=torch.Size([${keypoints.shape.join(', ')}])`,
        );
      const pairs = pairsOf(connectivity, keypoints.shape[1]);
      // PIL fills nothing without a colour.
      const color = (typeof colors === 'string' ? colorOf(colors) : (colors ?? null)) as Rgb | null;
      const points = lists(keypoints) as [number, number][][];
      const shown = lists(seen.to(bool)) as number[][];
      return drawnOn(image, (canvas) => {
        for (const [i, thing] of points.entries()) {
          for (const [k, [x, y]] of thing.entries())
            if (color !== null && shown[i][k] !== 0)
              fillEllipse(canvas, [x - radius, y - radius, x + radius, y + radius], color);
          for (const [from, to] of pairs)
            if (shown[i][from] !== 0 && shown[i][to] !== 0)
              drawLine(canvas, thing[from], thing[to], width, white);
        }
      });
    }),
);

const white = { colour: [255, 255, 255], cover: 255, mixes: false } as const;

/** The points that lines join; numbers below 0 count from the last. */
function pairsOf(connectivity: unknown, count: number): readonly (readonly [number, number])[] {
  if (connectivity === null || connectivity === undefined) return [];
  if (!Array.isArray(connectivity))
    throw new TypeError(`connectivity must be a list of pairs of points, but got ${typeName(connectivity)}`);
  return connectivity.map((pair) => {
    const found = [0, 1].map((side) => {
      const k: unknown = (pair as unknown[] | null)?.[side];
      if (!Number.isInteger(k))
        throw new TypeError(`list indices must be integers or slices, not ${typeName(k)}`);
      return (k as number) < 0 ? (k as number) + count : (k as number);
    });
    if (found.some((k) => k < 0 || k >= count)) throw new IndexError('list index out of range');
    return found as [number, number];
  });
}
