/** Functions of `v2.functional` that ask for sizes. */
import { TypeError } from '../../../../core/errors.js';
import { signed } from '../../../../core/signature/signed.js';
import { Tensor } from '../../../../core/tensor.js';
import { warn } from '../../../../core/warnings.js';
import { TVTensor } from '../../../tv_tensors/tv_tensor.js';
import type { ImageLike } from '../../geometry.js';
import * as v1 from '../../image_functions.js';
import { asking } from './kernels_by_class.js';

function checkDimensions(image: Tensor): void {
  if (image.ndim < 2)
    throw new TypeError(`Input tensor should have at least two dimensions, but got ${image.ndim}`);
}

function dimensionsOfTensor(image: Tensor): [channels: number, height: number, width: number] {
  checkDimensions(image);
  const [height, width] = image.shape.slice(-2);
  return [image.ndim === 2 ? 1 : image.shape[image.ndim - 3], height, width];
}

function sizeOfTensor(image: Tensor): [height: number, width: number] {
  checkDimensions(image);
  return image.shape.slice(-2) as [number, number];
}

/** The number of an image's or video's channels, its height and its width. */
export const getDimensions = asking<
  'get_dimensions(Any inpt)',
  [channels: number, height: number, width: number]
>('get_dimensions(Any inpt)', {
  shown: dimensionsOfTensor,
  picture: ({ channels, height, width }) => [channels, height, width],
});

/** The number of an image's or video's channels. */
export const getNumChannels = asking<'get_num_channels(Any inpt)', number>('get_num_channels(Any inpt)', {
  shown: (image) => dimensionsOfTensor(image)[0],
  picture: ({ channels }) => channels,
});

/** The number of an image's or video's channels. */
export const getImageNumChannels = getNumChannels;

/** The height and width of an image, video or mask, or of what boxes or points belong to. */
export const getSize = asking<'get_size(Any inpt)', [height: number, width: number]>('get_size(Any inpt)', {
  shown: sizeOfTensor,
  picture: ({ height, width }) => [height, width],
  mask: sizeOfTensor,
  boxes: (_boxes, _given, { canvasSize }) => [...canvasSize],
  points: (_points, _given, { canvasSize }) => [...canvasSize],
});

/** The number of a video's frames. */
export const getNumFrames = asking<'get_num_frames(Any inpt)', number>('get_num_frames(Any inpt)', {
  moving: (video) => video.shape[video.ndim - 4],
});

/** An image's width and height. `getSize` gives height and width. */
export const getImageSize = signed('get_image_size(Any inpt)', ({ inpt }): [number, number] => {
  warn(
    'The function `get_image_size(...)` is deprecated and will be removed in a future release. ' +
      'Instead, please use `get_size(...)` which returns `[h, w]` instead of `[w, h]`.',
  );
  return v1.getImageSize(inpt as ImageLike);
});

/** Whether it is a tensor that says nothing of what it is. */
export const isPureTensor = signed(
  'is_pure_tensor(Any inpt)',
  ({ inpt }) => inpt instanceof Tensor && !(inpt instanceof TVTensor),
);
