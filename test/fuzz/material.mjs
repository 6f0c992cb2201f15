/** What formats have in common: files to begin with, and the memory that readers may ask for. */
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';

export const latin1 = (text) => Buffer.from(text, 'latin1');

/** Files that Python made, by their names in a golden file. */
export function goldenFiles(golden, names) {
  const found = JSON.parse(readFileSync(new URL(`../golden/${golden}`, import.meta.url), 'utf8'));
  const files = Array.isArray(found)
    ? found.map(({ name, file }) => [name, file])
    : Object.entries(found.files);
  return files
    .filter(([name]) => names.test(name))
    .map(([, file]) => new Uint8Array(inflateSync(Buffer.from(file, 'base64'))));
}

/** Memory that a reader may ask for whatever the file: a slab of the allocator, a first window. */
export const constant = 2 ** 16;
/** Copies of the file on its way to tensors, and the tensors. */
export const copies = (file) => constant + 8 * file.length;
/** Deflate's greatest ratio is 1,032, for two copies of what it gives. */
export const inflated = (file) => constant + (8 + 2 * 1032) * file.length;

/** Where the first bytes decide whether there is anything to inflate: `PK` or gzip's. */
export const bound = (file) =>
  (file[0] === 0x50 && file[1] === 0x4b) || (file[0] === 0x1f && file[1] === 0x8b)
    ? inflated(file)
    : copies(file);
