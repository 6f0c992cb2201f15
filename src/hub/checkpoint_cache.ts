/** Downloads in a browser's cache, which outlives the page; without one (no secure context) they are fetched each time. */
import { NotImplementedError, RuntimeError } from '../core/errors.js';
import { warn } from '../core/warnings.js';
import { progressOf } from '../io/download_progress.js';
import type { Readable } from '../io/index.js';
import type { Checkpoint } from './checkpoints.js';

export async function open({ url, folder, fileName, hashPrefix, progress }: Checkpoint): Promise<Readable> {
  const cache = 'caches' in globalThis ? await caches.open(folder) : null;
  const key = `/${encodeURIComponent(fileName)}`;
  const kept = await cache?.match(key);
  if (kept !== undefined) return kept.arrayBuffer();
  const response = await fetch(url);
  if (!response.ok)
    throw new RuntimeError(`cannot download ${url}: HTTP ${response.status} ${response.statusText}`);
  const length = response.headers.get('content-length');
  const report = await progressOf(progress, length === null ? null : Number(length), fileName);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    received += value.length;
    report.received(received);
  }
  report.end();
  const bytes = await new Blob(chunks).arrayBuffer();
  if (hashPrefix !== null) await checkHash(bytes, hashPrefix);
  await cache?.put(key, new Response(bytes));
  return bytes;
}

/** @throws RuntimeError in PyTorch's words for another hash */
async function checkHash(bytes: ArrayBuffer, prefix: string): Promise<void> {
  if (globalThis.crypto?.subtle === undefined) {
    warn('a page without a secure context cannot compute hashes: the download is not compared with its hash');
    return;
  }
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const digest = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (!digest.startsWith(prefix))
    throw new RuntimeError(`invalid hash value (expected "${prefix}", got "${digest}")`);
}

export async function download(_url: string, dst: string): Promise<void> {
  throw new NotImplementedError(
    `there is no file system to download '${dst}' to: loadStateDictFromUrl keeps files in the browser's cache`,
  );
}
