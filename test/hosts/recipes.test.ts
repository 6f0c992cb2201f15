/** Carries out the recipes of docs/bundlers.md. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../support/browser.js';
import { Project } from './project.js';
import { files, look, openBrowser, serving } from './recipe.js';

const tools = [
  'esbuild@0.27',
  'rollup@4',
  '@rollup/plugin-node-resolve@16',
  'webpack@5',
  'webpack-cli@6',
  'vite@8',
  'vitest@4',
  'jest@30',
  'tsx@4',
];

describe('recipes', { timeout: 300_000 }, () => {
  let project: Project;
  let browser: Browser;
  beforeAll(async () => {
    project = await Project.create(tools);
    browser = await openBrowser();
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    project?.remove();
  });
  const isReady = () => document.title === 'tensor(2.)';
  const html = (script: string) => `<!doctype html><link rel="icon" href="data:,">${script}`;

  const bundlers: [section: string, tool: string, args: string[], script: string][] = [
    ['esbuild', 'node', ['build.mjs'], 'type="module"'],
    ['Classic scripts and service workers', 'node', ['build.mjs'], ''],
    ['Rollup', 'rollup', ['-c'], 'type="module"'],
    ['webpack', 'webpack', ['-c', 'webpack.config.mjs'], 'type="module"'],
    ['Vite', 'vite', ['build'], 'type="module"'],
  ];
  it.each(bundlers)('pages by %s', async (section, tool, args, script) => {
    try {
      for (const [name, source] of files(section)) project.write(name, source);
      const said = tool === 'node' ? await project.run('node', ...args) : await project.tool(tool, ...args);
      expect(said).not.toMatch(/warning|critical/i);
      const page = html(`<script ${script} src="/out/main.js"></script>`);
      const out = join(project.folder, 'out');
      for (const isolated of [false, true]) {
        const folders = { out, assets: join(out, 'assets'), 'flambeau.wasm': join(out, 'flambeau.wasm') };
        const site = await serve(folders, { '/': page }, isolated);
        expect(await look(browser, site.url, isReady)).toEqual([]);
        await site.close();
      }
    } finally {
      project.clear();
    }
  });

  it('a service worker by esbuild', async () => {
    try {
      for (const [name, source] of files('Classic scripts and service workers')) project.write(name, source);
      await project.run('node', 'build.mjs');
      const out = join(project.folder, 'out');
      const page = html(`<script type="module">
        await navigator.serviceWorker.register('/out/worker.js');
        await navigator.serviceWorker.ready;
        if (navigator.serviceWorker.controller === null) location.reload();
        await new Promise((resolve) => navigator.serviceWorker.controller && resolve());
        const { sum } = await (await fetch('/out/sum')).json();
        document.title = \`tensor(\${sum}.)\`;
      </script>`);
      const site = await serve(
        { out, 'flambeau.wasm': join(out, 'flambeau.wasm') },
        { '/out/': page },
        false,
      );
      expect(await look(browser, `${site.url}/out/`, isReady)).toEqual([]);
      await site.close();
    } finally {
      project.clear();
    }
  });

  it('pages by Vite, in development', async () => {
    try {
      for (const [name, source] of files('Vite')) project.write(name, source);
      project.write('index.html', html('<script type="module" src="/main.js"></script>'));
      await serving(
        project,
        'vite',
        (port) => ['--port', port, '--strictPort'],
        async (url) => expect(await look(browser, url, isReady)).toEqual([]),
      );
    } finally {
      project.clear();
    }
  });

  const program = `
    import * as torch from 'flambeau';
    const x = torch.ones(300, 300);
    console.log(x.matmul(x).sum().item(), torch.backends.cpu.engine(), torch.getNumThreads() > 0);`;
  it.each([
    [
      'esbuild, modules',
      'esbuild',
      ['main.js', '--bundle', '--platform=node', '--format=esm', '--outfile=out/main.mjs'],
    ],
    [
      'esbuild, CommonJS',
      'esbuild',
      ['main.js', '--bundle', '--platform=node', '--format=cjs', '--outfile=out/main.cjs'],
    ],
    [
      'esbuild, external',
      'esbuild',
      [
        'main.js',
        '--bundle',
        '--platform=node',
        '--packages=external',
        '--format=esm',
        '--outfile=out/main.mjs',
      ],
    ],
    ['Vite', 'vite', ['build', '--ssr', 'main.js', '--outDir', 'out']],
    ['Rollup, external', 'rollup', ['main.js', '--external', 'flambeau', '--file', 'out/main.mjs']],
    [
      'webpack',
      'webpack',
      [
        '--target',
        'node',
        '--mode',
        'production',
        '--entry',
        './main.js',
        '--output-path',
        'out',
        '--output-filename',
        'main.cjs',
      ],
    ],
  ] as const)('programs for Node by %s', async (_, tool, args) => {
    try {
      project.write('main.js', program);
      expect(await project.tool(tool, ...args)).not.toMatch(/warning|critical|ERROR/i);
      const output = ['main.cjs', 'main.mjs', 'main.js']
        .map((name) => `out/${name}`)
        .find((name) => existsSync(join(project.folder, name)))!;
      expect(await project.run('node', output)).toMatch(/^27000000 (native|wasm) true\n$/);
    } finally {
      project.clear();
    }
  });

  it.each([
    ['Jest', 'jest', []],
    ['Vitest', 'vitest', ['run']],
  ] as const)('tests by %s', async (section, tool, args) => {
    try {
      for (const [name, source] of files(section)) project.write(name, source);
      expect(await project.tool(tool, ...args)).toMatch(/1 passed/);
    } finally {
      project.clear();
    }
  });

  it('tests that are modules by Jest', async () => {
    try {
      for (const [name, source] of files('Jest with modules')) project.write(name, source);
      const options = ['--testMatch', '**/*.test.mjs'];
      const said = await project.run(
        'node',
        '--experimental-vm-modules',
        'node_modules/jest/bin/jest.js',
        ...options,
      );
      expect(said).toMatch(/1 passed/);
    } finally {
      project.clear();
    }
  });

  it('files, loaders and data sets of modules by Jest', async () => {
    try {
      project.write('set.js', 'exports.Doubles = class { length = 4; at(index) { return 2 * index; } };');
      project.write(
        'files.test.js',
        `
        const { mkdtempSync } = require('node:fs');
        const torch = require('flambeau');
        test('works', async () => {
          const file = mkdtempSync('out-') + '/x.pt';
          await torch.save([torch.eye(2)], file);
          expect(await torch.load(file)).toEqual([torch.eye(2)]);
          const set = await torch.utils.data.workerDataset(__dirname + '/set.js', 'Doubles');
          const batches = [];
          for await (const batch of new torch.utils.data.DataLoader(set, { batchSize: 2, numWorkers: 1 })) batches.push(batch);
          expect(batches).toEqual([torch.tensor([0, 2]), torch.tensor([4, 6])]);
        });`,
      );
      expect(await project.tool('jest')).toMatch(/1 passed/);
    } finally {
      project.clear();
    }
  });

  it('data sets in TypeScript under tsx, and in Vitest', async () => {
    try {
      for (const [name, source] of files('TypeScript in worker threads')) project.write(name, source);
      const printed = 'tensor([0, 2])\ntensor([4, 6])\n';
      expect(await project.tool('tsx', 'main.mts')).toBe(printed);
      project.write(
        'loads.test.ts',
        `import { test } from 'vitest';\ntest('loads', () => import('./main.mts'));`,
      );
      const said = await project.tool('vitest', 'run');
      expect(said).toMatch(/1 passed/);
      for (const line of printed.trim().split('\n')) expect(said).toContain(line);
    } finally {
      project.clear();
    }
  });
});
