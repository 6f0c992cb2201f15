/** Where tables come from: files, bytes and blobs, and URLs, of which only what is needed is fetched. */
import { RuntimeError, ValueError } from '../core/errors.js';
import { host } from '../core/host.js';
import { type ByteSource, nothingToClose, ownedSource } from '../io/byte_source.js';
import { openSource, type Readable } from '../io/source.js';

/** A file of a table: its path or URL, its bytes, or a Blob, such as a File. */
export type TableSource = Readable;

const isUrl = (from: TableSource): from is string | URL =>
  from instanceof URL
    ? from.protocol !== 'file:'
    : typeof from === 'string' && (/^https?:/.test(from) || !host().files.isFileSystem);

export async function openTable(from: TableSource): Promise<ByteSource> {
  return isUrl(from) ? openRanges(from) : openSource(from);
}

async function fetched(url: string | URL, range?: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, range === undefined ? {} : { headers: { range } });
  } catch (cause) {
    throw new RuntimeError(`cannot fetch ${url}: ${(cause as Error).message}`, { cause });
  }
  if (!response.ok)
    throw new RuntimeError(`cannot fetch ${url}: HTTP ${response.status} ${response.statusText}`.trimEnd());
  return response;
}

/** A file of a server's by ranges; the whole where the server does not do ranges. */
async function openRanges(url: string | URL): Promise<ByteSource> {
  const first = await fetched(url, 'bytes=0-0');
  const total = Number(/\/(\d+)$/.exec(first.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
  if (first.status !== 206 || !Number.isSafeInteger(total)) {
    const whole = first.status === 206 ? await fetched(url) : first;
    return ownedSource(new Uint8Array(await whole.arrayBuffer()), String(url));
  }
  await first.body?.cancel();
  return {
    name: String(url),
    size: total,
    async read(offset, length) {
      if (length === 0) return new Uint8Array(0);
      const part = await fetched(url, `bytes=${offset}-${offset + length - 1}`);
      const bytes = new Uint8Array(await part.arrayBuffer());
      if (bytes.length === length) return bytes;
      throw new RuntimeError(`${url} gave ${bytes.length} bytes instead of ${length}: did it change?`);
    },
    close: nothingToClose,
  };
}

/** The error for a file that does not hold what it claims. */
export function damaged(name: string, why: unknown): ValueError {
  const message = why instanceof Error ? why.message : String(why);
  return new ValueError(`${name} is damaged: ${message}`, why instanceof Error ? { cause: why } : undefined);
}

/** A part of a file. @throws ValueError where the file has no such part */
export async function readPart(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const isThere =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset + length <= source.size;
  if (!isThere) throw damaged(source.name, `it ends before byte ${offset + length}`);
  return source.read(offset, length);
}
