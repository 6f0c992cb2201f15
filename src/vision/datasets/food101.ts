import { RuntimeError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import type { Image } from '../transforms/image.js';
import type { FolderLoader } from './folder.js';
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

const base = 'food-101';
const splits = ['train', 'test'] as const;

interface FoodRecords {
  readonly classes: readonly string[];
  readonly images: readonly string[];
  readonly labels: readonly number[];
}

function* reading(split: string): Reading<FoodRecords> {
  const { path, bytes } = yield* fileNeeded('Food101', `${base}/meta/${split}.json`);
  const images: string[] = [];
  const labels: number[] = [];
  let classes: string[];
  try {
    const listed = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, readonly string[]>;
    classes = Object.keys(listed).sort();
    for (const [name, files] of Object.entries(listed))
      for (const file of files) {
        images.push(`${base}/images/${file}.jpg`);
        labels.push(classes.indexOf(name));
      }
  } catch (error) {
    throw new RuntimeError(`${path} is damaged: ${(error as Error).message}`);
  }
  return { classes, images, labels };
}

const food101Signature = signature(
  "Food101(str root, str split='train', Any transform=None, Any target_transform=None, bool download=False, Callable? loader=None)",
);
const food101Opening = signature(
  "open(DatasetSource root, str split='train', Any transform=None, Any target_transform=None, bool download=False, Callable? loader=None, *, bool|Callable progress=True, Any signal=None)",
);

/**
 * Food-101 (Bossard, Guillaumin and Van Gool, "Food-101: Mining Discriminative Components with Random Forests", 2014), in `food-101`. Items are promises of
 * `[image, label]`.
 *
 * @param split `train` or `test`
 * @param transform turns an `Image` into what the data set gives
 * @param targetTransform turns a target into what the data set gives
 * @param download whether to download the data if it is not there, which `open` can do
 * @param loader makes an image of a file's path (of the File in browsers), or a promise of one
 */
export class Food101<Picture = Image, Target = number> extends FileSet<Picture, Target> {
  /** The archive. */
  static resources: readonly SetResource[] = [
    {
      url: 'http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz',
      md5: '85eeb15f3717b99a5da872d97d918f87',
      unpack: true,
    },
  ];

  /** The names of the classes, sorted. */
  readonly classes: readonly string[];
  readonly loader: FolderLoader<unknown>;
  private readonly split: string;
  private readonly list: FoodRecords;

  /**
   * @param root the folder
   * @throws RuntimeError if the files are not there or damaged; see `open` to download them
   */
  constructor(
    ...args: Arguments<
      typeof food101Signature,
      SetArguments<Picture, Target> & { loader: FolderLoader<unknown> | null }
    >
  ) {
    const given = food101Signature.bind(args, new.target.name);
    const split = checkName(given.split, 'split', splits);
    const opened = recordsOf('Food101', given.root, () => reading(split));
    super(given, opened);
    this.split = split;
    this.list = opened.records;
    this.classes = this.list.classes;
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
      typeof food101Opening,
      OpeningArguments<Picture, Target> & { loader: FolderLoader<unknown> | null }
    >
  ): Promise<Food101<Picture, Target>> {
    const given = food101Opening.bind(args, `${this.name}.open`);
    return openSet(
      given,
      this.resources,
      () => reading(checkName(given.split, 'split', splits)),
      (options) => new this<Picture, Target>(options),
    );
  }

  /** The classes' numbers by name. */
  get classToIdx(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.classes.map((name, i) => [name, i]));
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
      'food101',
      'Food101',
      { split, loader: loader === loadImage ? null : loader },
      this.list,
    );
  }
}

/** @internal How workers make one of these. */
export const inWorker = makerOf({ Food101 });
