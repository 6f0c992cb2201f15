/** Pictures as TensorBoard shows them. */
import { uint8 } from '../core/dtype.js';
import { AssertionError, TypeError } from '../core/errors.js';
import { formatTuple } from '../core/repr.js';
import { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { encodePngFile } from '../vision/io/png_encoder.js';
import { Image } from '../vision/transforms/image.js';
import { resizedImage } from '../vision/transforms/image_resampling.js';
import { fillRectangle } from '../vision/utils/raster.js';
import type { Eventually } from './event_file.js';
import { asLogged, logged, whenThere } from './logged_values.js';
import { message, type ProtoMessage } from './proto_message.js';
import { summary } from './summaries.js';

/** Pictures [N, C, H, W] side by side in rows of `columns`. @throws AssertionError unless they have one channel or three */
export function pictureRows(pictures: Tensor, columns = 8): Tensor {
  const all = pictures.shape[1] === 1 ? ops.cat([pictures, pictures, pictures], 1) : pictures;
  if (all.ndim !== 4 || all.shape[1] !== 3)
    throw new AssertionError('Input should be a 4D numpy array with 3 channels');
  const [count, , height, width] = all.shape;
  const across = Math.min(count, columns);
  const down = Math.ceil(count / across);
  const padded = ops.cat([
    all,
    ops.zeros([down * across - count, 3, height, width], { dtype: all.dtype, device: all.device }),
  ]);
  return padded
    .reshape([down, across, 3, height, width])
    .permute([2, 0, 3, 1, 4])
    .reshape([3, down * height, across * width]);
}

/** A picture or several, with dimensions in any order, as one [H, W, C]. @throws AssertionError in PyTorch's words */
function toHWC(picture: Tensor, format: string): Tensor {
  if (new Set(format).size !== format.length)
    throw new AssertionError(
      `You can not use the same dimension shorthand twice.             input_format: ${format}`,
    );
  if (picture.ndim !== format.length)
    throw new AssertionError(
      `size of input tensor and input format are different.         tensor shape: ${formatTuple(picture.shape)}, input_format: ${format}`,
    );
  const letters = format.toUpperCase();
  const order = (names: string): number[] => [...names].map((name) => letters.indexOf(name));
  if (letters.length === 4) return pictureRows(picture.permute(order('NCHW'))).permute([1, 2, 0]);
  if (letters.length === 3) {
    const hwc = picture.permute(order('HWC'));
    return hwc.shape[2] === 1 ? ops.cat([hwc, hwc, hwc], 2) : hwc;
  }
  if (letters.length === 2) {
    const hw = picture.permute(order('HW'));
    return ops.stack([hw, hw, hw], 2);
  }
  throw new AssertionError(`'${format}' has neither two dimensions nor three nor four`);
}

/** Bytes from values from 0 to 1; bytes stay what they are. */
function bytesOf(values: Float64Array, isBytes: boolean): Uint8Array {
  if (isBytes) return Uint8Array.from(values);
  return Uint8Array.from(values, (value) =>
    Math.min(Math.max(Math.fround(Math.fround(value) * 255), 0), 255),
  );
}

/** Draws the outline of a box as PIL's lines of width 2 in red: their second half lies on the left of the way around. */
function outline(samples: Uint8Array, width: number, height: number, box: readonly number[]): void {
  const [left, top, right, bottom] = box.map(Math.trunc);
  const canvas = { width, height, channels: 3, samples };
  const line = (x0: number, y0: number, x1: number, y1: number): void => {
    const [beside, below] = [Math.sign(y1 - y0), Math.sign(x1 - x0)];
    const xs = [x0, x1, x0 + beside, x1 + beside];
    const ys = [y0, y1, y0 + below, y1 + below];
    fillRectangle(
      canvas,
      [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)],
      [255, 0, 0],
      255,
    );
  };
  line(left, top, left, bottom);
  line(left, bottom, right, bottom);
  line(right, bottom, right, top);
  line(right, top, left, top);
}

export interface ImageOptions {
  readonly format: string;
  /** Boxes that are drawn on it. */
  readonly boxes?: unknown;
  /** Its size when shown, as a multiple. */
  readonly rescale?: number;
}

/** A picture as PNG. */
export function imageSummary(
  tag: string,
  picture: unknown,
  { format, boxes, rescale = 1 }: ImageOptions,
): Eventually<ProtoMessage> {
  const tensor = asLogged(picture);
  if (!(tensor instanceof Tensor))
    throw new AssertionError(
      `size of input tensor and input format are different.         tensor shape: (1,), input_format: ${format}`,
    );
  const hwc = toHWC(tensor, format);
  const [height, width, channels] = hwc.shape;
  if (channels > 4 || channels < 2)
    throw new TypeError(`Cannot handle this data type: (1, 1, ${channels}), |u1`);
  const { numbers, dtype } = logged(hwc);
  const lines = boxes === undefined ? [] : logged(boxes).numbers;
  const both = (values: Float64Array, drawn: ArrayLike<number>): Promise<ProtoMessage> => {
    let samples = bytesOf(values, dtype === uint8);
    for (let i = 0; i < drawn.length; i += 4)
      outline(samples, width, height, [drawn[i], drawn[i + 1], drawn[i + 2], drawn[i + 3]]);
    let [w, h] = [width, height];
    if (rescale !== 1) {
      [w, h] = [Math.trunc(width * rescale), Math.trunc(height * rescale)];
      const image = Image.fromInterleaved(samples, width, height, channels);
      samples = resizedImage(image, w, h, 'lanczos').data as Uint8Array;
    }
    return encodePngFile({ width: w, height: h, channels, samples }).then((file) =>
      imageProto(tag, { width, height, channels, file }),
    );
  };
  return whenThere(numbers, (values) =>
    whenThere(lines as Eventually<ArrayLike<number>>, (drawn) => both(values, drawn)),
  ) as Promise<ProtoMessage>;
}

interface EncodedImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly file: Uint8Array;
}

/** A picture that is encoded already. */
export function imageProto(tag: string, { width, height, channels, file }: EncodedImage): ProtoMessage {
  const image = message().int(1, height).int(2, width).int(3, channels).bytes(4, file);
  return summary(message().string(1, tag).set(4, image));
}
