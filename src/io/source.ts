import { TypeError } from '../core/errors.js';
import { host } from '../core/host.js';
import { type ByteSource, nothingToClose } from './byte_source.js';

/** A source of bytes: a path or a `file:` URL (in browsers a URL to fetch), bytes, or a Blob, such as a File. */
export type Readable = string | URL | Uint8Array | ArrayBuffer | Blob;

/** Opens whatever a user may name as a source. */
export async function openSource(from: Readable): Promise<ByteSource> {
  if (typeof from === 'string' || from instanceof URL) return host().files.open(from);
  if (from instanceof Blob) {
    return {
      name: 'the blob',
      size: from.size,
      read: async (offset, length) => new Uint8Array(await from.slice(offset, offset + length).arrayBuffer()),
      close: nothingToClose,
    };
  }
  if (from instanceof Uint8Array || from instanceof ArrayBuffer) {
    const bytes = from instanceof Uint8Array ? from : new Uint8Array(from);
    return {
      name: 'the bytes',
      size: bytes.length,
      // A copy: what is read may be changed, and must not change with the caller's.
      read: async (offset, length) => new Uint8Array(bytes.subarray(offset, offset + length)),
      close: nothingToClose,
    };
  }
  throw new TypeError(
    `expected a path, URL, Uint8Array, ArrayBuffer or Blob, but got ${from === null ? 'null' : typeof from}`,
  );
}
