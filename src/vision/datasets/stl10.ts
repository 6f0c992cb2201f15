import { RuntimeError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { Image } from '../transforms/image.js';
import { sharedBytes } from './reader.js';
import { fileIfThere, fileNeeded, linesOf, type Reading } from './set_reading.js';
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

const side = 96;
const pixels = 3 * side * side;
const base = 'stl10_binary';
const splits = ['train', 'train+unlabeled', 'unlabeled', 'test'] as const;

interface Stl10Records {
  readonly data: Uint8Array;
  /** -1 where there is none. */
  readonly labels: Int8Array;
  readonly classes: readonly string[] | null;
}

function checkFolds(folds: number | null): number | null {
  if (folds !== null && !(Number.isInteger(folds) && folds >= 0 && folds < 10))
    throw new ValueError(`Value for argument folds should be in the range [0, 10), but got ${folds}.`);
  return folds;
}

/** Images whose planes lie column by column. */
function* images(name: string): Reading<Uint8Array> {
  const { path, bytes } = yield* fileNeeded('STL10', `${base}/${name}_X.bin`);
  if (bytes.length % pixels !== 0)
    throw new RuntimeError(`${path} is truncated: ${bytes.length} bytes are no whole number of images`);
  return bytes;
}

function* reading(split: string, folds: number | null): Reading<Stl10Records> {
  const parts: { bytes: Uint8Array; labels: Uint8Array | null; chosen: number[] | null }[] = [];
  if (split !== 'unlabeled') {
    const name = split === 'test' ? 'test' : 'train';
    const bytes = yield* images(name);
    const { bytes: labels } = yield* fileNeeded('STL10', `${base}/${name}_y.bin`);
    let chosen: number[] | null = null;
    if (folds !== null && split !== 'test') {
      const lines = linesOf(yield* fileNeeded('STL10', `${base}/fold_indices.txt`));
      chosen = (lines[folds] ?? '').trim().split(/\s+/).map(Number);
    }
    parts.push({ bytes, labels, chosen });
  }
  if (split.endsWith('unlabeled'))
    parts.push({ bytes: yield* images('unlabeled'), labels: null, chosen: null });
  const names = yield* fileIfThere(`${base}/class_names.txt`);
  const counts = parts.map(({ bytes, chosen }) => chosen?.length ?? bytes.length / pixels);
  const count = counts.reduce((sum, n) => sum + n, 0);
  const data = sharedBytes(count * pixels);
  const labels = new Int8Array(sharedBytes(count).buffer);
  let to = 0;
  for (const [p, { bytes, labels: own, chosen }] of parts.entries()) {
    for (let k = 0; k < counts[p]; k++, to++) {
      const from = chosen?.[k] ?? k;
      if (!(from * pixels < bytes.length))
        throw new RuntimeError(`${base}/fold_indices.txt names image ${from}, which there is not`);
      labels[to] = own === null ? -1 : own[from] - 1;
      for (let plane = 0; plane < pixels; plane += side * side)
        for (let row = 0; row < side; row++)
          for (let column = 0; column < side; column++)
            data[to * pixels + plane + row * side + column] =
              bytes[from * pixels + plane + column * side + row];
    }
  }
  return { data, labels, classes: names === null ? null : linesOf(names) };
}

const sTL10Signature = signature(
  "STL10(str root, str split='train', int? folds=None, Any transform=None, Any target_transform=None, bool download=False)",
);
const sTL10Opening = signature(
  "open(DatasetSource root, str split='train', int? folds=None, Any transform=None, Any target_transform=None, bool download=False, *, bool|Callable progress=True, Any signal=None)",
);

/**
 * STL-10 (Coates, Lee and Ng, "An Analysis of Single Layer Networks in Unsupervised Feature Learning", 2011): images of 96x96 pixels in ten classes, and many of
 * none, in `stl10_binary`. Items are `[image, label]`, with -1 for no label.
 *
 * @param split `train`, `test`, `unlabeled` or `train+unlabeled`
 * @param folds which of ten parts of the training images, 0 to 9; all by default
 * @param transform turns an `Image` into what the data set gives
 * @param targetTransform turns a target into what the data set gives
 * @param download whether to download the data if it is not there, which `open` can do
 */
export class STL10<Picture = Image, Target = number> extends MemorySet<Picture, Target> {
  /** The archive. */
  static resources: readonly SetResource[] = [
    {
      url: 'http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz',
      md5: '91f7769df0f17e558f3565bffb0c7dfb',
      unpack: true,
    },
  ];

  readonly split: string;
  readonly folds: number | null;
  /** Every image's values: [N, 3, 96, 96] in row-major order. */
  readonly data: Uint8Array;
  /** Every image's label, from 0; -1 where there is none. */
  readonly labels: Int8Array;
  /** The names of the classes, if the files say them. */
  readonly classes: readonly string[] | null;

  /**
   * @param root the folder
   * @throws RuntimeError if the files are not there or damaged; see `open` to download them
   */
  constructor(...args: Arguments<typeof sTL10Signature, SetArguments<Picture, Target>>) {
    const given = sTL10Signature.bind(args, new.target.name);
    super(given);
    this.split = checkName(given.split, 'split', splits);
    this.folds = checkFolds(given.folds);
    const { records } = recordsOf('STL10', this.root, () => reading(this.split, this.folds));
    ({ data: this.data, labels: this.labels, classes: this.classes } = records);
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
    ...args: Arguments<typeof sTL10Opening, OpeningArguments<Picture, Target>>
  ): Promise<STL10<Picture, Target>> {
    const given = sTL10Opening.bind(args, `${this.name}.open`);
    return openSet(
      given,
      this.resources,
      () => reading(checkName(given.split, 'split', splits), checkFolds(given.folds)),
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
    const { split, folds, data, labels, classes } = this;
    return this.travels('stl10', 'STL10', { split, folds }, { data, labels, classes });
  }
}

/** @internal How workers make one of these. */
export const inWorker = makerOf({ STL10 });
