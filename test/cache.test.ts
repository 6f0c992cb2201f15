import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

interface Entries {
  readonly folder: string | null;
  get(key: string): Buffer | null;
  set(key: string, bytes: Uint8Array): void;
  prune(limits?: { days?: number; bytes?: number }): void;
}
interface Module {
  readonly Cache: new (folder?: string | null) => Entries;
  keyOf(...parts: unknown[]): string;
}

const path = fileURLToPath(new URL('../scripts/cache.mjs', import.meta.url));
const { Cache, keyOf } = (await import(path)) as Module;

describe('what was compiled', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flambeau-cache-'));
  });
  afterEach(() => {
    delete process.env.FLAMBEAU_CACHE;
    rmSync(folder, { recursive: true, force: true });
  });
  const bytes = (text: string) => Buffer.from(text);
  const ages = (key: string, days: number) => {
    const then = new Date(Date.now() - days * 86_400_000);
    utimesSync(join(folder, key), then, then);
  };

  it('is found by what it was made of', () => {
    const cache = new Cache(folder);
    const key = keyOf(['-O3'], { 'a.cc': 'int a;' });
    expect(cache.get(key)).toBeNull();
    cache.set(key, bytes('object'));
    expect(String(new Cache(folder).get(key))).toBe('object');
    expect(keyOf(['-O3'], { 'a.cc': 'int b;' })).not.toBe(key);
    expect(keyOf(['-O2'], { 'a.cc': 'int a;' })).not.toBe(key);
  });

  it('is made again where it is not whole', () => {
    const cache = new Cache(folder);
    for (const harm of [
      (file: string) => truncateSync(file, 40),
      (file: string) => truncateSync(file, 0),
      (file: string) => writeFileSync(file, readFileSync(file).fill(7, 33, 34)),
    ]) {
      const key = keyOf(String(harm));
      cache.set(key, bytes('a whole object'));
      harm(join(folder, key));
      expect(cache.get(key)).toBeNull();
      cache.set(key, bytes('anew'));
      expect(String(cache.get(key))).toBe('anew');
    }
    const key = keyOf('a folder');
    mkdirSync(join(folder, key));
    expect(cache.get(key)).toBeNull();
    cache.set(key, bytes('x'));
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('goes when it was not used for long, or when there is too much', () => {
    const cache = new Cache(folder);
    const [old, middle, recent] = ['old', 'middle', 'recent'].map((name) => keyOf(name));
    for (const key of [old, middle, recent]) cache.set(key, new Uint8Array(1000));
    ages(old, 100);
    ages(middle, 10);
    writeFileSync(join(folder, 'left.tmp'), '');
    writeFileSync(join(folder, 'new.tmp'), '');
    writeFileSync(join(folder, 'notes of somebody else'), '');
    ages('left.tmp', 2);
    ages('notes of somebody else', 500);
    cache.prune({ days: 60 });
    expect(readdirSync(folder).sort()).toEqual([middle, recent, 'new.tmp', 'notes of somebody else'].sort());
    cache.prune({ bytes: 1500 });
    expect([cache.get(middle), cache.get(recent)?.length]).toEqual([null, 1000]);
    // To be used is to be young.
    ages(recent, 100);
    cache.get(recent);
    cache.prune({ days: 60 });
    expect(cache.get(recent)?.length).toBe(1000);
  });

  it('is where FLAMBEAU_CACHE says', () => {
    process.env.FLAMBEAU_CACHE = join(folder, 'deep', 'down');
    const cache = new Cache();
    expect(cache.folder).toBe(join(folder, 'deep', 'down'));
    cache.set(keyOf(1), bytes('x'));
    expect(existsSync(join(folder, 'deep', 'down', keyOf(1)))).toBe(true);
  });

  it('is not kept where nothing can be, and no build fails for it', () => {
    writeFileSync(join(folder, 'file'), '');
    process.env.FLAMBEAU_CACHE = join(folder, 'file', 'cache');
    expect(new Cache().folder ?? '').not.toContain(folder);
    for (const cache of [new Cache(null), new Cache(join(folder, 'file'))]) {
      cache.set(keyOf(1), bytes('x'));
      expect(cache.get(keyOf(1))).toBeNull();
      cache.prune();
    }
    // Root may write anywhere.
    chmodSync(folder, 0o500);
    new Cache(folder).set(keyOf(1), bytes('x'));
    chmodSync(folder, 0o700);
  });

  it('may be written and read by builds at the same time', async () => {
    const program = `
      import { Cache, keyOf } from ${JSON.stringify(path)};
      const cache = new Cache(${JSON.stringify(folder)});
      let found = 0;
      for (let i = 0; i < 300; i++) {
        const key = keyOf(i % 5);
        const bytes = cache.get(key);
        if (bytes !== null && (bytes.length !== 50000 || bytes.some((b) => b !== i % 5))) throw new Error('torn');
        if (bytes !== null) found++;
        cache.set(key, new Uint8Array(50000).fill(i % 5));
        if (i % 50 === 0) cache.prune({ bytes: 100000 });
      }
      console.log(found);`;
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    for (const { stdout } of await Promise.all([run(), run(), run()]))
      expect(Number(stdout)).toBeGreaterThan(0);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
