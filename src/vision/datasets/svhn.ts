import { RuntimeError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { Image } from '../transforms/image.js';
import { arrayNamed, matArrays } from './mat_file.js';
import { sharedBytes } from './reader.js';
import { fileNeeded, type Reading } from './set_reading.js';
import {
  checkName,
  MemorySet,
  makerOf,
  type OpeningArguments,
  openSet,
  recordsOf,
  type SetArguments,
  type SetResource,
} from './split_set.js';

const side = 32;
const pixels = 3 * side * side;
const splits = ['train', 'test', 'extra'] as const;

interface SvhnRecords {
  readonly data: Uint8Array;
  readonly labels: Uint8Array;
}

/** Digits column by column, the last image last; the label of 0 is 10 there. */
function* reading(split: string): Reading<SvhnRecords> {
  const file = yield* fileNeeded('SVHN', `${split}_32x32.mat`);
  const arrays = yield* matArrays(file);
  const [x, y] = ['X', 'y'].map((name) => arrayNamed(file.path, arrays, name));
  const count = y.values.length;
  if (String([...x.shape, ...(x.shape.length === 3 ? [1] : [])]) !== String([side, side, 3, count]))
    throw new RuntimeError(
      `${file.path} is damaged: X is of ${x.shape.join('x')}, expected ${side}x${side}x3x${count}`,
    );
  const data = sharedBytes(count * pixels);
  const labels = sharedBytes(count);
  for (let i = 0; i < count; i++) {
    labels[i] = y.values[i] % 10;
    for (let plane = i * pixels; plane < (i + 1) * pixels; plane += side * side)
      for (let row = 0; row < side; row++)
        for (let column = 0; column < side; column++)
          data[plane + row * side + column] = x.values[plane + column * side + row];
  }
  return { data, labels };
}

const sVHNSignature = signature(
  "SVHN(str root, str split='train', Any transform=None, Any target_transform=None, bool download=False)",
);
const sVHNOpening = signature(
  "open(DatasetSource root, str split='train', Any transform=None, Any target_transform=None, bool download=False, *, bool|Callable progress=True, Any signal=None)",
);

/**
 * The Street View House Numbers (Netzer et al., "Reading Digits in Natural Images with Unsupervised Feature Learning", 2011): digits of 32x32 pixels, from
 * `train_32x32.mat` and its kind. Items are `[image, label]`.
 *
 * @param split `train`, `test` or `extra`
 * @param transform turns an `Image` into what the data set gives
 * @param targetTransform turns a target into what the data set gives
 * @param download whether to download the data if it is not there, which `open` can do
 */
export class SVHN<Picture = Image, Target = number> extends MemorySet<Picture, Target> {
  /** The file of each split. */
  static resources: Readonly<Record<string, SetResource>> = {
    train: {
      url: 'http://ufldl.stanford.edu/housenumbers/train_32x32.mat',
      md5: 'e26dedcc434d2e4c54c9b2d4a06d8373',
    },
    test: {
      url: 'http://ufldl.stanford.edu/housenumbers/test_32x32.mat',
      md5: 'eb5a983be6a315427106f1b164d9cef3',
    },
    extra: {
      url: 'http://ufldl.stanford.edu/housenumbers/extra_32x32.mat',
      md5: 'a93ce644f1a588dc4d68dda5feec44a7',
    },
  };

  readonly split: string;
  /** Every image's values: [N, 3, 32, 32] in row-major order. */
  readonly data: Uint8Array;
  /** Every image's digit. */
  readonly labels: Uint8Array;

  /**
   * @param root the folder
   * @throws RuntimeError if the files are not there or damaged; see `open` to download them
   */
  constructor(...args: Arguments<typeof sVHNSignature, SetArguments<Picture, Target>>) {
    const given = sVHNSignature.bind(args, new.target.name);
    super(given);
    this.split = checkName(given.split, 'split', splits);
    ({ data: this.data, labels: this.labels } = recordsOf('SVHN', this.root, () =>
      reading(this.split),
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
    ...args: Arguments<typeof sVHNOpening, OpeningArguments<Picture, Target>>
  ): Promise<SVHN<Picture, Target>> {
    const given = sVHNOpening.bind(args, `${this.name}.open`);
    return openSet(
      given,
      [this.resources[checkName(given.split, 'split', splits)]],
      () => reading(checkName(given.split, 'split', splits)),
      (options) => new this<Picture, Target>(options),
    );
  }

  protected image(i: number): Image {
    return Image.fromPlanes(this.data.subarray(i * pixels, (i + 1) * pixels), side, side);
  }

  protected label(i: number): number {
    return this.labels[i];
  }

  get length(): number {
    return this.labels.length;
  }

  protected extraRepr(): string {
    return `Split: ${this.split}`;
  }

  /** @internal */
  [portable](): Portable {
    const { split, data, labels } = this;
    return this.travels('svhn', 'SVHN', { split }, { data, labels });
  }
}

/** @internal How workers make one of these. */
export const inWorker = makerOf({ SVHN });
