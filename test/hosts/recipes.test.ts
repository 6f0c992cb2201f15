/** Carries out the recipes of docs/bundlers.md as they stand there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launch, serve } from '../support/browser.js';
import { environment, isAskedFor, Project } from './project.js';

const text = readFileSync(new URL('../../docs/bundlers.md', import.meta.url), 'utf8');

/** A section's files: blocks that begin with a comment of their name. */
function files(section: string): [name: string, source: string][] {
  const start = text.indexOf(`\n## ${section}\n`);
  if (start < 0) throw new Error(`docs/bundlers.md has no section ${section}`);
  const end = text.indexOf('\n## ', start + 1);
  const body = text.slice(start, end < 0 ? undefined : end);
  const blocks = [...body.matchAll(/^```jsx?\n\/\/ (\S+)\n(.*?)^```$/gms)];
  expect(blocks.length).toBeGreaterThan(0);
  return blocks.map(([, name, source]) => [name, source]);
}

const tools = [
  'esbuild@0.27',
  'rollup@4',
  '@rollup/plugin-node-resolve@16',
  'webpack@5',
  'webpack-cli@6',
  'vite@8',
  'vitest@4',
  'jest@30',
];

let browser: Browser;
beforeAll(async () => {
  const executable = findChromium();
  if (executable === null) throw new Error('no Chromium was found');
  browser = await launch(executable);
}, 120_000);
afterAll(() => browser?.close());

/** Opens a page, waits for what it is to show, and gives all that went wrong on the way. */
async function look(url: string, isReady: () => boolean): Promise<string[]> {
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on(
    'response',
    (response) => response.status() >= 400 && faults.push(`${response.status()} ${response.url()}`),
  );
  try {
    await page.goto(url);
    await page
      .waitForFunction(isReady, undefined, { timeout: 60_000 })
      .catch((error) => faults.push(String(error)));
    return faults;
  } finally {
    await page.close();
  }
}

describe('recipes', { timeout: 300_000 }, () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.create(tools);
  }, 600_000);
  afterAll(() => project?.remove());

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
      const html = `<!doctype html><link rel="icon" href="data:,"><script ${script} src="/out/main.js"></script>`;
      const out = join(project.folder, 'out');
      for (const isolated of [false, true]) {
        const folders = { out, assets: join(out, 'assets'), 'flambeau.wasm': join(out, 'flambeau.wasm') };
        const site = await serve(folders, { '/': html }, isolated);
        const isReady = () => document.title === 'tensor(2.)';
        expect(await look(site.url, isReady)).toEqual([]);
        await site.close();
      }
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
      expect(await project.tool(tool, ...args)).not.toMatch(/critical dependency|ERROR/i);
      const output = args.some((arg) => arg.includes('main.cjs')) ? 'out/main.cjs' : 'out/main.mjs';
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
});

describe.runIf(isAskedFor('next'))('Next', { timeout: 600_000 }, () => {
  it('renders on the server and in the browser', async () => {
    const project = await Project.create(['next@16', 'react@19', 'react-dom@19'], { type: 'module' });
    let server: ReturnType<typeof spawn> | null = null;
    try {
      for (const [name, source] of files('Next')) project.write(name, source);
      await project.tool('next', 'build');
      const port = await freePort();
      const next = join(project.folder, 'node_modules', '.bin', 'next');
      server = spawn(next, ['start', '-p', String(port)], {
        cwd: project.folder,
        env: environment(),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(server.stdout!, 'data');
      const url = `http://localhost:${port}`;
      await expect
        .poll(
          () =>
            fetch(`${url}/route`).then(
              (r) => r.json(),
              () => null,
            ),
          { timeout: 30_000 },
        )
        .toEqual({ sum: 2 });
      const isReady = () =>
        ['server', 'client'].every((id) => document.getElementById(id)?.textContent === 'tensor(2.)');
      expect((await look(url, isReady)).filter((fault) => !fault.includes('favicon'))).toEqual([]);
    } finally {
      server?.kill();
      project.remove();
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
