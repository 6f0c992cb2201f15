/** Tensors as image files. torchvision's functions, which give promises here. */
import { uint8 } from '../../core/dtype.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { signed } from '../../core/signature/signed.js';
import { Tensor } from '../../core/tensor.js';
import { fromBytes, rawBytes } from '../../ops/from_data.js';
import type { Pixels } from './pixels.js';
import { encodePngFile } from './png_encoder.js';

function pixelsOf(input: Tensor): Pixels<Uint8Array> {
  if (input.device.type !== 'cpu') throw new RuntimeError('Input tensor should be on CPU');
  if (input.dtype !== uint8) throw new RuntimeError('Input tensor dtype should be uint8');
  if (input.ndim !== 3) throw new RuntimeError('Input data should be a 3-dimensional tensor');
  const [channels, height, width] = input.shape;
  if (channels !== 1 && channels !== 3)
    throw new RuntimeError(`The number of channels should be 1 or 3, got: ${channels}`);
  return { width, height, channels, samples: rawBytes(input.permute([1, 2, 0]).contiguous()) };
}

const fileTensor = (bytes: Uint8Array) => fromBytes(bytes, uint8, [bytes.length]);

async function png(input: Tensor, level: number): Promise<Uint8Array> {
  if (level < 0 || level > 9) throw new RuntimeError('Compression level should be between 0 and 9');
  const picture = pixelsOf(input);
  const codec = await host().images();
  return encodePngFile(picture, (bytes) => codec.deflate(bytes, level));
}

async function jpeg(input: Tensor, quality: number): Promise<Uint8Array> {
  const picture = pixelsOf(input);
  const codec = await host().images();
  return codec.encode(picture, 'JPEG', quality);
}

function checkQuality(quality: number): void {
  if (quality < 1 || quality > 100)
    throw new ValueError('Image quality should be a positive number between 1 and 100');
}

const write = (filename: string | URL, bytes: Uint8Array) =>
  host().files.write(filename, async (sink) => sink(bytes));

/**
 * Encodes a picture [C, H, W] of bytes as a PNG file, which comes as a uint8 tensor.
 *
 * @param input the picture, of one channel or three
 * @param compressionLevel from 0 to 9; browsers have one level
 */
export const encodePng = signed(
  'encode_png(Tensor input, int compression_level=6)',
  async ({ input, compressionLevel }) => fileTensor(await png(input, compressionLevel)),
);

/**
 * Writes a picture [C, H, W] of bytes as a PNG file.
 *
 * @param input the picture, of one channel or three
 * @param filename where to write it
 * @param compressionLevel from 0 to 9
 */
export const writePng = signed(
  'write_png(Tensor input, Path filename, int compression_level=6)',
  async ({ input, filename, compressionLevel }) => write(filename, await png(input, compressionLevel)),
);

/**
 * Encodes a picture [C, H, W] of bytes as a JPEG file, which comes as a uint8 tensor; or several. In Node this needs the package `sharp`.
 *
 * @param input the picture, of one channel or three; or a list of pictures
 * @param quality from 1 to 100
 */
export const encodeJpeg = signed(
  'encode_jpeg(Tensor|Tensor[] input, int quality=75)',
  async ({ input, quality }): Promise<Tensor | Tensor[]> => {
    checkQuality(quality);
    const one = async (each: Tensor) => fileTensor(await jpeg(each, quality));
    if (input instanceof Tensor) return one(input);
    if (input.length === 0)
      throw new ValueError('encode_jpeg requires at least one input tensor when a list is passed');
    return Promise.all(input.map(one));
  },
);

/**
 * Writes a picture [C, H, W] of bytes as a JPEG file. In Node this needs the package `sharp`.
 *
 * @param input the picture, of one channel or three
 * @param filename where to write it
 * @param quality from 1 to 100
 */
export const writeJpeg = signed(
  'write_jpeg(Tensor input, Path filename, int quality=75)',
  async ({ input, filename, quality }) => {
    checkQuality(quality);
    await write(filename, await jpeg(input, quality));
  },
);
