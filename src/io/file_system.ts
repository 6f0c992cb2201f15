/** Files by path, in Node. Other hosts have their own form of these functions. */
import { RuntimeError } from '../core/errors.js';
import { host } from '../core/host.js';
import type { ByteSource } from './byte_source.js';
import type { Sink } from './bytes.js';
import { replaceFile } from './replace.js';
import { reserveUnset } from './reserve.js';

export const isFileSystem = true;

/** Opens the file of a path or a `file:` URL. */
export async function open(path: string | URL): Promise<ByteSource> {
  const fs = process.getBuiltinModule('node:fs/promises');
  const file = await fs.open(path, 'r');
  try {
    const stats = await file.stat();
    if (stats.isDirectory())
      throw Object.assign(new Error(`EISDIR: '${path}' is a directory, not a file`), {
        code: 'EISDIR',
        path,
      });
    const { size } = stats;
    return {
      name: String(path),
      size,
      async read(offset, length) {
        const bytes = reserveUnset(length);
        // One call may return less than asked for (at most 2 GiB on Linux).
        for (let done = 0; done < length; ) {
          const { bytesRead } = await file.read(bytes, done, Math.min(length - done, 1 << 30), offset + done);
          if (bytesRead === 0) throw new RuntimeError(`${path} became shorter while it was read`);
          done += bytesRead;
        }
        return bytes;
      },
      map(offset, length) {
        const memory = host().engine().map?.(file.fd, offset, length) ?? null;
        return memory === null ? null : new Uint8Array(memory);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

export async function openIfThere(path: string | URL): Promise<ByteSource | null> {
  const { existsSync } = process.getBuiltinModule('node:fs');
  return existsSync(path) ? open(path) : null;
}

export async function write(
  target: string | URL,
  write: (sink: Sink, name: string) => Promise<void>,
): Promise<void> {
  const { basename } = process.getBuiltinModule('node:path');
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  const path = typeof target === 'string' ? target : fileURLToPath(target);
  await replaceFile(path, (sink) => write(sink, basename(path).replace(/\.[^.]*$/, '')));
}
