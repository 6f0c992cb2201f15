import { IndexError } from '../../core/errors.js';
import { inspect } from '../../core/inspect.js';
import { Dataset } from '../../utils/data/dataset.js';
import type { Image } from '../transforms/image.js';
import { apply, type TransformLike } from '../transforms/transform.js';

export interface VisionOptions<Picture = Image, Target = number> {
  /** The training images (the default) or the test images. */
  train?: boolean;
  /** Turns an `Image` into what the data set gives. */
  transform?: TransformLike<never, Picture> | null;
  /** Turns a label into what the data set gives. */
  targetTransform?: TransformLike<never, Target> | null;
  /** Whether to download the data if it is not there: only `open` can. */
  download?: boolean;
}

/** The parameters that PyTorch's data sets of labelled images share, behind `root`. */
export const visionParameters =
  'bool train=True, Any transform=None, Any target_transform=None, bool download=False';

/** Those of opening one, which shows how far a download is. */
export const openParameters = `${visionParameters}, *, bool|Callable progress=True, Any signal=None` as const;

let records: unknown = null;

/** @internal Makes a data set of records instead of files: of those of a remote folder, or in a worker of the memory of the thread that read them. */
export function ofRecords<T>(given: unknown, make: () => T): T {
  records = given;
  try {
    return make();
  } finally {
    records = null;
  }
}

/** @internal The records that a data set is made of, if it is. */
export function givenRecords<R>(): R | null {
  return records as R | null;
}

/** A constructor's arguments, bound. */
interface Given {
  readonly root: string;
  readonly train: boolean;
  readonly transform: unknown;
  readonly targetTransform: unknown;
}

/** The base of data sets of labelled images. Items are `[image, label]`. */
export abstract class VisionDataset<Picture = Image, Target = number> extends Dataset<[Picture, Target]> {
  readonly root: string;
  readonly train: boolean;
  readonly transform: TransformLike<never, Picture> | null;
  readonly targetTransform: TransformLike<never, Target> | null;

  protected constructor({ root, train, transform, targetTransform }: Given) {
    super();
    this.root = root;
    this.train = train;
    this.transform = transform as TransformLike<never, Picture> | null;
    this.targetTransform = targetTransform as TransformLike<never, Target> | null;
  }

  /** The names of the classes. */
  abstract readonly classes: readonly string[];
  protected abstract image(index: number): Image;
  protected abstract label(index: number): number;

  at(index: number): [Picture, Target] {
    const { length } = this;
    const i = index < 0 ? index + length : index;
    if (!(Number.isInteger(i) && i >= 0 && i < length)) {
      throw new IndexError(`index ${index} is out of bounds for axis 0 with size ${length}`);
    }
    const image = this.image(i);
    const label = this.label(i);
    return [
      (this.transform === null ? image : apply(this.transform, image)) as Picture,
      (this.targetTransform === null ? label : apply(this.targetTransform, label)) as Target,
    ];
  }

  /** The classes' numbers by name. */
  get classToIdx(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.classes.map((name, i) => [name, i]));
  }

  override toString(): string {
    return datasetText(this, [`    Split: ${this.train ? 'Train' : 'Test'}`]);
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

interface Described {
  readonly length: number;
  readonly root?: string;
  readonly transform: TransformLike | null;
  readonly targetTransform: TransformLike | null;
}

/** A data set as Python prints it. @param more the lines that its class adds */
export function datasetText(set: Described, more: readonly string[]): string {
  const { length, root, transform, targetTransform } = set;
  const lines = [`Dataset ${set.constructor.name}`, `    Number of datapoints: ${length}`];
  if (root !== undefined) lines.push(`    Root location: ${root}`);
  lines.push(...more);
  if (transform !== null || targetTransform !== null) lines.push('    StandardTransform');
  const add = (title: string, shown: TransformLike) =>
    lines.push(`${title}${String(shown).replaceAll('\n', `\n${' '.repeat(title.length)}`)}`);
  if (transform !== null) add('Transform: ', transform);
  if (targetTransform !== null) add('Target transform: ', targetTransform);
  return lines.join('\n');
}
