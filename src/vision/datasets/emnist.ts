import { int64 } from '../../core/dtype.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { fromNumpy } from '../../ops/from_data.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { Image } from '../transforms/image.js';
import type { DatasetFile } from './dataset_files.js';
import { isGzip } from './gzip.js';
import { type MnistRecords, parseMnist } from './mnist_records.js';
import { fileNeeded, type Reading, unpacking } from './set_reading.js';
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

const splits = ['byclass', 'bymerge', 'balanced', 'letters', 'digits', 'mnist'] as const;
type EmnistSplit = (typeof splits)[number];

const digits = [...'0123456789'];
const lower = [...'abcdefghijklmnopqrstuvwxyz'];
const upper = lower.map((letter) => letter.toUpperCase());
const all = [...digits, ...upper, ...lower];
/** Letters whose two cases are one class. */
const merged = all.filter((letter) => !'cijklmopsuvwxyz'.includes(letter));

/** The classes of each split. */
const classesOf: Readonly<Record<EmnistSplit, readonly string[]>> = {
  byclass: all,
  bymerge: merged,
  balanced: merged,
  letters: ['N/A', ...lower],
  digits,
  mnist: digits,
};

/** A file, plain, in gzip or in xz, where the archive's are or beside the root's. */
export function* idxFile(
  owner: string,
  folder: string,
  name: string,
  endings: readonly string[] = ['', '.gz'],
): Reading<DatasetFile> {
  const file = yield* fileNeeded(
    owner,
    ...[`${folder}/raw/`, `${folder}/raw/gzip/`, ''].flatMap((place) =>
      endings.map((ending) => `${place}${name}${ending}`),
    ),
  );
  const { path, bytes } = file;
  if (isGzip(bytes)) return { path, bytes: yield* unpacking(bytes, 'gzip', path) };
  return path.endsWith('.xz') ? { path, bytes: yield* unpacking(bytes, 'xz', path) } : file;
}

function* reading(split: EmnistSplit, train: boolean): Reading<MnistRecords> {
  const prefix = `emnist-${split}-${train ? 'train' : 'test'}`;
  const images = yield* idxFile('EMNIST', 'EMNIST', `${prefix}-images-idx3-ubyte`);
  const labels = yield* idxFile('EMNIST', 'EMNIST', `${prefix}-labels-idx1-ubyte`);
  return parseMnist([images, labels], classesOf[split].length);
}

const eMNISTSignature = signature(
  'EMNIST(str root, str split, bool train=True, Any transform=None, Any target_transform=None, bool download=False)',
);
const eMNISTOpening = signature(
  'open(DatasetSource root, str split, bool train=True, Any transform=None, Any target_transform=None, bool download=False, *, bool|Callable progress=True, Any signal=None)',
);

/**
 * EMNIST (Cohen et al., "EMNIST: an extension of MNIST to handwritten letters", 2017): grey images of 28x28 pixels, which lie on their sides, in `EMNIST/raw`. Items are
 * `[image, label]`.
 *
 * @param split `byclass`, `bymerge`, `balanced`, `letters`, `digits` or `mnist`
 * @param train the training images, or the test images
 * @param transform turns an `Image` into what the data set gives
 * @param targetTransform turns a target into what the data set gives
 * @param download whether to download the data if it is not there, which `open` can do
 */
export class EMNIST<Picture = Image, Target = number> extends MemorySet<Picture, Target> {
  /** The archive of all splits. */
  static resources: readonly SetResource[] = [
    {
      url: 'https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip',
      md5: '58c8d27c78d21e728a6bc7b3cc06412e',
      folder: 'EMNIST/raw',
      unpack: true,
    },
  ];

  readonly split: string;
  readonly train: boolean;
  /** The names of the classes. */
  readonly classes: readonly string[];
  private readonly list: MnistRecords;

  /**
   * @param root the folder
   * @throws RuntimeError if the files are not there or damaged; see `open` to download them
   */
  constructor(...args: Arguments<typeof eMNISTSignature, SetArguments<Picture, Target>>) {
    const given = eMNISTSignature.bind(args, new.target.name);
    super(given);
    const split = checkName(given.split, 'split', splits);
    this.split = split;
    this.train = given.train;
    this.classes = classesOf[split];
    this.list = recordsOf('EMNIST', this.root, () => reading(split, this.train)).records;
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
    ...args: Arguments<typeof eMNISTOpening, OpeningArguments<Picture, Target>>
  ): Promise<EMNIST<Picture, Target>> {
    const given = eMNISTOpening.bind(args, `${this.name}.open`);
    return openSet(
      given,
      this.resources,
      () => reading(checkName(given.split, 'split', splits), given.train),
      (options) => new this<Picture, Target>(options),
    );
  }

  /** Every image: uint8, [N, 28, 28]. */
  get data(): Tensor {
    const { pixels, height, width } = this.list;
    return fromNumpy({ data: pixels, shape: [this.length, height, width] });
  }

  /** Every image's label: int64, [N]. */
  get targets(): Tensor {
    return fromNumpy(this.list.labels).to(int64);
  }

  /** The classes' numbers by name. */
  get classToIdx(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.classes.map((name, i) => [name, i]));
  }

  protected image(i: number): Image {
    const { pixels, height, width } = this.list;
    const size = height * width;
    return Image.fromPlanes(pixels.subarray(i * size, (i + 1) * size), width, height, 1);
  }

  protected label(i: number): number {
    return this.list.labels[i];
  }

  get length(): number {
    return this.list.labels.length;
  }

  protected extraRepr(): string {
    return `Split: ${this.train ? 'Train' : 'Test'}`;
  }

  /** @internal */
  [portable](): Portable {
    const { split, train } = this;
    return this.travels('emnist', 'EMNIST', { split, train }, this.list);
  }
}

/** @internal How workers make one of these. */
export const inWorker = makerOf({ EMNIST });
