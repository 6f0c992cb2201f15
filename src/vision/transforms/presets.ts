/** What makes images ready for models with published weights: `weights.transforms()`. */
import { uint8 } from '../../core/dtype.js';
import { formatFloat } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { F } from '../../nn/functions.js';
import { tensor } from '../../ops/from_data.js';
import { ofX } from '../ops/snake_module.js';
import { PILToTensor } from './color.js';
import { CenterCrop, type ImageLike } from './geometry.js';
import { Image } from './image.js';
import { type Portable, portable, Transform, travelsAs } from './transform.js';

/** How values between pixels are found. */
export type PresetInterpolation = 'bilinear' | 'bicubic';

const normalization =
  "float[] mean=[0.485,0.456,0.406], float[] std=[0.229,0.224,0.225], 'bilinear'|'bicubic' interpolation='bilinear', bool? antialias=True" as const;

const classification = signature(
  `ImageClassification(*, int crop_size, int resize_size=256, ${normalization})`,
);
const segmentation = signature(`SemanticSegmentation(*, int? resize_size, ${normalization})`);

interface Settings {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly interpolation: PresetInterpolation;
  readonly antialias: boolean | null;
}

/** The image [..., C, H, W] with its shorter side of that size. */
function resized(image: Tensor, size: number, { interpolation, antialias }: Settings): Tensor {
  const [height, width] = image.shape.slice(-2);
  const long = Math.trunc((size * Math.max(height, width)) / Math.min(height, width));
  const sizes = height <= width ? [size, long] : [long, size];
  if (sizes[0] === height && sizes[1] === width) return image;
  const batch = image.ndim < 4 ? image.unsqueeze(0) : image;
  const options = { size: sizes, mode: interpolation, alignCorners: false, antialias: antialias ?? false };
  let result = F.interpolate(image.dtype === uint8 ? batch.float() : batch, options);
  if (image.dtype === uint8) {
    if (interpolation === 'bicubic') result = result.clamp(0, 255);
    result = result.round().to(uint8);
  }
  return image.ndim < 4 ? result.squeeze(0) : result;
}

/** Floats from 0 to 1, normalized. */
function normalized(image: Tensor, { mean, std }: Settings): Tensor {
  const floats = image.isFloatingPoint() ? image : image.float().div(255);
  const perChannel = (values: readonly number[]) =>
    tensor(values, { dtype: floats.dtype, device: floats.device }).view([-1, 1, 1]);
  return floats.sub(perChannel(mean)).div(perChannel(std));
}

const toTensor = (image: ImageLike): Tensor =>
  image instanceof Image ? new PILToTensor().forward(image) : image;

/** Resizes and crops images, makes them floats and normalizes them, as a classification model was trained on them. */
export class ImageClassification extends Transform<ImageLike, Tensor> {
  readonly cropSize: number;
  readonly resizeSize: number;
  private readonly settings: Settings;

  /**
   * @param cropSize the side of the square in the middle that the model sees
   * @param resizeSize the size of the shorter side before that
   * @param mean what is subtracted from each channel
   * @param std what each channel is divided by
   * @param interpolation how values between pixels are found
   * @param antialias whether what a pixel covers counts when images are made smaller
   */
  constructor(...args: Arguments<typeof classification>) {
    super();
    const { cropSize, resizeSize, ...settings } = classification.bind(args);
    this.cropSize = cropSize;
    this.resizeSize = resizeSize;
    this.settings = settings;
  }

  forward(...args: Arguments<typeof ofX, { x: ImageLike }>): Tensor {
    const [x] = ofX.inOrder(args, this);
    const image = resized(toTensor(x), this.resizeSize, this.settings);
    return normalized(new CenterCrop(this.cropSize).forward(image) as Tensor, this.settings);
  }

  protected override describe(): string {
    return described([`crop_size=[${this.cropSize}]`, `resize_size=[${this.resizeSize}]`], this.settings);
  }

  /** @internal */
  [portable](): Portable {
    const { cropSize, resizeSize, settings } = this;
    return travelsAs('ImageClassification', [{ cropSize, resizeSize, ...settings }]);
  }
}

/** Resizes images, makes them floats and normalizes them, as a segmentation model was trained on them. */
export class SemanticSegmentation extends Transform<ImageLike, Tensor> {
  readonly resizeSize: number | null;
  private readonly settings: Settings;

  /**
   * @param resizeSize the size of the shorter side; null leaves it
   * @param mean what is subtracted from each channel
   * @param std what each channel is divided by
   * @param interpolation how values between pixels are found
   * @param antialias whether what a pixel covers counts when images are made smaller
   */
  constructor(...args: Arguments<typeof segmentation>) {
    super();
    const { resizeSize, ...settings } = segmentation.bind(args);
    this.resizeSize = resizeSize;
    this.settings = settings;
  }

  forward(...args: Arguments<typeof ofX, { x: ImageLike }>): Tensor {
    const image = toTensor(ofX.inOrder(args, this)[0]);
    const { resizeSize, settings } = this;
    return normalized(resizeSize === null ? image : resized(image, resizeSize, settings), settings);
  }

  protected override describe(): string {
    const { resizeSize } = this;
    return described([`resize_size=${resizeSize === null ? 'None' : `[${resizeSize}]`}`], this.settings);
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('SemanticSegmentation', [{ resizeSize: this.resizeSize, ...this.settings }]);
  }
}

const detection = signature('ObjectDetection()');

/** Makes images floats, as a detector was trained on them: it resizes them itself. */
export class ObjectDetection extends Transform<ImageLike, Tensor> {
  constructor(...args: Arguments<typeof detection>) {
    super();
    detection.bind(args);
  }

  forward(...args: Arguments<typeof ofX, { x: ImageLike }>): Tensor {
    const image = toTensor(ofX.inOrder(args, this)[0]);
    return image.isFloatingPoint() ? image.float() : image.float().div(255);
  }

  protected override describe(): string {
    return '()';
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('ObjectDetection', []);
  }
}

function described(sizes: readonly string[], { mean, std, interpolation }: Settings): string {
  const list = (values: readonly number[]) => `[${values.map(formatFloat).join(', ')}]`;
  const lines = [
    ...sizes,
    `mean=${list(mean)}`,
    `std=${list(std)}`,
    `interpolation=InterpolationMode.${interpolation.toUpperCase()}`,
  ];
  return `(${lines.map((line) => `\n    ${line}`).join('')}\n)`;
}

/** What makes the transform with these options, as weights have it; further options may be given. */
export const imageClassification =
  (settings: object) =>
  (options: object = {}): ImageClassification =>
    new ImageClassification({ ...settings, ...options } as never);

/** What makes the transform with these options, as weights have it; further options may be given. */
export const semanticSegmentation =
  (settings: object) =>
  (options: object = {}): SemanticSegmentation =>
    new SemanticSegmentation({ ...settings, ...options } as never);

/** What makes the transform, as weights have it. */
export const objectDetection = (): ObjectDetection => new ObjectDetection();
