// Compiled files are kept from one checkout and `npm ci` to the next, in a folder of the user's: FLAMBEAU_CACHE names it, else it is
// `flambeau` where the system keeps caches. Entries go by the hash of what they were made of. Nothing here fails a build: what cannot be
// read is made again, and what cannot be kept is not.
import { createHash, randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Unused for so long, or the longest unused of more than so much (a release's engines take half of it), entries are removed. */
const DAYS = 60;
const BYTES = 2 ** 30;

const DAY = 86_400_000;
const DIGEST_LENGTH = 32;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

/** Hashes what something is made of: anything that JSON can say. */
export function keyOf(...parts) {
  return sha256(JSON.stringify(parts)).toString('hex');
}

function remove(path) {
  try {
    rmSync(path, { force: true });
  } catch {
    // It does no harm.
  }
}

function folders() {
  const { FLAMBEAU_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const own = {
    darwin: () => join(homedir(), 'Library', 'Caches'),
    win32: () => LOCALAPPDATA || join(homedir(), 'AppData', 'Local'),
  };
  // The second lasts until the next `npm ci`, which is better than nothing.
  return [
    FLAMBEAU_CACHE ||
      join(XDG_CACHE_HOME || (own[process.platform]?.() ?? join(homedir(), '.cache')), 'flambeau'),
    'node_modules/.cache/flambeau',
  ];
}

/** The first folder that can be written to, or null. */
function writableFolder() {
  for (const folder of folders())
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const probe = join(folder, `${randomUUID()}.tmp`);
      writeFileSync(probe, '');
      rmSync(probe);
      return folder;
    } catch {
      // The next one.
    }
  return null;
}

export class Cache {
  /** @param folder where entries are; null: nothing is kept */
  constructor(folder = writableFolder()) {
    this.folder = folder;
  }

  /** The entry's bytes, or null where there is none that is whole. */
  get(key) {
    if (this.folder === null) return null;
    const path = join(this.folder, key);
    try {
      const file = readFileSync(path);
      const bytes = file.subarray(DIGEST_LENGTH);
      if (!sha256(bytes).equals(file.subarray(0, DIGEST_LENGTH))) {
        remove(path);
        return null;
      }
      const now = new Date();
      // Tells `prune` that it is of use. A folder that may only be read is of use, too.
      try {
        utimesSync(path, now, now);
      } catch {}
      return bytes;
    } catch {
      return null;
    }
  }

  /** Keeps bytes under a key. Builds at the same time may do so, too: an entry appears whole. */
  set(key, bytes) {
    if (this.folder === null) return;
    const temporary = join(this.folder, `${randomUUID()}.tmp`);
    try {
      writeFileSync(temporary, Buffer.concat([sha256(bytes), bytes]));
      renameSync(temporary, join(this.folder, key));
    } catch {
      remove(temporary);
    }
  }

  /** Removes what has not been used for long, the oldest of what is too much, and what interrupted builds left. */
  prune({ days = DAYS, bytes: most = BYTES } = {}) {
    if (this.folder === null) return;
    try {
      const now = Date.now();
      const entries = readdirSync(this.folder)
        .filter((name) => /^[0-9a-f]{64}$|\.tmp$/.test(name))
        .map((name) => {
          const path = join(this.folder, name);
          const { size, mtimeMs } = statSync(path);
          return { path, size, age: (now - mtimeMs) / DAY, isLeft: name.endsWith('.tmp') };
        })
        .sort((a, b) => a.age - b.age);
      let total = 0;
      for (const { path, size, age, isLeft } of entries) {
        if (!isLeft) total += size;
        if (age > (isLeft ? 1 : days) || (!isLeft && total > most)) remove(path);
      }
    } catch {
      // Another build is at it.
    }
  }
}

/** Whether a file of the checkout is what a build of this key wrote there. */
export function isBuilt(output, key) {
  try {
    const [of, digest] = readFileSync(stampOf(output), 'utf8').split('\n');
    return of === key && digest === sha256(readFileSync(output)).toString('hex');
  } catch {
    return false;
  }
}

/** Writes a file of the checkout, whole, and notes what it was made of. */
export function writeBuilt(output, key, bytes) {
  mkdirSync(join(output, '..'), { recursive: true });
  mkdirSync('build', { recursive: true });
  // Another file rather than other contents: a process may have loaded it.
  const temporary = `${output}.${process.pid}`;
  writeFileSync(temporary, bytes, { mode: 0o755 });
  renameSync(temporary, output);
  writeFileSync(stampOf(output), `${key}\n${sha256(bytes).toString('hex')}`);
}

const stampOf = (output) => `build/${output.replaceAll('/', '-')}.stamp`;
