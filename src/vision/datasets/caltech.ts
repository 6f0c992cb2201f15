import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { fromNumpy } from '../../ops/from_data.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { Image } from '../transforms/image.js';
import { arrayNamed, matArrays } from './mat_file.js';
import { namesIn, notFound, type Reading, readFrom, type SetPlace } from './set_reading.js';
import {
  checkName,
  FileSet,
  makerOf,
  type OpeningArguments,
  openSet,
  recordsOf,
  type SetArguments,
  type SetResource,
} from './split_set.js';

const targetTypes = ['category', 'annotation'] as const;
type CaltechTarget = (typeof targetTypes)[number];

interface CaltechRecords {
  readonly categories: readonly string[];
  /** How many images each category has: they are numbered from 1. */
  readonly counts: readonly number[];
}

function* reading(
  owner: string,
  folder: string,
  passed: string | null,
  extension: string,
): Reading<CaltechRecords> {
  const names = yield* namesIn(folder);
  if (names === null) throw notFound(owner, folder);
  const categories = names.filter((name) => name !== passed);
  const counts: number[] = [];
  for (const name of categories) {
    const files = (yield* namesIn(`${folder}/${name}`)) ?? [];
    counts.push(files.filter((file) => file.endsWith(extension)).length);
  }
  return { categories, counts };
}

/** The category and number of each image. */
function indexOf({ counts }: CaltechRecords): { y: number[]; index: number[] } {
  const y: number[] = [];
  const index: number[] = [];
  for (const [category, count] of counts.entries())
    for (let number = 1; number <= count; number++) {
      y.push(category);
      index.push(number);
    }
  return { y, index };
}

const digits = (number: number, count: number) => String(number).padStart(count, '0');
const folder101 = 'caltech101/101_ObjectCategories';
const folder256 = 'caltech256/256_ObjectCategories';
const reading101 = () => reading('Caltech101', folder101, 'BACKGROUND_Google', '');
const reading256 = () => reading('Caltech256', folder256, null, '.jpg');

/** Categories whose annotations are under another name. */
const otherNames: Readonly<Record<string, string>> = {
  Faces: 'Faces_2',
  Faces_easy: 'Faces_3',
  Motorbikes: 'Motorbikes_16',
  airplanes: 'Airplanes_Side_2',
};

/** The outline in a file of annotations: float64, [2, n]. */
async function outline(path: string, bytes: Uint8Array): Promise<Tensor> {
  const nothing: SetPlace = { name: '', read: async () => null, list: () => null, file: (name) => name };
  const arrays = await readFrom(nothing, matArrays({ path, bytes }));
  const { shape, values } = arrayNamed(path, arrays, 'obj_contour');
  // Column by column.
  return ops.transpose(fromNumpy(Float64Array.from(values)).reshape([...shape].reverse()), 0, 1);
}

const caltech101Signature = signature(
  "Caltech101(str root, str|str[] target_type='category', Any transform=None, Any target_transform=None, bool download=False)",
);
const caltech101Opening = signature(
  "open(DatasetSource root, str|str[] target_type='category', Any transform=None, Any target_transform=None, bool download=False, *, bool|Callable progress=True, Any signal=None)",
);

/**
 * Caltech 101 (Fei-Fei, Fergus and Perona, "Learning generative visual models from few training examples", 2004), in `caltech101`. Items are promises of
 * `[image, target]`; some images are grey.
 *
 * @param targetType `category` or `annotation` (the outline: a tensor of [2, n]), or both
 * @param transform turns an `Image` into what the data set gives
 * @param targetTransform turns a target into what the data set gives
 * @param download whether to download the data if it is not there, which `open` can do
 */
export class Caltech101<Picture = Image, Target = unknown> extends FileSet<Picture, Target> {
  /** The archive, which holds an archive of images and one of annotations. */
  static resources: readonly SetResource[] = [
    {
      url: 'https://data.caltech.edu/records/mzrjq-6wc02/files/caltech-101.zip',
      md5: '3138e1922a9193bfa496528edbbc45d0',
      folder: 'caltech101',
      unpack: true,
      inner: ['caltech-101/101_ObjectCategories.tar.gz', 'caltech-101/Annotations.tar'],
    },
  ];

  readonly categories: readonly string[];
  readonly targetType: readonly CaltechTarget[];
  /** Every image's category. */
  readonly y: readonly number[];
  /** Every image's number in its category. */
  readonly index: readonly number[];

  /**
   * @param root the folder
   * @throws RuntimeError if the files are not there or damaged; see `open` to download them
   */
  constructor(...args: Arguments<typeof caltech101Signature, SetArguments<Picture, Target>>) {
    const given = caltech101Signature.bind(args, new.target.name);
    const types = [given.targetType]
      .flat()
      .map((type) => checkName(type as string, 'target_type', targetTypes));
    const opened = recordsOf('Caltech101', given.root, reading101);
    super(given, opened);
    this.targetType = types;
    this.categories = opened.records.categories;
    ({ y: this.y, index: this.index } = indexOf(opened.records));
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
    ...args: Arguments<typeof caltech101Opening, OpeningArguments<Picture, Target>>
  ): Promise<Caltech101<Picture, Target>> {
    const given = caltech101Opening.bind(args, `${this.name}.open`);
    return openSet(
      given,
      this.resources,
      () => reading101(),
      (options) => new this<Picture, Target>(options),
    );
  }

  protected async load(i: number): Promise<readonly [unknown, unknown]> {
    const category = this.categories[this.y[i]];
    const number = digits(this.index[i], 4);
    const image = await Image.open(this.file(`${folder101}/${category}/image_${number}.jpg`));
    const targets: unknown[] = [];
    for (const type of this.targetType) {
      if (type === 'category') targets.push(this.y[i]);
      else {
        const path = `caltech101/Annotations/${otherNames[category] ?? category}/annotation_${number}.mat`;
        targets.push(await outline(path, await this.contents(path)));
      }
    }
    return [image, targets.length > 1 ? targets : targets[0]];
  }

  get length(): number {
    return this.index.length;
  }

  protected extraRepr(): string {
    return `Target type: [${this.targetType.map((type) => `'${type}'`).join(', ')}]`;
  }

  /** @internal */
  [portable](): Portable {
    return this.travels('caltech', 'Caltech101', { targetType: this.targetType }, this.records);
  }
}

const caltech256Signature = signature(
  'Caltech256(str root, Any transform=None, Any target_transform=None, bool download=False)',
);
const caltech256Opening = signature(
  'open(DatasetSource root, Any transform=None, Any target_transform=None, bool download=False, *, bool|Callable progress=True, Any signal=None)',
);

/**
 * Caltech 256 (Griffin, Holub and Perona, "Caltech-256 Object Category Dataset", 2007), in `caltech256`. Items are promises of `[image, label]`; some images are
 * grey.
 *
 * @param transform turns an `Image` into what the data set gives
 * @param targetTransform turns a target into what the data set gives
 * @param download whether to download the data if it is not there, which `open` can do
 */
export class Caltech256<Picture = Image, Target = number> extends FileSet<Picture, Target> {
  /** The archive. */
  static resources: readonly SetResource[] = [
    {
      url: 'https://data.caltech.edu/records/nyy15-4j048/files/256_ObjectCategories.tar',
      md5: '67b4f42ca05d46448c6bb8ecd2220f6d',
      folder: 'caltech256',
      unpack: true,
    },
  ];

  readonly categories: readonly string[];
  /** Every image's category. */
  readonly y: readonly number[];
  /** Every image's number in its category. */
  readonly index: readonly number[];

  /**
   * @param root the folder
   * @throws RuntimeError if the files are not there or damaged; see `open` to download them
   */
  constructor(...args: Arguments<typeof caltech256Signature, SetArguments<Picture, Target>>) {
    const given = caltech256Signature.bind(args, new.target.name);
    const opened = recordsOf('Caltech256', given.root, reading256);
    super(given, opened);
    this.categories = opened.records.categories;
    ({ y: this.y, index: this.index } = indexOf(opened.records));
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
    ...args: Arguments<typeof caltech256Opening, OpeningArguments<Picture, Target>>
  ): Promise<Caltech256<Picture, Target>> {
    const given = caltech256Opening.bind(args, `${this.name}.open`);
    return openSet(
      given,
      this.resources,
      () => reading256(),
      (options) => new this<Picture, Target>(options),
    );
  }

  protected async load(i: number): Promise<readonly [unknown, unknown]> {
    const y = this.y[i];
    const file = `${digits(y + 1, 3)}_${digits(this.index[i], 4)}.jpg`;
    return [await Image.open(this.file(`${folder256}/${this.categories[y]}/${file}`)), y];
  }

  get length(): number {
    return this.index.length;
  }

  protected extraRepr(): string {
    return '';
  }

  /** @internal */
  [portable](): Portable {
    return this.travels('caltech', 'Caltech256', {}, this.records);
  }
}

/** @internal How workers make one of these. */
export const inWorker = makerOf({ Caltech101, Caltech256 });
