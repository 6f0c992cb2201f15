/** Runs one program on what runs JavaScript: each must have what the table of docs/runtimes.md says. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serve } from '../support/browser.js';
import { Project } from './project.js';
import { abilitiesOf, openBrowser, program } from './recipe.js';

const { platform, arch } = process;
const machine = `${platform}-${arch}`;
// The names of packages that hold binaries alone: they need no script to install them.
const bun = `@oven/bun-${machine.replace('arm64', 'aarch64')}`;
const deno = `@deno/${machine}${platform === 'linux' ? '-glibc' : ''}`;

const runtimes: [name: string, npmPackage: string, version: string, binary: string, args: string[]][] = [
  ['Node 20.19', `node-${machine}`, '20.19', 'bin/node', []],
  ['Node 22', `node-${machine}`, '22', 'bin/node', []],
  ['Node 24', `node-${machine}`, '24', 'bin/node', []],
  ['Node 26', `node-${machine}`, '26', 'bin/node', []],
  ['Bun', bun, '1', 'bin/bun', []],
  ['Deno', deno, '2', 'deno', ['run', '-A']],
];

/** How a runtime's own tests compare tensors. */
const comparisons: Record<string, { args: string[]; file: string; source: string }> = {
  Bun: {
    args: ['test'],
    file: 'equal.test.mjs',
    source: `
      import { expect, test } from 'bun:test';
      import * as torch from 'flambeau';
      test('tensors', () => {
        const x = torch.arange(4).reshape(2, 2);
        expect(x.add(1)).toEqual(torch.arange(1, 5).reshape(2, 2));
        expect({ a: [x] }).toEqual({ a: [x.clone()] });
        for (const y of [x.add(1), x.flatten(), x.to(torch.float32), x.t()]) expect(x).not.toEqual(y);
        expect(() => expect(x).toEqual(x.add(1))).toThrow();
      });`,
  },
  Deno: {
    args: ['test', '-A', '--no-check'],
    file: 'equal_test.mjs',
    source: `
      import { deepStrictEqual, notDeepStrictEqual } from 'node:assert';
      import * as torch from 'flambeau';
      Deno.test('tensors', () => {
        const x = torch.arange(4).reshape(2, 2);
        deepStrictEqual(x.add(1), torch.arange(1, 5).reshape(2, 2));
        deepStrictEqual({ a: [x] }, { a: [x.clone()] });
        for (const y of [x.add(1), x.flatten(), x.to(torch.float32), x.t()]) notDeepStrictEqual(x, y);
        // As its Jupyter kernel asks.
        deepStrictEqual(Object.keys(x[Symbol.for('Jupyter.display')]()), ['text/plain', 'text/html']);
      });`,
  },
};

describe('the library runs', { timeout: 600_000 }, () => {
  it.for(runtimes)('on %s', async ([name, npmPackage, version, binary, args], { skip }) => {
    let project: Project;
    try {
      project = await Project.create([`${npmPackage}@${version}`], { type: 'module' });
    } catch (error) {
      // Not every version has binaries for every platform.
      expect(String(error)).toMatch(/E404|ETARGET|EBADPLATFORM|notarget/);
      return skip(`there is no ${npmPackage}@${version}`);
    }
    try {
      for (const file of ['smoke.mjs', 'abilities.mjs']) project.write(file, program(file));
      const runtime = join(project.folder, 'node_modules', npmPackage, binary);
      const there = readdirSync(join(project.folder, 'node_modules', npmPackage));
      expect([existsSync(runtime), there]).toEqual([true, there]);
      const rows = abilitiesOf(name);
      expect(rows.map(({ engine }) => engine)).toEqual(['native', 'wasm']);
      for (const row of rows) {
        const engine = row.engine === 'native' ? '' : row.engine;
        const said = await project.run('env', `FLAMBEAU_CPU=${engine}`, runtime, ...args, 'smoke.mjs');
        // That alone: nothing is warned of.
        expect(said).toBe(`${JSON.stringify({ ...row, isFlat: true })}\n`);
      }
      const comparison = comparisons[name];
      if (comparison === undefined) return;
      project.write(comparison.file, comparison.source);
      expect(await project.run(runtime, ...comparison.args, comparison.file)).toMatch(/1 pass/);
    } finally {
      project.remove();
    }
  });

  it("on Vercel's edge", async () => {
    const project = await Project.create(['edge-runtime@4', 'esbuild@0.27'], { type: 'module' });
    try {
      project.write('abilities.mjs', program('abilities.mjs'));
      project.write(
        'main.mjs',
        `
        import * as torch from 'flambeau/lazy';
        import { abilities } from './abilities.mjs';
        async function answer() {
          await torch.init({ wasm: engine });
          return Response.json(await abilities(torch));
        }
        addEventListener('fetch', (event) => event.respondWith(answer()));`,
      );
      project.write(
        'edge.mjs',
        `
        import { readFileSync } from 'node:fs';
        import { EdgeRuntime } from 'edge-runtime';
        const engine = await WebAssembly.compile(readFileSync('node_modules/flambeau/dist/flambeau.wasm'));
        const runtime = new EdgeRuntime({
          initialCode: readFileSync('out/main.js', 'utf8'),
          codeGeneration: { strings: false, wasm: false },
          extend: (context) => Object.assign(context, { engine }),
        });
        console.log(await (await runtime.dispatchFetch('http://localhost/')).text());`,
      );
      const options = ['--bundle', '--format=iife', '--conditions=edge-light', '--outfile=out/main.js'];
      expect(await project.tool('esbuild', 'main.mjs', ...options)).not.toMatch(/warning/i);
      const [row, ...more] = abilitiesOf("Vercel's edge (edge-runtime)");
      expect(more).toEqual([]);
      expect(JSON.parse(await project.run('node', 'edge.mjs'))).toEqual(row);
    } finally {
      project.remove();
    }
  });

  it('on Chromium', async () => {
    const project = await Project.create([], { type: 'module' });
    const browser = await openBrowser();
    try {
      project.write('abilities.mjs', program('abilities.mjs'));
      project.write(
        'run.mjs',
        `
        import * as torch from '/flambeau/browser/flambeau.js';
        import { abilities } from '/files/abilities.mjs';
        export const found = abilities(torch);
        if (typeof document === 'undefined') found.then(postMessage);`,
      );
      const folders = { files: project.folder, flambeau: join(project.folder, 'node_modules/flambeau/dist') };
      for (const [name, isolated, inWorker] of [
        ['a page', false, false],
        ['an isolated page', true, false],
        ['a worker', true, true],
      ] as const) {
        const site = await serve(
          folders,
          { '/': '<!doctype html><link rel="icon" href="data:,">' },
          isolated,
        );
        const page = await browser.newPage();
        await page.goto(site.url);
        // A text, since what is written here is changed by Vitest.
        const found = await page.evaluate(
          inWorker
            ? `new Promise((resolve, reject) => {
                const worker = new Worker('/files/run.mjs', { type: 'module' });
                worker.onmessage = ({ data }) => resolve(data);
                worker.onerror = ({ message }) => reject(new Error(message));
              })`
            : `import('/files/run.mjs').then((module) => module.found)`,
        );
        expect([found]).toEqual(abilitiesOf(`Chromium, ${name}`));
        await page.close();
        await site.close();
      }
    } finally {
      await browser.close();
      project.remove();
    }
  });

  it('refuses older Nodes, and says so', async () => {
    const project = await Project.create([`node-${machine}@18`], { type: 'module' });
    try {
      const program = join(project.folder, 'node_modules', `node-${machine}`, 'bin/node');
      const says = /flambeau needs Node 20\.19 or later.*this is v18\./;
      for (const [name, source] of [
        ['old.mjs', "import 'flambeau';"],
        ['old.cjs', "require('flambeau');"],
        ['lazy.mjs', "import 'flambeau/lazy';"],
      ]) {
        project.write(name, source);
        await expect(project.run(program, name)).rejects.toThrow(says);
      }
    } finally {
      project.remove();
    }
  });
});
