/** Transforms that make images ready for models with published weights: `weights.transforms()`. */
import { float32 } from '../../core/dtype.js';
import { formatFloat } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ofX } from '../ops/snake_module.js';
import type { ImageLike } from './geometry.js';
import { Image } from './image.js';
import { centerCrop, convertImageDtype, normalize, pilToTensor, resize } from './image_functions.js';
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

/** The image with its shorter side of that size. */
function resized(image: ImageLike, size: number, { interpolation, antialias }: Settings): ImageLike {
  return resize(image, [size], { interpolation, antialias });
}

/** Floats from 0 to 1. */
function asFloats(image: ImageLike): Tensor {
  return convertImageDtype(image instanceof Image ? pilToTensor(image) : image, float32);
}

/** Floats from 0 to 1, normalized. */
const normalized = (image: ImageLike, { mean, std }: Settings): Tensor =>
  normalize(asFloats(image), [...mean], [...std]);

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
    const image = resized(x, this.resizeSize, this.settings);
    return normalized(centerCrop(image, [this.cropSize]), this.settings);
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
    const [image] = ofX.inOrder(args, this);
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
    return asFloats(ofX.inOrder(args, this)[0]);
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

/** A maker of the transform with these options, as weights have it; further options may be given. */
export const imageClassification =
  (settings: object) =>
  (options: object = {}): ImageClassification =>
    new ImageClassification({ ...settings, ...options } as never);

/** A maker of the transform with these options, as weights have it; further options may be given. */
export const semanticSegmentation =
  (settings: object) =>
  (options: object = {}): SemanticSegmentation =>
    new SemanticSegmentation({ ...settings, ...options } as never);

/** Makes the transform, as weights have it. */
export const objectDetection = (): ObjectDetection => new ObjectDetection();
