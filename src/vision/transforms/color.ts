import { cpuBackend } from '../../core/backends.js';
import { bool, type DType, float32, float64, int16, uint8 } from '../../core/dtype.js';
import { TypeError, ValueError } from '../../core/errors.js';
import { contiguousStrides, formatShape } from '../../core/layout.js';
import { track } from '../../core/scope.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import { typeName } from '../../dispatch/type_name.js';
import { fromNumpy } from '../../ops/from_data.js';
import { type ImageMode, imageModes } from '../io/image_modes.js';
import { Image, isOfBytes } from './image.js';
import * as onImage from './image_color.js';
import * as onTensor from './tensor_color.js';
import { type Portable, portable, Transform, type TransformLike, travelsAs, tuple } from './transform.js';

/** An array that says its shape, as packages for arrays have them. Images come as [H, W, C] or [H, W]. */
export interface PictureArray {
  readonly data: ArrayBufferView;
  readonly shape: readonly number[];
}

/** Byte values as floats in [0, 1], each divided once and rounded once, as float32 division does. */
const scaled = Float32Array.from({ length: 256 }, (_, i) => i / 255);

function newTensor(dtype: DType, shape: readonly number[]): Tensor {
  const nbytes = shape.reduce((a, b) => a * b, dtype.itemsize);
  return new Tensor(track(cpuBackend().allocate(nbytes)), dtype, shape, contiguousStrides(shape), 0);
}

/**
 * An image as a float32 tensor [C, H, W] with values from 0 to 1. Arrays of other kinds than bytes keep their dtype and their values, and so do
 * images: of the modes `I` (int32), `I;16` (int16) and `F` (float32).
 */
export class ToTensor extends Transform<Image | PictureArray, Tensor> {
  forward(picture: Image | PictureArray): Tensor {
    if (picture instanceof Image) return scaledTensor(picture);
    if (picture instanceof Tensor || !ArrayBuffer.isView(picture?.data) || !Array.isArray(picture.shape)) {
      throw new TypeError(`pic should be PIL Image or ndarray. Got <class '${typeName(picture)}'>`);
    }
    const { shape } = picture;
    if (shape.length !== 2 && shape.length !== 3) {
      throw new ValueError(`pic should be 2/3 dimensional. Got ${shape.length} dimensions.`);
    }
    const array = fromNumpy(picture);
    const planes = (shape.length === 2 ? array.unsqueeze(2) : array).permute([2, 0, 1]).contiguous();
    return planes.dtype === uint8 ? planes.to(float32).div(255) : planes;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('ToTensor', []);
  }
}
takes(ToTensor.prototype, ['forward(Object pic)']);

function scaledTensor(image: Image): Tensor {
  // numpy is asked for 16 bits with a sign.
  if (!isOfBytes(image)) return valuesTensor(image, image.mode === 'I;16' ? int16 : undefined);
  const { planes, channels, height, width } = image;
  const result = newTensor(float32, [channels, height, width]);
  const { buffer, byteOffset } = result.storage.host()!;
  const values = new Float32Array(buffer, byteOffset, planes.length);
  for (let i = 0; i < planes.length; i++) values[i] = scaled[planes[i]];
  return result;
}

/** An image's values as they are, [C, H, W]. */
function valuesTensor(image: Image, dtype = imageModes[image.mode as ImageMode]?.dtype ?? uint8): Tensor {
  const { planes, channels, height, width } = image;
  const result = newTensor(dtype, [channels, height, width]);
  const { buffer, byteOffset } = result.storage.host()!;
  const bytes = new Uint8Array(buffer, byteOffset, planes.byteLength);
  if (dtype === bool) for (let i = 0; i < planes.length; i++) bytes[i] = planes[i] & 1;
  else bytes.set(new Uint8Array(planes.buffer, planes.byteOffset, planes.byteLength));
  return result;
}

/** An image as a tensor [C, H, W] of its values: uint8, or bool, uint16, int32 or float32 for images of the modes `1`, `I;16`, `I` and `F`. */
export class PILToTensor extends Transform<Image, Tensor> {
  forward(picture: Image): Tensor {
    if (!(picture instanceof Image))
      throw new TypeError(`pic should be PIL Image. Got <class '${typeName(picture)}'>`);
    return valuesTensor(picture);
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('PILToTensor', []);
  }
}
takes(PILToTensor.prototype, ['forward(Object pic)']);

const normalize = signature('Normalize(Any mean, Any std, bool inplace=False)');

/** Subtracts a mean and divides by a standard deviation, channel by channel. */
export class Normalize extends Transform<Tensor, Tensor> {
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
  readonly inplace: boolean;

  /**
   * @param mean what is subtracted, for each channel
   * @param std what is divided by, for each channel
   * @param inplace whether the tensor itself is changed
   */
  constructor(
    ...args: Arguments<
      typeof normalize,
      { mean: number | readonly number[]; std: number | readonly number[] }
    >
  ) {
    super();
    const { mean, std, inplace } = normalize.bind(args);
    this.mean = mean as number | readonly number[];
    this.std = std as number | readonly number[];
    this.inplace = inplace;
  }

  forward(image: Tensor): Tensor {
    if (!(image instanceof Tensor))
      throw new TypeError(`img should be Tensor Image. Got <class '${typeName(image)}'>`);
    if (!image.isFloatingPoint()) {
      throw new TypeError(`Input tensor should be a float tensor. Got ${image.dtype}.`);
    }
    if (image.ndim < 3) {
      throw new ValueError(
        'Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = ' +
          `torch.Size(${formatShape(image.shape)})`,
      );
    }
    const mean = list(this.mean);
    const std = list(this.std);
    if (std.some((s) => (image.dtype === float64 ? s : Math.fround(s)) === 0)) {
      throw new ValueError(
        `std evaluated to zero after conversion to ${image.dtype}, leading to division by zero.`,
      );
    }
    return normalizedQuickly(image, mean, std, this.inplace) ?? this.normalized(image, mean, std);
  }

  /** @internal */
  override after(previous: TransformLike): TransformLike | null {
    const std = list(this.std);
    const isPlain = this.constructor === Normalize && previous.constructor === ToTensor;
    if (!isPlain || std.some((s) => Math.fround(s) === 0)) return null;
    return new ToNormalizedTensor(previous as ToTensor, this);
  }

  private normalized(image: Tensor, mean: readonly number[], std: readonly number[]): Tensor {
    const perChannel = (values: readonly number[]) => {
      const tensor = fromNumpy(Float64Array.from(values)).view([values.length, 1, 1]);
      return tensor.to(image.dtype);
    };
    const target = this.inplace ? image : image.clone();
    return target.sub_(perChannel(mean)).div_(perChannel(std));
  }

  protected override describe(): string {
    const shown = (value: number | readonly number[]) => (typeof value === 'number' ? value : tuple(value));
    return `(mean=${shown(this.mean)}, std=${shown(this.std)})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('Normalize', [this.mean, this.std, this.inplace]);
  }
}
takes(Normalize.prototype, ['forward(Any tensor)']);

function list(value: number | readonly number[]): readonly number[] {
  const given: unknown = value;
  const values: unknown = given instanceof Tensor ? given.flatten().tolist() : given;
  if (typeof values === 'number') return [values];
  if (Array.isArray(values) || ArrayBuffer.isView(values)) return values as unknown as readonly number[];
  throw new TypeError(
    `a mean or a standard deviation is a number or a list of numbers, not ${typeName(value)}`,
  );
}

/**
 * The usual case without the cost of ops, which for an image of 32x32 is most of it.
 */
function normalizedQuickly(
  image: Tensor,
  mean: readonly number[],
  std: readonly number[],
  inplace: boolean,
): Tensor | null {
  const { shape } = image;
  const [channels] = shape;
  const fits = (values: readonly number[]) => values.length === channels || values.length === 1;
  const isUsual =
    image.dtype === float32 &&
    shape.length === 3 &&
    !inplace &&
    !image.requiresGrad &&
    image.isContiguous() &&
    fits(mean) &&
    fits(std);
  if (!isUsual || !image.isReadable) return null;
  const result = newTensor(float32, shape);
  // Asked for last: where it is may change when memory is set aside.
  const memory = image.storage.host()!;
  const from = new Float32Array(memory.buffer, memory.byteOffset + 4 * image.offset, image.numel());
  const target = result.storage.host()!;
  const to = new Float32Array(target.buffer, target.byteOffset, from.length);
  const size = shape[1] * shape[2];
  for (let c = 0; c < channels; c++) {
    const m = Math.fround(mean[c % mean.length]);
    const s = Math.fround(std[c % std.length]);
    for (let i = c * size, end = i + size; i < end; i++) to[i] = normalizedValue(from[i], m, s);
  }
  return result;
}

/**
 * `ToTensor`, then `Normalize`, for images: a byte has one result per channel, so both are a look in a table. Loading is a
 * good part of a training step of a small network.
 */
class ToNormalizedTensor {
  private readonly tables: Float32Array | null;
  private readonly channels: number;

  constructor(
    private readonly first: ToTensor,
    private readonly second: Normalize,
  ) {
    const mean = list(second.mean);
    const std = list(second.std);
    this.channels = mean.length;
    if (mean.length !== std.length) {
      this.tables = null;
      return;
    }
    this.tables = new Float32Array(256 * mean.length);
    for (let c = 0; c < mean.length; c++) {
      for (let v = 0; v < 256; v++) {
        this.tables[256 * c + v] = normalizedValue(scaled[v], Math.fround(mean[c]), Math.fround(std[c]));
      }
    }
  }

  forward(picture: Image | PictureArray): Tensor {
    const { tables } = this;
    if (
      !(picture instanceof Image) ||
      tables === null ||
      picture.channels !== this.channels ||
      !isOfBytes(picture)
    ) {
      return this.second.forward(this.first.forward(picture));
    }
    const { planes, channels, height, width } = picture;
    const result = newTensor(float32, [channels, height, width]);
    const { buffer, byteOffset } = result.storage.host()!;
    const values = new Float32Array(buffer, byteOffset, planes.length);
    const size = height * width;
    for (let c = 0; c < channels; c++) {
      const table = 256 * c;
      for (let i = c * size, end = i + size; i < end; i++) values[i] = tables[table + planes[i]];
    }
    return result;
  }
}

/** Each operation rounded to float32, as the ops round it (the division by the store). */
function normalizedValue(value: number, mean: number, std: number): number {
  return Math.fround(value - mean) / std;
}

const grayscale = signature('Grayscale(Any num_output_channels=1)');

/** Grey by the weights of ITU-R 601-2, in one channel or three equal ones. */
export class Grayscale extends Transform<Image | Tensor, Image | Tensor> {
  readonly numOutputChannels: 1 | 3;

  /** @param numOutputChannels 1, or 3 that are alike */
  constructor(...args: Arguments<typeof grayscale, { numOutputChannels: 1 | 3 }>) {
    super();
    const { numOutputChannels } = grayscale.bind(args);
    if (numOutputChannels !== 1 && numOutputChannels !== 3) {
      throw new ValueError('num_output_channels should be either 1 or 3');
    }
    this.numOutputChannels = numOutputChannels;
  }

  forward(image: Image | Tensor): Image | Tensor {
    if (image instanceof Image) return onImage.grey(image, this.numOutputChannels);
    if (image instanceof Tensor) return onTensor.grey(image, this.numOutputChannels);
    throw new TypeError(`img should be PIL Image or Tensor. Got <class '${typeName(image)}'>`);
  }

  protected override describe(): string {
    return `(num_output_channels=${this.numOutputChannels})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('Grayscale', [this.numOutputChannels]);
  }
}
takes(Grayscale.prototype, ['forward(Any img)']);
