/** Checks of images that torchvision makes before it changes them. */
import { TypeError, ValueError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { typeName } from '../../dispatch/type_name.js';
import { Image } from './image.js';

/** `[channels, height, width]`; a tensor of two dimensions has one channel. */
export function dimensionsOf(image: Image | Tensor): [channels: number, height: number, width: number] {
  if (image instanceof Image) return [image.channels, image.height, image.width];
  if (!(image instanceof Tensor)) throw new TypeError(`Unexpected type <class '${typeName(image)}'>`);
  checkIsImage(image);
  const [height, width] = image.shape.slice(-2);
  return [image.ndim === 2 ? 1 : image.shape[image.ndim - 3], height, width];
}

/** @throws TypeError if a tensor has no two dimensions */
export function checkIsImage(image: Tensor): void {
  if (image.ndim < 2) throw new TypeError('Tensor is not a torch image.');
}

/** @throws TypeError if a tensor has less than three dimensions, or neither one channel nor three */
export function checkChannels(image: Tensor, permitted = '[1, 3]'): void {
  const [channels] = dimensionsOf(image);
  if (channels !== 1 && channels !== 3)
    throw new TypeError(
      `Input image tensor permitted channel values are ${permitted}, but found ${channels}`,
    );
}

/** @throws TypeError if a tensor has less than three dimensions */
export function checkIsPlanes(image: Tensor): void {
  checkIsImage(image);
  if (image.ndim < 3)
    throw new TypeError(`Input image tensor should have at least 3 dimensions, but found ${image.ndim}`);
}

/** The height and width that are meant: one number is the shorter side, none means that the longer one has the largest length. */
export function resizedSize(
  [height, width]: readonly number[],
  size: readonly number[] | null,
  maxSize: number | null,
): readonly [height: number, width: number] {
  if (size?.length === 2) return [size[0], size[1]];
  const [short, long] = width <= height ? [width, height] : [height, width];
  if (size === null) {
    if (maxSize === null)
      throw new ValueError('max_size must be an integer when size is None, but got None instead.');
    const other = Math.trunc((maxSize * short) / long);
    return width <= height ? [maxSize, other] : [other, maxSize];
  }
  let newShort = size[0];
  let newLong = Math.trunc((newShort * long) / short);
  if (maxSize !== null) {
    if (maxSize <= newShort) {
      throw new ValueError(
        `max_size = ${maxSize} must be strictly greater than the requested size for the smaller edge size = [${size}]`,
      );
    }
    if (newLong > maxSize) [newShort, newLong] = [Math.trunc((maxSize * newShort) / newLong), maxSize];
  }
  return width <= height ? [newLong, newShort] : [newShort, newLong];
}
