/** Image files as tensors. torchvision's functions, which give promises here. */
import { uint8, uint16 } from '../../core/dtype.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { signed } from '../../core/signature/signed.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { fromBytes, rawBytes } from '../../ops/from_data.js';
import { decodeFile } from './decoder.js';
import { upright } from './exif.js';
import { formatOf, type ImageFormat } from './image_header.js';
import { channelsOfMode } from './image_read_mode.js';
import { type ImageSource, readSource } from './image_source.js';
import { luma, type Pixels, withChannels } from './pixels.js';
import { withColours } from './png_decoder.js';

/** A picture as a tensor [C, H, W], whose memory is in the order of pixels, as torchvision's. */
function tensorOf({ width, height, channels, samples }: Pixels): Tensor {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const dtype = samples instanceof Uint8Array ? uint8 : uint16;
  return fromBytes(bytes, dtype, [height, width, channels]).permute([2, 0, 1]);
}

function bytesOf(input: Tensor): Uint8Array {
  if (input.device.type !== 'cpu') throw new RuntimeError('Expected a CPU tensor');
  if (input.dtype !== uint8) throw new RuntimeError('Expected a torch.uint8 tensor');
  if (input.ndim !== 1 || input.numel() === 0)
    throw new RuntimeError('Expected a non empty 1-dimensional tensor');
  return rawBytes(input);
}

/** Luma by the weights that torchvision gives libpng, in 15 bits of fraction: cut off in 8 bits, rounded in 16. */
function pngLuma(isWide: boolean) {
  const rounding = isWide ? 0x4000 : 0;
  return (red: number, green: number, blue: number) =>
    red === green && red === blue
      ? red
      : Math.floor((9794 * red + 19234 * green + 3740 * blue + rounding) / 32768);
}

type Options = { readonly mode: number | string; readonly applyExifOrientation: boolean };

async function png(bytes: Uint8Array, { mode, applyExifOrientation }: Options): Promise<Tensor> {
  if (bytes.length < 8) throw new RuntimeError('Content is too small for png!');
  if (formatOf(bytes) !== 'PNG') throw new RuntimeError('Content is not png!');
  const channels = channelsOfMode(mode);
  const { png, orientation } = await decodeFile(bytes, 'PNG');
  // Unchanged, a picture with a palette is one of the numbers of its colours.
  const picture =
    channels === 0
      ? png!
      : withChannels(withColours(png!), channels, pngLuma(png!.samples instanceof Uint16Array));
  return tensorOf(applyExifOrientation ? upright(picture, orientation) : picture);
}

async function jpeg(bytes: Uint8Array, { mode, applyExifOrientation }: Options): Promise<Tensor> {
  if (formatOf(bytes) !== 'JPEG') throw new RuntimeError('Not a JPEG file');
  const channels = channelsOfMode(mode);
  if (channels === 2 || channels === 4)
    throw new RuntimeError('The provided mode is not supported for JPEG files');
  const { frames, orientation } = await decodeFile(bytes, 'JPEG');
  const picture = channels === 0 ? frames[0] : withChannels(frames[0], channels, luma);
  return tensorOf(applyExifOrientation ? upright(picture, orientation) : picture);
}

async function webp(bytes: Uint8Array, mode: number | string): Promise<Tensor> {
  if (formatOf(bytes) !== 'WEBP') throw new RuntimeError('WebPGetFeatures failed.');
  const channels = channelsOfMode(mode);
  const [picture] = (await decodeFile(bytes, 'WEBP')).frames;
  // Gray is not made of these, neither there nor here.
  return tensorOf(channels < 3 ? picture : withChannels(picture, channels));
}

async function gif(bytes: Uint8Array): Promise<Tensor> {
  if (formatOf(bytes) !== 'GIF') throw new RuntimeError('DGifOpenFileName() failed - 103');
  const { frames } = await decodeFile(bytes, 'GIF', true);
  const pictures = frames.map((frame) => tensorOf(withChannels(frame, 3)));
  return pictures.length === 1 ? pictures[0] : ops.stack(pictures);
}

/**
 * Decodes a PNG file: uint8, or uint16 if it has 16 bits a sample.
 *
 * @param input the file's bytes
 * @param mode a member of `ImageReadMode` or its name
 * @param applyExifOrientation whether to turn the picture as the file says
 */
export const decodePng = signed(
  'decode_png(Tensor input, int|str mode=0, bool apply_exif_orientation=False)',
  ({ input, ...options }) => png(bytesOf(input), options),
);

/**
 * Decodes a JPEG file, or several. In Node this needs the package `sharp`.
 *
 * @param input the file's bytes, or a list of those of several
 * @param mode a member of `ImageReadMode` or its name
 * @param device where the tensor shall be
 * @param applyExifOrientation whether to turn the picture as the file says
 */
export const decodeJpeg = signed(
  "decode_jpeg(Tensor|Tensor[] input, int|str mode=0, Device device='cpu', bool apply_exif_orientation=False)",
  async ({ input, device, ...options }): Promise<Tensor | Tensor[]> => {
    const one = async (each: Tensor) => (await jpeg(bytesOf(each), options)).to(device);
    const fits = (each: Tensor) => each.device.type === 'cpu';
    if (input instanceof Tensor) {
      if (!fits(input)) throw new ValueError('Input tensor must be a CPU tensor');
      return one(input);
    }
    if (input.length === 0) throw new ValueError('Input list must contain at least one element');
    if (!input.every(fits)) throw new ValueError('Input list must contain tensors on CPU.');
    return Promise.all(input.map(one));
  },
);

/**
 * Decodes a WebP file. In Node this needs the package `sharp`.
 *
 * @param input the file's bytes
 * @param mode a member of `ImageReadMode` or its name
 */
export const decodeWebp = signed('decode_webp(Tensor input, int|str mode=0)', ({ input, mode }) =>
  webp(bytesOf(input), mode),
);

/**
 * Decodes a GIF file: [C, H, W], or [N, C, H, W] if it moves. In Node this needs the package `sharp`.
 *
 * @param input the file's bytes
 */
export const decodeGif = signed('decode_gif(Tensor input)', ({ input }) => gif(bytesOf(input)));

/** The decoder of each format that is decoded. */
async function decoded(bytes: Uint8Array, options: Options): Promise<Tensor> {
  const decoders: Partial<Record<ImageFormat, () => Promise<Tensor>>> = {
    PNG: () => png(bytes, options),
    JPEG: () => jpeg(bytes, options),
    GIF: () => gif(bytes),
    WEBP: () => webp(bytes, options.mode),
  };
  const decoder = decoders[formatOf(bytes) as ImageFormat];
  if (decoder === undefined)
    throw new RuntimeError('Unsupported image file. Only jpeg, png, webp and gif are currently supported.');
  return decoder();
}

async function bytesOfAny(input: Tensor | ImageSource): Promise<Uint8Array> {
  return input instanceof Tensor ? bytesOf(input) : (await readSource(input)).bytes;
}

/**
 * Decodes a PNG, JPEG, WebP or GIF file.
 *
 * @param input the file: its bytes, its path or URL, or a Blob
 * @param mode a member of `ImageReadMode` or its name
 * @param applyExifOrientation whether to turn the picture as a PNG or JPEG file says
 */
export const decodeImage = signed(
  'decode_image(Tensor|ImageSource input, int|str mode=0, bool apply_exif_orientation=False)',
  async ({ input, ...options }) => decoded(await bytesOfAny(input), options),
);

/**
 * Reads and decodes an image file. torchvision has `decodeImage` instead by now.
 *
 * @param path the file: its path or URL, its bytes, or a Blob
 * @param mode a member of `ImageReadMode` or its name
 * @param applyExifOrientation whether to turn the picture as a PNG or JPEG file says
 */
export const readImage = signed(
  'read_image(ImageSource path, int|str mode=0, bool apply_exif_orientation=False)',
  async ({ path, ...options }) => decoded(await bytesOfAny(path), options),
);
