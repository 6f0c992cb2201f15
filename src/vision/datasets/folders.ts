/** Data sets in folders, read at once: Node's alone. */

import { constants } from 'node:buffer';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, inflateSync } from 'node:zlib';
import { RuntimeError } from '../../core/errors.js';
import { bunzip2 } from '../../io/decompression/bzip2.js';
import { unxz } from '../../io/decompression/xz.js';
import { checkClaim } from '../../io/deflate.js';
import type { DatasetFile } from './dataset_files.js';
import { claimedSize, damaged, isGzip } from './gzip.js';
import { type MnistRecords, mnistFiles, parseMnist } from './mnist_records.js';
import { readPickle } from './pickled_batches.js';
import type { Packing } from './records.js';
import type { Reading } from './set_reading.js';

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
export function findCifar(root: string, folder: string, files: readonly string[]): string | null {
  const isIn = (dir: string) => files.every((file) => existsSync(join(dir, file)));
  return [root, join(root, folder)].find(isIn) ?? null;
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

/** The records that a reading of the files in a folder ends with. */
export function readAtOnce<T>(root: string, reading: Reading<T>): T {
  let answer: unknown;
  for (;;) {
    const { value, done } = reading.next(answer);
    if (done) return value;
    if ('folder' in value) answer = namesIn(pathIn(root, value.folder));
    else if ('packed' in value) answer = unpackedBytes(value.packed, value.by, value.path);
    else if ('pickle' in value) answer = readPickle(value.pickle);
    else {
      const path = value.files.map((file) => pathIn(root, file)).find((file) => existsSync(file));
      answer = path === undefined ? null : { path, bytes: readFileSync(path) };
    }
  }
}

/** The path of a file under a root. */
export function pathIn(root: string, path: string): string {
  return join(expanded(root), path);
}

function namesIn(folder: string): string[] | null {
  return isFolder(folder) ? readdirSync(folder).sort() : null;
}

function unpackedBytes(packed: Uint8Array, by: Packing, path: string): Uint8Array {
  if (by === 'bzip2') return bunzip2(packed, null, damaged(path));
  if (by === 'xz') return unxz(packed, damaged(path));
  try {
    // No more than deflate's best ratio gives.
    const most = { maxOutputLength: Math.min(1032 * packed.length + 64, constants.MAX_LENGTH) };
    return by === 'gzip' ? gunzipSync(packed, most) : inflateSync(packed, most);
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
