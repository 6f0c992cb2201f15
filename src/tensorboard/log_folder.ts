/** Places that logs are written to. */
import { NotImplementedError } from '../core/errors.js';
import { host } from '../core/host.js';
import { libraryClass } from '../core/object.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takes } from '../core/signature/takes.js';
import { concatenate } from '../io/sink.js';

/** A file that grows. */
export interface LogFile {
  /** Adds bytes at the end. Where it gives a promise, the next call waits for that. */
  write(bytes: Uint8Array): unknown;
  /** Makes sure that what was written can be read by others. */
  flush?(): unknown;
  /** Called once, when nothing more comes. */
  close?(): unknown;
}

/** A folder of logs. Paths in it are separated by `/`. */
export interface LogFolder {
  /** Its name, of which names of runs are made. */
  readonly name: string;
  /** Whether there is a file or folder of that path. */
  exists(path: string): boolean;
  /** A new, empty file; folders on the way to it are made. */
  create(path: string): LogFile;
  /** Takes a file away. */
  remove?(path: string): unknown;
}

const memoryFolder = signature("MemoryFolder(str name='runs')");

/**
 * A folder that keeps its files in memory, for pages that hand them to who looks at them.
 *
 * @example
 * const folder = new MemoryFolder();
 * const writer = new SummaryWriter(folder);
 * writer.addScalar('loss', 0.5, 1);
 * await writer.close();
 * const blobs = [...folder.files].map(([path, bytes]) => new File([bytes], path));
 */
export class MemoryFolder implements LogFolder {
  readonly name: string;
  readonly #files = new Map<string, Uint8Array[]>();

  /** @param name its name */
  constructor(...args: Arguments<typeof memoryFolder>) {
    this.name = memoryFolder.bind(args).name;
  }

  /** The files by their paths, as they are now. */
  get files(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#files].map(([path, parts]) => [path, concatenate(parts)]));
  }

  exists(path: string): boolean {
    return [...this.#files.keys()].some((file) => file === path || file.startsWith(`${path}/`));
  }

  create(path: string): LogFile {
    const parts: Uint8Array[] = [];
    this.#files.set(path, parts);
    return { write: (bytes) => void parts.push(bytes) };
  }

  remove(path: string): void {
    this.#files.delete(path);
  }
}

libraryClass(MemoryFolder);
takes(MemoryFolder.prototype, ['exists(str path)', 'create(str path)', 'remove(str path)']);

/** A folder in another. */
export function subfolder(folder: LogFolder, path: string): LogFolder {
  return {
    name: `${folder.name}/${path}`,
    exists: (inner) => folder.exists(`${path}/${inner}`),
    create: (inner) => folder.create(`${path}/${inner}`),
  };
}

/** A folder of the file system. @throws NotImplementedError where there is none */
export function folderAt(name: string): LogFolder {
  if (!host().files.isFileSystem)
    throw new NotImplementedError(
      `paths such as '${name}' name no files here; give the writer a folder: new SummaryWriter(new MemoryFolder()), or any object with 'exists' and 'create'`,
    );
  const fs = globalThis.process.getBuiltinModule('node:fs');
  const { dirname, join } = globalThis.process.getBuiltinModule('node:path');
  return {
    name,
    exists: (path) => fs.existsSync(join(name, path)),
    remove: (path) => fs.rmSync(join(name, path), { force: true }),
    create(path) {
      const file = join(name, path);
      fs.mkdirSync(dirname(file), { recursive: true });
      const descriptor = fs.openSync(file, 'w');
      return {
        write: (bytes) => {
          for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(fs.writeSync(descriptor, rest));
        },
        close: () => fs.closeSync(descriptor),
      };
    },
  };
}
