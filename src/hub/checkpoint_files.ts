/** Downloads as files, in Node. */
import { RuntimeError } from '../core/errors.js';
import { host } from '../core/host.js';
import type { Progress } from '../io/download_progress.js';
import type { Readable } from '../io/index.js';
import { fetchTo, hashOf } from '../io/remote_file.js';
import { realTarget } from '../io/replace.js';
import { ofUser } from './cache_folder.js';
import type { Checkpoint } from './checkpoints.js';

export async function open({ url, folder, fileName, hashPrefix, progress }: Checkpoint): Promise<Readable> {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const { mkdir } = process.getBuiltinModule('node:fs/promises');
  const { join } = process.getBuiltinModule('node:path');
  const directory = ofUser(folder);
  await mkdir(directory, { recursive: true });
  const file = join(directory, fileName);
  if (!existsSync(file)) {
    if (progress === true) host().progress().stream.write(`Downloading: "${url}" to ${file}\n`);
    await download(url, file, hashPrefix, progress);
  }
  return file;
}

export async function download(
  url: string,
  dst: string,
  hashPrefix: string | null,
  progress: Progress,
): Promise<void> {
  const { rename, rm } = process.getBuiltinModule('node:fs/promises');
  const { basename } = process.getBuiltinModule('node:path');
  const file = await realTarget(ofUser(dst));
  const part = `${file}.partial`;
  // Whether the rest belongs to what is there only a hash can tell.
  await fetchTo(part, url, { progress, description: basename(file), resume: hashPrefix !== null });
  if (hashPrefix !== null) {
    const digest = (await hashOf(part, 'sha256'))!;
    if (!digest.startsWith(hashPrefix)) {
      await rm(part);
      throw new RuntimeError(`invalid hash value (expected "${hashPrefix}", got "${digest}")`);
    }
  }
  await rename(part, file);
}
