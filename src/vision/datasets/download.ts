/** Fetching a data set's files: whole and checked, or not there at all. */
import { RuntimeError } from '../../core/errors.js';
import { fetchTo, hashOf } from '../../io/remote_file.js';
import { realTarget } from '../../io/replace.js';
import type { CIFAR10, CIFAR10DownloadOptions } from './cifar.js';
import type { DownloadOptions } from './download_options.js';
import { findCifar, findMnist, pathIn, rawFolder } from './folders.js';
import type { MNIST } from './mnist.js';
import type { SetResource } from './split_set.js';
import { extract, prepareToUnpack, unpackInto } from './unpack.js';

declare module '../../core/host.js' {
  interface Host {
    /** Fetches data sets to a folder. @throws NotImplementedError where there are no folders */
    downloads(): Promise<typeof import('./download.js')>;
  }
}

export async function downloadCifar(
  { kind, archive }: typeof CIFAR10,
  root: string,
  options: CIFAR10DownloadOptions,
): Promise<void> {
  const { folder, train, test } = kind.binary;
  if (findCifar(root, folder, [...train, ...test]) !== null) return;
  const { baseUrl } = options;
  const url =
    (baseUrl ?? null) === null ? archive.url : new URL(archive.url.replace(/^.*\//, ''), baseUrl!).href;
  await downloadArchive(root, { url, md5: options.md5 ?? archive.md5, folder }, options);
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

/** Downloads the files of a data set under its root, and unpacks the archives among them. */
export async function downloadResources(
  root: string,
  resources: readonly SetResource[],
  options: DownloadOptions,
): Promise<void> {
  for (const { folder = '', unpack = false, inner = [], ...from } of resources) {
    const target = pathIn(root, folder);
    for (const archive of unpack ? [new URL(from.url).pathname, ...inner] : [])
      await prepareToUnpack(archive);
    const file = await downloadFile(target, from, options);
    if (!unpack) continue;
    await unpackInto(file, target);
    for (const archive of inner) await unpackInto(pathIn(target, archive), target);
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
  await prepareToUnpack(archive.url);
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
