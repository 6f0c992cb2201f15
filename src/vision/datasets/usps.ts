import { RuntimeError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { Image } from '../transforms/image.js';
import { sharedBytes } from './reader.js';
import { fileNeeded, linesOf, type Reading, unpacking } from './set_reading.js';
import {
  MemorySet,
  makerOf,
  type OpeningArguments,
  openSet,
  recordsOf,
  type SetArguments,
  type SetResource,
} from './split_set.js';

const side = 16;
const pixels = side * side;

interface UspsRecords {
  readonly data: Uint8Array;
  readonly targets: Uint8Array;
}

/** A line for each image, as LIBSVM writes them: a label from 1, then the number and value of each pixel, from -1 to 1. */
function* reading(train: boolean): Reading<UspsRecords> {
  const { path, bytes } = yield* fileNeeded('USPS', train ? 'usps.bz2' : 'usps.t.bz2');
  const lines = linesOf({ path, bytes: yield* unpacking(bytes, 'bzip2', path) });
  const data = sharedBytes(lines.length * pixels);
  const targets = sharedBytes(lines.length);
  for (const [i, line] of lines.entries()) {
    const [label, ...values] = line.trim().split(/\s+/);
    if (values.length !== pixels)
      throw new RuntimeError(
        `${path} is damaged: line ${i + 1} has ${values.length} values, expected ${pixels}`,
      );
    targets[i] = Number(label) - 1;
    // In float32, as NumPy has it.
    for (const [k, value] of values.entries()) {
      const half = Math.fround(Math.fround(Math.fround(Number(value.slice(value.indexOf(':') + 1))) + 1) / 2);
      data[i * pixels + k] = Math.fround(half * 255);
    }
  }
  return { data, targets };
}

const uSPSSignature = signature(
  'USPS(str root, bool train=True, Any transform=None, Any target_transform=None, bool download=False)',
);
const uSPSOpening = signature(
  'open(DatasetSource root, bool train=True, Any transform=None, Any target_transform=None, bool download=False, *, bool|Callable progress=True, Any signal=None)',
);

/**
 * USPS (Hull, "A database for handwritten text recognition research", 1994): digits of 16x16 pixels, from `usps.bz2` and `usps.t.bz2`. Items are
 * `[image, label]`.
 *
 * @param train the training images, or the test images
 * @param transform turns an `Image` into what the data set gives
 * @param targetTransform turns a target into what the data set gives
 * @param download whether to download the data if it is not there, which `open` can do
 */
export class USPS<Picture = Image, Target = number> extends MemorySet<Picture, Target> {
  /** The files of the training and of the test images. */
  static resources: readonly SetResource[] = [
    {
      url: 'https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/usps.bz2',
      md5: 'ec16c51db3855ca6c91edd34d0e9b197',
    },
    {
      url: 'https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/usps.t.bz2',
      md5: '8ea070ee2aca1ac39742fdd1ef5ed118',
    },
  ];

  readonly train: boolean;
  /** Every image's values: [N, 16, 16] in row-major order. */
  readonly data: Uint8Array;
  /** Every image's digit. */
  readonly targets: Uint8Array;

  /**
   * @param root the folder
   * @throws RuntimeError if the files are not there or damaged; see `open` to download them
   */
  constructor(...args: Arguments<typeof uSPSSignature, SetArguments<Picture, Target>>) {
    const given = uSPSSignature.bind(args, new.target.name);
    super(given);
    this.train = given.train;
    ({ data: this.data, targets: this.targets } = recordsOf('USPS', this.root, () =>
      reading(this.train),
    ).records);
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
    ...args: Arguments<typeof uSPSOpening, OpeningArguments<Picture, Target>>
  ): Promise<USPS<Picture, Target>> {
    const given = uSPSOpening.bind(args, `${this.name}.open`);
    return openSet(
      given,
      [this.resources[given.train ? 0 : 1]],
      () => reading(given.train),
      (options) => new this<Picture, Target>(options),
    );
  }

  protected image(i: number): Image {
    return Image.fromPlanes(this.data.subarray(i * pixels, (i + 1) * pixels), side, side, 1);
  }

  protected label(i: number): number {
    return this.targets[i];
  }

  get length(): number {
    return this.targets.length;
  }

  protected extraRepr(): string {
    return '';
  }

  /** @internal */
  [portable](): Portable {
    const { train, data, targets } = this;
    return this.travels('usps', 'USPS', { train }, { data, targets });
  }
}

/** @internal How workers make one of these. */
export const inWorker = makerOf({ USPS });
