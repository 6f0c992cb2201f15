/** Images in browsers: by their own decoders. */
import { NotImplementedError, RuntimeError } from '../../core/errors.js';
import { deflate } from '../../io/deflate.js';
import type { ImageCodec } from './image_codec.js';
import { headerOf, type ImageFormat } from './image_header.js';
import { type Pixels, withChannels } from './pixels.js';

const typeOf = (format: ImageFormat) => `image/${format.toLowerCase()}`;

/** A copy whose EXIF data browsers do not find: they turn pictures by it, asked to or not. */
function asStored(bytes: Uint8Array, format: ImageFormat): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  const exif = headerOf(bytes, format)?.exif ?? null;
  if (exif !== null) copy[exif] ^= 1;
  return copy;
}

function drawn(image: ImageBitmap | VideoFrame, width: number, height: number): Pixels {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new RuntimeError('the browser gave no canvas to decode an image on');
  context.drawImage(image, 0, 0);
  image.close();
  const { data } = context.getImageData(0, 0, width, height);
  const samples = new Uint8Array(data.buffer, data.byteOffset, data.length);
  const picture = { width, height, channels: 4, samples };
  for (let i = 3; i < samples.length; i += 4) if (samples[i] !== 255) return picture;
  return withChannels(picture, 3);
}

/** Copies a frame, whose colours a canvas would multiply by its cover. Null if the frame is in another form. */
async function copied(frame: VideoFrame): Promise<Pixels | null> {
  if (frame.format !== 'RGBA' && frame.format !== 'BGRA') return null;
  const { width, height } = frame.visibleRect!;
  const samples = new Uint8Array(4 * width * height);
  const isReversed = frame.format === 'BGRA';
  await frame.copyTo(samples, { layout: [{ offset: 0, stride: 4 * width }] });
  frame.close();
  for (let i = 0; isReversed && i < samples.length; i += 4)
    [samples[i], samples[i + 2]] = [samples[i + 2], samples[i]];
  return { width, height, channels: 4, samples };
}

/** The frames, every one or the first, where the browser has WebCodecs. */
async function frames(bytes: Uint8Array, format: ImageFormat, all: boolean): Promise<Pixels[]> {
  if (typeof ImageDecoder === 'undefined')
    throw new NotImplementedError(
      'this browser decodes only the first frame of an image (it has no ImageDecoder)',
    );
  const decoder = new ImageDecoder({
    data: new Uint8Array(bytes),
    type: typeOf(format),
    colorSpaceConversion: 'none',
  });
  try {
    await decoder.tracks.ready;
    const count = all ? (decoder.tracks.selectedTrack?.frameCount ?? 1) : 1;
    const found: Pixels[] = [];
    for (let frameIndex = 0; frameIndex < count; frameIndex++) {
      const { image } = await decoder.decode({ frameIndex });
      found.push((await copied(image)) ?? drawn(image, image.displayWidth, image.displayHeight));
    }
    return found;
  } finally {
    decoder.close();
  }
}

/** @internal The host's codec. */
export const codec: ImageCodec = {
  async decode(bytes, format, all) {
    try {
      if (all) return await frames(bytes, format, all);
      const blob = new Blob([asStored(bytes, format)], { type: typeOf(format) });
      const bitmap = await createImageBitmap(blob, {
        colorSpaceConversion: 'none',
        premultiplyAlpha: 'none',
      });
      const picture = drawn(bitmap, bitmap.width, bitmap.height);
      // A canvas rounds the colours of what can be seen through.
      if (picture.channels === 4 && typeof ImageDecoder !== 'undefined')
        return await frames(bytes, format, false);
      return [headerOf(bytes, format)?.channels === 1 ? withChannels(picture, 1) : picture];
    } catch (error) {
      if (error instanceof NotImplementedError) throw error;
      throw new RuntimeError(`cannot decode the ${format} image: ${(error as Error).message}`, {
        cause: error,
      });
    }
  },

  async decodeTiff() {
    throw new NotImplementedError('browsers do not decode TIFF images');
  },

  async encode(picture, format, quality) {
    const { width, height } = picture;
    const canvas = new OffscreenCanvas(width, height);
    const { samples } = withChannels(picture, 4);
    const data = new ImageData(new Uint8ClampedArray(samples), width, height);
    canvas.getContext('2d')!.putImageData(data, 0, 0);
    const blob = await canvas.convertToBlob({ type: typeOf(format), quality: quality / 100 });
    if (blob.type !== typeOf(format))
      throw new NotImplementedError(`this browser does not encode ${format} images`);
    return new Uint8Array(await blob.arrayBuffer());
  },

  deflate: (bytes) => deflate(bytes, 'deflate'),
};
