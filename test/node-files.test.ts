import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';
import { refusals } from './support/refusals_of_all.mjs';

const execute = promisify(execFile);
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const { exports } = JSON.parse(readFileSync(path('../package.json'), 'utf8')) as {
  exports: Record<string, { node?: Record<string, string> }>;
};
/** The package's entries that programs for Node import, as `./vision`. */
const entries = Object.keys(exports).filter((name) => exports[name].node !== undefined);

/** Runs a program of `support/import_in_node.mjs`, for which `flambeau` is what the package gives to Node. */
async function run<T>(...args: string[]): Promise<T> {
  const { stdout } = await execute(process.execPath, [path('support/import_in_node.mjs'), ...args]);
  return JSON.parse(stdout) as T;
}

const outside = (files: readonly string[]) => files.filter((name) => !/^(node|cjs)\//.test(name));

describe("Node's files of the library", { timeout: 120_000 }, () => {
  it('are few when a program starts', async () => {
    const files = await run<string[]>('first');
    expect(files).toContain('cjs/torch.cjs');
    expect(files.length).toBeLessThanOrEqual(6);
    // All of the library is 2 MB: what is not called at once is not compiled at once.
    const sizes = files.map((name) => statSync(path(`../dist/${name}`)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(900_000);
    expect((await run<string[]>('first', './vision')).length).toBeLessThanOrEqual(24);
  });

  it('are few in a worker thread, which has none of what only programs use', async () => {
    const files = await run<string[]>('bareWorker');
    expect(files).toContain('cjs/core.cjs');
    expect(files).not.toContain('cjs/torch.cjs');
    expect(files.length).toBeLessThanOrEqual(8);
  });

  it('have the names of the modules that they are made of', async () => {
    const { modules, methods } = await run<{ modules: Record<string, string[]>; methods: string[] }>(
      'names',
      ...entries,
    );
    expect(entries).toContain('./vision');
    for (const entry of entries) {
      const { href } = new URL(exports[entry].node!.module, new URL('../', import.meta.url));
      expect(modules[entry], entry).toEqual(Object.keys((await import(href)) as object).sort());
    }
    expect(methods).toEqual(Object.getOwnPropertyNames(torch.Tensor.prototype).sort());
  });

  it('try the overloads that the modules try, in the same order', async () => {
    const found = await run<Record<string, string>>('refusals');
    expect(found['torch.cat']).toContain('cat(');
    expect(found).toEqual(await refusals(torch));
  });

  it('are one library, whichever entries are imported or required', async () => {
    const { isSame, files } = await run<{ isSame: boolean[]; files: string[] }>('copies', ...entries);
    expect(isSame).toEqual(entries.map(() => true));
    expect(outside(files)).toEqual([]);
  });

  it("are one library in a worker thread, the user's module's and what was sent there", async () => {
    const { files, ...seen } = await run<{ files: string[] }>('worker');
    expect(seen).toEqual({ isSet: true, isTensor: true, isTransform: true });
    expect(outside(files)).toEqual([]);
  });

  it('compile the WebAssembly engine once for all threads', async () => {
    const { stderr } = await execute(
      process.execPath,
      ['--require', path('support/tell_compilations.cjs'), path('support/import_in_node.mjs'), 'worker'],
      { env: { ...process.env, FLAMBEAU_CPU: 'wasm' } },
    );
    expect(stderr).toBe('thread 0 compiles\n');
  });

  it('are there under the names by which threads import them', () => {
    const sources = readdirSync(path('../src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const texts = sources.map((name) => readFileSync(path(`../src/${name}`), 'utf8')).join('\n');
    const named = [...texts.matchAll(/\.module\('(.+?)'\)/g)].map(([, name]) => name);
    const sets = [...texts.matchAll(/\.travels\(\s*'([a-z]\w*)'/g)].map(
      ([, name]) => `vision/datasets/${name}.js`,
    );
    expect(sets).toContain('vision/datasets/coco.js');
    expect([...named, ...sets].filter((name) => !existsSync(path(`../dist/node/${name}`)))).toEqual([]);
  });

  it('name the engines and what threads import, in forms that tracers of files know', () => {
    const engines = readdirSync(path('../dist')).filter((name) => /\.(node|wasm)$/.test(name));
    for (const file of ['node/index.js', 'node/lazy.js', 'cjs/index.cjs', 'cjs/lazy.cjs']) {
      const text = readFileSync(path(`../dist/${file}`), 'utf8');
      const names = [...text.matchAll(/(?:new URL\(|__dirname, )'\.\.\/([^']+)'/g)].map(([, name]) => name);
      expect(names).toEqual(expect.arrayContaining([...engines, 'node/utils/data/worker.js']));
      expect(names.filter((name) => !existsSync(path(`../dist/${name}`)))).toEqual([]);
    }
  });

  it('have one byte for each letter', () => {
    for (const folder of ['node', 'cjs'])
      for (const name of readdirSync(path(`../dist/${folder}`), { recursive: true, encoding: 'utf8' }))
        if (/js$/.test(name))
          expect(
            readFileSync(path(`../dist/${folder}/${name}`)).every((byte) => byte < 128),
            name,
          ).toBe(true);
  });
});
