/** Bases of data sets of images whose training and test data are told by a name. */
import { IndexError, ValueError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { inspect } from '../../core/inspect.js';
import { Dataset } from '../../utils/data/dataset.js';
import type { Portable } from '../../utils/data/portable.js';
import { readSource } from '../io/image_source.js';
import { Image } from '../transforms/image.js';
import { apply, type TransformLike } from '../transforms/transform.js';
import { type DatasetSource, isRemote, rootName } from './dataset_files.js';
import type { DownloadOptions, Progress } from './download_options.js';
import { type OpenedSet, placeOf, type Reading, readFrom } from './set_reading.js';
import { datasetText, givenRecords, ofRecords } from './vision.js';

/** A file of the network, and what is done with it. */
export interface SetResource {
  readonly url: string;
  readonly md5: string;
  /** The folder under the root that it goes to. */
  readonly folder?: string;
  /** Whether it is an archive whose files go to that folder. */
  readonly unpack?: boolean;
  /** Archives in it, which are unpacked to the same folder. */
  readonly inner?: readonly string[];
}

/** Types of what both turn images and targets by. */
export interface SetTransforms<Picture, Target> {
  transform: TransformLike<never, Picture> | null;
  targetTransform: TransformLike<never, Target> | null;
}

/** Types of arguments that the constructors share. */
export type SetArguments<Picture, Target> = { root: string } & SetTransforms<Picture, Target>;

/** Types of arguments that `open` shares with others. */
export type OpeningArguments<Picture, Target> = {
  root: DatasetSource;
  progress: Progress;
  signal: AbortSignal | null;
} & SetTransforms<Picture, Target>;

/** A function of an image and its target, or null. */
export type PairTransform = ((image: never, target: never) => readonly [unknown, unknown]) | null;

interface SetSettings {
  readonly root: string;
  readonly transform: unknown;
  readonly targetTransform: unknown;
  readonly transforms?: unknown;
}

/** @throws ValueError in torchvision's words for a value that is none of these */
export function checkName<T extends string>(value: string, parameter: string, valid: readonly T[]): T {
  if ((valid as readonly string[]).includes(value)) return value as T;
  throw new ValueError(
    `Unknown value '${value}' for argument ${parameter}. Valid values are {'${valid.join("', '")}'}.`,
  );
}

/** The records of a data set that is being made: those that were given, or what is in the folder. @param owner its class */
export function recordsOf<R>(owner: string, root: string, reading: () => Reading<R>): OpenedSet<R> {
  return (
    givenRecords<OpenedSet<R>>() ?? {
      records: host().folders(owner).readAtOnce(root, reading()),
      place: null,
    }
  );
}

/** The arguments of `open`: the constructor's, and how to download. */
interface SetOpening {
  readonly root: DatasetSource;
  readonly download: boolean;
  readonly progress: unknown;
  readonly signal: unknown;
}

/**
 * Opens a data set from wherever it is.
 *
 * @param opening the arguments that `open` was given
 * @param resources what is downloaded, if it is asked for and not there
 * @param reading reads the data set
 * @param make makes it, of its constructor's arguments
 */
export async function openSet<R, T>(
  { progress, signal, ...given }: SetOpening,
  resources: readonly SetResource[],
  reading: () => Reading<R>,
  make: (options: never) => T,
): Promise<T> {
  const root = rootName(given.root);
  if (given.download) {
    const downloads = await host().downloads();
    let isThere = true;
    try {
      host().folders('').readAtOnce(root, reading());
    } catch {
      isThere = false;
    }
    if (!isThere) await downloads.downloadResources(root, resources, { progress, signal } as DownloadOptions);
  }
  const made = () => make({ ...given, root } as never);
  if (!isRemote(given.root)) return made();
  const place = placeOf(given.root);
  const opened: OpenedSet<R> = { records: await readFrom(place, reading()), place };
  return ofRecords(opened, made);
}

/** The part that both bases share. */
abstract class SplitSet<Item, Picture, Target> extends Dataset<Item> {
  readonly root: string;
  readonly transform: TransformLike<never, Picture> | null;
  readonly targetTransform: TransformLike<never, Target> | null;

  protected constructor({ root, transform, targetTransform }: SetSettings) {
    super();
    this.root = root;
    this.transform = transform as TransformLike<never, Picture> | null;
    this.targetTransform = targetTransform as TransformLike<never, Target> | null;
  }

  /** @internal What tells this one from others of its class, as Python prints it. */
  protected abstract extraRepr(): string;

  /** The index from the begin on. */
  protected position(index: number): number {
    const { length } = this as unknown as { length: number };
    const i = index < 0 ? index + length : index;
    if (!(Number.isInteger(i) && i >= 0 && i < length))
      throw new IndexError(`index ${index} is out of bounds for axis 0 with size ${length}`);
    return i;
  }

  protected target(value: unknown): Target {
    return (this.targetTransform === null ? value : apply(this.targetTransform, value)) as Target;
  }

  protected picture(value: unknown): Picture {
    return (this.transform === null ? value : apply(this.transform, value)) as Picture;
  }

  override toString(): string {
    const extra = this.extraRepr();
    const described = this as unknown as Parameters<typeof datasetText>[0];
    return datasetText(described, extra === '' ? [] : [`    ${extra}`]);
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }

  /** @internal How this travels: as a class of a module, by the arguments of its constructor and its records. */
  protected travels(
    module: string,
    name: string,
    args: Readonly<Record<string, unknown>>,
    records: unknown,
  ): Portable {
    const { root, transform, targetTransform } = this;
    return {
      module: host().module(`vision/datasets/${module}.js`),
      name: 'inWorker',
      args: [name, { root, transform, targetTransform, ...args }, records],
    };
  }
}

/** The base of data sets that are in memory. Items are `[image, label]`. */
export abstract class MemorySet<Picture = Image, Target = number> extends SplitSet<
  [Picture, Target],
  Picture,
  Target
> {
  protected abstract image(index: number): Image;
  protected abstract label(index: number): unknown;

  at(index: number): [Picture, Target] {
    const i = this.position(index);
    return [this.picture(this.image(i)), this.target(this.label(i))];
  }
}

/** The base of data sets whose images are in files of their own. Items are promises of `[image, target]`, which a `DataLoader` awaits. */
export abstract class FileSet<Picture = Image, Target = number> extends SplitSet<
  Promise<[Picture, Target]>,
  Picture,
  Target
> {
  /** A function of an image and its target, instead of one of each. */
  readonly transforms: PairTransform;

  protected constructor(
    bound: SetSettings,
    private readonly opened: OpenedSet<unknown>,
  ) {
    super(bound);
    const { transform, targetTransform, transforms } = bound;
    if ((transforms ?? null) !== null && (transform !== null || targetTransform !== null))
      throw new ValueError('Only transforms or transform/target_transform can be passed as argument');
    this.transforms = (transforms ?? null) as PairTransform;
  }

  /** Loads an item, before it is transformed. */
  protected abstract load(index: number): Promise<readonly [image: unknown, target: unknown]>;

  async at(index: number): Promise<[Picture, Target]> {
    const [image, target] = await this.load(this.position(index));
    if (this.transforms !== null)
      return [...this.transforms(image as never, target as never)] as [Picture, Target];
    return [this.picture(image), this.target(target)];
  }

  /** The path or File of a file under the root. */
  protected file(path: string): string | File {
    const { place } = this.opened;
    return place === null ? host().folders(this.constructor.name).pathIn(this.root, path) : place.file(path);
  }

  /** A file's contents. */
  protected async contents(path: string): Promise<Uint8Array> {
    const file = this.file(path);
    return (await readSource(file)).bytes;
  }

  /** @internal What workers are given. */
  protected get records(): unknown {
    return this.opened.records;
  }
}

/** A picture in RGB, as torchvision's loader gives it. */
export const loadImage = async (file: string | File): Promise<Image> =>
  (await Image.open(file)).convert('RGB');

/** Makes functions that make a module's classes in workers. */
export const makerOf =
  (classes: Readonly<Record<string, new (options: never) => unknown>>) =>
  (name: string, options: object, records: unknown): unknown =>
    ofRecords({ records, place: null }, () => new classes[name](options as never));
