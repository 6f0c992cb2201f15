import type { Tensor } from '../../../../core/tensor.js';
import { PILToTensor } from '../../color.js';
import type { Image } from '../../image.js';
import { toImage } from '../../pictures.js';

/** The values of an image as a tensor of bytes. */
export const valuesOf = (image: Image): Tensor => new PILToTensor().forward(image);

/** An image of a tensor's values, whose channels are those of a mode. */
export const pictureOf = (values: Tensor, mode: string | null): Image => toImage(values, mode);
