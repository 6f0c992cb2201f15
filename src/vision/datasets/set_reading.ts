/**
 * Reading a data set's files. What a data set reads is written once, as a generator that asks for one thing at a time: in Node the answers are
 * there at once, elsewhere they are waited for.
 */
import { NotImplementedError, RuntimeError } from '../../core/errors.js';
import type { DatasetFile, DatasetSource } from './dataset_files.js';
import { read } from './reader.js';
import type { Packing } from './records.js';

/** A question: for the first of these files that there is, the names in a folder, what bytes of a file unpack to, or the dictionary in a pickle. */
export type ReadingQuestion =
  | { readonly files: readonly string[] }
  | { readonly folder: string }
  | { readonly packed: Uint8Array; readonly by: Packing; readonly path: string }
  | { readonly pickle: DatasetFile };

/** Asks questions until it has a data set's records. */
export type Reading<T> = Generator<ReadingQuestion, T, unknown>;

/** The first of these files that there is; null if there is none. */
export function* fileIfThere(...files: string[]): Reading<DatasetFile | null> {
  return (yield { files }) as DatasetFile | null;
}

/** The names in a folder, sorted; null if there is no such folder. */
export function* namesIn(folder: string): Reading<readonly string[] | null> {
  return (yield { folder }) as readonly string[] | null;
}

export function* unpacking(packed: Uint8Array, by: Packing, path: string): Reading<Uint8Array> {
  return (yield { packed, by, path }) as Uint8Array;
}

/** The dictionary in a pickle, with its arrays as bytes. */
export function* unpickling(pickle: DatasetFile): Reading<Readonly<Record<string, unknown>>> {
  return (yield { pickle }) as Readonly<Record<string, unknown>>;
}

/** A file, or the data set's error. @param owner the data set's class */
export function* fileNeeded(owner: string, ...files: string[]): Reading<DatasetFile> {
  const found = yield* fileIfThere(...files);
  if (found === null) throw notFound(owner, files.join(' or '));
  return found;
}

/** The missing files, by the error that says so. */
const missing = new WeakMap<object, string>();

/** torchvision's error for files that are not there. */
export function notFound(owner: string, what: string): RuntimeError {
  const error = new RuntimeError(
    'Dataset not found or corrupted. You can use download: true to download it ' +
      `(no ${what}; await ${owner}.open(root, { download: true }))`,
  );
  missing.set(error, what);
  return error;
}

/** The lines of a text, without an empty one at its end. */
export function linesOf({ bytes }: DatasetFile): string[] {
  return new TextDecoder().decode(bytes).trimEnd().split(/\r?\n/);
}

/** Files whose reading must be waited for. */
export interface SetPlace {
  /** Names it in errors. */
  readonly name: string;
  read(path: string): Promise<DatasetFile | null>;
  /** The names in a folder, sorted; null if there is none. */
  list(path: string): readonly string[] | null;
  /** The path or File of a file. */
  file(path: string): string | File;
}

/** A folder with an address, which cannot be listed. */
class AddressedFolder implements SetPlace {
  constructor(private readonly base: string) {}

  get name(): string {
    return this.base;
  }

  read(path: string): Promise<DatasetFile | null> {
    return read(this.file(path));
  }

  list(path: string): never {
    throw new NotImplementedError(
      `the names of the files in ${this.file(path)} are not to be had: give the files of <input type="file" webkitdirectory>`,
    );
  }

  file(path: string): string {
    return `${this.base.replace(/\/$/, '')}/${path}`;
  }
}

/** So many files that were given are named in an error. */
const MOST_NAMES = 10;

/** Files that a browser's visitor chose, by the paths that they have in the folder that was chosen, or above it. */
class GivenFiles implements SetPlace {
  readonly name: string;
  private readonly files = new Map<string, File>();

  constructor(given: Iterable<File>) {
    const files = [...given];
    const names = files.slice(0, MOST_NAMES).map((file) => file.name);
    this.name = `the files given: ${names.join(', ') || 'none'}${files.length > MOST_NAMES ? ' …' : ''}`;
    for (const file of files) {
      const path = file.webkitRelativePath || file.name;
      this.files.set(path, file);
      const inside = path.replace(/^[^/]*\//, '');
      if (!this.files.has(inside)) this.files.set(inside, file);
    }
  }

  private find(path: string): File | undefined {
    // Files that were chosen without a folder have no more than a name.
    const bare = this.files.get(path.replace(/^.*\//, ''));
    return this.files.get(path) ?? (bare?.webkitRelativePath ? undefined : bare);
  }

  async read(path: string): Promise<DatasetFile | null> {
    const file = this.find(path);
    return file === undefined ? null : { path, bytes: new Uint8Array(await file.arrayBuffer()) };
  }

  list(path: string): readonly string[] | null {
    const names = new Set<string>();
    for (const key of this.files.keys())
      if (key.startsWith(`${path}/`)) names.add(key.slice(path.length + 1).replace(/\/.*$/, ''));
    return names.size === 0 ? null : [...names].sort();
  }

  file(path: string): File {
    const file = this.find(path);
    if (file === undefined) throw new RuntimeError(`${path} is not among the files that were given`);
    return file;
  }
}

export function placeOf(from: DatasetSource): SetPlace {
  return typeof from === 'string' || from instanceof URL
    ? new AddressedFolder(String(from))
    : new GivenFiles(from);
}

/** A reading's next question. Nothing is downloaded to places like these: errors do not speak of it, but of the place. */
function nextOf<T>(
  reading: Reading<T>,
  answer: unknown,
  place: SetPlace,
): IteratorResult<ReadingQuestion, T> {
  try {
    return reading.next(answer);
  } catch (error) {
    const what = missing.get(error as object);
    if (what === undefined) throw error;
    throw new RuntimeError(`Dataset not found or corrupted. (no ${what} in ${place.name})`);
  }
}

/** The records that a reading ends with, of files that are waited for. */
export async function readFrom<T>(place: SetPlace, reading: Reading<T>): Promise<T> {
  let answer: unknown;
  for (;;) {
    const { value, done } = nextOf(reading, answer, place);
    if (done) return value;
    if ('folder' in value) answer = place.list(value.folder);
    else if ('packed' in value)
      answer = await (await import('./records.js')).unpack(value.packed, value.by, value.path);
    else if ('pickle' in value) answer = (await import('./records.js')).readPickle(value.pickle);
    else {
      answer = null;
      for (const path of value.files) {
        answer = await place.read(path);
        if (answer !== null) break;
      }
    }
  }
}

/** Records, and where the files are that they name: null for a folder of the file system. */
export interface OpenedSet<R> {
  readonly records: R;
  readonly place: SetPlace | null;
}
