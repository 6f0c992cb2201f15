import { RuntimeError, TypeError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { readSource } from '../io/image_source.js';
import type { Image } from '../transforms/image.js';
import { type DatasetSource, isRemote, rootName } from './dataset_files.js';
import type { OpenedSet } from './set_reading.js';
import { fileIfThere, placeOf, type Reading } from './set_reading.js';
import {
  FileSet,
  loadImage,
  makerOf,
  type PairTransform,
  type SetArguments,
  type SetTransforms,
} from './split_set.js';
import { givenRecords, ofRecords } from './vision.js';

/** An annotation, as the file has it: of detection with `bbox` (left, top, width, height) and `category_id`, of captions with `caption`. */
export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  readonly [name: string]: unknown;
}

/** An image, as the file has it. */
export interface CocoImage {
  readonly id: number;
  readonly file_name: string;
  readonly [name: string]: unknown;
}

/** The contents of a file of annotations, by numbers: what pycocotools' `COCO` holds. */
export interface CocoIndex {
  readonly imgs: ReadonlyMap<number, CocoImage>;
  readonly anns: ReadonlyMap<number, CocoAnnotation>;
  readonly cats: ReadonlyMap<
    number,
    { readonly id: number; readonly name: string; readonly [name: string]: unknown }
  >;
  readonly imgToAnns: ReadonlyMap<number, readonly CocoAnnotation[]>;
}

/** A file's text, or where it is. */
type AnnotationFile = string | URL | File;

const isListOfObjects = (list: unknown): boolean =>
  Array.isArray(list) && list.every((item) => typeof item === 'object' && item !== null);

function parse(path: string, bytes: Uint8Array): CocoIndex {
  let data: {
    images?: CocoImage[];
    annotations?: CocoAnnotation[];
    categories?: { id: number; name: string }[];
  };
  try {
    data = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new RuntimeError(`${path} is damaged: ${(error as Error).message}`);
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new TypeError(`annotation file format ${Array.isArray(data) ? 'list' : typeof data} not supported`);
  for (const [name, list] of Object.entries(data))
    if (['images', 'annotations', 'categories'].includes(name) && !isListOfObjects(list))
      throw new RuntimeError(`${path} is damaged: its ${name} are no list of objects`);
  const byId = <T extends { id: number }>(list: readonly T[] = []) =>
    new Map(list.map((item) => [item.id, item]));
  const imgToAnns = new Map<number, CocoAnnotation[]>();
  for (const annotation of data.annotations ?? []) {
    const list = imgToAnns.get(annotation.image_id);
    if (list === undefined) imgToAnns.set(annotation.image_id, [annotation]);
    else list.push(annotation);
  }
  return { imgs: byId(data.images), anns: byId(data.annotations), cats: byId(data.categories), imgToAnns };
}

/** The annotations at a path, which is no part of the root. */
function* reading(path: string): Reading<CocoIndex> {
  const file = yield* fileIfThere(path);
  if (file === null) throw new RuntimeError(`there is no file of annotations at ${path}`);
  return parse(file.path, file.bytes);
}

/** Of a root beside them. */
function opened(owner: string, annFile: string): OpenedSet<CocoIndex> {
  return (
    givenRecords<OpenedSet<CocoIndex>>() ?? {
      records: host().folders(owner).readAtOnce('', reading(annFile)),
      place: null,
    }
  );
}

async function openCoco<T>(
  root: DatasetSource,
  annFile: AnnotationFile,
  make: (root: string, annFile: string) => T,
): Promise<T> {
  const name = typeof annFile === 'string' || annFile instanceof URL ? String(annFile) : annFile.name;
  if (!isRemote(root) && typeof annFile === 'string') return make(rootName(root), annFile);
  const { bytes } = await readSource(annFile);
  const given: OpenedSet<CocoIndex> = {
    records: parse(name, bytes),
    place: isRemote(root) ? placeOf(root) : null,
  };
  return ofRecords(given, () => make(rootName(root), name));
}

const cocoDetectionSignature = signature(
  'CocoDetection(str root, str ann_file, Any transform=None, Any target_transform=None, Any transforms=None)',
);
const cocoDetectionOpening = signature(
  'open(DatasetSource root, Any ann_file, Any transform=None, Any target_transform=None, Any transforms=None)',
);

/**
 * MS COCO (Lin et al., "Microsoft COCO: Common Objects in Context", 2014): items are promises of `[image, annotations]`, of the images' numbers in their order.
 */
export class CocoDetection<Picture = Image, Target = readonly CocoAnnotation[]> extends FileSet<
  Picture,
  Target
> {
  /** The contents of the file of annotations. */
  readonly coco: CocoIndex;
  /** The numbers of the images, sorted. */
  readonly ids: readonly number[];
  private readonly annFile: string;

  /**
   * @param root the folder of the images
   * @param annFile the file of annotations
   * @param transform turns an `Image` into what the data set gives
   * @param targetTransform turns a target into what the data set gives
   * @param transforms turns an image and its target into what the data set gives, instead of these two
   */
  constructor(
    ...args: Arguments<
      typeof cocoDetectionSignature,
      SetArguments<Picture, Target> & { transforms: PairTransform }
    >
  ) {
    const given = cocoDetectionSignature.bind(args, new.target.name);
    const all = opened(new.target.name, given.annFile);
    super(given, all);
    this.annFile = given.annFile;
    this.coco = all.records;
    this.ids = [...this.coco.imgs.keys()].sort((a, b) => a - b);
  }

  /**
   * As the constructor, and also from where reading must be waited for: a URL of such a folder, or File objects, as an
   * `<input type="file">` gives them.
   *
   * @param root the folder of the images, its URL, or the files
   * @param annFile the file of annotations: its path, its URL or a File
   * @param transform turns an `Image` into what the data set gives
   * @param targetTransform turns a target into what the data set gives
   * @param transforms turns an image and its target into what the data set gives, instead of these two
   */
  static async open<Picture = Image, Target = readonly CocoAnnotation[]>(
    ...args: Arguments<
      typeof cocoDetectionOpening,
      SetTransforms<Picture, Target> & {
        root: DatasetSource;
        annFile: AnnotationFile;
        transforms: PairTransform;
      }
    >
  ): Promise<CocoDetection<Picture, Target>> {
    const { root, annFile, ...options } = cocoDetectionOpening.bind(args, `${this.name}.open`);
    return openCoco(
      root,
      annFile as AnnotationFile,
      (name, ann) => new this<Picture, Target>({ ...options, root: name, annFile: ann } as never),
    );
  }

  /** @internal The target of an image, by its number. */
  protected targetOf(id: number): unknown {
    return this.coco.imgToAnns.get(id) ?? [];
  }

  protected async load(i: number): Promise<readonly [unknown, unknown]> {
    const id = this.ids[i];
    return [await loadImage(this.file(this.coco.imgs.get(id)!.file_name)), this.targetOf(id)];
  }

  get length(): number {
    return this.ids.length;
  }

  protected extraRepr(): string {
    return '';
  }

  /** @internal */
  [portable](): Portable {
    const { annFile, transforms } = this;
    const name = this instanceof CocoCaptions ? 'CocoCaptions' : 'CocoDetection';
    return this.travels('coco', name, { annFile, transforms }, this.records);
  }
}

const cocoCaptionsSignature = signature(
  'CocoCaptions(str root, str ann_file, Any transform=None, Any target_transform=None, Any transforms=None)',
);
const cocoCaptionsOpening = signature(
  'open(DatasetSource root, Any ann_file, Any transform=None, Any target_transform=None, Any transforms=None)',
);

/**
 * The captions of MS COCO (Chen et al., "Microsoft COCO Captions", 2015): items are promises of `[image, captions]`.
 */
export class CocoCaptions<Picture = Image, Target = readonly string[]> extends CocoDetection<
  Picture,
  Target
> {
  /**
   * @param root the folder of the images
   * @param annFile the file of annotations
   * @param transform turns an `Image` into what the data set gives
   * @param targetTransform turns a target into what the data set gives
   * @param transforms turns an image and its target into what the data set gives, instead of these two
   */
  constructor(
    ...args: Arguments<
      typeof cocoCaptionsSignature,
      SetArguments<Picture, Target> & { transforms: PairTransform }
    >
  ) {
    super(cocoCaptionsSignature.bind(args, new.target.name) as never);
  }

  /**
   * As the constructor, and also from where reading must be waited for: a URL of such a folder, or File objects, as an
   * `<input type="file">` gives them.
   *
   * @param root the folder of the images, its URL, or the files
   * @param annFile the file of annotations: its path, its URL or a File
   * @param transform turns an `Image` into what the data set gives
   * @param targetTransform turns a target into what the data set gives
   * @param transforms turns an image and its target into what the data set gives, instead of these two
   */
  static override async open<Picture = Image, Target = readonly string[]>(
    ...args: Arguments<
      typeof cocoCaptionsOpening,
      SetTransforms<Picture, Target> & {
        root: DatasetSource;
        annFile: AnnotationFile;
        transforms: PairTransform;
      }
    >
  ): Promise<CocoCaptions<Picture, Target>> {
    const { root, annFile, ...options } = cocoCaptionsOpening.bind(args, `${this.name}.open`);
    return openCoco(
      root,
      annFile as AnnotationFile,
      (name, ann) => new this<Picture, Target>({ ...options, root: name, annFile: ann } as never),
    );
  }

  /** @internal */
  protected override targetOf(id: number): unknown {
    return (this.coco.imgToAnns.get(id) ?? []).map(({ caption }) => caption);
  }
}

/** @internal How workers make one of these. */
export const inWorker = makerOf({ CocoDetection, CocoCaptions });
