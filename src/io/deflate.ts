import type { Bytes } from './bytes.js';
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
export async function inflate(
  bytes: Uint8Array,
  size: number,
  fail: (why: string) => Error,
  format: 'deflate-raw' | 'deflate' | 'gzip' = 'deflate-raw',
): Promise<Bytes> {
  checkClaim(bytes, size, fail);
  const room = reserve(size);
  let length = 0;
  if (bytes.length > 0) {
    const reader = pass(bytes, new DecompressionStream(format)).getReader();
    const next = () =>
      reader.read().catch((error: unknown) => {
        throw fail(error instanceof Error ? error.message : String(error));
      });
    for (let part = await next(); !part.done; part = await next()) {
      if (length + part.value.length > size) {
        await reader.cancel();
        throw fail('it is larger than it claims');
      }
      room.set(part.value, length);
      length += part.value.length;
    }
  }
  if (length < size) throw fail('it is smaller than it claims');
  return room;
}

/** Inflates all that there is: no more than deflate's best ratio gives. */
export async function inflateAll(
  bytes: Uint8Array,
  format: 'deflate' | 'gzip',
  fail: (why: string) => Error,
): Promise<Bytes> {
  try {
    return new Uint8Array(await new Response(pass(bytes, new DecompressionStream(format))).arrayBuffer());
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error));
  }
}

/** @throws what `fail` makes if so few bytes cannot become `size` */
export function checkClaim(bytes: Uint8Array, size: number, fail: (why: string) => Error): void {
  if (size > bytes.length * greatestRatio) throw fail('its size cannot be right');
}

export async function deflate(
  bytes: Uint8Array,
  format: 'deflate-raw' | 'deflate' = 'deflate-raw',
): Promise<Uint8Array> {
  return new Uint8Array(await new Response(pass(bytes, new CompressionStream(format))).arrayBuffer());
}

/** In pieces: what comes out waits until it is asked for. */
function pass(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array> {
  // A Blob takes no shared memory, where threads' tensors lie.
  const isShared = !(bytes.buffer instanceof ArrayBuffer);
  const own = isShared ? new Uint8Array(bytes) : (bytes as Bytes);
  return new Blob([own]).stream().pipeThrough(stream);
}
