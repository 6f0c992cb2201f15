/** Writing to what is at a path, as Python's `open(path, 'wb')` does, and whole or not at all where a file system allows both. */
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { RuntimeError } from '../core/errors.js';
import type { Sink } from './bytes.js';

/** Linux's own limit. */
const longestChain = 40;

/** Where a path leads to, also where its last link leads to nothing yet. */
export async function realTarget(path: string): Promise<string> {
  const { readlink, realpath } = process.getBuiltinModule('node:fs/promises');
  const { dirname, resolve } = process.getBuiltinModule('node:path');
  let at = path;
  for (let links = 0; links < longestChain; links++) {
    const real = await realpath(at).catch(() => null);
    if (real !== null) return real;
    const next = await readlink(at).catch(() => null);
    if (next === null) return at;
    at = resolve(dirname(at), next);
  }
  return path;
}

/**
 * Lets `write` write the file at a path. Nothing is touched before its first bytes. A regular file is written beside its place and
 * moved there when it is whole, with the mode and the owner of the one before; links to it stay links. Where that would not be the
 * same (a device, a pipe, a file of several names, a folder that takes no new files) it is written in place.
 */
export async function replaceFile(path: string, write: (sink: Sink) => Promise<void>): Promise<void> {
  if (path === '') throw new RuntimeError('invalid file name: ');
  const fs = process.getBuiltinModule('node:fs/promises');
  let place: Place | null = null;
  const started = async () => {
    place ??= await Place.open(path);
    return place;
  };
  try {
    await write(async (chunk) => {
      await (await started()).file.writeFile(chunk);
    });
    const { file, finished } = await started();
    await file.close();
    await finished();
  } catch (error) {
    const begun = place as Place | null;
    await begun?.file.close().catch(() => {});
    if (begun?.temporary) await fs.rm(begun.temporary, { force: true });
    throw error;
  }
}

/** A file that is being written, and what is to be done when it is whole. */
class Place {
  private constructor(
    readonly file: FileHandle,
    readonly temporary: string | null,
    readonly finished: () => Promise<void>,
  ) {}

  static async open(path: string): Promise<Place> {
    const fs = process.getBuiltinModule('node:fs/promises');
    const there = await fs.stat(path).catch(ifAbsent);
    if (there !== null && !(there.isFile() && there.nlink === 1)) return Place.inPlace(path);
    // Refuses what may not be written, which moving another file there would not.
    if (there !== null) await (await fs.open(path, 'r+')).close();
    const target = await realTarget(path);
    return (await Place.beside(target, there)) ?? Place.inPlace(path);
  }

  private static async inPlace(path: string): Promise<Place> {
    const fs = process.getBuiltinModule('node:fs/promises');
    try {
      return new Place(await fs.open(path, 'w'), null, async () => {});
    } catch (error) {
      throw await explained(error, path);
    }
  }

  /** Null where a file of another name cannot take the place of this one. */
  private static async beside(target: string, there: Stats | null): Promise<Place | null> {
    const fs = process.getBuiltinModule('node:fs/promises');
    const { dirname, join } = process.getBuiltinModule('node:path');
    const temporary = join(dirname(target), `.flambeau-${crypto.randomUUID()}`);
    const mode = there === null ? 0o666 : there.mode & 0o7777;
    const file = await fs.open(temporary, 'wx', mode & 0o777).catch(() => null);
    if (file === null) return null;
    try {
      if (there !== null) {
        const { uid, gid } = await file.stat();
        if (uid !== there.uid || gid !== there.gid) await file.chown(there.uid, there.gid);
        await file.chmod(mode);
      }
    } catch {
      await file.close();
      await fs.rm(temporary, { force: true });
      return null;
    }
    return new Place(file, temporary, async () => {
      try {
        await fs.rename(temporary, target);
      } catch {
        // A mount point, for one: it takes new contents, but no new file.
        await fs.copyFile(temporary, target);
        await fs.rm(temporary, { force: true });
      }
    });
  }
}

function ifAbsent(error: unknown): null {
  if ((error as { code?: unknown }).code === 'ENOENT') return null;
  throw error;
}

/** PyTorch's words for a folder that is not there. */
async function explained(error: unknown, path: string): Promise<unknown> {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const { dirname } = process.getBuiltinModule('node:path');
  const folder = dirname(await realTarget(path));
  if ((error as { code?: unknown }).code !== 'ENOENT' || existsSync(folder)) return error;
  return new RuntimeError(`Parent directory ${folder} does not exist.`, { cause: error });
}
