import { IndexError, NotImplementedError, RuntimeError, ValueError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { inspect } from '../../core/inspect.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { Dataset } from '../../utils/data/dataset.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { Image } from '../transforms/image.js';
import { apply, type TransformLike } from '../transforms/transform.js';
import { type DatasetSource, isRemote, rootName } from './dataset_files.js';
import { datasetText } from './vision.js';

/** Loads a file of a folder: given its path, or the File where the folder is one of a browser's. */
export type FolderLoader<Sample> = (file: string | File) => Sample | Promise<Sample>;

/** A file's path and the number of its class. */
export type FolderSample = [path: string, target: number];

/** The endings of files that `ImageFolder` takes for images. */
const imageExtensions = ['.jpg', '.jpeg', '.png', '.ppm', '.bmp', '.pgm', '.tif', '.tiff', '.webp'];

const datasetFolder = signature(
  'DatasetFolder(DatasetSource root, Callable loader, str|str[]? extensions=None, Any transform=None, Any target_transform=None, Callable? is_valid_file=None, bool allow_empty=False)',
);
const imageFolder = signature(
  'ImageFolder(DatasetSource root, Any transform=None, Any target_transform=None, Callable? loader=None, Callable? is_valid_file=None, bool allow_empty=False)',
);

/** Folders of files by their classes: of a file system, or of Files that a browser's visitor chose. */
interface Tree {
  /** The names of the folders in this one, sorted. */
  classes(directory: string): string[];
  /** All files under a class's folder: the folders sorted, and in each its files. Null if there is no such folder. */
  files(directory: string, name: string): string[] | null;
}

/** Trees of Files by the paths that browsers give them (`<input type="file" webkitdirectory>`). */
class ChosenFiles implements Tree {
  readonly byPath = new Map<string, File>();

  constructor(files: Iterable<File>) {
    for (const file of files) {
      // Less the folder that was chosen.
      const path = file.webkitRelativePath.split('/').slice(1).join('/');
      if (path === '')
        throw new ValueError(
          `${file.name} is in no folder: choose a folder by <input type="file" webkitdirectory>, whose files have a webkitRelativePath`,
        );
      this.byPath.set(path, file);
    }
  }

  classes(): string[] {
    const folders = [...this.byPath.keys()].filter((path) => path.includes('/'));
    return [...new Set(folders.map((path) => path.slice(0, path.indexOf('/'))))].sort();
  }

  files(_: string, name: string): string[] | null {
    const found = [...this.byPath.keys()].filter((path) => path.startsWith(`${name}/`));
    const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/'));
    const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    return found.length === 0 ? null : found.sort((a, b) => order(folderOf(a), folderOf(b)) || order(a, b));
  }
}

const endsWith = (path: string, extensions: string | readonly string[]) =>
  [extensions].flat().some((extension) => path.toLowerCase().endsWith(extension as string));

interface Selection {
  readonly extensions: string | readonly string[] | null;
  readonly isValidFile: ((path: string) => boolean) | null;
  readonly allowEmpty: boolean;
}

/** The files of each class, as torchvision's `make_dataset` finds them. */
function samplesOf(
  tree: Tree,
  directory: string,
  classToIdx: Readonly<Record<string, number>>,
  { extensions, isValidFile, allowEmpty }: Selection,
): FolderSample[] {
  if (Object.keys(classToIdx).length === 0)
    throw new ValueError("'class_to_index' must have at least one entry to collect any samples.");
  if ((extensions === null) === (isValidFile === null))
    throw new ValueError('Both extensions and is_valid_file cannot be None or not None at the same time');
  const isValid = isValidFile ?? ((path: string) => endsWith(path, extensions!));
  const samples: FolderSample[] = [];
  const empty: string[] = [];
  for (const name of Object.keys(classToIdx).sort()) {
    const before = samples.length;
    for (const path of tree.files(directory, name) ?? [])
      if (isValid(path)) samples.push([path, classToIdx[name]]);
    if (samples.length === before) empty.push(name);
  }
  if (empty.length > 0 && !allowEmpty)
    throw new RuntimeError(
      `Found no valid file for the classes ${empty.join(', ')}. ` +
        (extensions === null ? '' : `Supported extensions are: ${[extensions].flat().join(', ')}`),
    );
  return samples;
}

/** The contents of a folder, which workers are given instead of looking again. */
interface Found {
  readonly classes: readonly string[];
  readonly classToIdx: Readonly<Record<string, number>>;
  readonly samples: FolderSample[];
}

let known: Found | null = null;

/**
 * A data set of files in folders named after their classes: `root/dog/1.wav`, `root/dog/more/2.wav`, `root/cat/3.wav`. Items are
 * promises of `[sample, class]`, which a `DataLoader` awaits. `findClasses` may be overridden to see only some folders as classes.
 */
export class DatasetFolder<Picture = unknown, Target = number> extends Dataset<Promise<[Picture, Target]>> {
  readonly root: string;
  readonly loader: FolderLoader<unknown>;
  readonly extensions: string | readonly string[] | null;
  readonly transform: TransformLike<never, Picture> | null;
  readonly targetTransform: TransformLike<never, Target> | null;
  /** The names of the classes, sorted. */
  readonly classes: readonly string[];
  /** The classes' numbers by name. */
  readonly classToIdx: Readonly<Record<string, number>>;
  /** Every file's path and the number of its class. */
  readonly samples: FolderSample[];
  /** The number of every file's class. */
  readonly targets: readonly number[];
  private readonly tree: Tree;

  /**
   * @param root the folder; in browsers the Files of `<input type="file" webkitdirectory>`
   * @param loader makes a sample of a file's path (of the File in browsers), or a promise of one
   * @param extensions the endings of the files that are taken, in lower case; or `isValidFile` says it
   * @param transform turns a sample into what the data set gives
   * @param targetTransform turns a class's number into what the data set gives
   * @param isValidFile says of a path whether it is taken
   * @param allowEmpty whether classes may be without files
   */
  constructor(
    ...args: Arguments<
      typeof datasetFolder,
      {
        root: DatasetSource;
        loader: FolderLoader<unknown>;
        transform: TransformLike<never, Picture> | null;
        targetTransform: TransformLike<never, Target> | null;
      }
    >
  ) {
    super();
    const given = datasetFolder.bind(args, new.target.name);
    this.root = rootName(given.root);
    this.loader = given.loader as FolderLoader<unknown>;
    this.extensions = given.extensions;
    this.transform = given.transform as TransformLike<never, Picture> | null;
    this.targetTransform = given.targetTransform as TransformLike<never, Target> | null;
    this.tree = treeOf(given.root, new.target.name);
    if (known !== null) {
      ({ classes: this.classes, classToIdx: this.classToIdx, samples: this.samples } = known);
    } else {
      [this.classes, this.classToIdx] = this.findClasses(this.root);
      this.samples = samplesOf(this.tree, this.root, this.classToIdx, given as unknown as Selection);
    }
    this.targets = this.samples.map(([, target]) => target);
  }

  /**
   * The classes in a folder, and their numbers by name.
   *
   * @param directory the folder
   */
  findClasses(directory: string): [classes: readonly string[], classToIdx: Readonly<Record<string, number>>] {
    const classes = this.tree.classes(directory);
    if (classes.length === 0) throw new RuntimeError(`Couldn't find any class folder in ${directory}.`);
    return [classes, Object.fromEntries(classes.map((name, i) => [name, i]))];
  }

  async at(index: number): Promise<[Picture, Target]> {
    const i = index < 0 ? index + this.length : index;
    const found = this.samples[i];
    if (found === undefined) throw new IndexError('list index out of range');
    const [path, target] = found;
    const file = this.tree instanceof ChosenFiles ? this.tree.byPath.get(path)! : path;
    const sample = await this.loader(file);
    return [
      (this.transform === null ? sample : apply(this.transform, sample)) as Picture,
      (this.targetTransform === null ? target : apply(this.targetTransform, target)) as Target,
    ];
  }

  get length(): number {
    return this.samples.length;
  }

  override toString(): string {
    return datasetText(this, []);
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }

  /** @internal */
  [portable](): Portable {
    const { root, loader, extensions, transform, targetTransform } = this;
    return this.travels('DatasetFolder', [root, loader, extensions, transform, targetTransform]);
  }

  /** @internal How this travels, as a class of this module of these arguments. */
  protected travels(name: string, args: readonly unknown[]): Portable {
    const { classes, classToIdx, samples } = this;
    const found: Found = { classes, classToIdx, samples };
    return {
      module: host().module('vision/datasets/folder.js'),
      name: 'inWorker',
      args: [name, args, found],
    };
  }
}

takes(DatasetFolder.prototype, ['find_classes(str directory)']);

/** A picture in RGB, as torchvision's own loader gives it. */
const loadImage = async (file: string | File) => (await Image.open(file)).convert('RGB');

/**
 * A data set of pictures in folders named after their classes: `root/dog/1.png`, `root/dog/more/2.jpg`, `root/cat/3.webp`. Items are
 * promises of `[image, class]`, which a `DataLoader` awaits; images are RGB. In Node all but PNG files need the package `sharp`.
 *
 * @example
 * const set = new torchvision.datasets.ImageFolder('./pets', { transform: new ToTensor() });
 * for await (const [images, labels] of new DataLoader(set, { batchSize: 4 })) …
 */
export class ImageFolder<Picture = Image, Target = number> extends DatasetFolder<Picture, Target> {
  /**
   * @param root the folder; in browsers the Files of `<input type="file" webkitdirectory>`
   * @param transform turns an image into what the data set gives
   * @param targetTransform turns a class's number into what the data set gives
   * @param loader makes an image of a file's path (of the File in browsers), or a promise of one
   * @param isValidFile says of a path whether it is taken, instead of its ending
   * @param allowEmpty whether classes may be without files
   */
  constructor(
    ...args: Arguments<
      typeof imageFolder,
      {
        root: DatasetSource;
        transform: TransformLike<never, Picture> | null;
        targetTransform: TransformLike<never, Target> | null;
        loader: FolderLoader<unknown> | null;
      }
    >
  ) {
    const given = imageFolder.bind(args, new.target.name);
    super({
      ...given,
      loader: given.loader ?? loadImage,
      extensions: given.isValidFile === null ? imageExtensions : null,
    } as never);
  }

  /** Every file's path and the number of its class: `samples`. */
  get imgs(): FolderSample[] {
    return this.samples;
  }

  /** @internal */
  override [portable](): Portable {
    const { root, transform, targetTransform, loader } = this;
    return this.travels('ImageFolder', [
      root,
      transform,
      targetTransform,
      loader === loadImage ? null : loader,
    ]);
  }
}

function treeOf(root: DatasetSource, name: string): Tree {
  if (!isRemote(root)) return host().folders(name);
  if (typeof root === 'string' || root instanceof URL)
    throw new NotImplementedError(
      `${name} reads a folder's files only in Node, by its path; in browsers give it the files of <input type="file" webkitdirectory>`,
    );
  return new ChosenFiles(root);
}

/** @internal How workers make one of these. */
export function inWorker(name: string, args: readonly unknown[], found: Found): DatasetFolder {
  known = found;
  try {
    return Reflect.construct(name === 'ImageFolder' ? ImageFolder : DatasetFolder, args) as DatasetFolder;
  } finally {
    known = null;
  }
}
