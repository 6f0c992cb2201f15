import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const lazy = JSON.stringify(pathToFileURL(`${dist}lazy.js`));
const sum = 'torch.ones(300, 300).sum().item()';

/** What a program of its own prints, on standard output and on standard error. */
async function run(program: string, env: Record<string, string> = {}, ...options: string[]) {
  const args = [...options, '--input-type=module', '-e', `import * as torch from ${lazy};\n${program}`];
  return promisify(execFile)(process.execPath, args, { env: { ...process.env, ...env } });
}
const say = (what: string) => `console.log(JSON.stringify(${what}));`;
const failure = (promise: string) => `await ${promise}.then(() => 'nothing', String)`;

/** The tests' own engine is of no matter here: one run will do. */
describe.runIf(process.env.FLAMBEAU_CPU === 'wasm')('flambeau/lazy', { timeout: 120_000 }, () => {
  it('computes nothing before init', async () => {
    const program = `
      const said = [];
      for (const use of [() => torch.ones(2), () => new torch.nn.Linear(1, 1), () => torch.getNumThreads()])
        try { use(); } catch (error) { said.push(String(error)); }
      await torch.init();
      ${say(`[said, ${sum}]`)}`;
    const [said, value] = JSON.parse((await run(program)).stdout) as [string[], number];
    expect(value).toBe(90000);
    expect(said).toHaveLength(3);
    for (const text of said)
      expect(text).toMatch(
        /^RuntimeError: the engine of 'flambeau\/lazy' has not been started: call and await init\(\)/,
      );
  });

  it.each([
    ['a path', `${JSON.stringify(`${dist}flambeau_threads.wasm`)}`, 3],
    ['a folder', `${JSON.stringify(dist)}`, 3],
    ["a folder's URL", `new URL(${JSON.stringify(pathToFileURL(dist))})`, 3],
    ['a URL', `new URL(${JSON.stringify(pathToFileURL(`${dist}flambeau_threads.wasm`))})`, 3],
    ['bytes', 'bytes', 1],
    ['an ArrayBuffer', 'bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)', 1],
    ['a module', 'new WebAssembly.Module(bytes)', 1],
    ['a response', "new Response(bytes, { headers: { 'content-type': 'application/wasm' } })", 1],
    ['a response to come', 'Promise.resolve(new Response(bytes))', 1],
    ['a data URL', "'data:application/wasm;base64,' + bytes.toString('base64')", 1],
  ])('takes %s', async (_, source, threads) => {
    const program = `
      import { readFileSync } from 'node:fs';
      const bytes = readFileSync(${JSON.stringify(`${dist}flambeau.wasm`)});
      await torch.init({ wasm: ${source} });
      ${say(`[${sum}, torch.backends.cpu.engine(), torch.getNumThreads()]`)}`;
    // Also where the native engine would be the default.
    const { stdout, stderr } = await run(program, { FLAMBEAU_CPU: '', FLAMBEAU_NUM_THREADS: '3' });
    expect([JSON.parse(stdout), stderr]).toEqual([[90000, 'wasm', threads], '']);
  });

  it('warns of threads that there cannot be', async () => {
    const program = `
      await torch.init({ wasm: ${JSON.stringify(`${dist}flambeau.wasm`)} });
      torch.setNumThreads(1);
      torch.setNumThreads(4);
      ${say('torch.getNumThreads()')}`;
    const { stdout, stderr } = await run(program);
    expect(stdout).toBe('1\n');
    expect(stderr).toBe(
      'UserWarning: setNumThreads(4): there is 1 thread, since the engine was given in its form without threads, flambeau.wasm\n',
    );
  });

  it('refuses what is not its engine', async () => {
    const program = `
      import { readFileSync } from 'node:fs';
      const bytes = readFileSync(${JSON.stringify(`${dist}flambeau.wasm`)});
      const other = Buffer.from(bytes);
      other[other.length - 1] ^= 1;
      const said = [];
      for (const wasm of [
        new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]), other, bytes.subarray(0, 1000), new TextEncoder().encode('<!doctype html>'), 3, {},
        null, new Response('no', { status: 404, statusText: 'Not Found' }), ${JSON.stringify(`${dist}none.wasm`)},
        new Response('<!doctype html>', { headers: { 'content-type': 'text/html; charset=utf-8' } }),
      ])
        said.push(${failure('torch.init({ wasm })')});
      said.push(${failure("torch.init({ url: '' })")});
      await torch.init({ wasm: bytes });
      ${say(`[said, ${sum}]`)}`;
    const [said, value] = JSON.parse((await run(program)).stdout) as [string[], number];
    expect(value).toBe(90000);
    for (const [i, text] of [
      'RuntimeError: what was given is not the engine of this library',
      'RuntimeError: what was given is the engine of another version of this library',
      'RuntimeError: cannot compile what was given',
      'RuntimeError: what was given is not the engine but another file',
      'TypeError: init: wasm must be a URL, a Response, an ArrayBuffer or a WebAssembly.Module, not Number',
      'TypeError: init: wasm must be a URL, a Response, an ArrayBuffer or a WebAssembly.Module, not Object',
      'TypeError: init: wasm must be a URL, a Response, an ArrayBuffer or a WebAssembly.Module, not null',
      'RuntimeError: cannot fetch the response: HTTP 404 Not Found',
      'none.wasm',
      'RuntimeError: the response is not the engine but a file of type text/html',
      "TypeError: init() got an unexpected keyword argument 'url' (valid: wasm, wasmThreads)",
    ].entries())
      expect(said[i]).toContain(text);
  });

  it('can be started again when that failed', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      if (++asked === 1) response.writeHead(503).end();
      else response.setHeader('content-type', 'application/wasm').end(readFileSync(`${dist}flambeau.wasm`));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/flambeau.wasm`;
    try {
      const program = `
        const wasm = '${url}';
        const first = ${failure('torch.init({ wasm })')};
        await Promise.all([torch.init({ wasm }), torch.init({ wasm })]);
        ${say(`[first, ${sum}]`)}`;
      const { stdout } = await run(program);
      expect(JSON.parse(stdout)).toEqual([
        expect.stringContaining(`RuntimeError: cannot fetch ${url}: HTTP 503`),
        90000,
      ]);
    } finally {
      server.close();
    }
  });

  it('is the same library as flambeau, which needs no init', async () => {
    const program = `
      const whole = await import(${JSON.stringify(pathToFileURL(`${dist}index.js`))});
      const missing = Object.keys(whole).filter((name) => torch[name] !== whole[name]);
      const more = Object.keys(torch).filter((name) => !(name in whole));
      ${say(`[missing, more, ${sum}]`)}`;
    expect(JSON.parse((await run(program)).stdout)).toEqual([[], ['init'], 90000]);
  });
});

describe.runIf(process.env.FLAMBEAU_CPU === 'wasm')('the package in Node', { timeout: 120_000 }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'flambeau-package-'));
    mkdirSync(`${folder}/node_modules`);
    symlinkSync(dist.replace(/\/dist\/$/, ''), `${folder}/node_modules/flambeau`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const node = (program: string, env: Record<string, string | undefined> = {}) => {
    const { FLAMBEAU_CPU: _, ...rest } = process.env;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
      cwd: folder,
      env: { ...rest, ...env },
      encoding: 'utf8',
    });
    return [stdout, stderr];
  };

  it('is required as it is imported', () => {
    const program = `
      const torch = require('flambeau');
      import('flambeau').then((imported) => console.log(imported.Tensor === torch.Tensor, torch.ones(2).sum().item()));`;
    expect(node(program)).toEqual(['true 2\n', '']);
  });

  it('is there for a require that knows no modules', () => {
    const path = JSON.stringify(`${dist}cjs/index.cjs`);
    const program = `
      const torch = require(${path});
      torch.save({ a: torch.ones(2) }).then((bytes) => torch.load(bytes)).then(({ a }) =>
        console.log(a, torch.Tensor.name, new torch.nn.Linear(1, 2), torch.backends.cpu.engine()));`;
    const [stdout, stderr] = node(program, { FLAMBEAU_CPU: 'wasm' });
    expect([stdout, stderr]).toEqual([
      'tensor([1., 1.]) Tensor Linear(in_features=1, out_features=2, bias=True) wasm\n',
      '',
    ]);
  });

  it('says once that the native engine does not load, and goes on', () => {
    // Another machine's.
    writeFileSync(`${folder}/flambeau.node`, 'an addon for something else');
    const [stdout, stderr] = node(
      `const torch = require('flambeau'); console.log(torch.ones(2).sum().item(), torch.ones(2).sum().item(), torch.backends.cpu.engine());`,
      { FLAMBEAU_ADDON: `${folder}/flambeau.node` },
    );
    expect(stdout).toBe('2 2 wasm\n');
    expect(stderr.match(/UserWarning/g)).toHaveLength(1);
    expect(stderr).toMatch(
      /the native engine does not load \(.+\), so WebAssembly runs in its place.+FLAMBEAU_ADDON names/,
    );
  });

  it('finds its engine where a bundle was put beside it, and says so where it does not', () => {
    mkdirSync(`${folder}/bundle`);
    cpSync(`${dist}cjs/index.cjs`, `${folder}/bundle/index.cjs`);
    cpSync(`${dist}cjs/flambeau.cjs`, `${folder}/bundle/flambeau.cjs`);
    const program = `
      const torch = require('./bundle/index.cjs');
      try { console.log(torch.ones(2).sum().item()); } catch (error) { console.log(String(error)); }`;
    const env = { FLAMBEAU_CPU: 'wasm' };
    // There is an installed package: that one's.
    expect(node(program, env)).toEqual(['2\n', '']);
    rmSync(`${folder}/node_modules/flambeau`);
    expect(node(program, env)[0]).toMatch(
      /^RuntimeError: flambeau_threads\.wasm of the package flambeau was not found: .*keep the package external, put the file beside the bundle/,
    );
    cpSync(`${dist}flambeau_threads.wasm`, `${folder}/bundle/flambeau_threads.wasm`);
    expect(node(program, env)).toEqual(['2\n', '']);
  });
});
