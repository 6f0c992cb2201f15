import { RuntimeError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { Image } from '../transforms/image.js';
import { fileNeeded, linesOf, type Reading } from './set_reading.js';
import {
  checkName,
  FileSet,
  loadImage,
  makerOf,
  type OpeningArguments,
  openSet,
  type PairTransform,
  recordsOf,
  type SetArguments,
  type SetResource,
} from './split_set.js';

const base = 'oxford-iiit-pet';
const splits = ['trainval', 'test'] as const;
const targetTypes = ['category', 'binary-category', 'segmentation'] as const;
type PetTarget = (typeof targetTypes)[number];

interface PetRecords {
  readonly names: readonly string[];
  readonly labels: readonly number[];
  readonly binLabels: readonly number[];
}

function* reading(split: string): Reading<PetRecords> {
  const file = yield* fileNeeded('OxfordIIITPet', `${base}/annotations/${split}.txt`);
  const rows = linesOf(file).map((line) => line.trim().split(/\s+/));
  const wrong = rows.findIndex((row) => row.length !== 4);
  if (wrong >= 0)
    throw new RuntimeError(
      `${file.path} is damaged: line ${wrong + 1} has ${rows[wrong].length} values, expected 4`,
    );
  return {
    names: rows.map(([name]) => name),
    labels: rows.map(([, label]) => Number(label) - 1),
    binLabels: rows.map(([, , label]) => Number(label) - 1),
  };
}

/** `the_cat` as `The Cat`. */
const titled = (name: string) =>
  name
    .split('_')
    .map((part) =>
      part.toLowerCase().replace(/(^|[^a-z])([a-z])/g, (_, before, letter) => before + letter.toUpperCase()),
    )
    .join(' ');

const oxfordIIITPetSignature = signature(
  "OxfordIIITPet(str root, str split='trainval', str|str[] target_types='category', Any transforms=None, Any transform=None, Any target_transform=None, bool download=False)",
);
const oxfordIIITPetOpening = signature(
  "open(DatasetSource root, str split='trainval', str|str[] target_types='category', Any transforms=None, Any transform=None, Any target_transform=None, bool download=False, *, bool|Callable progress=True, Any signal=None)",
);

/**
 * Oxford-IIIT Pet (Parkhi et al., "Cats and Dogs", 2012): 37 breeds, in `oxford-iiit-pet`. Items are promises of `[image, target]`.
 *
 * @param split `trainval` or `test`
 * @param targetTypes `category`, `binary-category` (cat or dog) or `segmentation` (an image of 1 for the pet, 2 for the background, 3 for between), or several of them; of none there is no target
 * @param transforms turns an image and its target into what the data set gives, instead of the two that follow
 * @param transform turns an `Image` into what the data set gives
 * @param targetTransform turns a target into what the data set gives
 * @param download whether to download the data if it is not there, which `open` can do
 */
export class OxfordIIITPet<Picture = Image, Target = unknown> extends FileSet<Picture, Target> {
  /** The archives of images and of annotations. */
  static resources: readonly SetResource[] = [
    {
      url: 'https://www.robots.ox.ac.uk/~vgg/data/pets/data/images.tar.gz',
      md5: '5c4f3ee8e5d25df40f4fd59a7f44e54c',
      folder: base,
      unpack: true,
    },
    {
      url: 'https://www.robots.ox.ac.uk/~vgg/data/pets/data/annotations.tar.gz',
      md5: '95a8c909bbe2e81eed6a22bccdf3f68f',
      folder: base,
      unpack: true,
    },
  ];

  readonly classes: readonly string[];
  readonly binClasses: readonly string[] = ['Cat', 'Dog'];
  private readonly split: string;
  readonly targetTypes: readonly PetTarget[];
  private readonly list: PetRecords;

  /**
   * @param root the folder
   * @throws RuntimeError if the files are not there or damaged; see `open` to download them
   */
  constructor(
    ...args: Arguments<
      typeof oxfordIIITPetSignature,
      SetArguments<Picture, Target> & { transforms: PairTransform }
    >
  ) {
    const given = oxfordIIITPetSignature.bind(args, new.target.name);
    const split = checkName(given.split, 'split', splits);
    const types = [given.targetTypes]
      .flat()
      .map((type) => checkName(type as string, 'target_types', targetTypes));
    const opened = recordsOf('OxfordIIITPet', given.root, () => reading(split));
    super(given, opened);
    this.split = split;
    this.targetTypes = types;
    this.list = opened.records;
    const { names, labels } = this.list;
    const breeds = new Map(names.map((name, i) => [name.replace(/_[^_]*$/, ''), labels[i]]));
    this.classes = [...breeds].sort(([, a], [, b]) => a - b).map(([name]) => titled(name));
  }

  /**
   * As the constructor, and also from where reading must be waited for: a URL of such a folder, or File objects, as an
   * `<input type="file">` gives them. Downloads the data to `root` first if asked to and needed.
   *
   * @param root the folder, its URL, or the files
   * @param progress whether to show a progress bar; or a function that is told how many bytes there are, of how many
   * @param signal ends the download
   */
  static async open<Picture = Image, Target = unknown>(
    ...args: Arguments<
      typeof oxfordIIITPetOpening,
      OpeningArguments<Picture, Target> & { transforms: PairTransform }
    >
  ): Promise<OxfordIIITPet<Picture, Target>> {
    const given = oxfordIIITPetOpening.bind(args, `${this.name}.open`);
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
    const { names, labels, binLabels } = this.list;
    const image = await loadImage(this.file(`${base}/images/${names[i]}.jpg`));
    const targets: unknown[] = [];
    for (const type of this.targetTypes) {
      if (type === 'category') targets.push(labels[i]);
      else if (type === 'binary-category') targets.push(binLabels[i]);
      else targets.push(await Image.open(this.file(`${base}/annotations/trimaps/${names[i]}.png`)));
    }
    return [image, targets.length > 1 ? targets : (targets[0] ?? null)];
  }

  get length(): number {
    return this.list.names.length;
  }

  protected extraRepr(): string {
    return '';
  }

  /** @internal */
  [portable](): Portable {
    const { split, targetTypes, transforms } = this;
    return this.travels('oxford_pets', 'OxfordIIITPet', { split, targetTypes, transforms }, this.list);
  }
}

/** @internal How workers make one of these. */
export const inWorker = makerOf({ OxfordIIITPet });
