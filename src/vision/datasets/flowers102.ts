import { type Arguments, signature } from '../../core/signature/signature.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import type { Image } from '../transforms/image.js';
import { flowerNames } from './flower_names.js';
import type { FolderLoader } from './folder.js';
import { arrayNamed, matArrays } from './mat_file.js';
import { fileNeeded, type Reading } from './set_reading.js';
import {
  checkName,
  FileSet,
  loadImage,
  makerOf,
  type OpeningArguments,
  openSet,
  recordsOf,
  type SetArguments,
  type SetResource,
} from './split_set.js';

const base = 'flowers-102';
const splits = ['train', 'val', 'test'] as const;
const arrayNames = { train: 'trnid', val: 'valid', test: 'tstid' } as const;
type FlowerSplit = (typeof splits)[number];

interface FlowerRecords {
  readonly images: readonly string[];
  readonly labels: readonly number[];
}

function* reading(split: FlowerSplit): Reading<FlowerRecords> {
  const sets = yield* fileNeeded('Flowers102', `${base}/setid.mat`);
  const labelled = yield* fileNeeded('Flowers102', `${base}/imagelabels.mat`);
  const numbers = Array.from(arrayNamed(sets.path, yield* matArrays(sets), arrayNames[split]).values);
  const { values } = arrayNamed(labelled.path, yield* matArrays(labelled), 'labels');
  return {
    images: numbers.map((i) => `${base}/jpg/image_${String(i).padStart(5, '0')}.jpg`),
    labels: numbers.map((i) => values[i - 1] - 1),
  };
}

const flowers102Signature = signature(
  "Flowers102(str root, str split='train', Any transform=None, Any target_transform=None, bool download=False, Callable? loader=None)",
);
const flowers102Opening = signature(
  "open(DatasetSource root, str split='train', Any transform=None, Any target_transform=None, bool download=False, Callable? loader=None, *, bool|Callable progress=True, Any signal=None)",
);

/**
 * Oxford 102 Flower (Nilsback and Zisserman, "Automated Flower Classification over a Large Number of Classes", 2008), in `flowers-102`. Items are promises of
 * `[image, label]`.
 *
 * @param split `train`, `val` or `test`
 * @param transform turns an `Image` into what the data set gives
 * @param targetTransform turns a target into what the data set gives
 * @param download whether to download the data if it is not there, which `open` can do
 * @param loader makes an image of a file's path (of the File in browsers), or a promise of one
 */
export class Flowers102<Picture = Image, Target = number> extends FileSet<Picture, Target> {
  /** The archive of images, and the files of labels and of splits. */
  static resources: readonly SetResource[] = [
    {
      url: 'https://www.robots.ox.ac.uk/~vgg/data/flowers/102/102flowers.tgz',
      md5: '52808999861908f626f3c1f4e79d11fa',
      folder: base,
      unpack: true,
    },
    {
      url: 'https://www.robots.ox.ac.uk/~vgg/data/flowers/102/imagelabels.mat',
      md5: 'e0620be6f572b9609742df49c70aed4d',
      folder: base,
    },
    {
      url: 'https://www.robots.ox.ac.uk/~vgg/data/flowers/102/setid.mat',
      md5: 'a5357ecc9cb78c4bef273ce3793fc85c',
      folder: base,
    },
  ];

  readonly classes: readonly string[] = flowerNames;
  readonly loader: FolderLoader<unknown>;
  private readonly split: FlowerSplit;
  private readonly list: FlowerRecords;

  /**
   * @param root the folder
   * @throws RuntimeError if the files are not there or damaged; see `open` to download them
   */
  constructor(
    ...args: Arguments<
      typeof flowers102Signature,
      SetArguments<Picture, Target> & { loader: FolderLoader<unknown> | null }
    >
  ) {
    const given = flowers102Signature.bind(args, new.target.name);
    const split = checkName(given.split, 'split', splits);
    const opened = recordsOf('Flowers102', given.root, () => reading(split));
    super(given, opened);
    this.split = split;
    this.list = opened.records;
    this.loader = (given.loader as FolderLoader<unknown> | null) ?? loadImage;
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
    ...args: Arguments<
      typeof flowers102Opening,
      OpeningArguments<Picture, Target> & { loader: FolderLoader<unknown> | null }
    >
  ): Promise<Flowers102<Picture, Target>> {
    const given = flowers102Opening.bind(args, `${this.name}.open`);
    return openSet(
      given,
      this.resources,
      () => reading(checkName(given.split, 'split', splits)),
      (options) => new this<Picture, Target>(options),
    );
  }

  protected async load(i: number): Promise<readonly [unknown, unknown]> {
    return [await this.loader(this.file(this.list.images[i])), this.list.labels[i]];
  }

  get length(): number {
    return this.list.images.length;
  }

  protected extraRepr(): string {
    return `split=${this.split}`;
  }

  /** @internal */
  [portable](): Portable {
    const { split, loader } = this;
    return this.travels(
      'flowers102',
      'Flowers102',
      { split, loader: loader === loadImage ? null : loader },
      this.list,
    );
  }
}

/** @internal How workers make one of these. */
export const inWorker = makerOf({ Flowers102 });
