/** Files of the network, fetched to Node's file system. */
import { RuntimeError } from '../core/errors.js';
import { type Progress, progressOf } from './download_progress.js';

export interface FetchOptions {
  readonly progress?: Progress;
  readonly signal?: AbortSignal | null;
  /** Stands before a progress bar. */
  readonly description: string;
  /** Whether what is there already is kept, and only the rest is asked for. */
  readonly resume?: boolean;
}

/**
 * Fetches a file of the network to a path. Where an earlier attempt broke off, what has come is there, and only the rest is asked for: the
 * caller checks the whole.
 */
export async function fetchTo(part: string, url: string, options: FetchOptions): Promise<void> {
  const { open, stat } = process.getBuiltinModule('node:fs/promises');
  const { resume = true, description } = options;
  const have = resume
    ? await stat(part).then(
        (s) => s.size,
        () => 0,
      )
    : 0;
  const response = await request(url, have, options);
  // A server that does not do ranges sends everything.
  const start = response.status === 206 ? have : 0;
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const total = Number.isNaN(length) ? null : start + length;
  const report = await progressOf(options.progress ?? false, total, description);
  const out = await open(part, start > 0 ? 'a' : 'w');
  let received = start;
  try {
    for await (const chunk of response.body!) {
      await out.writeFile(chunk);
      received += chunk.length;
      report.received(received);
    }
  } catch (error) {
    throw new RuntimeError(
      `download of ${url} broke off after ${received} bytes; try again to go on from there`,
      {
        cause: error,
      },
    );
  } finally {
    await out.close();
    report.end();
  }
  if (total !== null && received < total) {
    throw new RuntimeError(
      `download of ${url} ended after ${received} of ${total} bytes; try again to go on from there`,
    );
  }
}

async function request(
  url: string,
  from: number,
  { signal }: Pick<FetchOptions, 'signal'>,
): Promise<Response> {
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  let response: Response;
  try {
    response = await fetch(url, { headers, signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new RuntimeError(`cannot download ${url}: ${reason(error)}`, { cause: error });
  }
  // The part is as long as the file or longer: its hash was wrong, or the file has changed.
  if (response.status === 416 && from > 0) return request(url, 0, { signal });
  if (!response.ok || response.body === null) {
    throw new RuntimeError(`cannot download ${url}: HTTP ${response.status} ${response.statusText}`);
  }
  return response;
}

/** `fetch` hides what went wrong in its error's cause. */
function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}

/** A file's hash in hexadecimal; undefined if there is no such file. */
export async function hashOf(file: string, algorithm: 'md5' | 'sha256'): Promise<string | undefined> {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const { createReadStream, existsSync } = process.getBuiltinModule('node:fs');
  if (!existsSync(file)) return undefined;
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
