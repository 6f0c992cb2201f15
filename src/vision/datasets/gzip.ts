/** Files that may be packed by gzip (RFC 1952), of one member. */
import { RuntimeError } from '../../core/errors.js';
import { inflate } from '../../io/deflate.js';
import type { DatasetFile } from './dataset_files.js';

/** The contents of a file, unpacked if they are packed. @throws RuntimeError that names the file if it is damaged */
export async function unpacked({ path, bytes }: DatasetFile): Promise<DatasetFile> {
  if (!isGzip(bytes)) return { path, bytes };
  return { path, bytes: await inflate(bytes, claimedSize(bytes), damaged(path), 'gzip') };
}

/** Makes the error for a file that does not hold what it claims. */
export const damaged = (path: string) => (why: string) => new RuntimeError(`${path} is damaged: ${why}`);

export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The last four bytes. */
export function claimedSize(bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = bytes;
  // Less than that is no gzip file, which whoever unpacks it will say.
  return length < 4 ? 0 : new DataView(buffer, byteOffset + length - 4).getUint32(0, true);
}
