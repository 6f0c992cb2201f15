/** Images in Node: by the package `sharp` (libvips), which has the decoders that PIL has. */
import { RuntimeError } from '../../core/errors.js';
import { optionalPackage } from '../../core/optional_package.js';
import { upright } from './exif.js';
import type { ImageCodec } from './image_codec.js';
import { type ImageMode, type ImageValues, imageModes, modeOfValues } from './image_modes.js';
import { mostDecoded, type OpenedPixels, type Pixels } from './pixels.js';

async function loadSharp() {
  const found = await optionalPackage<typeof import('sharp')>(
    'sharp',
    'an image other than PNG, BMP and PNM in Node',
  );
  return found.default;
}

/** libvips's message in one line. */
const reason = (error: unknown) => (error as Error).message.trim().split('\n')[0];

/** @internal The host's codec. */
export const codec: ImageCodec = {
  async decode(bytes, format, all) {
    const sharp = await loadSharp();
    try {
      const image = sharp(bytes, {
        // Half a file is an error, as PIL has it.
        failOn: 'truncated',
        limitInputPixels: mostDecoded,
        // Samples as they are in the file.
        ignoreIcc: true,
        ...(all && { animated: true }),
      });
      const { space, hasAlpha, pages = 1 } = await image.metadata();
      // Towards gray alpha would be lost.
      if ((space === 'b-w' || space === 'grey16') && !hasAlpha) image.toColourspace('b-w');
      // Inks as they are in the file, without anybody's profile.
      if (space === 'cmyk') image.pipelineColourspace('cmyk').toColourspace('cmyk');
      const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
      const isGrey = space === 'b-w' || space === 'grey16';
      const channels = isGrey && info.channels > 2 ? (hasAlpha ? 2 : 1) : info.channels;
      if (space === 'cmyk' && info.channels === 4)
        return [{ width: info.width, height: info.height, channels: 3, samples: ofInks(data) }];
      const samples = channels === info.channels ? data : firstAndLast(data, info.channels, channels);
      const height = all ? info.height / pages : info.height;
      const size = info.width * height * channels;
      return Array.from(
        { length: all ? pages : 1 },
        (_, i): Pixels => ({
          width: info.width,
          height,
          channels,
          samples: new Uint8Array(samples.subarray(i * size, (i + 1) * size)),
        }),
      );
    } catch (error) {
      throw new RuntimeError(`cannot decode the ${format} image: ${reason(error)}`, { cause: error });
    }
  },

  async decodeTiff(bytes) {
    const sharp = await loadSharp();
    try {
      const image = sharp(bytes, { failOn: 'truncated', limitInputPixels: mostDecoded, ignoreIcc: true });
      const { space, channels, depth, bitsPerSample, orientation = 1 } = await image.metadata();
      if (channels > 1) {
        if (depth !== 'uchar' && depth !== 'ushort')
          throw new Error(`its ${channels} channels are of type ${depth}`);
        const [picture] = await codec.decode(bytes, 'TIFF', false);
        return inMode(
          picture as Pixels<Uint8Array>,
          modeOfValues(picture.samples, picture.channels)!,
          orientation,
        );
      }
      // libvips has no way to hand these over with their signs.
      if (depth === 'short') throw new Error('its values are of 16 bits with a sign');
      const wide = wideModes[depth as string];
      image
        .toColourspace(space === 'grey16' ? 'grey16' : 'b-w')
        .raw({ depth: wide === undefined ? 'uchar' : depth });
      const { data, info } = await image.toBuffer({ resolveWithObject: true });
      const { width, height } = info;
      if (wide === undefined)
        return inMode(
          { width, height, channels: 1, samples: new Uint8Array(data) },
          bitsPerSample === 1 ? '1' : 'L',
          orientation,
        );
      const stored = new wide.stored(new Uint8Array(data).buffer);
      const samples = new imageModes[wide.mode].values(stored);
      return inMode({ width, height, channels: 1, samples }, wide.mode, orientation);
    } catch (error) {
      throw new RuntimeError(`cannot decode the TIFF image: ${reason(error)}`, { cause: error });
    }
  },

  async encode({ width, height, channels, samples }, format, quality) {
    const sharp = await loadSharp();
    const image = sharp(samples, { raw: { width, height, channels: channels as 1 | 2 | 3 | 4 } });
    if (channels < 3) image.toColourspace('b-w');
    const written = format === 'JPEG' ? image.jpeg({ quality }) : image.webp({ quality });
    return new Uint8Array(await written.toBuffer());
  },

  deflate(bytes, level) {
    const { deflate } = process.getBuiltinModule('node:zlib');
    return new Promise((resolve, reject) => {
      deflate(bytes, { level }, (error, packed) => (error === null ? resolve(packed) : reject(error)));
    });
  },
};

/** The modes of gray in other values than bytes from 0, by libvips's names of types, and how it stores them. */
const wideModes: Readonly<
  Record<
    string,
    { readonly mode: ImageMode; readonly stored: new (buffer: ArrayBuffer) => ArrayLike<number> }
  >
> = {
  // Without their sign, as PIL reads these bytes.
  char: { mode: 'L', stored: Int8Array },
  ushort: { mode: 'I;16', stored: Uint16Array },
  // Numbers beyond the range of 32 bits with a sign are negative, in PIL as well.
  uint: { mode: 'I', stored: Int32Array },
  int: { mode: 'I', stored: Int32Array },
  float: { mode: 'F', stored: Float32Array },
};

function inMode(picture: Pixels<ImageValues>, mode: ImageMode, orientation: number): OpenedPixels {
  return { ...upright(picture, orientation), mode };
}

/** Gray that was repeated, and alpha. */
function firstAndLast(data: Uint8Array, before: number, channels: number): Uint8Array {
  const samples = new Uint8Array((data.length / before) * channels);
  for (let at = 0, to = 0; at < data.length; at += before) {
    samples[to++] = data[at];
    if (channels === 2) samples[to++] = data[at + before - 1];
  }
  return samples;
}

/** RGB of cyan, magenta, yellow and black, by PIL's formula. */
function ofInks(data: Uint8Array): Uint8Array {
  const samples = new Uint8Array((data.length / 4) * 3);
  for (let at = 0, to = 0; at < data.length; at += 4) {
    const light = 255 - data[at + 3];
    for (let c = 0; c < 3; c++) {
      const product = data[at + c] * light + 128;
      samples[to++] = light - (((product >> 8) + product) >> 8);
    }
  }
  return samples;
}
