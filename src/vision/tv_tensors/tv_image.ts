import { ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { TensorData } from '../../ops/from_data.js';
import { PILToTensor } from '../transforms/color.js';
import { Image as Picture } from '../transforms/image.js';
import { TVTensor, tensorOf } from './tv_tensor.js';

const image = signature(
  'Image(Any data, *, ScalarType? dtype=None, Device? device=None, bool? requires_grad=None)',
);

/** Values of a tensor that shows something: nested numbers, a tensor or an image. */
export type ShownData = TensorData | Picture;

/** The values of what is shown; an image's are bytes. */
const valuesOf = (data: unknown): unknown =>
  data instanceof Picture ? new PILToTensor().forward(data) : data;

function checkDimensions(ndim: number, least: number): void {
  if (ndim < least) throw new ValueError(`Tensor must be ${least}D or higher, got ${ndim}D tensor.`);
}

/** An image [..., C, H, W] as a tensor that says it is one. */
export class Image extends TVTensor {
  /**
   * @param data the values; two dimensions are one channel
   * @param dtype their type, by default that of the data
   * @param device where they are kept, by default where the data is
   * @param requiresGrad whether gradients are recorded, by default as for the data
   */
  constructor(...args: Arguments<typeof image, { data: ShownData }>) {
    const given = image.bind(args);
    const tensor = tensorOf({ ...given, data: valuesOf(given.data) });
    checkDimensions(tensor.ndim, 2);
    super(tensor.ndim === 2 ? tensor.unsqueeze(0) : tensor);
  }

  protected override described(): string {
    return '';
  }
}

const mask = signature(
  'Mask(Any data, *, ScalarType? dtype=None, Device? device=None, bool? requires_grad=None)',
);

/** Masks [..., H, W]: the class of each pixel, or for each object where it is. */
export class Mask extends TVTensor {
  /**
   * @param data the values
   * @param dtype their type, by default that of the data
   * @param device where they are kept, by default where the data is
   * @param requiresGrad whether gradients are recorded, by default as for the data
   */
  constructor(...args: Arguments<typeof mask, { data: ShownData }>) {
    const given = mask.bind(args);
    super(tensorOf({ ...given, data: valuesOf(given.data) }));
  }
}

const video = signature(
  'Video(Any data, *, ScalarType? dtype=None, Device? device=None, bool? requires_grad=None)',
);

/** Videos [..., T, C, H, W]. */
export class Video extends TVTensor {
  /**
   * @param data the values
   * @param dtype their type, by default that of the data
   * @param device where they are kept, by default where the data is
   * @param requiresGrad whether gradients are recorded, by default as for the data
   */
  constructor(...args: Arguments<typeof video, { data: TensorData }>) {
    const tensor = tensorOf(video.bind(args));
    checkDimensions(tensor.ndim, 4);
    super(tensor);
  }

  protected override described(): string {
    return '';
  }
}
