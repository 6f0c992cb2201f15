/** Fetching a data set's files: whole and checked, or not there at all. */
import { RuntimeError } from '../../core/errors.js';
import { fetchTo, hashOf } from '../../io/remote_file.js';
import { realTarget } from '../../io/replace.js';
import type { CIFAR10DownloadOptions } from './cifar.js';
import { cifarFolder, testFiles, trainFiles } from './cifar_records.js';
import type { DownloadOptions } from './download_options.js';
import { findCifar, findMnist, rawFolder } from './folders.js';
import type { MNIST } from './mnist.js';

declare module '../../core/host.js' {
  interface Host {
    /** Fetches data sets to a folder. @throws NotImplementedError where there are no folders */
    downloads(): Promise<typeof import('./download.js')>;
  }
}

/** Where CIFAR-10 is, and the md5 of its archive. */
const officialUrl = 'https://www.cs.toronto.edu/~kriz/';
const archiveName = 'cifar-10-binary.tar.gz';
const archiveMd5 = 'c32a1d4ab5d03f1284b67883e8d87530';

export async function downloadCifar(root: string, options: CIFAR10DownloadOptions): Promise<void> {
  if (findCifar(root, [...trainFiles, ...testFiles]) !== null) return;
  const url = new URL(archiveName, options.baseUrl ?? officialUrl).href;
  await downloadArchive(root, { url, md5: options.md5 ?? archiveMd5, folder: cifarFolder }, options);
}

/** Downloads what is not there of the files of MNIST or its kind, each from the first of its mirrors that has it. */
export async function downloadMnist(
  { folder, mirrors, resources }: typeof MNIST,
  root: string,
  options: DownloadOptions,
): Promise<void> {
  const names = resources.map(([name]) => name.replace(/\.gz$/, ''));
  if (findMnist(folder, root, names) !== null) return;
  for (const [name, md5] of resources) {
    const errors: string[] = [];
    for (const mirror of mirrors) {
      try {
        await downloadFile(rawFolder(root, folder), { url: new URL(name, mirror).href, md5 }, options);
        break;
      } catch (error) {
        if (!(error instanceof RuntimeError)) throw error;
        errors.push(`Tried ${mirror}, got:\n${error.message}\n`);
      }
    }
    if (errors.length === mirrors.length) {
      throw new RuntimeError(`Error downloading ${name}:\n${errors.join('')}`);
    }
  }
}

export interface RemoteFile {
  readonly url: string;
  /** Of the file, in hexadecimal. */
  readonly md5: string;
}

export interface Archive extends RemoteFile {
  /** The one folder in it. */
  readonly folder: string;
}

/** Downloads and unpacks an archive to `root/folder`, unless it is there. */
export async function downloadArchive(
  root: string,
  archive: Archive,
  options: DownloadOptions,
): Promise<void> {
  await extract(await downloadFile(root, archive, options), root, archive.folder);
}

/** Downloads a file to `folder`, unless it is there, and returns its path. */
export async function downloadFile(
  folder: string,
  from: RemoteFile,
  options: DownloadOptions,
): Promise<string> {
  const { join } = process.getBuiltinModule('node:path');
  const { mkdir } = process.getBuiltinModule('node:fs/promises');
  await mkdir(folder, { recursive: true });
  const file = join(folder, new URL(from.url).pathname.split('/').pop()!);
  // A link leads to where the file is to be.
  if ((await hashOf(file, 'md5')) !== from.md5) await download(from, await realTarget(file), options);
  return file;
}

/** Goes on where an earlier attempt stopped: what has come is kept in a `.part` file until its hash is right. */
async function download({ url, md5 }: RemoteFile, file: string, options: DownloadOptions): Promise<void> {
  const { rename, rm } = process.getBuiltinModule('node:fs/promises');
  const { basename } = process.getBuiltinModule('node:path');
  const part = `${file}.part`;
  await fetchTo(part, url, { ...options, description: basename(file) });
  const found = await hashOf(part, 'md5');
  if (found !== md5) {
    await rm(part);
    throw new RuntimeError(`File not found or corrupted. (${url} has the md5 ${found}, expected ${md5})`);
  }
  await rename(part, file);
}

/** Unpacks to a folder of its own and moves the result into place: half a data set must not look like a whole one. */
async function extract(file: string, root: string, folder: string): Promise<void> {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const { mkdtemp, rename, rm } = process.getBuiltinModule('node:fs/promises');
  const { dirname, join } = process.getBuiltinModule('node:path');
  const tar = await import('tar');
  const target = await realTarget(join(root, folder));
  const temporary = await mkdtemp(join(dirname(target), '.unpacking-'));
  try {
    let refused: string | null = null;
    // `strict` turns what the library would skip with a warning (absolute paths, '..') into errors.
    await tar.extract({
      file,
      cwd: temporary,
      strict: true,
      filter: (path, entry) => {
        const isPlain = !('type' in entry) || entry.type === 'File' || entry.type === 'Directory';
        if (!isPlain) refused ??= `a ${entry.type} (${path})`;
        return isPlain;
      },
    });
    if (refused !== null) throw new RuntimeError(`${file} holds ${refused}: only files are unpacked`);
    if (!existsSync(join(temporary, folder))) throw new RuntimeError(`${file} has no folder ${folder}`);
    await rm(target, { recursive: true, force: true });
    await rename(join(temporary, folder), target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
