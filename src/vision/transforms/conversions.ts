/** Transforms between types of values, and of tensors to images. */
import type { DType } from '../../core/dtype.js';
import { ValueError } from '../../core/errors.js';
import { formatFloat, formatTuple } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import type { PictureArray } from './color.js';
import type { Image } from './image.js';
import { toImage } from './pictures.js';
import { convertImageDtype } from './tensor_color.js';
import { type Portable, portable, Transform, travelsAs } from './transform.js';

const ofDtype = signature('ConvertImageDtype(ScalarType dtype)');

/** Gives tensors values of another type: floats from 0 to 1, integers from 0 to their largest value. */
export class ConvertImageDtype extends Transform<Tensor, Tensor> {
  readonly dtype: DType;

  /** @param dtype the type */
  constructor(...args: Arguments<typeof ofDtype>) {
    super();
    this.dtype = ofDtype.bind(args).dtype;
  }

  forward(image: Tensor): Tensor {
    return convertImageDtype(image, this.dtype);
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('ConvertImageDtype', [this.dtype]);
  }
}
takes(ConvertImageDtype.prototype, ['forward(Object image)']);

const ofPicture = signature('ToPILImage(str? mode=None)');

/** Makes images of tensors [C, H, W] or arrays [H, W, C]: of bytes, or of floats from 0 to 1. */
export class ToPILImage extends Transform<Tensor | PictureArray, Image> {
  readonly mode: string | null;

  /** @param mode how pixels are made up, which is checked against the number of channels */
  constructor(...args: Arguments<typeof ofPicture>) {
    super();
    this.mode = ofPicture.bind(args).mode;
  }

  forward(picture: Tensor | PictureArray): Image {
    return toImage(picture, this.mode);
  }

  protected override describe(): string {
    return this.mode === null ? '()' : `(mode=${this.mode})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('ToPILImage', [this.mode]);
  }
}
takes(ToPILImage.prototype, ['forward(Object pic)']);

const linear = signature('LinearTransformation(Tensor transformation_matrix, Tensor mean_vector)');

/** Multiplies what a tensor [..., C, H, W] has more than a mean, as one vector, by a matrix: whitening, for one. */
export class LinearTransformation extends Transform<Tensor, Tensor> {
  readonly transformationMatrix: Tensor;
  readonly meanVector: Tensor;

  /**
   * @param transformationMatrix the matrix [D, D], D being C · H · W
   * @param meanVector the mean [D]
   */
  constructor(...args: Arguments<typeof linear>) {
    super();
    const { transformationMatrix: matrix, meanVector: mean } = linear.bind(args) as {
      transformationMatrix: Tensor;
      meanVector: Tensor;
    };
    if (matrix.shape[0] !== matrix.shape[1]) {
      throw new ValueError(
        `transformation_matrix should be square. Got ${formatTuple(matrix.shape)} rectangular matrix.`,
      );
    }
    if (mean.shape[0] !== matrix.shape[0]) {
      throw new ValueError(
        `mean_vector should have the same length ${mean.shape[0]} as any one of the dimensions of the ` +
          `transformation_matrix [${formatTuple(matrix.shape)}]`,
      );
    }
    if (String(matrix.device) !== String(mean.device)) {
      throw new ValueError(
        `Input tensors should be on the same device. Got ${matrix.device} and ${mean.device}`,
      );
    }
    if (matrix.dtype !== mean.dtype) {
      throw new ValueError(`Input tensors should have the same dtype. Got ${matrix.dtype} and ${mean.dtype}`);
    }
    this.transformationMatrix = matrix;
    this.meanVector = mean;
  }

  forward(image: Tensor): Tensor {
    const { transformationMatrix: matrix, meanVector: mean } = this;
    const [channels, height, width] = image.shape.slice(-3);
    const n = channels * height * width;
    if (n !== matrix.shape[0]) {
      throw new ValueError(
        'Input tensor and transformation matrix have incompatible shape.' +
          `[${channels} x ${height} x ${width}] != ${matrix.shape[0]}`,
      );
    }
    const flat = image.view([-1, n]).sub(mean);
    return flat.mm(matrix.to(flat.dtype)).view(image.shape);
  }

  protected override describe(): string {
    const text = (values: unknown): string =>
      Array.isArray(values) ? `[${values.map(text).join(', ')}]` : formatFloat(values as number);
    return `(transformation_matrix=${text(this.transformationMatrix.tolist())}, mean_vector=${text(this.meanVector.tolist())})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('LinearTransformation', [this.transformationMatrix, this.meanVector]);
  }
}
takes(LinearTransformation.prototype, ['forward(Tensor tensor)']);
