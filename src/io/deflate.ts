import { deflateSync, inflateSync } from 'fflate';
import { crc32 } from './crc32.js';
import { reserve } from './reserve.js';

/**
 * Deflate's best ratio: a match of 258 bytes in two bits (https://www.zlib.net/zlib_tech.html). A claim of more is a
 * lie, so what a file can make us allocate is bounded by its own size.
 */
const greatestRatio = 1032;

/**
 * Inflates to exactly `size` bytes.
 * @param fail makes the error for bytes that do not hold that
 */
export function inflate(
  bytes: Uint8Array,
  size: number,
  fail: (why: string) => Error,
): Uint8Array<ArrayBuffer> {
  if (size > bytes.length * greatestRatio) throw fail('its size cannot be right');
  // One byte to spare tells what is larger than it claims: the library drops what does not fit.
  const room = reserve(size + 1);
  let length = bytes.length === 0 ? 0 : room.length;
  try {
    if (length > 0) length = inflateSync(bytes, { out: room }).length;
  } catch (error) {
    // A copied block that does not fit is a RangeError of the platform's; all others say that the bytes are no deflate stream.
    if (!(error instanceof RangeError)) throw fail(error instanceof Error ? error.message : String(error));
  }
  if (length > size) throw fail('it is larger than it claims');
  if (length < size) throw fail('it is smaller than it claims');
  return room.subarray(0, size);
}

export function deflate(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes);
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Unpacks a gzip file of one member (RFC 1952), and checks its size and checksum. */
export function gunzip(bytes: Uint8Array, fail: (why: string) => Error): Uint8Array<ArrayBuffer> {
  const start = gzipHeader(bytes);
  if (start === null) throw fail('its gzip header is damaged');
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  const content = inflate(bytes.subarray(start, -8), trailer.getUint32(4, true), fail);
  if (crc32(content) !== trailer.getUint32(0, true)) throw fail('its checksum is wrong');
  return content;
}

/** Where the header ends and the deflate stream begins; null if there is none. */
function gzipHeader(bytes: Uint8Array): number | null {
  if (!isGzip(bytes) || bytes[2] !== 8) return null;
  const flags = bytes[3];
  let at = 10;
  if (flags & 4) at += 2 + (bytes[at] | (bytes[at + 1] << 8));
  // The file's name and a comment, each ended by a zero.
  for (const flag of [8, 16]) {
    if (!(flags & flag)) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) return null;
    at = end + 1;
  }
  if (flags & 2) at += 2;
  return at + 8 <= bytes.length ? at : null;
}
