/** From tensors and arrays to images. */
import { float32 } from '../../core/dtype.js';
import { TypeError, ValueError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { typeName } from '../../dispatch/type_name.js';
import { fromNumpy } from '../../ops/from_data.js';
import type { PictureArray } from './color.js';
import { Image } from './image.js';

const modes: Readonly<Record<number, readonly string[]>> = {
  2: ['LA'],
  3: ['RGB', 'YCbCr', 'HSV'],
  4: ['RGBA', 'CMYK', 'RGBX'],
};

function checkMode(mode: string | null, channels: number, dtype: string): void {
  if (mode === null) return;
  if (channels === 1) {
    if (mode === 'L') return;
    throw new ValueError(
      `Incorrect mode (${mode}) supplied for input type <class 'numpy.dtype'>. Should be ${dtype === 'uint8' ? 'L' : 'None'}`,
    );
  }
  const permitted = modes[channels];
  if (!permitted.includes(mode)) {
    const shown = permitted.map((name) => `'${name}'`).join(', ');
    throw new ValueError(`Only modes [${shown}] are supported for ${channels}D inputs`);
  }
  if (mode !== permitted[0]) throw new ValueError(`an image here has no mode ${mode}`);
}

/** An image of bytes, or of floats from 0 to 1: of a tensor [C, H, W] or [H, W], or of an array [H, W, C] or [H, W]. */
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
  const bytes = planes.isFloatingPoint() ? planes.mul(255).float() : planes;
  checkMode(mode, channels, planes.isFloatingPoint() ? 'uint8' : planes.dtype.name);
  if (!planes.isFloatingPoint() && planes.dtype.name !== 'uint8')
    throw new TypeError(`Input type ${planes.dtype.name} is not supported`);
  return Image.fromPlanes(bytesOf(bytes.cpu().contiguous()), width, height, channels);
}

/** The values of bytes or of single precision; those as numpy makes them bytes, cut off behind the point and modulo 256. */
function bytesOf(tensor: Tensor): Uint8Array {
  const { buffer, byteOffset } = tensor.storage.host()!;
  const at = byteOffset + tensor.offset * tensor.dtype.itemsize;
  const length = tensor.numel();
  return Uint8Array.from(
    tensor.dtype === float32 ? new Float32Array(buffer, at, length) : new Uint8Array(buffer, at, length),
  );
}
