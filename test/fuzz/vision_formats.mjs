/** Headers of pictures, bitmaps and boxes that are fuzzed. */
import { readFileSync } from 'node:fs';
import * as torch from '../../dist/index.js';
import * as torchvision from '../../dist/vision/index.js';
import { orientationOf } from '../../dist/vision/io/exif.js';
import { formatOf, headerOf } from '../../dist/vision/io/image_header.js';
import { mostDecoded } from '../../dist/vision/io/pixels.js';
import { constant, copies, latin1 } from './material.mjs';
import { Random } from './random.mjs';

const { cases } = JSON.parse(
  readFileSync(new URL('../golden/vision_images.json.golden', import.meta.url), 'utf8'),
);
const files = (names) =>
  cases.filter(({ name }) => names.test(name)).map(({ file }) => new Uint8Array(Buffer.from(file, 'base64')));

const modes = ['1', 'L', 'LA', 'RGB', 'RGBA', 'YCbCr', 'HSV', 'CMYK', 'I;16', 'I', 'F'];

/** The pixels that a BMP file claims, which runs may fill with few bytes. */
function claimed(file) {
  if (file.length < 26) return 0;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const short = view.getUint32(14, true) === 12;
  const width = short ? view.getUint16(18, true) : view.getUint32(18, true);
  const height = short ? view.getUint16(20, true) : Math.abs(view.getInt32(22, true));
  return file[0] === 0x42 && width * height <= mostDecoded ? width * height : 0;
}

const { v2 } = torchvision.transforms;
const F = v2.functional;
const numbers = [
  0,
  -0,
  1,
  -1,
  3.5,
  8,
  255,
  1e-40,
  1e38,
  -1e38,
  Number.NaN,
  Infinity,
  -Infinity,
  2 ** 31,
  2 ** 53,
];
const counts = [0, 1, 2, 3, 8, -1, 31];

/** A transform of boxes, masks and points that mean nothing good, made of a file's bytes. */
class HostileSample {
  constructor(bytes) {
    this.random = new Random(...bytes);
  }

  pick(list) {
    return this.random.pick(list);
  }

  number() {
    return this.random.oneIn(3) ? this.pick(numbers) : this.random.below(40) - 8;
  }

  list(length) {
    return Array.from({ length }, () => this.number());
  }

  tensor(shape, dtype) {
    const count = shape.reduce((a, b) => a * b, 1);
    const values = dtype.isFloatingPoint
      ? this.list(count)
      : this.list(count).map((x) => (Number.isFinite(x) ? Math.trunc(x) % 1000 : 7));
    return torch.tensor(values, { dtype: torch.float64 }).to(dtype).view(shape);
  }

  boxes() {
    const format = this.pick(['XYXY', 'XYWH', 'CXCYWH', 'XYWHR', 'CXCYWHR', 'XYXYXYXY']);
    const columns = this.random.oneIn(8)
      ? this.random.below(9)
      : ({ XYWHR: 5, CXCYWHR: 5, XYXYXYXY: 8 }[format] ?? 4);
    const dtype = this.pick([
      torch.float32,
      torch.float32,
      torch.float64,
      torch.int64,
      torch.int32,
      torch.uint8,
      torch.float16,
    ]);
    return new torchvision.tvTensors.BoundingBoxes(this.tensor([this.random.below(5), columns], dtype), {
      format,
      canvasSize: [this.pick(counts), this.pick(counts)],
      clampingMode: this.pick(['soft', 'hard', null]),
    });
  }

  mask() {
    const shape = this.pick([[3, 4], [1, 3, 4], [0, 3, 4], [2, 0, 5], [2, 7, 1], [1, 1, 1, 1], [5]]);
    return new torchvision.tvTensors.Mask(
      this.tensor(shape, this.pick([torch.uint8, torch.bool, torch.int64, torch.float32])),
    );
  }

  points() {
    const shape = this.pick([[3, 2], [1, 3, 2], [0, 2], [2, 3], [2]]);
    const canvasSize = [this.pick(counts), this.pick(counts)];
    return new torchvision.tvTensors.KeyPoints(this.tensor(shape, this.pick([torch.float32, torch.int64])), {
      canvasSize,
    });
  }

  size() {
    return this.pick([[this.pick(counts), this.pick(counts)], [this.pick(counts)], this.pick(counts)]);
  }

  /** Of sizes to which tensors may grow. */
  little() {
    return this.random.below(12) - 3;
  }

  transformed() {
    const input = this.random.oneIn(2) ? this.boxes() : this.random.oneIn(2) ? this.mask() : this.points();
    const whole = () => this.little();
    const transforms = [
      () => F.resize(input, this.size()),
      () => F.crop(input, whole(), whole(), whole(), whole()),
      () => F.centerCrop(input, this.size()),
      () => F.resizedCrop(input, whole(), whole(), whole(), whole(), this.size()),
      () =>
        F.pad(
          input,
          this.pick([whole(), [whole(), whole()], [whole(), whole(), whole(), whole()]]),
          0,
          this.pick(['constant', 'edge', 'reflect', 'symmetric']),
        ),
      () => F.hflip(input),
      () => F.vflip(input),
      () => F.rotate(input, this.number(), { expand: this.random.oneIn(4) && Math.abs(this.number()) < 100 }),
      () =>
        F.affine(input, this.number(), [this.number(), this.number()], this.number(), [
          this.number(),
          this.number(),
        ]),
      () =>
        F.perspective(
          input,
          [
            [0, 0],
            [3, 0],
            [3, 3],
            [0, 3],
          ],
          [
            [0, 0],
            [this.number(), 0],
            [3, this.number()],
            [this.number(), 3],
          ],
        ),
      () => F.elastic(input, this.tensor([1, Math.max(0, whole()), Math.max(0, whole()), 2], torch.float32)),
      () => F.clampBoundingBoxes(input),
      () => F.clampKeypoints(input),
      () =>
        F.convertBoundingBoxFormat(input, {
          newFormat: this.pick(['XYXY', 'xywh', 'CXCYWH', 'XYWHR', 'CXCYWHR', 'XYXYXYXY']),
        }),
      () => F.sanitizeBoundingBoxes(input, { minSize: this.number(), minArea: this.number() }),
      () => F.sanitizeKeypoints(input),
      () => new v2.SanitizeBoundingBoxes({ labelsGetter: null }).forward({ boxes: input }),
      () =>
        new v2.RandomIoUCrop().forward({
          image: torch.zeros([3, 6, 7]),
          boxes: input,
          labels: torch.zeros([input.shape[0] ?? 1]),
        }),
      () => new v2.RandomResizedCrop(Math.max(1, whole())).forward(input),
      () => new v2.RandomZoomOut().forward(input),
      () => new v2.ScaleJitter([5, 6]).forward(input),
      () => new v2.RandomShortestSize([4], { maxSize: 9 }).forward(input),
      () => F.getSize(input),
    ];
    return this.pick(transforms)();
  }
}

export const visionFormats = {
  async headers() {
    return {
      seeds: files(/^(JPEG|WebP|TIFF|PNG with|BMP RGB|PPM RGB)/),
      tokens: [
        '\xff\xe1',
        'Exif\0\0',
        'II*\0\x08\0\0\0',
        'MM\0*\0\0\0\x08',
        'EXIF',
        'VP8X',
        'VP8L',
        'VP8 ',
        '\xff\xff',
        '\xff\xc2',
      ].map(latin1),
      async read(file) {
        const format = formatOf(file);
        if (format === null) throw new torch.RuntimeError('cannot identify image file');
        return [
          headerOf(file, format),
          headerOf(file, 'JPEG'),
          headerOf(file, 'WEBP'),
          orientationOf(file),
          orientationOf(file.subarray(30)),
        ];
      },
      bound: copies,
    };
  },
  async bitmaps() {
    return {
      seeds: files(/^(BMP|P[BGPF]M)/),
      tokens: [
        'BM',
        'P1 ',
        'P2 ',
        'P3 ',
        'P4 ',
        'P5 ',
        'P6 ',
        'Pf ',
        '# x\n',
        ' 65535 ',
        ' 255 ',
        ' -1 ',
        ' 1 ',
        '\0\0',
        '\0\x01',
        '\0\x02\xff\xff',
        '\xff\0\0\0',
      ].map(latin1),
      async read(file, index) {
        const image = await torchvision.Image.open(file);
        return torchvision.transforms.functional.pilToTensor(
          image.convert(modes[Math.abs(index) % modes.length]),
        );
      },
      // A plain file has a value for each two bytes, a binary one of bits 8 for each byte.
      bound: (file) => copies(file) + 64 * (8 * file.length + claimed(file)),
      work: (file) => 8 * file.length + claimed(file),
    };
  },
  async boxes() {
    return {
      // The second is cropped by overlap, which tries again and again: the longest that a good one takes.
      seeds: [
        Uint8Array.from({ length: 12 }, (_, i) => i),
        Uint8Array.of(94, 146, 148, 81, 48, 208, 187, 30, 203, 39, 35, 89),
      ],
      tokens: [],
      make: (random) => Uint8Array.from({ length: 12 }, () => random.below(256)),
      read: async (file) => {
        torch.manualSeed(file.reduce((sum, byte) => (31 * sum + byte) % 65_521, 1));
        const found = new HostileSample(file).transformed();
        return found instanceof torch.Tensor ? torch.asTensor(found).clone() : found;
      },
      bound: () => constant + 2 ** 22,
      work: (_file, _value, memory) => 4096 + memory,
    };
  },
};
