/** Image files, decoded as PIL 12.3 decodes them (golden/vision_images.py). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pack, unpack } from '../dist/utils/data/packing.js';

const { Image, io } = torchvision;

type Mode = torchvision.transforms.ImageMode;
type Colour = torchvision.transforms.TransparentColour | null;

interface Case {
  readonly name: string;
  readonly file: string;
  readonly mode: string;
  readonly size: [number, number];
  readonly values: string;
  readonly exact: boolean;
  readonly upright?: [width: number, height: number, values: string];
}
const golden = JSON.parse(
  readFileSync(new URL('golden/vision_images.json.golden', import.meta.url), 'utf8'),
) as {
  cases: Case[];
  converted: { mode: Mode; values: string; to: Record<Mode, string> }[];
  written: { mode: Mode; format: string; as: string; values?: string; error?: string }[];
  compressed: { mode: Mode; size: [number, number]; quality: number; values: string; to: string }[];
  gif: { file: string; values: string };
  transparent: {
    name: string;
    file: string;
    mode: string;
    size: [number, number];
    transparency: Colour;
    converted: { way: Mode[]; values: string; transparency: Colour }[];
    changed: Record<string, Colour>;
    saved: Colour;
    webp: string;
  }[];
  refused: Record<string, string>;
  palettes: { name: string; file: string; to: Record<Mode, string> }[];
};
const decoded = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const fileOf = (name: string) => decoded(golden.cases.find((one) => one.name === name)!.file);
const wide: Record<string, Uint16ArrayConstructor | Int32ArrayConstructor | Float32ArrayConstructor> = {
  'I;16': Uint16Array,
  I: Int32Array,
  F: Float32Array,
};
/** Recorded values, of the type that a mode has. */
function valuesIn(mode: string, text: string): torchvision.transforms.ImageValues {
  const bytes = decoded(text);
  return wide[mode] === undefined ? bytes : new wide[mode](bytes.buffer);
}

const folder = mkdtempSync(join(tmpdir(), 'flambeau-images-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function farthest(
  values: torchvision.transforms.ImageValues,
  expected: torchvision.transforms.ImageValues,
): number {
  expect([values.constructor, values.length]).toEqual([expected.constructor, expected.length]);
  let worst = 0;
  for (const [i, value] of values.entries()) worst = Math.max(worst, Math.abs(value - expected[i]));
  return worst;
}
const tensorOf = (bytes: Uint8Array) => torch.tensor(bytes);
/** [H, W, C] of a picture [C, H, W]. */
const valuesOf = (picture: torch.Tensor) =>
  picture.permute([1, 2, 0]).contiguous().numpy().data as Uint8Array | Uint16Array;

describe('an image file is decoded as PIL decodes it', () => {
  it.each(golden.cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const image = await Image.open(decoded(one.file));
    expect([image.mode, image.size]).toEqual([one.mode, one.size]);
    expect(farthest(image.data, valuesIn(one.mode, one.values))).toBeLessThanOrEqual(one.exact ? 0 : 1);
    const upright = image.exifTranspose();
    const [width, height, values] = one.upright ?? [...one.size, one.values];
    expect(upright.size).toEqual([width, height]);
    expect(farthest(upright.data, valuesIn(one.mode, values))).toBeLessThanOrEqual(one.exact ? 0 : 1);
  });
});

describe('an Image', () => {
  it.each(golden.converted.map((one) => [one.mode, one] as const))(
    'of mode %s converts as PIL does',
    (_, one) => {
      const image = Image.fromInterleaved(valuesIn(one.mode, one.values), 16, 14, one.mode);
      for (const [to, values] of Object.entries(one.to)) {
        expect(image.convert(to).mode).toBe(to);
        expect(image.convert(to).data, to).toEqual(valuesIn(to, values));
      }
    },
  );

  it.each(golden.written.map((one) => [one.mode, one.format, one] as const))(
    'of mode %s is written as %s as PIL does it',
    async (mode, format, one) => {
      const { values } = golden.converted.find((other) => other.mode === mode)!;
      const bytes = Image.fromInterleaved(valuesIn(mode, values), 16, 14, mode).toBytes(format);
      if (one.error !== undefined) {
        await expect(bytes).rejects.toThrow(new torch.RuntimeError(one.error));
        return;
      }
      const again = await Image.open(await bytes);
      expect([again.mode, again.size]).toEqual([one.as, [16, 14]]);
      if (one.values !== undefined) expect(again.data).toEqual(valuesIn(one.as, one.values));
    },
  );

  it('has values of the type that its mode says', () => {
    const image = Image.fromPlanes(new Float32Array(4), 2, 2, 1);
    expect([image.mode, image.channels, String(image)]).toEqual(['F', 1, '<Image mode=F size=2x2>']);
    expect(Image.fromPlanes(Uint8Array.of(0, 1, 2, 255), 2, 2, '1').planes).toEqual(
      Uint8Array.of(0, 255, 255, 255),
    );
    expect(() => Image.fromPlanes(new Uint8Array(4), 2, 2, 'I')).toThrow(
      "an image's values are of type Int32Array, but got Uint8Array",
    );
    expect(() => Image.fromPlanes(new Int32Array(12), 2, 2)).toThrow(torch.TypeError);
    expect(() => Image.fromPlanes(new Uint8Array(4), 2, 2, 'XYZ' as 'L')).toThrow('unrecognized image mode');
  });

  it('is split into channels and merged of them, as by PIL', () => {
    const image = Image.fromInterleaved(
      Uint8Array.from({ length: 24 }, (_, i) => 9 * i),
      3,
      2,
      'CMYK',
    );
    const bands = image.split();
    expect(bands.map((band) => [band.mode, ...band.size])).toEqual(bands.map(() => ['L', 3, 2]));
    const again = Image.merge('CMYK', bands);
    expect([again.mode, again.data, again.getbands()]).toEqual(['CMYK', image.data, ['C', 'M', 'Y', 'K']]);
    const [grey] = image.convert('L').split();
    expect(grey.data).toEqual(image.convert('L').data);
    const other = Image.fromPlanes(new Uint8Array(4), 2, 2, 1);
    expect(() => Image.merge('RGB', bands)).toThrow(new torch.ValueError('wrong number of bands'));
    expect(() => Image.merge('RGB', [other, other, bands[0]])).toThrow(new torch.ValueError('size mismatch'));
    expect(() => Image.merge('RGB', [other, other, other.convert('I')])).toThrow('mode mismatch');
    expect(() => Image.merge('XYZ', [other])).toThrow(new torch.KeyError("'XYZ'"));
  });

  it('tells the values of a pixel, also counted from the right and from below', () => {
    const image = Image.fromInterleaved(
      Uint8Array.from({ length: 18 }, (_, i) => i),
      3,
      2,
    );
    expect([image.getpixel([1, 0]), image.getpixel([-1, -1])]).toEqual([
      [3, 4, 5],
      [15, 16, 17],
    ]);
    expect(Image.fromPlanes(Float32Array.of(0.5, 2), 2, 1, 'F').getpixel([1, 0])).toBe(2);
    for (const at of [
      [3, 0],
      [0, -3],
    ])
      expect(() => image.getpixel(at)).toThrow(new torch.IndexError('image index out of range'));
  });

  it('is not written in files that have no such mode', async () => {
    const image = Image.fromPlanes(new Uint8Array(12), 2, 2, 'HSV');
    for (const format of ['PNG', 'JPEG'])
      await expect(image.toBytes(format)).rejects.toThrow(`cannot write mode HSV as ${format}`);
    await expect(image.convert('CMYK').toBytes('JPEG')).rejects.toThrow(torch.NotImplementedError);
    for (const mode of ['YCbCr', 'RGB']) {
      const again = await Image.open(await image.convert(mode).toBytes('JPEG'));
      expect([again.mode, again.size]).toEqual(['RGB', [2, 2]]);
    }
  });

  it('of five channels is in no file', async () => {
    await expect(Image.fromPlanes(new Uint8Array(20), 2, 2, 5).toBytes()).rejects.toThrow(
      'cannot write mode 5 channels as PNG',
    );
  });

  it('refuses modes that it does not have', () => {
    expect(() => Image.fromPlanes(new Uint8Array(4), 2, 2, 1).convert('LAB')).toThrow(
      'conversion from L to LAB not supported',
    );
  });

  it('opens paths, URLs, bytes and Blobs', async () => {
    const file = fileOf('PNG RGB noise');
    const path = join(folder, 'picture.png');
    writeFileSync(path, file);
    const expected = (await Image.open(file)).data;
    for (const source of [path, pathToFileURL(path), new Blob([file]), file.buffer])
      expect((await Image.open(source)).data).toEqual(expected);
  });

  it('is saved in the format that its name says', async () => {
    const image = (await Image.open(fileOf('JPEG 444'))).convert('RGB');
    const begin = { png: [137, 80, 78, 71], jpg: [255, 216, 255], webp: [82, 73, 70, 70] };
    for (const [extension, bytes] of Object.entries(begin)) {
      const path = join(folder, `saved.${extension}`);
      await image.save(path);
      expect([...readFileSync(path).subarray(0, bytes.length)]).toEqual(bytes);
      expect((await Image.open(path)).size).toEqual(image.size);
    }
    await expect(image.save(join(folder, 'saved.xyz'))).rejects.toThrow('unknown file extension: .xyz');
    await expect(image.convert('RGBA').toBytes('JPEG')).rejects.toThrow('cannot write mode RGBA as JPEG');
  });

  it('is made of a canvas', () => {
    const data = Uint8ClampedArray.from({ length: 24 }, (_, i) => i);
    const canvas = {
      width: 3,
      height: 2,
      getContext: () => ({ getImageData: () => ({ data, width: 3, height: 2 }) }),
    };
    const image = Image.fromCanvas(canvas);
    expect([image.mode, image.size, [...image.data]]).toEqual(['RGBA', [3, 2], [...data]]);
  });
});

describe('an image whose file has a transparent colour', () => {
  const { functional: F } = torchvision.transforms;
  const changes: Record<string, (image: torchvision.Image) => torchvision.Image> = {
    crop: (image) => F.crop(image, 1, 1, 3, 4) as torchvision.Image,
    resize: (image) => F.resize(image, [3, 4]) as torchvision.Image,
    hflip: (image) => F.hflip(image) as torchvision.Image,
    pad: (image) => F.pad(image, 1) as torchvision.Image,
    rotate: (image) => F.rotate(image, 30) as torchvision.Image,
    adjustBrightness: (image) => F.adjustBrightness(image, 0.5) as torchvision.Image,
    adjustContrast: (image) => F.adjustContrast(image, 0.5) as torchvision.Image,
    adjustSaturation: (image) => F.adjustSaturation(image, 0.5) as torchvision.Image,
    adjustSharpness: (image) => F.adjustSharpness(image, 0.5) as torchvision.Image,
    adjustHue: (image) => F.adjustHue(image, 0.25) as torchvision.Image,
    rgbToGrayscale: (image) => F.rgbToGrayscale(image) as torchvision.Image,
    invert: (image) => F.invert(image) as torchvision.Image,
  };
  const cases = golden.transparent.map((one) => [one.name, one] as const);

  it.each(cases)('keeps and converts it as PIL does: %s', async (_, one) => {
    const image = await Image.open(decoded(one.file));
    expect([image.mode, image.size, image.transparency]).toEqual([one.mode, one.size, one.transparency]);
    for (const { way, values, transparency } of one.converted) {
      const result = way.reduce((from, mode) => from.convert(mode), image);
      expect(result.data, way.join(' ')).toEqual(valuesIn(way.at(-1)!, values));
      expect(result.transparency, way.join(' ')).toEqual(transparency);
    }
  });

  it.each(cases)('keeps or loses it in transforms and files as PIL does: %s', async (_, one) => {
    const image = await Image.open(decoded(one.file));
    for (const [name, transparency] of Object.entries(one.changed))
      expect(changes[name](image).transparency, name).toEqual(transparency);
    expect((await Image.open(await image.toBytes('PNG'))).transparency).toEqual(one.saved);
    expect((await Image.open(await image.toBytes('WEBP'))).mode).toBe(one.webp);
  });

  it.each(cases)('is a tensor in which nothing is transparent: %s', async (_, one) => {
    const file = decoded(one.file);
    const at = Buffer.from(file).indexOf('tRNS') - 4;
    const length = 12 + file[at + 3];
    const without = new Uint8Array([...file.subarray(0, at), ...file.subarray(at + length)]);
    for (const mode of ['UNCHANGED', 'RGB_ALPHA'])
      expect(
        torch.equal(
          await io.decodeImage(tensorOf(file), mode),
          await io.decodeImage(tensorOf(without), mode),
        ),
        mode,
      ).toBe(true);
  });

  it('is the same for a canvas and in another thread', async () => {
    const one = golden.transparent.find(({ name }) => name === 'type 2 of 8 bits, a pixel')!;
    const image = await Image.open(decoded(one.file));
    const { values } = one.converted.find(({ way }) => way.join() === 'RGBA')!;
    expect(new Uint8Array(image.toImageData().data)).toEqual(decoded(values));
    const again = (await unpack(pack(image, false).value)) as torchvision.Image;
    expect([again.mode, again.transparency]).toEqual(['RGB', one.transparency]);
  });

  it('refuses a colour that is cut short', async () => {
    const file = fileOf('PNG RGB noise');
    const chunk = Uint8Array.of(0, 0, 0, 4, ...Buffer.from('tRNS'), 0, 1, 0, 2, 0, 0, 0, 0);
    const cut = new Uint8Array(Buffer.concat([file.subarray(0, 33), chunk, file.subarray(33)]));
    await expect(Image.open(cut)).rejects.toThrow('broken PNG file: its transparent colour is cut short');
    expect((await io.decodeImage(tensorOf(cut))).shape).toEqual([3, 5, 7]);
  });
});

it.each(golden.palettes.map((one) => [one.name, one] as const))(
  'a palette of which %s is transparent converts as PIL converts it',
  async (_, one) => {
    const image = await Image.open(decoded(one.file));
    for (const [mode, values] of Object.entries(one.to))
      expect(image.convert(mode).data, mode).toEqual(decoded(values));
  },
);

describe('io', () => {
  it('keeps the 16 bits of a PNG file', async () => {
    const picture = await io.decodePng(tensorOf(fileOf('PNG 16 bits')));
    expect([picture.dtype, picture.shape]).toEqual([torch.uint16, [1, 5, 7]]);
    const { values } = golden.cases.find(({ name }) => name === 'PNG 16 bits')!;
    expect(valuesOf(picture)).toEqual(valuesIn('I;16', values));
  });

  it('converts as libpng does where a mode asks for it', async () => {
    const { file, values } = golden.cases.find(({ name }) => name === 'PNG RGB noise')!;
    const rgb = decoded(values);
    const input = tensorOf(decoded(file));
    const gray = await io.decodeImage(input, { mode: 'GRAY' });
    // The weights 0.2989, 0.587 and what is left of 1, cut off.
    const expected = Array.from({ length: 35 }, (_, i) =>
      Math.floor((9794 * rgb[3 * i] + 19234 * rgb[3 * i + 1] + 3740 * rgb[3 * i + 2]) / 32768),
    );
    expect([...valuesOf(gray)]).toEqual(expected);
    const rgba = await io.decodeImage(input, io.ImageReadMode.RGBA);
    expect(rgba.shape).toEqual([4, 5, 7]);
    expect(rgba.select(0, 3).equal(torch.full([5, 7], 255, { dtype: torch.uint8 }))).toBe(true);
    await expect(io.decodePng(input, 'CMYK')).rejects.toThrow("'CMYK'");
  });

  it('gives the numbers of a palette, and its colours where a mode asks for them', async () => {
    const { file, values } = golden.cases.find(({ name }) => name === 'PNG P transparent')!;
    expect((await io.decodePng(tensorOf(decoded(file)))).shape).toEqual([1, 9, 11]);
    expect(valuesOf(await io.decodePng(tensorOf(decoded(file)), 'RGB_ALPHA'))).toEqual(decoded(values));
  });

  it('turns a picture as its file says if asked to', async () => {
    const { file, upright } = golden.cases.find(({ name }) => name === 'JPEG orientation 6')!;
    const input = tensorOf(decoded(file));
    expect((await io.decodeJpeg(input)) as torch.Tensor).toHaveProperty('shape', [3, 5, 9]);
    const turned = await io.decodeImage(input, { applyExifOrientation: true });
    expect(farthest(valuesOf(turned) as Uint8Array, decoded(upright![2]))).toBeLessThanOrEqual(1);
  });

  it('decodes every frame of a GIF file', async () => {
    const frames = await io.decodeImage(tensorOf(decoded(golden.gif.file)));
    expect(frames.shape).toEqual([2, 3, 6, 8]);
    expect(frames.permute([0, 2, 3, 1]).contiguous().numpy().data).toEqual(decoded(golden.gif.values));
  });

  it('encodes what it decodes', async () => {
    const picture = torch.randint(0, 256, [3, 9, 7], { dtype: torch.uint8 });
    for (const level of [0, 6, 9])
      expect((await io.decodePng(await io.encodePng(picture, level))).equal(picture)).toBe(true);
    const [first, second] = (await io.encodeJpeg([picture, picture.narrow(0, 0, 1)], 95)) as torch.Tensor[];
    expect((await io.decodeImage(first)).shape).toEqual([3, 9, 7]);
    expect((await io.decodeImage(second)).shape).toEqual([1, 9, 7]);
  });

  it('reads and writes files', async () => {
    const picture = torch.randint(0, 256, [3, 9, 7], { dtype: torch.uint8 });
    const path = join(folder, 'written.png');
    await io.writePng(picture, path);
    expect((await io.readImage(path)).equal(picture)).toBe(true);
    await io.writeFile(join(folder, 'copy.png'), await io.readFile(path));
    expect(readFileSync(join(folder, 'copy.png'))).toEqual(readFileSync(path));
    await io.writeJpeg(picture, join(folder, 'written.jpg'));
    expect((await io.readImage(join(folder, 'written.jpg'))).shape).toEqual([3, 9, 7]);
  });

  it("refuses with torchvision's words", async () => {
    const picture = torch.zeros([3, 2, 2], { dtype: torch.uint8 });
    const png = tensorOf(fileOf('PNG 1'));
    const jpeg = tensorOf(fileOf('JPEG L'));
    const words: [() => Promise<unknown>, string][] = [
      [() => io.decodeImage(torch.zeros(8)), 'Expected a torch.uint8 tensor'],
      [() => io.decodeImage(png.view([1, -1])), 'Expected a non empty 1-dimensional tensor'],
      [() => io.decodeImage(tensorOf(new Uint8Array(20))), 'Unsupported image file.'],
      [() => io.decodePng(jpeg), 'Content is not png!'],
      [() => io.decodePng(png.narrow(0, 0, 4)), 'Content is too small for png!'],
      [() => io.decodeJpeg(png), 'Not a JPEG file'],
      [() => io.decodeJpeg(jpeg, 'RGBA'), 'The provided mode is not supported for JPEG files'],
      [() => io.decodeJpeg([]), 'Input list must contain at least one element'],
      [() => io.encodePng(picture.to(torch.float32)), 'Input tensor dtype should be uint8'],
      [() => io.encodePng(picture.view(-1)), 'Input data should be a 3-dimensional tensor'],
      [() => io.encodePng(picture.narrow(0, 0, 2)), 'The number of channels should be 1 or 3, got: 2'],
      [() => io.encodePng(picture, 10), 'Compression level should be between 0 and 9'],
      [() => io.encodeJpeg(picture, 0), 'Image quality should be a positive number between 1 and 100'],
      [() => io.writeFile(join(folder, 'no'), picture), 'Input data should be a 1-dimensional tensor'],
    ];
    for (const [call, text] of words) await expect((async () => call())(), text).rejects.toThrow(text);
  });
});

describe('compression by JPEG', () => {
  const { v2, functional } = torchvision.transforms;

  it.each(golden.compressed.map((one) => [one.mode, one.size.join('x'), one.quality, one] as const))(
    'of an image of mode %s and %s pixels at quality %d changes values as libjpeg does',
    (mode, _, quality, one) => {
      const [width, height] = one.size;
      const image = Image.fromInterleaved(decoded(one.values), width, height, mode);
      const result = v2.functional.jpeg(image, quality);
      expect([result.mode, result.size, result.data]).toEqual([mode, one.size, decoded(one.to)]);
      const batch = functional.pilToTensor(image).unsqueeze(0).expand(2, -1, -1, -1);
      const results = v2.functional.jpeg(batch, quality);
      expect(results.select(0, 1).equal(functional.pilToTensor(result))).toBe(true);
    },
  );

  it('is a transform that draws a quality', () => {
    const image = Image.fromInterleaved(
      decoded(golden.compressed[1].values),
      ...golden.compressed[1].size,
      3,
    );
    torch.manualSeed(3);
    const quality = torch.randint(5, 96, []).item();
    torch.manualSeed(3);
    const transform = new v2.Compose([new v2.JPEG([5, 95]), new v2.ToImage()]);
    const expected = v2.functional.toImage(v2.functional.jpeg(image, quality));
    expect((transform.forward(image) as torch.Tensor).equal(expected)).toBe(true);
  });

  it("refuses with torchvision's words", () => {
    const picture = torch.zeros([3, 2, 2], { dtype: torch.uint8 });
    const words: [() => unknown, string][] = [
      [() => v2.functional.jpeg(picture, 0), 'Image quality should be a positive number between 1 and 100'],
      [() => v2.functional.jpeg(picture.to(torch.float32), 5), 'Input tensor dtype should be uint8'],
      [() => v2.functional.jpeg(picture.select(0, 0), 5), 'Input data should be a 3-dimensional tensor'],
      [
        () => v2.functional.jpeg(picture.narrow(0, 0, 2), 5),
        'The number of channels should be 1 or 3, got: 2',
      ],
      [() => v2.functional.jpeg(picture.narrow(1, 0, 0), 5), 'Empty JPEG image (DNL not supported)'],
      [
        () => v2.functional.jpeg(Image.fromPlanes(new Uint8Array(16), 2, 2, 4), 5),
        'cannot write mode RGBA as JPEG',
      ],
    ];
    for (const [call, text] of words) expect(call, text).toThrow(text);
  });
});

describe('a hostile image file', () => {
  let png: Uint8Array;
  beforeAll(() => {
    png = fileOf('PNG RGB noise');
  });

  it.each(['PNG RGB noise', 'JPEG 420', 'WebP lossless'])(
    '%s is refused where it is cut off',
    async (name) => {
      const file = fileOf(name);
      for (const part of [0.1, 0.5, 0.8])
        await expect(Image.open(file.subarray(0, Math.floor(file.length * part))), name).rejects.toThrow(
          /truncated|cannot (identify|decode)/,
        );
    },
  );

  it.each([
    ['BMP RGB', 'image file is truncated'],
    ['BMP of runs of bytes', 'not enough image data'],
    ['BMP of 8 bits and a palette', 'image file is truncated'],
    ['PPM RGB', 'image file is truncated'],
    ['PPM 1', 'image file is truncated'],
    ['PPM F', 'image file is truncated'],
    ['PGM up to 9', 'not enough image data'],
    ['PBM in words', 'not enough image data'],
    ['PPM in words', 'not enough image data'],
  ])('%s is refused where it is cut off: %s', async (name, text) => {
    const file = fileOf(name);
    await expect(Image.open(file.subarray(0, file.length - 4))).rejects.toThrow(text);
  });

  it('is refused where its header makes no sense', async () => {
    const bmp = fileOf('BMP of 32 bits by masks');
    const changed = (at: number, ...values: number[]) => {
      const copy = bmp.slice();
      copy.set(values, at);
      return copy;
    };
    const cases: [Uint8Array, string][] = [
      [changed(14, 41), 'Unsupported BMP header type (41)'],
      [changed(18, 0, 0, 0, 0), 'cannot identify image file: it claims a size of 0x3'],
      [Buffer.from('P4 3 -1 '), 'cannot identify image file: it claims a size of 3x-1'],
      [changed(28, 31), 'Unsupported BMP pixel depth (31)'],
      [changed(54, 1), 'Unsupported BMP bitfields layout'],
      [changed(30, 9), 'Unsupported BMP compression (9)'],
      [Buffer.from('P5 2 2 0 abcd'), 'maxval must be greater than 0 and less than 65536'],
      [Buffer.from('P5 2 2.5 9 abcd'), "invalid literal for int() with base 10: '2.5'"],
      [Buffer.from('P5 2 12345678901'), 'Token too long in file header: 12345678901'],
      [Buffer.from('P5 2'), 'Reached EOF while reading header'],
      [Buffer.from('P2 2 1 9 1 10'), 'Channel value too large for this mode: 10'],
      [Buffer.from('P1 2 1 1 2'), 'Invalid token for this mode: 2'],
      [Buffer.from('Pf 2 1 0 '), 'scale must be finite and non-zero'],
      [Buffer.from('P4 60000 50000 '), 'exceeds limit of 178956970 pixels'],
      [decoded(golden.refused['TIFF of 16 bits with a sign']), 'its values are of 16 bits with a sign'],
    ];
    for (const [file, text] of cases) await expect(Image.open(file), text).rejects.toThrow(text);
  });

  it('of more pixels than PIL takes is refused before memory is taken', async () => {
    const [width, height] = [60_000, 50_000];
    const text = `Image size (${width * height} pixels) exceeds limit of 178956970 pixels, could be decompression bomb DOS attack.`;
    const huge = png.slice();
    new DataView(huge.buffer).setUint32(16, width);
    new DataView(huge.buffer).setUint32(20, height);
    // The checksum is the header's.
    new DataView(huge.buffer).setUint32(29, crc(huge.subarray(12, 29)));
    await expect(Image.open(huge)).rejects.toThrow(text);
    const jpeg = fileOf('JPEG 420').slice();
    const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
    new DataView(jpeg.buffer).setUint16(frame + 5, height);
    new DataView(jpeg.buffer).setUint16(frame + 7, width);
    await expect(Image.open(jpeg)).rejects.toThrow(text);
  });

  it('that is no image says so', async () => {
    await expect(Image.open(new TextEncoder().encode('<html></html>'))).rejects.toThrow(
      "cannot identify image file 'the bytes'",
    );
  });

  it('with a checksum that is wrong is refused', async () => {
    const wrong = png.slice();
    wrong[wrong.length - 20] ^= 1;
    await expect(Image.open(wrong)).rejects.toThrow("broken PNG file: bad header checksum in 'IDAT'");
  });
});

/** CRC-32, bit by bit. */
function crc(bytes: Uint8Array): number {
  let value = -1;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return ~value >>> 0;
}
