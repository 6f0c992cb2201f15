import { int32, int64, uint8 } from '../../core/dtype.js';
import { RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { fromNumpy } from '../../ops/from_data.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { Image } from '../transforms/image.js';
import { idxFile } from './emnist.js';
import { parseIdx } from './idx.js';
import { sharedBytes } from './reader.js';
import type { Reading } from './set_reading.js';
import {
  checkName,
  MemorySet,
  makerOf,
  type OpeningArguments,
  openSet,
  recordsOf,
  type SetArguments,
  type SetResource,
} from './split_set.js';

const subsets = { train: 'train', test: 'test', test10k: 'test', test50k: 'test', nist: 'nist' } as const;
type QmnistPart = keyof typeof subsets;
const kinds = Object.keys(subsets) as QmnistPart[];

interface QmnistRecords {
  readonly pixels: Uint8Array;
  /** Eight numbers for each image, of which the first is the class. */
  readonly targets: Int32Array;
  readonly numbers: number;
  readonly height: number;
  readonly width: number;
}

const whatOf = (what: string | null, train: boolean): QmnistPart =>
  checkName(what ?? (train ? 'train' : 'test'), 'what', kinds);

function* reading(what: QmnistPart): Reading<QmnistRecords> {
  const name = what === 'nist' ? 'xnist' : `qmnist-${subsets[what]}`;
  const endings = ['', what === 'nist' ? '.xz' : '.gz'];
  const imageFile = yield* idxFile('QMNIST', 'QMNIST', `${name}-images-idx3-ubyte`, endings);
  const labelFile = yield* idxFile('QMNIST', 'QMNIST', `${name}-labels-idx2-int`, endings);
  const images = parseIdx(imageFile.path, imageFile.bytes);
  const labels = parseIdx(labelFile.path, labelFile.bytes);
  if (images.dtype !== uint8)
    throw new TypeError(`data should be of dtype torch.uint8 instead of ${images.dtype}`);
  if (images.shape.length !== 3)
    throw new ValueError(`data should have 3 dimensions instead of ${images.shape.length}`);
  if (labels.dtype !== int32)
    throw new TypeError(`targets should be of dtype torch.int32 instead of ${labels.dtype}`);
  if (labels.shape.length !== 2)
    throw new ValueError(`targets should have 2 dimensions instead of ${labels.shape.length}`);
  const [count, height, width] = images.shape;
  const [labelCount, numbers] = labels.shape;
  if (labelCount !== count || numbers === 0)
    throw new RuntimeError(
      `${imageFile.path} has ${count} images, but ${labelFile.path} has ${labelCount} labels`,
    );
  const first = what === 'test50k' ? 10_000 : 0;
  const last = what === 'test10k' ? Math.min(10_000, count) : count;
  const chosen = Math.max(last - first, 0);
  const pixels = sharedBytes(chosen * height * width);
  pixels.set(images.data.subarray(first * height * width, (first + chosen) * height * width));
  const targets = new Int32Array(sharedBytes(chosen * numbers * 4).buffer);
  const view = new DataView(labels.data.buffer, labels.data.byteOffset);
  for (let i = 0; i < targets.length; i++) targets[i] = view.getInt32((first * numbers + i) * 4, false);
  return { pixels, targets, numbers, height, width };
}

const resource = (name: string, md5: string, ending = 'gz'): SetResource => ({
  url: `https://raw.githubusercontent.com/facebookresearch/qmnist/master/${name}.${ending}`,
  md5,
  folder: 'QMNIST/raw',
});

const qMNISTSignature = signature(
  'QMNIST(str root, str? what=None, bool compat=True, bool train=True, Any transform=None, Any target_transform=None, bool download=False)',
);
const qMNISTOpening = signature(
  'open(DatasetSource root, str? what=None, bool compat=True, bool train=True, Any transform=None, Any target_transform=None, bool download=False, *, bool|Callable progress=True, Any signal=None)',
);

/**
 * QMNIST (Yadav and Bottou, "Cold Case: The Lost MNIST Digits", 2019): MNIST made again, with all 60,000 test images, in `QMNIST/raw`. Items are `[image, label]`.
 *
 * @param what `train`, `test`, `test10k` (as MNIST has it), `test50k` (the rest) or `nist` (all 402,953 images there are); by default as `train` says
 * @param compat whether a label is the class, as in MNIST; else it is a tensor of all eight numbers that are known of an image
 * @param train the training images, or the test images
 * @param transform turns an `Image` into what the data set gives
 * @param targetTransform turns a target into what the data set gives
 * @param download whether to download the data if it is not there, which `open` can do
 */
export class QMNIST<Picture = Image, Target = number> extends MemorySet<Picture, Target> {
  /** The files of the training images, of the test images and of all. */
  static resources: Readonly<Record<string, readonly SetResource[]>> = {
    train: [
      resource('qmnist-train-images-idx3-ubyte', 'ed72d4157d28c017586c42bc6afe6370'),
      resource('qmnist-train-labels-idx2-int', '0058f8dd561b90ffdd0f734c6a30e5e4'),
    ],
    test: [
      resource('qmnist-test-images-idx3-ubyte', '1394631089c404de565df7b7aeaf9412'),
      resource('qmnist-test-labels-idx2-int', '5b5b05890a5e13444e108efe57b788aa'),
    ],
    nist: [
      resource('xnist-images-idx3-ubyte', '7f124b3b8ab81486c9d8c2749c17f834', 'xz'),
      resource('xnist-labels-idx2-int', '5ed0e788978e45d4a8bd4b7caec3d79d', 'xz'),
    ],
  };

  readonly what: string;
  readonly compat: boolean;
  private readonly list: QmnistRecords;

  /**
   * @param root the folder
   * @throws RuntimeError if the files are not there or damaged; see `open` to download them
   */
  constructor(...args: Arguments<typeof qMNISTSignature, SetArguments<Picture, Target>>) {
    const given = qMNISTSignature.bind(args, new.target.name);
    super(given);
    const what = whatOf(given.what, given.train);
    this.what = what;
    this.compat = given.compat;
    this.list = recordsOf('QMNIST', this.root, () => reading(what)).records;
  }

  /**
   * As the constructor, and also from where reading must be waited for: a URL of such a folder, or File objects, as an
   * `<input type="file">` gives them. Downloads the data to `root` first if asked to and needed.
   *
   * @param root the folder, its URL, or the files
   * @param progress whether to show a progress bar; or a function that is told how many bytes there are, of how many
   * @param signal ends the download
   */
  static async open<Picture = Image, Target = number>(
    ...args: Arguments<typeof qMNISTOpening, OpeningArguments<Picture, Target>>
  ): Promise<QMNIST<Picture, Target>> {
    const given = qMNISTOpening.bind(args, `${this.name}.open`);
    return openSet(
      given,
      this.resources[subsets[whatOf(given.what, given.train)]] ?? [],
      () => reading(whatOf(given.what, given.train)),
      (options) => new this<Picture, Target>(options),
    );
  }

  /** Every image: uint8, [N, 28, 28]. */
  get data(): Tensor {
    const { pixels, height, width } = this.list;
    return fromNumpy({ data: pixels, shape: [this.length, height, width] });
  }

  /** QmnistPart is known of every image: int64, [N, 8]. */
  get targets(): Tensor {
    const { targets, numbers } = this.list;
    return fromNumpy({ data: targets, shape: [this.length, numbers] }).to(int64);
  }

  protected image(i: number): Image {
    const { pixels, height, width } = this.list;
    const size = height * width;
    return Image.fromPlanes(pixels.subarray(i * size, (i + 1) * size), width, height, 1);
  }

  protected label(i: number): number | Tensor {
    const { targets, numbers } = this.list;
    if (this.compat) return targets[i * numbers];
    return fromNumpy(targets.slice(i * numbers, (i + 1) * numbers)).to(int64);
  }

  get length(): number {
    return this.list.targets.length / this.list.numbers;
  }

  protected extraRepr(): string {
    return `Split: ${this.what}`;
  }

  /** @internal */
  [portable](): Portable {
    const { what, compat } = this;
    return this.travels('qmnist', 'QMNIST', { what, compat }, this.list);
  }
}

/** @internal How workers make one of these. */
export const inWorker = makerOf({ QMNIST });
