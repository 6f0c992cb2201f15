import { TypeError } from '../core/errors.js';
import { host } from '../core/host.js';
import type { Bytes, Sink } from './bytes.js';

/** A place that files can be written to: a path, a `file:` URL, or whatever takes chunks of bytes in order. */
export type Writable = string | URL | { write(chunk: Uint8Array): unknown } | WritableStream<Uint8Array>;

/**
 * Lets `write` write a file to where the user said. A regular file appears whole or not at all; links, modes and devices stay what
 * they are, as with Python's `open(path, 'wb')`.
 *
 * @param write is given the file's name without its extension, where there is one
 */
export async function writeTo(
  target: Writable,
  write: (sink: Sink, name: string | null) => Promise<void>,
): Promise<void> {
  if (typeof target === 'string' || target instanceof URL) {
    await host().files.write(target, write);
  } else if (typeof WritableStream !== 'undefined' && target instanceof WritableStream) {
    const writer = target.getWriter();
    try {
      await write((chunk) => writer.write(chunk), null);
    } catch (error) {
      // Half a file must not look like a whole one.
      await writer.abort(error).catch(() => {});
      throw error;
    }
    await writer.close();
  } else if (hasWrite(target)) {
    await write(async (chunk) => {
      // A FileHandle says how much of it was written.
      for (let rest = chunk; ; ) {
        const { bytesWritten } = ((await target.write(rest)) ?? {}) as { bytesWritten?: unknown };
        if (typeof bytesWritten !== 'number' || bytesWritten >= rest.length) break;
        rest = rest.subarray(bytesWritten);
      }
    }, null);
  } else {
    throw new TypeError(
      "expected 'f' to be a path, a URL, a WritableStream or an object with a 'write' method",
    );
  }
}

function hasWrite(target: unknown): target is { write(chunk: Uint8Array): unknown } {
  return typeof (target as { write?: unknown } | null)?.write === 'function';
}

/** Joins all that `write` writes into one array. */
export async function collect(write: (sink: Sink) => Promise<void>): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  await write((chunk) => {
    chunks.push(chunk);
  });
  return concatenate(chunks);
}

export function concatenate(chunks: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
