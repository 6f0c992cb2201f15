/** Unpacking a data set's archives: whole, or not at all. Node's alone. */
import { RuntimeError } from '../../core/errors.js';
import { optionalPackage } from '../../core/optional_package.js';
import { open } from '../../io/file_system.js';
import { realTarget } from '../../io/replace.js';
import { ZipReader } from '../../io/zip_reader.js';

/** Unpacks to a folder of its own and moves the result into place: half a data set must not look like a whole one. */
export async function extract(file: string, root: string, folder: string): Promise<void> {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const { rename, rm } = process.getBuiltinModule('node:fs/promises');
  const { dirname, join } = process.getBuiltinModule('node:path');
  const target = await realTarget(join(root, folder));
  await inTemporary(dirname(target), async (temporary) => {
    await unpackTar(file, temporary);
    if (!existsSync(join(temporary, folder))) throw new RuntimeError(`${file} has no folder ${folder}`);
    await rm(target, { recursive: true, force: true });
    await rename(join(temporary, folder), target);
  });
}

/** Unpacks an archive and moves all that was in it to a folder, beside what is there. */
export async function unpackInto(file: string, folder: string): Promise<void> {
  await inTemporary(folder, async (temporary) => {
    await (file.endsWith('.zip') ? unpackZip(file, temporary) : unpackTar(file, temporary));
    await moveInto(temporary, folder);
  });
}

/** Moves what is in a folder to another: folders that are there on both sides are joined. */
async function moveInto(from: string, to: string): Promise<void> {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const { readdir, rename, rm } = process.getBuiltinModule('node:fs/promises');
  const { join } = process.getBuiltinModule('node:path');
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const target = join(to, entry.name);
    if (entry.isDirectory() && existsSync(target)) await moveInto(join(from, entry.name), target);
    else {
      await rm(target, { recursive: true, force: true });
      await rename(join(from, entry.name), target);
    }
  }
}

async function inTemporary(beside: string, use: (temporary: string) => Promise<void>): Promise<void> {
  const { mkdtemp, rm } = process.getBuiltinModule('node:fs/promises');
  const { join } = process.getBuiltinModule('node:path');
  const temporary = await mkdtemp(join(beside, '.unpacking-'));
  try {
    await use(temporary);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

const tarPackage = () => optionalPackage<typeof import('tar')>('tar', "unpacking a data set's archive");

/** Sees to it that an archive could be unpacked, before anyone waits for it. @throws RuntimeError if the package for it is not there */
export async function prepareToUnpack(archive: string): Promise<void> {
  if (!archive.endsWith('.zip')) await tarPackage();
}

async function unpackTar(file: string, folder: string): Promise<void> {
  const tar = await tarPackage();
  let refused: string | null = null;
  // `strict` turns what the library would skip with a warning (absolute paths, '..') into errors.
  await tar.extract({
    file,
    cwd: folder,
    strict: true,
    filter: (path, entry) => {
      const isPlain = !('type' in entry) || entry.type === 'File' || entry.type === 'Directory';
      if (!isPlain) refused ??= `a ${entry.type} (${path})`;
      return isPlain;
    },
  });
  if (refused !== null) throw new RuntimeError(`${file} holds ${refused}: only files are unpacked`);
}

async function unpackZip(file: string, folder: string): Promise<void> {
  const { mkdir, writeFile } = process.getBuiltinModule('node:fs/promises');
  const { dirname, join } = process.getBuiltinModule('node:path');
  const source = await open(file);
  try {
    const fail = (why: string) => new RuntimeError(`${file} is damaged: ${why}`);
    const archive = await ZipReader.open(source, { fail, checksums: true });
    for (const name of archive.names()) {
      const parts = name.split('/');
      if (
        /[\\:]/.test(name) ||
        parts.slice(0, -1).some((part) => part === '' || part === '..') ||
        parts.at(-1) === '..'
      )
        throw new RuntimeError(`${file} holds ${name}, which is not below its folder`);
      if (name.endsWith('/')) continue;
      await mkdir(join(folder, dirname(name)), { recursive: true });
      await writeFile(join(folder, name), await archive.read(name));
    }
  } finally {
    await source.close();
  }
}
