/** Files in browsers: what can be fetched is read, and there is nowhere to write to by name. */
import { NotImplementedError, RuntimeError } from '../core/errors.js';
import { type ByteSource, ownedSource } from '../io/byte_source.js';

export const isFileSystem = false;

/** Fetches a URL, relative to the page. */
export async function open(url: string | URL): Promise<ByteSource> {
  return body(url, await request(url));
}

export async function openIfThere(url: string | URL): Promise<ByteSource | null> {
  const response = await answer(url);
  // Servers of single-page applications answer with a page where there is no file.
  const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
  if (response.status === 404 || response.status === 410 || (response.ok && isPage)) return null;
  return body(url, checked(url, response));
}

/** A response that is no error. @throws RuntimeError */
export async function request(url: string | URL): Promise<Response> {
  return checked(url, await answer(url));
}

export async function write(target: string | URL): Promise<void> {
  throw new NotImplementedError(
    `there is no file system to write '${target}' to: take the bytes, as await torch.save(value) gives them, or write to a ` +
      'WritableStream, such as await handle.createWritable() of a file that the user or navigator.storage gave',
  );
}

async function answer(url: string | URL): Promise<Response> {
  try {
    return await fetch(url);
  } catch (cause) {
    throw new RuntimeError(`cannot fetch ${url}: ${(cause as Error).message}`, { cause });
  }
}

function checked(url: string | URL, response: Response): Response {
  if (response.ok) return response;
  throw new RuntimeError(`cannot fetch ${url}: HTTP ${response.status} ${response.statusText}`.trimEnd());
}

async function body(url: string | URL, response: Response): Promise<ByteSource> {
  return ownedSource(new Uint8Array(await response.arrayBuffer()), String(url));
}
