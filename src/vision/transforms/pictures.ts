/** From tensors and arrays to images. */
import { float32 } from '../../core/dtype.js';
import { TypeError, ValueError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { typeName } from '../../dispatch/type_name.js';
import { fromNumpy } from '../../ops/from_data.js';
import { type ImageMode, type ImageValues, imageModes } from '../io/image_modes.js';
import type { PictureArray } from './color.js';
import { Image } from './image.js';

/** PIL's modes of several channels; of each number the first is that of values that nobody has named. */
const modes: Readonly<Record<number, readonly string[]>> = {
  2: ['LA'],
  3: ['RGB', 'YCbCr', 'HSV'],
  4: ['RGBA', 'CMYK', 'RGBX'],
};

/** The modes of tensors of one channel, by their dtypes. */
const greyModes: Readonly<Record<string, ImageMode>> = {
  uint8: 'L',
  int16: 'I;16',
  int32: 'I',
  float32: 'F',
};

/** The mode of an image of these values. @throws ValueError if another is named */
function modeOf(named: string | null, channels: number, dtype: string): ImageMode {
  const unknown = () => new TypeError(`Input type ${dtype} is not supported`);
  if (channels === 1) {
    const mode = greyModes[dtype];
    if (named !== null && named !== mode)
      throw new ValueError(
        `Incorrect mode (${named}) supplied for input type <class 'numpy.dtype'>. Should be ${mode ?? 'None'}`,
      );
    if (mode === undefined) throw unknown();
    return mode;
  }
  const permitted = modes[channels];
  if (named !== null && !permitted.includes(named)) {
    const shown = permitted.map((name) => `'${name}'`).join(', ');
    throw new ValueError(`Only modes [${shown}] are supported for ${channels}D inputs`);
  }
  if (named === 'RGBX') throw new ValueError('an image here has no mode RGBX');
  if (dtype !== 'uint8') throw unknown();
  return (named ?? permitted[0]) as ImageMode;
}

/** An image of bytes, of 16 or 32 bits, or of floats from 0 to 1 (of any, where the mode is `F`): of a tensor [C, H, W] or [H, W], or of an array [H, W, C] or [H, W]. */
export function toImage(picture: Tensor | PictureArray, mode: string | null): Image {
  const given: unknown = picture;
  const isArray = !(given instanceof Image) && ArrayBuffer.isView((given as PictureArray | null)?.data);
  if (!(given instanceof Tensor) && !isArray)
    throw new TypeError(`pic should be Tensor or ndarray. Got <class '${typeName(given)}'>.`);
  const isTensor = given instanceof Tensor;
  const tensor = isTensor ? given.detach() : fromNumpy(given as PictureArray);
  if (tensor.ndim !== 2 && tensor.ndim !== 3)
    throw new ValueError(`pic should be 2/3 dimensional. Got ${tensor.ndim} dimensions.`);
  const planes = tensor.ndim === 2 ? tensor.unsqueeze(0) : isTensor ? tensor : tensor.permute([2, 0, 1]);
  const [channels, height, width] = planes.shape;
  if (channels > 4) throw new ValueError(`pic should not have > 4 channels. Got ${channels} channels.`);
  const isScaled = planes.isFloatingPoint() && mode !== 'F';
  const found = modeOf(mode, channels, isScaled ? 'uint8' : planes.dtype.name);
  const values = isScaled ? planes.mul(255).float() : planes;
  return Image.fromPlanes(valuesOf(values.cpu().contiguous(), found), width, height, found);
}

/** A copy of a tensor's values, of the type that a mode has: floats as numpy makes them bytes, cut off behind the point and modulo 256. */
function valuesOf(tensor: Tensor, mode: ImageMode): ImageValues {
  const { buffer, byteOffset } = tensor.storage.host()!;
  const at = byteOffset + tensor.offset * tensor.dtype.itemsize;
  const length = tensor.numel();
  if (tensor.dtype === float32 && mode !== 'F') return Uint8Array.from(new Float32Array(buffer, at, length));
  return new imageModes[mode].values(buffer as ArrayBuffer, at, length).slice();
}
