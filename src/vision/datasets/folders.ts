/** Data sets in folders, read at once: Node's alone. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { RuntimeError } from '../../core/errors.js';
import { checkClaim } from '../../io/deflate.js';
import {
  type CifarRecords,
  cifarFolder,
  cifarMeta,
  parseCifar,
  testFiles,
  trainFiles,
} from './cifar_records.js';
import type { DatasetFile } from './dataset_files.js';
import { claimedSize, damaged, isGzip } from './gzip.js';
import { type MnistRecords, mnistFiles, parseMnist } from './mnist_records.js';

declare module '../../core/host.js' {
  interface Host {
    /**
     * Reads data sets in folders at once.
     * @param reader the name of the data set's class
     * @throws NotImplementedError where there are no folders
     */
    folders(reader: string): typeof import('./folders.js');
  }
}

/** Where all of these files are: in `root` or the archive's folder under it. */
export function findCifar(root: string, files: readonly string[]): string | null {
  const isIn = (dir: string) => files.every((file) => existsSync(join(dir, file)));
  return [root, join(root, cifarFolder)].find(isIn) ?? null;
}

export function readCifar(root: string, train: boolean): CifarRecords {
  const files = train ? trainFiles : testFiles;
  const dir = findCifar(root, files);
  if (dir === null) {
    throw new RuntimeError(
      'Dataset not found or corrupted. You can use download: true to download it ' +
        `(no ${files.join(', ')} in ${root} or ${join(root, cifarFolder)}; await CIFAR10.open(root, { download: true }))`,
    );
  }
  const read = (file: string) => ({ path: join(dir, file), bytes: readFileSync(join(dir, file)) });
  return parseCifar(files.map(read), existsSync(join(dir, cifarMeta)) ? read(cifarMeta) : null);
}

/** Where downloads of a data set of MNIST's kind are. */
export function rawFolder(root: string, folder: string): string {
  return join(root, folder, 'raw');
}

/** Where all of these files are, plain or in gzip. */
export function findMnist(folder: string, root: string, names: readonly string[]): string | null {
  const isThere = (dir: string, name: string) => ['', '.gz'].some((end) => existsSync(join(dir, name + end)));
  return [rawFolder(root, folder), root].find((dir) => names.every((name) => isThere(dir, name))) ?? null;
}

export function readMnist(folder: string, root: string, train: boolean, classCount: number): MnistRecords {
  const names = mnistFiles(train);
  const dir = findMnist(folder, root, names);
  if (dir === null) {
    throw new RuntimeError(
      'Dataset not found. You can use download: true to download it ' +
        `(no ${names.join(', ')} in ${rawFolder(root, folder)} or ${root}; await ${folder}.open(root, { download: true }))`,
    );
  }
  const contents = names.map((name) => {
    const plain = join(dir, name);
    const path = existsSync(plain) ? plain : `${plain}.gz`;
    return unpackedSync({ path, bytes: readFileSync(path) });
  });
  return parseMnist(contents, classCount);
}

/** The contents of a file, unpacked if they are packed. @throws RuntimeError that names the file if it is damaged */
export function unpackedSync({ path, bytes }: DatasetFile): DatasetFile {
  if (!isGzip(bytes)) return { path, bytes };
  const size = claimedSize(bytes);
  checkClaim(bytes, size, damaged(path));
  try {
    // It checks size and checksum, too.
    return { path, bytes: gunzipSync(bytes, { maxOutputLength: Math.max(size, 1) }) };
  } catch (error) {
    throw damaged(path)(error instanceof Error ? error.message : String(error));
  }
}

/** A path whose `~` is the user's folder, as Python's `expanduser` has it. */
const expanded = (path: string) => path.replace(/^~(?=$|\/)/, () => homedir());

/** Whether this is a folder or leads to one. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The names of the folders in one, sorted. */
export function classes(directory: string): string[] {
  const root = expanded(directory);
  return readdirSync(root)
    .filter((name) => isFolder(join(root, name)))
    .sort();
}

/** All files under a folder of one: the folders sorted, and in each its files. Null if there is no such folder. */
export function files(directory: string, name: string): string[] | null {
  const top = join(expanded(directory), name);
  if (!isFolder(top)) return null;
  const found: [folder: string, files: string[]][] = [];
  const walk = (folder: string) => {
    const names = readdirSync(folder).sort();
    const inside = new Set(names.filter((each) => isFolder(join(folder, each))));
    found.push([folder, names.filter((each) => !inside.has(each))]);
    for (const each of inside) walk(join(folder, each));
  };
  walk(top);
  found.sort(([a], [b]) => (a < b ? -1 : 1));
  return found.flatMap(([folder, names]) => names.map((each) => join(folder, each)));
}
