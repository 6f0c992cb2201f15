import { int64, uint8 } from '../core/dtype.js';
import { RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { host } from '../core/host.js';
import type { Tensor } from '../core/tensor.js';
import { readOptions } from '../nn/arguments.js';
import { fromNumpy } from '../ops/tensor.js';
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
import { unpacked, unpackedSync } from './gzip.js';
import { parseIdx } from './idx.js';
import { VisionDataset, type VisionOptions, visionDefaults } from './vision.js';

export type MNISTOptions<Picture = Image, Target = number> = VisionOptions<Picture, Target>;

interface Records {
  /** The images one after the other. */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
  readonly height: number;
  readonly width: number;
}

const splits = { train: 'train', test: 't10k' };

/**
 * MNIST (LeCun, Cortes and Burges): 70,000 grey images of handwritten digits, 28x28 pixels. Items are `[image, label]`.
 *
 * @example
 * const set = await torch.datasets.MNIST.open('./data', { train: true, download: true, transform });
 * const [image, label] = set.at(0);
 */
export class MNIST<Picture = Image, Target = number> extends VisionDataset<Picture, Target> {
  /** Under `root`; also the name that workers know the class by. */
  protected static readonly folder: string = 'MNIST';
  /** Where the files are, tried in this order. */
  static mirrors: readonly string[] = [
    'https://ossci-datasets.s3.amazonaws.com/mnist/',
    'http://yann.lecun.com/exdb/mnist/',
  ];
  /** The files and their md5. */
  static resources: readonly (readonly [name: string, md5: string])[] = [
    ['train-images-idx3-ubyte.gz', 'f68b3c2dcbeaaa9fbdd348bbdeb94873'],
    ['train-labels-idx1-ubyte.gz', 'd53e105ee54ea40749a09fcbcd1e9432'],
    ['t10k-images-idx3-ubyte.gz', '9fb629c4189551a2d022fa330f9573f3'],
    ['t10k-labels-idx1-ubyte.gz', 'ec29112dd5afa0611ce80d1b7f02629c'],
  ];
  static classes: readonly string[] = [
    '0 - zero',
    '1 - one',
    '2 - two',
    '3 - three',
    '4 - four',
    '5 - five',
    '6 - six',
    '7 - seven',
    '8 - eight',
    '9 - nine',
  ];

  private readonly records: Records;

  /**
   * Reads the IDX files in `root/MNIST/raw` or `root`, as they are or in gzip.
   * @throws RuntimeError if they are not there or damaged; see `open` to download them
   */
  constructor(
    root: string,
    options: MNISTOptions<Picture, Target> = {},
    /** @internal What is given instead of files: to a worker the very memory of the thread that read them. */
    records?: Records,
  ) {
    const kind = new.target;
    super(root, readOptions<Required<MNISTOptions<Picture, Target>>>(kind.folder, visionDefaults, [options]));
    this.records = records ?? readRecords(kind.folder, root, this.train, kind.classes.length);
  }

  /**
   * As the constructor, and also from where reading must be waited for: a URL of such a folder, or File objects, as an
   * `<input type="file">` gives them. Downloads the data to `root` first if asked to and needed, showing progress unless told otherwise.
   */
  static async open<Picture = Image, Target = number>(
    root: DatasetSource,
    { progress = true, signal, ...options }: MNISTOptions<Picture, Target> & DownloadOptions = {},
  ): Promise<MNIST<Picture, Target>> {
    if (options.download) await this.download(rootName(root), { progress, signal });
    if (!isRemote(root)) return new this(root, options);
    const records = await fetchRecords(this.folder, root, options.train !== false, this.classes.length);
    return new this(rootName(root), options, records);
  }

  /** Downloads what of the data is not there to `root/MNIST/raw`, each file checked by its hash. */
  static async download(root: string, options: DownloadOptions = {}): Promise<void> {
    const { downloadFile } = await host().downloads();
    const { join } = builtin<typeof import('node:path')>('node:path', this.folder);
    const { folder, mirrors, resources } = this;
    const names = resources.map(([name]) => name.replace(/\.gz$/, ''));
    if (findFolder(folder, root, names) !== null) return;
    for (const [name, md5] of resources) {
      const errors: string[] = [];
      for (const mirror of mirrors) {
        try {
          await downloadFile(join(root, folder, 'raw'), { url: new URL(name, mirror).href, md5 }, options);
          break;
        } catch (error) {
          if (!(error instanceof RuntimeError)) throw error;
          errors.push(`Tried ${mirror}, got:\n${error.message}\n`);
        }
      }
      if (errors.length === mirrors.length) {
        throw new RuntimeError(`Error downloading ${name}:\n${errors.join('')}`);
      }
    }
  }

  /** Every image: uint8, [N, 28, 28]. */
  get data(): Tensor {
    const { pixels, height, width } = this.records;
    return fromNumpy({ data: pixels, shape: [this.length, height, width] });
  }

  /** Every image's label: int64, [N]. */
  get targets(): Tensor {
    return fromNumpy(this.records.labels).to(int64);
  }

  /** Where `download` puts the files. */
  get rawFolder(): string {
    const { folder } = this.constructor as typeof MNIST;
    const { join } = builtin<typeof import('node:path')>('node:path', folder);
    return join(this.root, folder, 'raw');
  }

  get classes(): readonly string[] {
    return (this.constructor as typeof MNIST).classes;
  }

  get length(): number {
    return this.records.labels.length;
  }

  protected image(i: number): Image {
    const { pixels, height, width } = this.records;
    const size = height * width;
    return Image.fromPlanes(pixels.subarray(i * size, (i + 1) * size), width, height, 1);
  }

  protected label(i: number): number {
    return this.records.labels[i];
  }

  [portable](): Portable {
    const { root, train, transform, targetTransform, records } = this;
    return {
      module: import.meta.url,
      name: (this.constructor as typeof MNIST).folder,
      args: [root, { train, transform, targetTransform }, records],
    };
  }
}

/** Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): articles of clothing in MNIST's form. */
export class FashionMNIST<Picture = Image, Target = number> extends MNIST<Picture, Target> {
  protected static override readonly folder: string = 'FashionMNIST';
  static override mirrors: readonly string[] = [
    'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
  ];
  static override resources: readonly (readonly [name: string, md5: string])[] = [
    ['train-images-idx3-ubyte.gz', '8d4fb7e6c68d591d4c3dfef9ec88bf0d'],
    ['train-labels-idx1-ubyte.gz', '25c81989df183df01b3e8a0aad5dffbe'],
    ['t10k-images-idx3-ubyte.gz', 'bef4ecab320f06d8554ea6380940ec79'],
    ['t10k-labels-idx1-ubyte.gz', 'bb300cfdad3c16e7a12a480ee83cd310'],
  ];
  static override classes: readonly string[] = [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ];
}

/** Where all of these files are, plain or in gzip. */
function findFolder(folder: string, root: string, names: readonly string[]): string | null {
  const { existsSync } = builtin<typeof import('node:fs')>('node:fs', folder);
  const { join } = builtin<typeof import('node:path')>('node:path', folder);
  const isThere = (dir: string, name: string) => ['', '.gz'].some((end) => existsSync(join(dir, name + end)));
  return [join(root, folder, 'raw'), root].find((dir) => names.every((name) => isThere(dir, name))) ?? null;
}

function readRecords(folder: string, root: string, train: boolean, classCount: number): Records {
  const { existsSync, readFileSync } = builtin<typeof import('node:fs')>('node:fs', folder);
  const { join } = builtin<typeof import('node:path')>('node:path', folder);
  const names = fileNames(train);
  const dir = findFolder(folder, root, names);
  if (dir === null) {
    throw new RuntimeError(
      'Dataset not found. You can use download=True to download it ' +
        `(no ${names.join(', ')} in ${join(root, folder, 'raw')} or ${root}; await ${folder}.open(root, { download: true }))`,
    );
  }
  const contents = names.map((name) => {
    const plain = join(dir, name);
    const path = existsSync(plain) ? plain : `${plain}.gz`;
    return unpackedSync({ path, bytes: readFileSync(path) }, folder);
  });
  return parseRecords(contents, classCount);
}

async function fetchRecords(
  folder: string,
  from: DatasetSource,
  train: boolean,
  classCount: number,
): Promise<Records> {
  const forms = fileNames(train).map((name) => [name, `${name}.gz`]);
  const reader = await DatasetReader.open(from, [`${folder}/raw`, ''], forms[0]);
  const contents = forms.map(async (names) => unpacked(await reader.read(...names)));
  return parseRecords(await Promise.all(contents), classCount);
}

/** The images' and the labels'. */
function fileNames(train: boolean): string[] {
  const split = train ? splits.train : splits.test;
  return [`${split}-images-idx3-ubyte`, `${split}-labels-idx1-ubyte`];
}

/** The images and labels in the contents of the two files. */
function parseRecords(contents: readonly DatasetFile[], classCount: number): Records {
  const [images, labels] = contents.map(({ path, bytes }, i) => ({
    path,
    ...readBytes(path, bytes, i === 0 ? 3 : 1),
  }));
  const [count, height, width] = images.shape;
  if (labels.shape[0] !== count) {
    throw new RuntimeError(
      `${images.path} has ${count} images, but ${labels.path} has ${labels.shape[0]} labels`,
    );
  }
  const wrong = labels.data.findIndex((label) => label >= classCount);
  if (wrong >= 0) {
    throw new RuntimeError(
      `${labels.path}: label ${wrong} is ${labels.data[wrong]}, expected 0 to ${classCount - 1}`,
    );
  }
  return { pixels: shared(images.data), labels: shared(labels.data), height, width };
}

/** Bytes in so many dimensions, or torchvision's errors. */
function readBytes(path: string, contents: Uint8Array, ndim: number) {
  const array = parseIdx(path, contents);
  if (array.dtype !== uint8) {
    throw new TypeError(`${path}: x should be of dtype torch.uint8 instead of ${array.dtype}`);
  }
  if (array.shape.length !== ndim) {
    throw new ValueError(`${path}: x should have ${ndim} dimension instead of ${array.shape.length}`);
  }
  return array;
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = sharedBytes(bytes.length);
  copy.set(bytes);
  return copy;
}
