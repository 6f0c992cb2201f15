/** Transforms of samples that change values, types and frames. */
import { DType, float32 } from '../../../core/dtype.js';
import { TypeError, ValueError } from '../../../core/errors.js';
import { formatFloat, typeName } from '../../../core/repr.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import { Tensor } from '../../../core/tensor.js';
import { warn } from '../../../core/warnings.js';
import { ops } from '../../../dispatch/registry.js';
import { Image as TVImage, Video } from '../../tv_tensors/tv_image.js';
import { asPlain, TVTensor } from '../../tv_tensors/tv_tensor.js';
import { LinearTransformation as Linear } from '../conversions.js';
import { Image } from '../image.js';
import { randomRectangle } from '../random_erasing.js';
import { uniform } from '../transform_draws.js';
import { callKernel } from './functional/kernels_by_class.js';
import * as F from './functional/value_functions.js';
import { type Params, RandomApplyTransform, Transform } from './sample_transform.js';
import { isPlain, isShown, queryChw } from './samples.js';
import { sizePair, warnOfPassing, warnOfRanges } from './v2_geometry.js';
import { pairOfFloats } from './v2_warps.js';

const ofIdentity = signature('Identity()');

/** Leaves samples as they are. */
export class Identity extends Transform {
  constructor(...args: Arguments<typeof ofIdentity>) {
    super(ofIdentity.bind(args));
  }

  protected override transform(input: unknown): unknown {
    return input;
  }
}

type Class = abstract new (...args: never[]) => object;
const ofLambda = signature('Lambda(Callable lambd, Any *types)');

/** A function as a transform, of each part of a sample, or of those of some classes. It does not travel to workers. */
export class Lambda extends Transform {
  readonly lambd: (input: never) => unknown;
  readonly types: readonly Class[];

  /**
   * @param lambd the function
   * @param types the classes of what it is for; by default everything
   */
  constructor(...args: Arguments<typeof ofLambda, { types: Class }>) {
    const { lambd, types } = ofLambda.bind(args);
    super();
    this.lambd = lambd;
    this.types = types as readonly Class[];
  }

  protected override isTransformed(): boolean {
    return true;
  }

  protected override transform(input: unknown): unknown {
    const isMeant = this.types.length === 0 || this.types.some((type) => input instanceof type);
    return isMeant ? this.lambd(input as never) : input;
  }

  protected override extraRepr(): string {
    const types = this.types.length === 0 ? ["'object'"] : this.types.map(({ name }) => `'${name}'`);
    const name = this.lambd.name || '<lambda>';
    return `${name}, types=[${types.join(', ')}]`;
  }
}

/** @throws TypeError if a sample has an image of bytes */
function refusePictures(transform: object, parts: readonly unknown[]): void {
  if (parts.some((part) => part instanceof Image))
    throw new TypeError(`${transform.constructor.name}() does not support PIL images.`);
}

const ofLinear = signature('LinearTransformation(Tensor transformation_matrix, Tensor mean_vector)');

/** Multiplies what images [..., C, H, W] have more than a mean, as one vector, by a matrix: whitening, for one. */
export class LinearTransformation extends Transform {
  readonly transformationMatrix: Tensor;
  readonly meanVector: Tensor;
  readonly #linear: Linear;

  /**
   * @param transformationMatrix the matrix [D, D], D being C · H · W
   * @param meanVector the mean [D]
   */
  constructor(...args: Arguments<typeof ofLinear>) {
    const given = ofLinear.bind(args);
    super(given);
    this.#linear = new Linear(given.transformationMatrix as Tensor, given.meanVector as Tensor);
    this.transformationMatrix = this.#linear.transformationMatrix;
    this.meanVector = this.#linear.meanVector;
  }

  protected override isTransformed(part: unknown): boolean {
    return isPlain(part) || part instanceof TVImage || part instanceof Video;
  }

  protected override checkInputs(parts: readonly unknown[]): void {
    refusePictures(this, parts);
  }

  protected override transform(input: unknown): unknown {
    const result = this.#linear.forward(asPlain(input as Tensor));
    return input instanceof TVTensor ? input.wrap(result) : result;
  }
}

const ofNormalize = signature('Normalize(float[] mean, float[] std, bool inplace=False)');

/** Subtracts a mean from images and videos and divides by a standard deviation, channel by channel. */
export class Normalize extends Transform {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly inplace: boolean;

  /**
   * @param mean what is subtracted, for each channel
   * @param std what is divided by, for each channel
   * @param inplace whether tensors themselves are changed
   */
  constructor(...args: Arguments<typeof ofNormalize>) {
    const given = ofNormalize.bind(args);
    super(given);
    this.mean = [...given.mean];
    this.std = [...given.std];
    this.inplace = given.inplace;
  }

  protected override checkInputs(parts: readonly unknown[]): void {
    refusePictures(this, parts);
  }

  protected override transform(input: unknown): unknown {
    const { mean, std, inplace } = this;
    return callKernel(F.normalize, input, { mean, std, inplace });
  }
}

const ofBlur = signature('GaussianBlur(Any kernel_size, Any sigma=[0.1,2.0])');

/** Blurs images and videos by a bell curve of random width. */
export class GaussianBlur extends Transform {
  readonly kernelSize: readonly [width: number, height: number];
  readonly sigma: readonly [number, number];

  /**
   * @param kernelSize the kernel's width and height, which are odd; one number for both
   * @param sigma the curve's standard deviation, or [least, largest]
   */
  constructor(
    ...args: Arguments<
      typeof ofBlur,
      { kernelSize: number | readonly number[]; sigma: number | readonly number[] }
    >
  ) {
    const given = ofBlur.bind(args);
    super(given);
    this.kernelSize = sizePair(given.kernelSize, 'Kernel size should be a tuple/list of two integers');
    if (this.kernelSize.some((side) => side <= 0 || side % 2 === 0))
      throw new ValueError('Kernel size value should be an odd and positive number.');
    this.sigma = pairOfFloats(given.sigma, 'sigma');
    if (!(this.sigma[0] > 0 && this.sigma[0] <= this.sigma[1]))
      throw new ValueError(
        `sigma values should be positive and of the form (min, max). Got [${this.sigma.map(formatFloat).join(', ')}]`,
      );
  }

  protected override makeParams(): Params {
    const sigma = uniform(this.sigma[0], this.sigma[1]);
    return { sigma: [sigma, sigma] };
  }

  protected override transform(input: unknown, params: Params): unknown {
    return callKernel(F.gaussianBlur, input, { kernelSize: this.kernelSize, ...params });
  }
}

const ofNoise = signature('GaussianNoise(float mean=0.0, float sigma=0.1, bool clip=True)');

/** Adds noise to images and videos. */
export class GaussianNoise extends Transform {
  readonly mean: number;
  readonly sigma: number;
  readonly clip: boolean;

  /**
   * @param mean the noise's mean, where white is 1
   * @param sigma its standard deviation
   * @param clip whether values stay between black and white
   */
  constructor(...args: Arguments<typeof ofNoise>) {
    const given = ofNoise.bind(args);
    super(given);
    this.mean = given.mean;
    this.sigma = given.sigma;
    this.clip = given.clip;
  }

  protected override transform(input: unknown): unknown {
    const { mean, sigma, clip } = this;
    return callKernel(F.gaussianNoise, input, { mean, sigma, clip });
  }
}

/** A type, or types by the class of what has the values: `Tensor` for plain tensors, `others` for all that is not named; null leaves them. */
export type TypeByClass = DType | ReadonlyMap<unknown, DType | null>;

const ofToDtype = signature('ToDtype(Any dtype, bool scale=False)');

/** Gives images and videos values of another type, or by classes everything. */
export class ToDtype extends Transform {
  readonly dtype: TypeByClass;
  readonly scale: boolean;

  /**
   * @param dtype the type of images and videos, or types by classes
   * @param scale whether black and white stay what they are; for images and videos only
   */
  constructor(...args: Arguments<typeof ofToDtype, { dtype: TypeByClass }>) {
    const given = ofToDtype.bind(args);
    const { dtype } = given;
    if (!(dtype instanceof DType) && !(dtype instanceof Map))
      throw new ValueError(`dtype must be a dict or a torch.dtype, got <class '${typeName(dtype)}'> instead`);
    super(given);
    if (dtype instanceof Map && dtype.has(Tensor) && (dtype.has(TVImage) || dtype.has(Video)))
      warn(
        'Got `dtype` values for `torch.Tensor` and either `tv_tensors.Image` or `tv_tensors.Video`. ' +
          'Note that a plain `torch.Tensor` will *not* be transformed by this (or any other transformation) ' +
          'in case a `tv_tensors.Image` or `tv_tensors.Video` is present in the input.',
      );
    this.dtype = dtype as TypeByClass;
    this.scale = given.scale;
  }

  protected override isTransformed(part: unknown): boolean {
    return part instanceof Tensor;
  }

  protected override transform(input: unknown): unknown {
    const { scale } = this;
    const dtype = this.typeFor(input as Tensor);
    if (dtype === undefined) return input;
    if (dtype !== null) return callKernel(F.toDtype, input, { dtype, scale });
    if (scale && isShown(input))
      warn('scale was set to True but no dtype was specified for images or videos: no scaling will be done.');
    return input;
  }

  private typeFor(input: Tensor): DType | null | undefined {
    const { dtype } = this;
    if (dtype instanceof DType) return isShown(input) ? dtype : undefined;
    for (const kind of [input.constructor, 'others']) if (dtype.has(kind)) return dtype.get(kind);
    throw new ValueError(
      `No dtype was specified for type <class '${typeName(input)}'>. ` +
        'If you only need to convert the dtype of images or videos, you can just pass e.g. dtype=torch.float32. ' +
        `If you're passing a dict as dtype, you can use "others" as a catch-all key ` +
        'e.g. dtype={tv_tensors.Mask: torch.int64, "others": None} to pass-through the rest of the inputs.',
    );
  }
}

const ofConvert = signature('ConvertImageDtype(ScalarType? dtype=None)');

/** Gives values another type between black and white. `ToDtype` with `scale` is what takes its place. */
export class ConvertImageDtype extends Transform {
  readonly dtype: DType;

  /** @param dtype the type, by default `torch.float32` */
  constructor(...args: Arguments<typeof ofConvert>) {
    const given = ofConvert.bind(args);
    super(given);
    this.dtype = given.dtype ?? float32;
  }

  protected override transform(input: unknown): unknown {
    return callKernel(F.toDtype, input, { dtype: this.dtype, scale: true });
  }
}

const ofErasing = signature(
  'RandomErasing(float p=0.5, Any scale=[0.02,0.33], Any ratio=[0.3,3.3], Any value=0.0, bool inplace=False)',
);

/** Puts a rectangle of one value or of noise at a random place of images and videos, with probability p. */
export class RandomErasing extends RandomApplyTransform {
  readonly scale: readonly number[];
  readonly ratio: readonly number[];
  readonly value: readonly number[] | null;
  readonly inplace: boolean;

  /**
   * @param p the probability of it
   * @param scale the least and the largest share of the area
   * @param ratio the least and the largest ratio of height and width
   * @param value what the rectangle shows: a value, one for each channel, or `random` for noise
   * @param inplace whether tensors themselves are changed
   */
  constructor(
    ...args: Arguments<
      typeof ofErasing,
      { scale: readonly number[]; ratio: readonly number[]; value: number | readonly number[] | 'random' }
    >
  ) {
    const given = ofErasing.bind(args);
    super(given);
    const { scale, ratio, value } = given as { scale: unknown; ratio: unknown; value: unknown };
    if (typeof value !== 'number' && typeof value !== 'string' && !Array.isArray(value))
      throw new TypeError('Argument value should be either a number or str or a sequence');
    if (typeof value === 'string' && value !== 'random')
      throw new ValueError("If value is str, it should be 'random'");
    if (!Array.isArray(scale)) throw new TypeError('Scale should be a sequence');
    if (!Array.isArray(ratio)) throw new TypeError('Ratio should be a sequence');
    warnOfRanges(scale, ratio);
    if (scale[0] < 0 || scale[1] > 1) throw new ValueError('Scale should be between 0 and 1');
    this.scale = Object.freeze([...scale]) as readonly number[];
    this.ratio = Object.freeze([...ratio]) as readonly number[];
    this.value = value === 'random' ? null : ([value].flat() as number[]);
    this.inplace = given.inplace;
  }

  protected override makeParams(parts: readonly unknown[]): Params {
    const size = queryChw(parts);
    const { value } = this;
    if (value !== null && value.length !== 1 && value.length !== size[0])
      throw new ValueError(
        `If value is a sequence, it should have either a single value or ${size[0]} (number of inpt channels)`,
      );
    return { rectangle: randomRectangle(size, this.scale, this.ratio, value ?? 'random') };
  }

  protected override transform(input: unknown, params: Params): unknown {
    const { rectangle } = params as { rectangle: ReturnType<typeof randomRectangle> };
    if (rectangle === null) return input;
    warnOfPassing(this, input);
    const [i, j, h, w, v] = rectangle;
    return callKernel(F.erase, input, { i, j, h, w, v, inplace: this.inplace });
  }
}

const ofJpeg = signature('JPEG(Any quality)');

/** Gives images what compression by JPEG loses, at a random quality. */
export class JPEG extends Transform {
  readonly quality: readonly number[];

  /** @param quality from 1 to 100, or [least, largest] */
  constructor(...args: Arguments<typeof ofJpeg, { quality: number | readonly number[] }>) {
    const given = ofJpeg.bind(args);
    super(given);
    const quality: unknown = given.quality;
    if (typeof quality === 'boolean') throw new TypeError("quality can't be bool");
    if (typeof quality !== 'number' && !Array.isArray(quality))
      throw new TypeError('quality should be a sequence of length 2.');
    const range: readonly number[] = typeof quality === 'number' ? [quality, quality] : quality;
    if (range.length !== 2) throw new ValueError('quality should be a sequence of length 2.');
    const isRange = 1 <= range[0] && range[0] <= range[1] && range[1] <= 100;
    if (!isRange || !range.every(Number.isSafeInteger))
      throw new ValueError(`quality must be an integer from 1 to 100, got quality =[${range.join(', ')}]`);
    this.quality = [...range];
  }

  protected override makeParams(): Params {
    return { quality: ops.randint(this.quality[0], this.quality[1] + 1, []).item() };
  }

  protected override transform(input: unknown, params: Params): unknown {
    return callKernel(F.jpeg, input, params);
  }
}

const ofSubsample = signature('UniformTemporalSubsample(int num_samples)');

/** Takes so many frames of videos, at even distances. */
export class UniformTemporalSubsample extends Transform {
  readonly numSamples: number;

  /** @param numSamples how many frames */
  constructor(...args: Arguments<typeof ofSubsample>) {
    const given = ofSubsample.bind(args);
    super(given);
    this.numSamples = given.numSamples;
  }

  protected override isTransformed(part: unknown): boolean {
    return part instanceof Tensor;
  }

  protected override transform(input: unknown): unknown {
    return callKernel(F.uniformTemporalSubsample, input, { numSamples: this.numSamples });
  }
}
