/** Files that may be packed by gzip (RFC 1952), of one member. */
import { RuntimeError } from '../core/errors.js';
import { checkClaim, inflate } from '../io/deflate.js';
import { builtin, type DatasetFile } from './files.js';

/** The contents of a file, unpacked if they are packed. @throws RuntimeError that names the file if it is damaged */
export async function unpacked({ path, bytes }: DatasetFile): Promise<DatasetFile> {
  if (!isGzip(bytes)) return { path, bytes };
  return { path, bytes: await inflate(bytes, claimedSize(bytes), damaged(path), 'gzip') };
}

/** As `unpacked`, in Node. */
export function unpackedSync({ path, bytes }: DatasetFile, reader: string): DatasetFile {
  if (!isGzip(bytes)) return { path, bytes };
  const { gunzipSync } = builtin<typeof import('node:zlib')>('node:zlib', reader);
  const size = claimedSize(bytes);
  checkClaim(bytes, size, damaged(path));
  try {
    // It checks size and checksum, too.
    return { path, bytes: gunzipSync(bytes, { maxOutputLength: Math.max(size, 1) }) };
  } catch (error) {
    throw damaged(path)(error instanceof Error ? error.message : String(error));
  }
}

const damaged = (path: string) => (why: string) => new RuntimeError(`${path} is damaged: ${why}`);

function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The last four bytes. */
function claimedSize(bytes: Uint8Array): number {
  const { buffer, byteOffset, length } = bytes;
  // Less than that is no gzip file, which whoever unpacks it will say.
  return length < 4 ? 0 : new DataView(buffer, byteOffset + length - 4).getUint32(0, true);
}
