import { libraryClass } from '../../../core/object.js';
import type { Tensor } from '../../../core/tensor.js';
import type { ImageSize } from '../../ops/multi_scale_align.js';

/** Images of several sizes as one tensor, each with zeros to the right of it and below. */
export class ImageList {
  constructor(
    /** The images [N, C, H, W]. */
    readonly tensors: Tensor,
    /** The heights and widths that they have without those zeros. */
    readonly imageSizes: readonly ImageSize[],
  ) {}
}

libraryClass(ImageList);
