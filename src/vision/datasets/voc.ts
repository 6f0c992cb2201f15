import { RuntimeError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { decodePngFile } from '../io/png_decoder.js';
import { Image } from '../transforms/image.js';
import { fileNeeded, linesOf, type Reading } from './set_reading.js';
import {
  checkName,
  FileSet,
  loadImage,
  makerOf,
  type OpeningArguments,
  openSet,
  type PairTransform,
  recordsOf,
  type SetArguments,
  type SetResource,
} from './split_set.js';
import { parseXml, type XmlElement } from './xml.js';

const years = ['2007', '2008', '2009', '2010', '2011', '2012'] as const;

interface VOCArchive extends SetResource {
  /** The folder in it. */
  readonly base: string;
}

const archive = (year: string, name: string, md5: string, base = `VOCdevkit/VOC${year}`): VOCArchive => ({
  url: `https://thor.robots.ox.ac.uk/pascal/VOC/voc${year}/${name}.tar`,
  md5,
  unpack: true,
  base,
});

/** The archives by years, and that of the test images of 2007. */
const archives: Readonly<Record<string, VOCArchive>> = {
  2012: archive('2012', 'VOCtrainval_11-May-2012', '6cd6e144f989b92b3379bac3b3de84fd'),
  2011: archive(
    '2011',
    'VOCtrainval_25-May-2011',
    '6c3384ef61512963050cb5d687e5bf1e',
    'TrainVal/VOCdevkit/VOC2011',
  ),
  2010: archive('2010', 'VOCtrainval_03-May-2010', 'da459979d0c395079b5c75ee67908abb'),
  2009: archive('2009', 'VOCtrainval_11-May-2009', 'a3e00b113cfcfebf17e343f59da3caa1'),
  2008: archive('2008', 'VOCtrainval_14-Jul-2008', '2629fa636546599198acfcfbfcf1904a'),
  2007: archive('2007', 'VOCtrainval_06-Nov-2007', 'c52e279531787c972589f7e41ab4ae64'),
  '2007-test': archive('2007', 'VOCtest_06-Nov-2007', 'b6e924de25625d8de591ea690078ad9f'),
};

interface VOCChoice {
  readonly year: string;
  readonly imageSet: string;
}

/** The name of a year's archive, of names that there are. */
function keyOf({ year, imageSet }: VOCChoice): string {
  checkName(year, 'year', years);
  const sets = ['train', 'trainval', 'val'];
  checkName(imageSet, 'image_set', year === '2007' ? [...sets, 'test'] : sets);
  return year === '2007' && imageSet === 'test' ? '2007-test' : year;
}

/** The names of a set's images, less their endings. */
function* reading(owner: string, folder: string, chosen: VOCChoice): Reading<readonly string[]> {
  const { base } = archives[keyOf(chosen)];
  const file = yield* fileNeeded(owner, `${base}/ImageSets/${folder}/${chosen.imageSet}.txt`);
  return linesOf(file).map((line) => line.trim());
}

/** The contents of an element as torchvision has them: a text, or a dictionary of what its children hold. */
export type VOCValue = string | { readonly [name: string]: VOCValue | readonly VOCValue[] };

/** An annotation: a dictionary of one, `annotation`, whose `object` is a list. */
export type VOCAnnotation = Readonly<Record<string, VOCValue>>;

function valueOf(element: XmlElement): VOCValue {
  const { name, children, text } = element;
  if (children.length === 0) return text.trim();
  const lists = new Map<string, VOCValue[]>();
  for (const child of children) lists.set(child.name, [...(lists.get(child.name) ?? []), valueOf(child)]);
  // Each list of one is its item, but for the objects.
  if (name === 'annotation' && !lists.has('object')) lists.set('object', []);
  return Object.fromEntries(
    [...lists].map(([key, values]) => [
      key,
      values.length === 1 && !(name === 'annotation' && key === 'object') ? values[0] : values,
    ]),
  );
}

/** The numbers of a palette's colours, as an image of one channel: what NumPy makes of PIL's image of mode P. */
async function classesOf(bytes: Uint8Array, path: string): Promise<Image> {
  const { samples, width, height, channels } = await decodePngFile(bytes);
  if (channels !== 1 || !(samples instanceof Uint8Array))
    throw new RuntimeError(`${path} is damaged: it is no picture of classes`);
  return Image.fromPlanes(samples, width, height, 1);
}

const vocSegmentationSignature = signature(
  "VOCSegmentation(str root, str year='2012', str image_set='train', bool download=False, Any transform=None, Any target_transform=None, Any transforms=None)",
);
const vocSegmentationOpening = signature(
  "open(DatasetSource root, str year='2012', str image_set='train', bool download=False, Any transform=None, Any target_transform=None, Any transforms=None, *, bool|Callable progress=True, Any signal=None)",
);
const vocSegmentationReading = (chosen: VOCChoice) => reading('VOCSegmentation', 'Segmentation', chosen);

/**
 * The segmentation data of Pascal VOC (Everingham et al., "The Pascal Visual Object Classes Challenge", 2010), in `VOCdevkit/VOC2012` and its kind. Items are promises
 * of `[image, target]`; the target is an image of the numbers of classes, with 255 for none.
 *
 * @param year from `2007` to `2012`
 * @param imageSet `train`, `trainval` or `val`; of 2007 also `test`
 * @param download whether to download the data if it is not there, which `open` can do
 * @param transform turns an `Image` into what the data set gives
 * @param targetTransform turns a target into what the data set gives
 * @param transforms turns an image and its target into what the data set gives, instead of these two
 */
export class VOCSegmentation<Picture = Image, Target = Image> extends FileSet<Picture, Target> {
  /** The archives, by years. */
  static resources: Readonly<Record<string, SetResource>> = archives;
  readonly year: string;
  readonly imageSet: string;
  /** The paths of the images, under the root. */
  readonly images: readonly string[];
  /** The paths of the pictures of classes, under the root. */
  readonly masks: readonly string[];

  /**
   * @param root the folder
   * @throws RuntimeError if the files are not there; see `open` to download them
   */
  constructor(
    ...args: Arguments<
      typeof vocSegmentationSignature,
      SetArguments<Picture, Target> & { transforms: PairTransform }
    >
  ) {
    const given = vocSegmentationSignature.bind(args, new.target.name);
    const opened = recordsOf('VOCSegmentation', given.root, () => vocSegmentationReading(given));
    super(given, opened);
    this.year = given.year;
    this.imageSet = given.imageSet;
    const { base } = archives[keyOf(given)];
    this.images = opened.records.map((name) => `${base}/JPEGImages/${name}.jpg`);
    this.masks = opened.records.map((name) => `${base}/SegmentationClass/${name}.png`);
  }

  /**
   * As the constructor, and also from where reading must be waited for: a URL of such a folder, or File objects, as an
   * `<input type="file">` gives them. Downloads the data to `root` first if asked to and needed.
   *
   * @param root the folder, its URL, or the files
   * @param progress whether to show a progress bar; or a function that is told how many bytes there are, of how many
   * @param signal ends the download
   */
  static async open<Picture = Image, Target = Image>(
    ...args: Arguments<
      typeof vocSegmentationOpening,
      OpeningArguments<Picture, Target> & { transforms: PairTransform }
    >
  ): Promise<VOCSegmentation<Picture, Target>> {
    const given = vocSegmentationOpening.bind(args, `${this.name}.open`);
    return openSet(
      given,
      [this.resources[keyOf(given)]],
      () => vocSegmentationReading(given),
      (options) => new this<Picture, Target>(options),
    );
  }

  protected async load(i: number): Promise<readonly [unknown, unknown]> {
    const image = await loadImage(this.file(this.images[i]));
    const path = this.masks[i];
    const bytes = await this.contents(path);
    return [image, await classesOf(bytes, path)];
  }

  get length(): number {
    return this.images.length;
  }

  protected extraRepr(): string {
    return '';
  }

  /** @internal */
  [portable](): Portable {
    const { year, imageSet, transforms } = this;
    return this.travels('voc', 'VOCSegmentation', { year, imageSet, transforms }, this.records);
  }
}

const vocDetectionSignature = signature(
  "VOCDetection(str root, str year='2012', str image_set='train', bool download=False, Any transform=None, Any target_transform=None, Any transforms=None)",
);
const vocDetectionOpening = signature(
  "open(DatasetSource root, str year='2012', str image_set='train', bool download=False, Any transform=None, Any target_transform=None, Any transforms=None, *, bool|Callable progress=True, Any signal=None)",
);
const vocDetectionReading = (chosen: VOCChoice) => reading('VOCDetection', 'Main', chosen);

/**
 * The detection data of Pascal VOC (Everingham et al., "The Pascal Visual Object Classes Challenge", 2010), in `VOCdevkit/VOC2012` and its kind. Items are promises of
 * `[image, target]`; the target is a dictionary of the annotation's XML.
 *
 * @param year from `2007` to `2012`
 * @param imageSet `train`, `trainval` or `val`; of 2007 also `test`
 * @param download whether to download the data if it is not there, which `open` can do
 * @param transform turns an `Image` into what the data set gives
 * @param targetTransform turns a target into what the data set gives
 * @param transforms turns an image and its target into what the data set gives, instead of these two
 */
export class VOCDetection<Picture = Image, Target = VOCAnnotation> extends FileSet<Picture, Target> {
  /** The archives, by years. */
  static resources: Readonly<Record<string, SetResource>> = archives;
  readonly year: string;
  readonly imageSet: string;
  /** The paths of the images, under the root. */
  readonly images: readonly string[];
  /** The paths of the annotations, under the root. */
  readonly annotations: readonly string[];

  /**
   * @param root the folder
   * @throws RuntimeError if the files are not there; see `open` to download them
   */
  constructor(
    ...args: Arguments<
      typeof vocDetectionSignature,
      SetArguments<Picture, Target> & { transforms: PairTransform }
    >
  ) {
    const given = vocDetectionSignature.bind(args, new.target.name);
    const opened = recordsOf('VOCDetection', given.root, () => vocDetectionReading(given));
    super(given, opened);
    this.year = given.year;
    this.imageSet = given.imageSet;
    const { base } = archives[keyOf(given)];
    this.images = opened.records.map((name) => `${base}/JPEGImages/${name}.jpg`);
    this.annotations = opened.records.map((name) => `${base}/Annotations/${name}.xml`);
  }

  /**
   * As the constructor, and also from where reading must be waited for: a URL of such a folder, or File objects, as an
   * `<input type="file">` gives them. Downloads the data to `root` first if asked to and needed.
   *
   * @param root the folder, its URL, or the files
   * @param progress whether to show a progress bar; or a function that is told how many bytes there are, of how many
   * @param signal ends the download
   */
  static async open<Picture = Image, Target = VOCAnnotation>(
    ...args: Arguments<
      typeof vocDetectionOpening,
      OpeningArguments<Picture, Target> & { transforms: PairTransform }
    >
  ): Promise<VOCDetection<Picture, Target>> {
    const given = vocDetectionOpening.bind(args, `${this.name}.open`);
    return openSet(
      given,
      [this.resources[keyOf(given)]],
      () => vocDetectionReading(given),
      (options) => new this<Picture, Target>(options),
    );
  }

  protected async load(i: number): Promise<readonly [unknown, unknown]> {
    const image = await loadImage(this.file(this.images[i]));
    const path = this.annotations[i];
    const bytes = await this.contents(path);
    const root = parseXml(path, new TextDecoder().decode(bytes));
    return [image, { [root.name]: valueOf(root) }];
  }

  get length(): number {
    return this.images.length;
  }

  protected extraRepr(): string {
    return '';
  }

  /** @internal */
  [portable](): Portable {
    const { year, imageSet, transforms } = this;
    return this.travels('voc', 'VOCDetection', { year, imageSet, transforms }, this.records);
  }
}

/** @internal How workers make one of these. */
export const inWorker = makerOf({ VOCDetection, VOCSegmentation });
