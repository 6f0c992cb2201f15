/** The formats of pictures and of data sets that are fuzzed. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import * as torch from '../../dist/index.js';
import { crc32 } from '../../dist/io/crc32.js';
import { bunzip2, unlzma } from '../../dist/io/decompression/index.js';
import { parseRecords } from '../../dist/vision/datasets/cifar_records.js';
import { readAtOnce } from '../../dist/vision/datasets/folders.js';
import { unpacked } from '../../dist/vision/datasets/gzip.js';
import { parseIdx } from '../../dist/vision/datasets/idx.js';
import { matArrays } from '../../dist/vision/datasets/mat_file.js';
import { parseXml } from '../../dist/vision/datasets/xml.js';
import * as torchvision from '../../dist/vision/index.js';
import { formatOf, headerOf } from '../../dist/vision/io/image_header.js';
import { mostDecoded } from '../../dist/vision/io/pixels.js';
import { decodePngFile, withColours } from '../../dist/vision/io/png_decoder.js';
import { encodePngFile } from '../../dist/vision/io/png_encoder.js';
import { bound, constant, copies, goldenFiles, inflated, latin1 } from './material.mjs';
import { bzip2Files, lzmaMembers } from './packed.mjs';

function idxFile(type, shape, count) {
  // Uneven, as pictures are, so that deflate makes codes for them.
  const elements = Uint8Array.from({ length: count }, (_, i) => (i % 7 < 4 ? 0 : (i * i) % 251));
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = type;
  header[3] = shape.length;
  for (const [i, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return new Uint8Array(Buffer.concat([header, elements]));
}

/** A byte of a PNG file's lines can be 8 pixels of a palette, each a byte and then four. */
const pictures = (file) => constant + (8 + (2 + 8 + 32) * 1032) * file.length;

/** A PNG file whose chunks have the checksums that go with their contents, so that these are looked at. */
function withChecksums(file) {
  const fixed = new Uint8Array(file);
  const view = new DataView(fixed.buffer);
  for (let at = 8; at + 12 <= fixed.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > fixed.length) break;
    view.setUint32(end, crc32(fixed.subarray(at + 4, end)));
    at = end + 4;
  }
  return fixed;
}

/** As many bytes as the pixels that a picture claims have, which decoders may take: PIL's limit is on the claim. */
function claimed(file) {
  const format = formatOf(file);
  const header = format === null ? null : headerOf(file, format);
  return header === null ? 0 : Math.min(header.width * header.height, mostDecoded);
}

const pixelsOf = (value) => (value?.shape ?? value?.size ?? [0]).reduce((count, size) => count * size, 1);

/** A picture in a format that sharp writes, of several kinds. */
async function photos(write) {
  const kinds = [
    [1, 1, 3],
    [24, 17, 3],
    [16, 16, 1],
    [19, 8, 4],
  ];
  return Promise.all(
    kinds.map(async ([width, height, channels]) => {
      const samples = Uint8Array.from({ length: width * height * channels }, (_, i) => (i * i) % 251);
      const image = sharp(samples, { raw: { width, height, channels } });
      return new Uint8Array(await write(image).toBuffer());
    }),
  );
}

/** The bytes of files of a set in Python's pickles. */
function pickledBatch(count) {
  const data = `${'\x07'.repeat(3072 * count)}`;
  const length = latin1('    ');
  length.writeUInt32LE(data.length);
  const labels = Array.from({ length: count }, (_, i) => `K${String.fromCharCode(i)}`).join('');
  const array = 'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\x01b\x87R';
  const dtype =
    'cnumpy\ndtype\nX\x02\0\0\0u1\x89\x88\x87R(K\x03X\x01\0\0\0|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb';
  const state = `(K\x01K${String.fromCharCode(count)}M\0\x0c\x86${dtype}\x89B${length.toString('latin1')}${data}tb`;
  return new Uint8Array(latin1(`\x80\x03}(X\x04\0\0\0data${array}${state}X\x06\0\0\0labels](${labels}eu.`));
}

const jsonTokens = [
  '{',
  '}',
  '[',
  ']',
  ',',
  'null',
  '0',
  '1e400',
  '""',
  '{}',
  '[]',
  '"id":',
  '['.repeat(20_000),
];

/** Opens a data set of one file that a visitor gave. */
const fileOf = (bytes, name) => new File([bytes], name);

export const dataFormats = {
  async pictures() {
    const { cases } = JSON.parse(
      readFileSync(new URL('../golden/vision_images.json.golden', import.meta.url), 'utf8'),
    );
    const seeds = [
      ...cases
        .filter(({ name }) => !name.startsWith('PNG'))
        .map(({ file }) => new Uint8Array(Buffer.from(file, 'base64'))),
      ...(await photos((image) => image.jpeg())),
      ...(await photos((image) => image.webp())),
      ...(await photos((image) => image.gif())),
      ...(await photos((image) => image.tiff())),
    ];
    return {
      seeds,
      tokens: [
        '\xff\xd8',
        '\xff\xc0',
        '\xff\xda',
        '\xff\xe1',
        '\xff\xc4',
        'Exif\0\0',
        'VP8 ',
        'VP8X',
        'ANMF',
        '!\xf9\x04',
        ',',
      ].map(latin1),
      read: (file, index) =>
        index % 2 === 0
          ? torchvision.transforms.Image.open(file)
          : torchvision.io.decodeImage(torch.tensor(file), { applyExifOrientation: true }),
      // What a picture claims behind its header is known when it is there.
      bound: (file, value) => copies(file) + 16 * (claimed(file) + pixelsOf(value)),
      work: (file, value) => file.length + claimed(file) + pixelsOf(value),
    };
  },
  async bzip2() {
    return {
      seeds: [...bzip2Files, ...goldenFiles('vision_sets.json.golden', /bz2$/)],
      tokens: ['BZh9', '1AY&SY', '\x17\x72\x45\x38\x50\x90'].map(latin1),
      read: async (file) => bunzip2(file, null, (why) => new torch.RuntimeError(why)),
      // A block, of 32 bytes and more, is up to 900,000 bytes and their order; 5 of its bytes can be 255 that are written, twice over.
      bound: (file) => constant + Math.ceil(file.length / 32) * 900_000 * (5 + 4 * 51),
      // Blocks become what they become, also where only their checksums tell that they are wrong.
      work: (file, _, memory) => file.length + memory,
    };
  },
  async lzma() {
    return {
      seeds: lzmaMembers,
      tokens: [],
      read: async (file) => unlzma(file, 4096, (why) => new torch.RuntimeError(why)),
      // The probabilities of up to 2^12 contexts of literals.
      bound: (file) => constant + 2 ** 23 + copies(file),
    };
  },
  async batches() {
    return {
      seeds: [pickledBatch(1), pickledBatch(2)],
      tokens: ['labels', 'data', '](K\x01e', '\x86', 'N', 'K\xff'].map(latin1),
      read: (file) =>
        torchvision.datasets.CIFAR10.open([fileOf(file, 'cifar-10-batches-py/test_batch')], { train: false }),
      bound: copies,
    };
  },
  async coco() {
    const seeds = [
      {
        images: [
          { id: 2, file_name: 'a.png' },
          { id: 1, file_name: 'b.png' },
        ],
        annotations: [{ id: 5, image_id: 1, bbox: [0, 1, 2, 3], category_id: 1 }],
        categories: [{ id: 1, name: 'x' }],
      },
      { images: [], annotations: [{ id: 1, image_id: 7, caption: 'words' }] },
      {},
    ];
    return {
      seeds: seeds.map((value) => new TextEncoder().encode(JSON.stringify(value))),
      tokens: jsonTokens.map(latin1),
      read: async (file) => {
        const set = await torchvision.datasets.CocoDetection.open([], fileOf(file, 'instances.json'));
        return set.coco;
      },
      bound: copies,
    };
  },
  async mat() {
    return {
      seeds: goldenFiles('vision_sets.json.golden', /mat$/),
      tokens: ['\x0e\0\0\0', '\x0f\0\0\0', '\x01\0\x04\0', '\x05\0\0\0\x08\0\0\0'].map(latin1),
      read: async (file) => readAtOnce('', matArrays({ path: 'file', bytes: file })),
      bound: inflated,
    };
  },
  async xml() {
    const seeds = [
      '<a><b>1</b><c x="1"/><!-- n --><![CDATA[x]]></a>',
      '<?xml version="1.0"?><a>&lt;&#65;</a>',
    ];
    return {
      seeds: seeds.map((text) => new TextEncoder().encode(text)),
      tokens: [
        '<a>',
        '</a>',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '&#x10ffff;',
        '<a '.repeat(2000),
        '<a>'.repeat(2000),
      ].map(latin1),
      read: async (file) => parseXml('file', new TextDecoder().decode(file)),
      bound: (file) => constant + 64 * file.length,
    };
  },
  async idx() {
    const plain = [
      idxFile(8, [3, 4, 5], 60),
      idxFile(8, [9], 9),
      idxFile(13, [2, 2], 16),
      idxFile(8, [4, 28, 28], 3136),
    ];
    const seeds = [...plain, ...plain.map((file) => new Uint8Array(gzipSync(file)))];
    return {
      seeds,
      tokens: [],
      read: async (file) => parseIdx('file', (await unpacked({ path: 'file', bytes: file })).bytes),
      bound,
    };
  },
  async png() {
    const { cases } = JSON.parse(
      readFileSync(new URL('../golden/vision_images.json.golden', import.meta.url), 'utf8'),
    );
    const seeds = cases
      .filter(({ name }) => name.startsWith('PNG'))
      .map(({ file }) => new Uint8Array(Buffer.from(file, 'base64')));
    const samples = new Uint8Array(64 * 64 * 4);
    seeds.push(await encodePngFile({ width: 64, height: 64, channels: 4, samples }));
    return {
      seeds,
      tokens: ['IHDR', 'PLTE', 'tRNS', 'IDAT', 'eXIf', 'IEND'].map(latin1),
      wrap: withChecksums,
      read: async (file) => withColours(await decodePngFile(file)),
      bound: pictures,
    };
  },
  async cifar() {
    const record = new Uint8Array(3073).fill(5);
    const seeds = [record, new Uint8Array([...record, ...record])];
    return {
      seeds,
      tokens: [record],
      read: async (file) => parseRecords([{ path: 'file', bytes: file }]),
      bound: copies,
    };
  },
};
