import { host } from '../core/host.js';
import { readOptions } from '../nn/arguments.js';
import { Image } from '../transforms/image.js';
import { type Portable, portable } from '../utils/data/portable.js';
import type { CifarRecords } from './cifar_records.js';
import type { DownloadOptions } from './download.js';
import { type DatasetSource, isRemote, rootName } from './files.js';
import { VisionDataset, type VisionOptions, visionDefaults } from './vision.js';

const side = 32;
const pixels = 3 * side * side;

export type CIFAR10Options<Picture = Image, Target = number> = VisionOptions<Picture, Target>;

export interface CIFAR10DownloadOptions extends DownloadOptions {
  /** Where the archive is, if not at its authors'. */
  baseUrl?: string;
  /** The archive's md5, if not the official one's. */
  md5?: string;
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
    records?: CifarRecords,
  ) {
    super(root, readOptions<Required<CIFAR10Options<Picture, Target>>>('CIFAR10', visionDefaults, [options]));
    const { data, targets, classes } = records ?? host().folders('CIFAR10').readCifar(root, this.train);
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
    const { fetchCifar } = await import('./records.js');
    const records = await fetchCifar(root, options.train !== false);
    return new CIFAR10(rootName(root), options, records);
  }

  /** Downloads the data to `root/cifar-10-batches-bin`, unless it is there: 170 MB, checked by its hash. */
  static async download(root: string, options: CIFAR10DownloadOptions = {}): Promise<void> {
    await (await host().downloads()).downloadCifar(root, options);
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
      module: host().module('datasets/cifar.js'),
      name: 'CIFAR10',
      args: [root, { train, transform, targetTransform }, { data, targets, classes }],
    };
  }
}
