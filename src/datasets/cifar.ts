import { RuntimeError } from '../core/errors.js';
import { host } from '../core/host.js';
import { readOptions } from '../nn/arguments.js';
import { Image } from '../transforms/image.js';
import { type Portable, portable } from '../utils/data/portable.js';
import type { DownloadOptions } from './download.js';
import {
  builtin,
  type DatasetFile,
  DatasetReader,
  type DatasetSource,
  isRemote,
  rootName,
  sharedBytes,
} from './files.js';
import { VisionDataset, type VisionOptions, visionDefaults } from './vision.js';

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

export type CIFAR10Options<Picture = Image, Target = number> = VisionOptions<Picture, Target>;

export interface CIFAR10DownloadOptions extends DownloadOptions {
  /** Where the archive is, if not at its authors'. */
  baseUrl?: string;
  /** The archive's md5, if not the official one's. */
  md5?: string;
}

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
export class CIFAR10<Picture = Image, Target = number> extends VisionDataset<Picture, Target> {
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
    /** @internal What is given instead of files: to a worker the very memory of the thread that read them. */
    records?: Records,
  ) {
    super(root, readOptions<Required<CIFAR10Options<Picture, Target>>>('CIFAR10', visionDefaults, [options]));
    const { data, targets, classes } = records ?? readRecords(root, this.train ? trainFiles : testFiles);
    this.data = data;
    this.targets = targets;
    this.classes = classes;
  }

  /**
   * As the constructor, and also from where reading must be waited for: a URL of such a folder, or File objects, as an
   * `<input type="file">` gives them. Downloads the data to `root` first if asked to and needed, showing progress unless told otherwise.
   */
  static async open<Picture = Image, Target = number>(
    root: DatasetSource,
    {
      baseUrl,
      md5,
      progress = true,
      signal,
      ...options
    }: CIFAR10Options<Picture, Target> & CIFAR10DownloadOptions = {},
  ): Promise<CIFAR10<Picture, Target>> {
    if (options.download) await CIFAR10.download(rootName(root), { baseUrl, md5, progress, signal });
    if (!isRemote(root)) return new CIFAR10(root, options);
    const records = await fetchRecords(root, options.train === false ? testFiles : trainFiles);
    return new CIFAR10(rootName(root), options, records);
  }

  /** Downloads the data to `root/cifar-10-batches-bin`, unless it is there: 170 MB, checked by its hash. */
  static async download(root: string, options: CIFAR10DownloadOptions = {}): Promise<void> {
    const { downloadArchive } = await host().downloads();
    if (findFolder(root, [...trainFiles, ...testFiles]) !== null) return;
    const url = new URL(archiveName, options.baseUrl ?? officialUrl).href;
    await downloadArchive(root, { url, md5: options.md5 ?? archiveMd5, folder }, options);
  }

  protected image(i: number): Image {
    return Image.fromPlanes(this.data.subarray(i * pixels, (i + 1) * pixels), side, side);
  }

  protected label(i: number): number {
    return this.targets[i];
  }

  get length(): number {
    return this.targets.length;
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

function findFolder(root: string, files: readonly string[]): string | null {
  const { existsSync } = builtin<typeof import('node:fs')>('node:fs', 'CIFAR10');
  const { join } = builtin<typeof import('node:path')>('node:path', 'CIFAR10');
  return [root, join(root, folder)].find((dir) => files.every((file) => existsSync(join(dir, file)))) ?? null;
}

function readRecords(root: string, files: readonly string[]): Records {
  const { existsSync, readFileSync } = builtin<typeof import('node:fs')>('node:fs', 'CIFAR10');
  const { join } = builtin<typeof import('node:path')>('node:path', 'CIFAR10');
  const dir = findFolder(root, files);
  if (dir === null) {
    throw new RuntimeError(
      'Dataset not found or corrupted. You can use download=True to download it ' +
        `(no ${files.join(', ')} in ${root} or ${join(root, folder)}; await CIFAR10.open(root, { download: true }))`,
    );
  }
  const contents = files.map((file) => {
    const path = join(dir, file);
    return { path, bytes: readFileSync(path) };
  });
  const meta = join(dir, metaFile);
  return {
    ...parseRecords(contents),
    classes: existsSync(meta) ? readClasses(meta, readFileSync(meta, 'utf8')) : classNames,
  };
}

async function fetchRecords(from: DatasetSource, files: readonly string[]): Promise<Records> {
  const reader = await DatasetReader.open(from, ['', folder], [files[0]]);
  const contents = await Promise.all(files.map((file) => reader.read(file)));
  const meta = await reader.readIfThere(metaFile);
  return {
    ...parseRecords(contents),
    classes: meta === null ? classNames : readClasses(meta.path, new TextDecoder().decode(meta.bytes)),
  };
}

/** @internal The images and labels in the contents of files. */
export function parseRecords(contents: readonly DatasetFile[]): Omit<Records, 'classes'> {
  for (const { path, bytes } of contents) checkSize(path, bytes.length);
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
  return { data, targets };
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
