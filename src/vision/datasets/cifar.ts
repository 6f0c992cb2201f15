import { host } from '../../core/host.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { Image } from '../transforms/image.js';
import type { TransformLike } from '../transforms/transform.js';
import { type CifarKind, type CifarRecords, cifar10, cifar100, cifarReading } from './cifar_records.js';
import { type DatasetSource, isRemote, rootName } from './dataset_files.js';
import type { DownloadOptions, Progress } from './download_options.js';
import { placeOf, readFrom } from './set_reading.js';
import {
  givenRecords,
  ofRecords,
  openParameters,
  VisionDataset,
  type VisionOptions,
  visionParameters,
} from './vision.js';

const archiveParameters = 'str? base_url=None, str? md5=None';
const cifar = signature(`CIFAR10(str root, ${visionParameters})`);
const opening = signature(`open(DatasetSource root, ${openParameters}, ${archiveParameters})`);
const downloading = signature(
  `download(str root, *, bool|Callable progress=False, Any signal=None, ${archiveParameters})`,
);

const side = 32;
const pixels = 3 * side * side;

export type CIFAR10Options<Picture = Image, Target = number> = VisionOptions<Picture, Target>;

export interface CIFAR10DownloadOptions extends DownloadOptions {
  /** Where the archive is, if not at its authors'. */
  baseUrl?: string | null;
  /** The archive's md5, if not the official one's. */
  md5?: string | null;
}

/**
 * CIFAR-10 (Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009) in its authors' binary form, or Python's:
 * images of 32x32 pixels in ten classes. Items are `[image, label]`.
 *
 * @example
 * const set = await torchvision.datasets.CIFAR10.open('./data', { train: true, download: true, transform });
 * const [image, label] = set.at(0);
 */
export class CIFAR10<Picture = Image, Target = number> extends VisionDataset<Picture, Target> {
  /** @internal The names of its files, and what is in them. */
  static readonly kind: CifarKind = cifar10;
  /** Where `download` finds the archive, and its md5. */
  static archive: { readonly url: string; readonly md5: string } = {
    url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
    md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  };
  /** Every image's values: [N, 3, 32, 32] in row-major order. */
  readonly data: Uint8Array;
  /** Every image's label. */
  readonly targets: Uint8Array;
  /** The names of the classes. */
  readonly classes: readonly string[];

  /**
   * Reads the files in `root` or `root/cifar-10-batches-bin`, which may hold any whole number of records; or Python's pickles in `root/cifar-10-batches-py`.
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
      typeof cifar,
      {
        root: string;
        transform: TransformLike<never, Picture> | null;
        targetTransform: TransformLike<never, Target> | null;
      }
    >
  ) {
    super(cifar.bind(args, new.target.name));
    const { kind } = new.target;
    const { data, targets, classes } =
      givenRecords<CifarRecords>() ??
      host().folders(kind.owner).readAtOnce(this.root, cifarReading(kind, this.train));
    this.data = data;
    this.targets = targets;
    this.classes = classes;
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
   * @param baseUrl where the archive is, if not at its authors'
   * @param md5 the archive's md5, if not the official one's
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
  ): Promise<CIFAR10<Picture, Target>> {
    const { root, download, progress, signal, baseUrl, md5, ...options } = opening.bind(
      args,
      `${this.name}.open`,
    );
    const make = () => new this<Picture, Target>({ ...options, root: rootName(root) } as never);
    if (download)
      await this.download(rootName(root), { progress, signal, baseUrl, md5 } as CIFAR10DownloadOptions);
    if (!isRemote(root)) return make();
    return ofRecords(await readFrom(placeOf(root), cifarReading(this.kind, options.train)), make);
  }

  /**
   * Downloads the data to `root/cifar-10-batches-bin`, unless it is there: 170 MB, checked by its hash.
   *
   * @param root the folder
   * @param progress whether to show a progress bar; or a function that is told how many bytes there are, of how many
   * @param signal ends the download
   * @param baseUrl where the archive is, if not at its authors'
   * @param md5 the archive's md5, if not the official one's
   */
  static async download(
    ...args: Arguments<typeof downloading, { progress: Progress; signal: AbortSignal | null }>
  ): Promise<void> {
    const { root, ...options } = downloading.bind(args, `${this.name}.download`);
    await (await host().downloads()).downloadCifar(this, root, options as CIFAR10DownloadOptions);
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

  /** @internal */
  [portable](): Portable {
    const { root, train, transform, targetTransform, data, targets, classes } = this;
    return {
      module: host().module('vision/datasets/cifar.js'),
      name: 'inWorker',
      args: [
        root,
        { train, transform, targetTransform },
        { data, targets, classes },
        this instanceof CIFAR100 ? 'CIFAR100' : 'CIFAR10',
      ],
    };
  }
}

/**
 * CIFAR-100: as CIFAR-10, of a hundred classes, in `root/cifar-100-binary` or, as Python's pickles, in `root/cifar-100-python`. Items are
 * `[image, label]`, with the fine labels.
 */
export class CIFAR100<Picture = Image, Target = number> extends CIFAR10<Picture, Target> {
  /** @internal */
  static override readonly kind: CifarKind = cifar100;
  static override archive: { readonly url: string; readonly md5: string } = {
    url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz',
    md5: '03b5dce01913d631647c71ecec9e9cb8',
  };
}

/** @internal How workers make one of these. */
export function inWorker(
  root: string,
  options: CIFAR10Options<unknown, unknown>,
  records: CifarRecords,
  name: string,
): CIFAR10<unknown, unknown> {
  const kind = name === 'CIFAR100' ? CIFAR100 : CIFAR10;
  return ofRecords(records, () => new kind<unknown, unknown>(root, options));
}
