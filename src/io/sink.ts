import { TypeError } from '../core/errors.js';

/** What files can be written to: a path, a `file:` URL, or whatever takes chunks of bytes in order. */
export type Writable = string | URL | { write(chunk: Uint8Array): unknown } | WritableStream<Uint8Array>;

/** Takes the bytes of a file in order. */
export type Sink = (bytes: Uint8Array) => void | Promise<void>;

/**
 * Lets `write` write a file to where the user said. At a path it appears whole or not at all.
 *
 * @param write is given the file's name without its extension, where there is one
 */
export async function writeTo(
  target: Writable,
  write: (sink: Sink, name: string | null) => Promise<void>,
): Promise<void> {
  if (typeof target === 'string' || target instanceof URL) {
    await writeFile(target, write);
  } else if (typeof WritableStream !== 'undefined' && target instanceof WritableStream) {
    const writer = target.getWriter();
    await write((chunk) => writer.write(chunk), null);
    await writer.close();
  } else if (hasWrite(target)) {
    await write(async (chunk) => {
      await target.write(chunk);
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

async function writeFile(
  target: string | URL,
  write: (sink: Sink, name: string) => Promise<void>,
): Promise<void> {
  const { open, rename, rm } = await import('node:fs/promises');
  const { basename, dirname, join } = await import('node:path');
  const { fileURLToPath } = await import('node:url');
  const path = typeof target === 'string' ? target : fileURLToPath(target);
  // Written beside the target and renamed: a crash must not leave half a checkpoint under its name.
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${Date.now()}`);
  const file = await open(temporary, 'wx');
  try {
    try {
      await write(
        async (chunk) => {
          await file.writeFile(chunk);
        },
        basename(path).replace(/\.[^.]*$/, ''),
      );
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** What `write` writes, as one array. */
export async function collect(write: (sink: Sink) => Promise<void>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  await write((chunk) => {
    chunks.push(chunk);
  });
  return concatenate(chunks);
}

export function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
