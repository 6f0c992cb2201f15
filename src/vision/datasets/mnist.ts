import { int64 } from '../../core/dtype.js';
import { host } from '../../core/host.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { fromNumpy } from '../../ops/from_data.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { Image } from '../transforms/image.js';
import type { TransformLike } from '../transforms/transform.js';
import { type DatasetSource, isRemote, rootName } from './dataset_files.js';
import type { DownloadOptions, Progress } from './download_options.js';
import type { MnistRecords } from './mnist_records.js';
import {
  givenRecords,
  ofRecords,
  openParameters,
  VisionDataset,
  type VisionOptions,
  visionParameters,
} from './vision.js';

const mnist = signature(`MNIST(str root, ${visionParameters})`);
const opening = signature(`open(DatasetSource root, ${openParameters})`);
const downloading = signature('download(str root, *, bool|Callable progress=False, Any signal=None)');

export type MNISTOptions<Picture = Image, Target = number> = VisionOptions<Picture, Target>;

/**
 * MNIST (LeCun, Cortes and Burges): 70,000 grey images of handwritten digits, 28x28 pixels. Items are `[image, label]`.
 *
 * @example
 * const set = await torchvision.datasets.MNIST.open('./data', { train: true, download: true, transform });
 * const [image, label] = set.at(0);
 */
export class MNIST<Picture = Image, Target = number> extends VisionDataset<Picture, Target> {
  /** Under `root`; also what workers know the class by. */
  static readonly folder: string = 'MNIST';
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

  private readonly records: MnistRecords;

  /**
   * Reads the IDX files in `root/MNIST/raw` or `root`, as they are or in gzip.
   *
   * @param root the folder
   * @param train the training images, or the test images
   * @param transform turns an `Image` into what the data set gives
   * @param targetTransform turns a label into what the data set gives
   * @param download whether to download the data if it is not there: only `open` can
   * @throws RuntimeError if they are not there or damaged; see `open` to download them
   */
  constructor(
    ...args: Arguments<
      typeof mnist,
      {
        root: string;
        transform: TransformLike<never, Picture> | null;
        targetTransform: TransformLike<never, Target> | null;
      }
    >
  ) {
    const kind = new.target;
    super(mnist.bind(args, kind.name));
    this.records =
      givenRecords<MnistRecords>() ??
      host().folders(kind.folder).readMnist(kind.folder, this.root, this.train, kind.classes.length);
  }

  /**
   * As the constructor, and also from where reading must be waited for: a URL of such a folder, or File objects, as an
   * `<input type="file">` gives them. Downloads the data to `root` first if asked to and needed, showing progress unless told otherwise.
   *
   * @param root the folder, its URL, or the files
   * @param train the training images, or the test images
   * @param transform turns an `Image` into what the data set gives
   * @param targetTransform turns a label into what the data set gives
   * @param download whether to download the data if it is not there
   * @param progress whether to show a progress bar; or a function that is told how many bytes there are, of how many
   * @param signal ends the download
   */
  static async open<Picture = Image, Target = number>(
    ...args: Arguments<
      typeof opening,
      {
        root: DatasetSource;
        transform: TransformLike<never, Picture> | null;
        targetTransform: TransformLike<never, Target> | null;
        progress: Progress;
        signal: AbortSignal | null;
      }
    >
  ): Promise<MNIST<Picture, Target>> {
    const { root, download, progress, signal, ...options } = opening.bind(args, `${this.name}.open`);
    const make = () => new this<Picture, Target>({ ...options, root: rootName(root) } as never);
    if (download) await this.download(rootName(root), { progress, signal } as DownloadOptions);
    if (!isRemote(root)) return make();
    const { fetchMnist } = await import('./records.js');
    return ofRecords(await fetchMnist(this.folder, root, options.train, this.classes.length), make);
  }

  /**
   * Downloads what of the data is not there to `root/MNIST/raw`, each file checked by its hash.
   *
   * @param root the folder
   * @param progress whether to show a progress bar; or a function that is told how many bytes there are, of how many
   * @param signal ends the download
   */
  static async download(
    ...args: Arguments<typeof downloading, { progress: Progress; signal: AbortSignal | null }>
  ): Promise<void> {
    const { root, ...options } = downloading.bind(args, `${this.name}.download`);
    await (await host().downloads()).downloadMnist(this, root, options as DownloadOptions);
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
    return host().folders(folder).rawFolder(this.root, folder);
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

  /** @internal */
  [portable](): Portable {
    const { root, train, transform, targetTransform, records } = this;
    return {
      module: host().module('vision/datasets/mnist.js'),
      name: 'inWorker',
      args: [(this.constructor as typeof MNIST).folder, root, { train, transform, targetTransform }, records],
    };
  }
}

/** Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): articles of clothing in MNIST's form. */
export class FashionMNIST<Picture = Image, Target = number> extends MNIST<Picture, Target> {
  static override readonly folder: string = 'FashionMNIST';
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

/** Kuzushiji-MNIST (Clanuwat et al., "Deep Learning for Classical Japanese Literature", 2018): cursive Hiragana in MNIST's form. */
export class KMNIST<Picture = Image, Target = number> extends MNIST<Picture, Target> {
  static override readonly folder: string = 'KMNIST';
  static override mirrors: readonly string[] = ['http://codh.rois.ac.jp/kmnist/dataset/kmnist/'];
  static override resources: readonly (readonly [name: string, md5: string])[] = [
    ['train-images-idx3-ubyte.gz', 'bdb82020997e1d708af4cf47b453dcf7'],
    ['train-labels-idx1-ubyte.gz', 'e144d726b3acfaa3e44228e80efcd344'],
    ['t10k-images-idx3-ubyte.gz', '5c965bf0a639b31b8f53240b1b52f4d7'],
    ['t10k-labels-idx1-ubyte.gz', '7320c461ea6c1c855c0b718fb2a4b134'],
  ];
  static override classes: readonly string[] = ['o', 'ki', 'su', 'tsu', 'na', 'ha', 'ma', 'ya', 're', 'wo'];
}

/** @internal How workers make one of these. */
export function inWorker(
  folder: string,
  root: string,
  options: MNISTOptions<unknown, unknown>,
  records: MnistRecords,
): MNIST<unknown, unknown> {
  const kind = [FashionMNIST, KMNIST].find((one) => one.folder === folder) ?? MNIST;
  return ofRecords(records, () => new kind<unknown, unknown>(root, options));
}
