import { IndexError, NotImplementedError, RuntimeError } from '../core/errors.js';
import { readOptions } from '../nn/arguments.js';
import { Image } from '../transforms/image.js';
import { apply, type TransformLike } from '../transforms/transform.js';
import { Dataset } from '../utils/data/dataset.js';
import { type Portable, portable } from '../utils/data/portable.js';
import { type DownloadOptions, downloadArchive } from './download.js';

const side = 32;
const pixels = 3 * side * side;
/** A label, then the red, green and blue planes. */
const recordSize = 1 + pixels;
const folder = 'cifar-10-batches-bin';
const archiveName = 'cifar-10-binary.tar.gz';
const archiveMd5 = 'c32a1d4ab5d03f1284b67883e8d87530';
const officialUrl = 'https://www.cs.toronto.edu/~kriz/';
const trainFiles = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
const testFiles = ['test_batch.bin'];
const metaFile = 'batches.meta.txt';
const classNames = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

export interface CIFAR10Options<Picture = Image, Target = number> {
  /** The training images (the default) or the test images. */
  train?: boolean;
  /** Turns an `Image` into what the data set gives. */
  transform?: TransformLike<never, Picture> | null;
  /** Turns a label into what the data set gives. */
  targetTransform?: TransformLike<never, Target> | null;
  /** Whether to download the data if it is not there: only `open` can. */
  download?: boolean;
}

export interface CIFAR10DownloadOptions extends DownloadOptions {
  /** Where the archive is, if not at its authors'. */
  baseUrl?: string;
  /** The archive's md5, if not the official one's. */
  md5?: string;
}

const defaults = { train: true, transform: null, targetTransform: null, download: false };

interface Records {
  /** The images one after the other, each as three planes of 32x32. */
  readonly data: Uint8Array;
  readonly targets: Uint8Array;
  readonly classes: readonly string[];
}

/**
 * CIFAR-10 (Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009) in its official binary layout:
 * images of 32x32 pixels in ten classes. Items are `[image, label]`.
 *
 * @example
 * const set = await torch.datasets.CIFAR10.open('./data', { train: true, download: true, transform });
 * const [image, label] = set.at(0);
 */
export class CIFAR10<Picture = Image, Target = number> extends Dataset<[Picture, Target]> {
  readonly root: string;
  readonly train: boolean;
  readonly transform: TransformLike<never, Picture> | null;
  readonly targetTransform: TransformLike<never, Target> | null;
  /** Every image's values: [N, 3, 32, 32] in row-major order. */
  readonly data: Uint8Array;
  /** Every image's label. */
  readonly targets: Uint8Array;
  /** The names of the classes. */
  readonly classes: readonly string[];

  /**
   * Reads the files in `root` or `root/cifar-10-batches-bin`. They may hold any whole number of records.
   * @throws RuntimeError if they are not there or damaged; see `open` to download them
   */
  constructor(
    root: string,
    options: CIFAR10Options<Picture, Target> = {},
    /** @internal What a worker is given instead of files: the very memory of the thread that read them. */
    records?: Records,
  ) {
    super();
    const given = readOptions<Required<CIFAR10Options<Picture, Target>>>('CIFAR10', defaults, [options]);
    this.root = root;
    this.train = given.train;
    this.transform = given.transform;
    this.targetTransform = given.targetTransform;
    const { data, targets, classes } = records ?? readRecords(root, this.train ? trainFiles : testFiles);
    this.data = data;
    this.targets = targets;
    this.classes = classes;
  }

  /** As the constructor; downloads the data first if asked to and needed, showing progress unless told otherwise. */
  static async open<Picture = Image, Target = number>(
    root: string,
    {
      baseUrl,
      md5,
      progress = true,
      signal,
      ...options
    }: CIFAR10Options<Picture, Target> & CIFAR10DownloadOptions = {},
  ): Promise<CIFAR10<Picture, Target>> {
    if (options.download) await CIFAR10.download(root, { baseUrl, md5, progress, signal });
    return new CIFAR10(root, options);
  }

  /** Downloads the data to `root/cifar-10-batches-bin`, unless it is there: 170 MB, checked by its hash. */
  static async download(root: string, options: CIFAR10DownloadOptions = {}): Promise<void> {
    if (findFolder(root, [...trainFiles, ...testFiles]) !== null) return;
    const url = new URL(archiveName, options.baseUrl ?? officialUrl).href;
    await downloadArchive(root, { url, md5: options.md5 ?? archiveMd5, folder }, options);
  }

  at(index: number): [Picture, Target] {
    const { length } = this;
    const i = index < 0 ? index + length : index;
    if (!(Number.isInteger(i) && i >= 0 && i < length)) {
      throw new IndexError(`index ${index} is out of bounds for axis 0 with size ${length}`);
    }
    const image = Image.fromPlanes(this.data.subarray(i * pixels, (i + 1) * pixels), side, side);
    const label = this.targets[i];
    return [
      (this.transform === null ? image : apply(this.transform, image)) as Picture,
      (this.targetTransform === null ? label : apply(this.targetTransform, label)) as Target,
    ];
  }

  get length(): number {
    return this.targets.length;
  }

  /** The classes' numbers by name. */
  get classToIdx(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.classes.map((name, i) => [name, i]));
  }

  override toString(): string {
    const lines = [
      `Dataset ${this.constructor.name}`,
      `    Number of datapoints: ${this.length}`,
      `    Root location: ${this.root}`,
      `    Split: ${this.train ? 'Train' : 'Test'}`,
    ];
    const { transform, targetTransform } = this;
    if (transform !== null || targetTransform !== null) lines.push('    StandardTransform');
    const add = (title: string, shown: TransformLike) =>
      lines.push(`${title}${String(shown).replaceAll('\n', `\n${' '.repeat(title.length)}`)}`);
    if (transform !== null) add('Transform: ', transform);
    if (targetTransform !== null) add('Target transform: ', targetTransform);
    return lines.join('\n');
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  [portable](): Portable {
    const { root, train, transform, targetTransform, data, targets, classes } = this;
    return {
      module: import.meta.url,
      name: 'CIFAR10',
      args: [root, { train, transform, targetTransform }, { data, targets, classes }],
    };
  }
}

/** Node's modules, synchronously: bundles for browsers must not contain an import of them. */
function builtin<T>(name: string): T {
  const module = globalThis.process?.getBuiltinModule?.(name);
  if (module === undefined) throw new NotImplementedError('CIFAR10 reads files, which needs Node');
  return module as T;
}

function findFolder(root: string, files: readonly string[]): string | null {
  const { existsSync } = builtin<typeof import('node:fs')>('node:fs');
  const { join } = builtin<typeof import('node:path')>('node:path');
  return [root, join(root, folder)].find((dir) => files.every((file) => existsSync(join(dir, file)))) ?? null;
}

function readRecords(root: string, files: readonly string[]): Records {
  const { existsSync, readFileSync } = builtin<typeof import('node:fs')>('node:fs');
  const { join } = builtin<typeof import('node:path')>('node:path');
  const dir = findFolder(root, files);
  if (dir === null) {
    throw new RuntimeError(
      'Dataset not found or corrupted. You can use download=True to download it ' +
        `(no ${files.join(', ')} in ${root} or ${join(root, folder)}; await CIFAR10.open(root, { download: true }))`,
    );
  }
  const contents = files.map((file) => {
    const path = join(dir, file);
    const bytes = readFileSync(path);
    checkSize(path, bytes.length);
    return { path, bytes };
  });
  const count = contents.reduce((sum, { bytes }) => sum + bytes.length / recordSize, 0);
  const data = sharedBytes(count * pixels);
  const targets = sharedBytes(count);
  let i = 0;
  for (const { path, bytes } of contents) {
    for (let at = 0; at < bytes.length; at += recordSize, i++) {
      const label = bytes[at];
      if (label >= classNames.length) {
        throw new RuntimeError(
          `${path}: the label at offset ${at} (record ${at / recordSize}) is ${label}, expected 0 to ${classNames.length - 1}`,
        );
      }
      targets[i] = label;
      data.set(bytes.subarray(at + 1, at + recordSize), i * pixels);
    }
  }
  const meta = join(dir, metaFile);
  return {
    data,
    targets,
    classes: existsSync(meta) ? readClasses(meta, readFileSync(meta, 'utf8')) : classNames,
  };
}

function checkSize(path: string, size: number): void {
  const rest = size % recordSize;
  if (size > 0 && rest === 0) return;
  throw new RuntimeError(
    size === 0
      ? `${path} is empty`
      : `${path} is truncated: ${size} bytes are ${Math.floor(size / recordSize)} records of ${recordSize} bytes ` +
          `and, from offset ${size - rest}, ${rest} bytes of another`,
  );
}

function readClasses(path: string, text: string): string[] {
  const names = text.split(/\r?\n/).filter((line) => line !== '');
  if (names.length !== classNames.length) {
    throw new RuntimeError(`${path} names ${names.length} classes, expected ${classNames.length}`);
  }
  return names;
}

/** Memory that workers can see without copying, where the platform has it. */
function sharedBytes(size: number): Uint8Array {
  return typeof SharedArrayBuffer === 'undefined'
    ? new Uint8Array(size)
    : new Uint8Array(new SharedArrayBuffer(size));
}
