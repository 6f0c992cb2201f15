/** Recipes for what is large to install: run when it is named, or all is asked for (`npm run test:hosts -- all`). */
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../support/browser.js';
import { isAskedFor, Project } from './project.js';
import { abilitiesOf, files, look, manifest, openBrowser, program, serving } from './recipe.js';

const isAny = ['next', 'parcel', 'cloudflare', 'rspack', 'ts-node'].some(isAskedFor);

describe.runIf(isAny)('large recipes', { timeout: 600_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 120_000);
  afterAll(() => browser?.close());

  it.runIf(isAskedFor('next'))('Next renders on the server and in the browser', async () => {
    const project = await Project.create(['next@16', 'react@19', 'react-dom@19'], { type: 'module' });
    const moved = mkdtempSync(join(tmpdir(), 'flambeau-moved-'));
    try {
      for (const section of ['Next', "Vercel's edge"])
        for (const [name, source] of files(section)) project.write(name, source);
      const looks = async (url: string) => {
        for (const route of ['route', 'edge'])
          expect([route, await (await fetch(`${url}/${route}`)).json()]).toEqual([route, { sum: 2 }]);
        const isReady = () =>
          ['server', 'client'].every((id) => document.getElementById(id)?.textContent === 'tensor(2.)');
        expect(await look(browser, url, isReady)).toEqual([]);
      };
      const said = await project.tool('next', 'build');
      expect(said).not.toMatch(/warning|critical/i);
      await serving(project, 'next', (port) => ['start', '-p', port], looks);
      await serving(project, 'next', (port) => ['dev', '-p', port], looks);
      // Alone with the files that it found needed.
      project.write(
        'next.config.mjs',
        `export default { output: 'standalone', serverExternalPackages: ['flambeau'] };`,
      );
      await project.tool('next', 'build');
      renameSync(join(project.folder, '.next/standalone'), moved);
      const env = (port: string) => ['HOSTNAME=localhost', `PORT=${port}`, 'node', join(moved, 'server.js')];
      await serving(project, 'env', env, async (url) => {
        expect(await (await fetch(`${url}/route`)).json()).toEqual({ sum: 2 });
      });
    } finally {
      project.remove();
      rmSync(moved, { recursive: true, force: true });
    }
  });

  it.runIf(isAskedFor('cloudflare'))('Cloudflare Workers compute', async () => {
    const project = await Project.create(['wrangler@4'], { type: 'module' });
    const serves = (use: (url: string) => Promise<void>) =>
      serving(project, 'wrangler', (port) => ['dev', '--port', port], use);
    try {
      for (const [name, source] of files('Cloudflare Workers')) project.write(name, source);
      expect(await project.tool('wrangler', 'deploy', '--dry-run')).not.toMatch(/warning/i);
      await serves(async (url) => expect(await (await fetch(url)).json()).toEqual({ sum: 2 }));
      project.write('abilities.mjs', program('abilities.mjs'));
      project.write(
        'worker.js',
        `
        import * as torch from 'flambeau';
        import { abilities } from './abilities.mjs';
        const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
        const mode = (ms) => torch.noGrad(() => pause(ms).then(() => torch.isGradEnabled()));
        const routes = {
          '/': () => abilities(torch),
          '/modes': () => Promise.all([mode(5), mode(1), pause(2).then(() => torch.isGradEnabled())]),
        };
        export default {
          fetch: async (request) => Response.json(await routes[new URL(request.url).pathname]()),
        };`,
      );
      await serves(async (url) => {
        expect([await (await fetch(url)).json()]).toEqual(abilitiesOf('Cloudflare Workers (workerd)'));
        expect(await (await fetch(`${url}/modes`)).json()).toEqual([false, false, true]);
      });
    } finally {
      project.remove();
    }
  });

  it.runIf(isAskedFor('rspack'))('Rspack builds pages, and programs for Node', async () => {
    const project = await Project.create(['@rspack/core@1', '@rspack/cli@1']);
    try {
      for (const [name, source] of files('Rspack')) project.write(name, source);
      expect(await project.tool('rspack', 'build', '-c', 'rspack.config.mjs')).not.toMatch(/warning|error/i);
      const page =
        '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/out/main.js"></script>';
      for (const isolated of [false, true]) {
        const site = await serve({ out: join(project.folder, 'out') }, { '/': page }, isolated);
        expect(await look(browser, site.url, () => document.title === 'tensor(2.)')).toEqual([]);
        await site.close();
      }
      project.clear();
      project.write(
        'main.js',
        `import * as torch from 'flambeau';\nconsole.log(torch.ones(2).sum().item());`,
      );
      project.write(
        'rspack.config.js',
        `module.exports = { mode: 'production', target: 'node', entry: './main.js', output: { path: __dirname + '/out', filename: 'main.js' } };`,
      );
      expect(await project.tool('rspack', 'build')).not.toMatch(/warning|error/i);
      expect(await project.run('node', 'out/main.js')).toBe('2\n');
    } finally {
      project.remove();
    }
  });

  it.runIf(isAskedFor('ts-node'))('ts-node runs modules and CommonJS', async () => {
    const project = await Project.create(['ts-node@10', 'typescript@5', '@types/node@20']);
    try {
      for (const [name, source] of files('ts-node and tsx')) project.write(name, source);
      expect(await project.tool('ts-node', 'main.cts')).toBe('tensor(2.)\n');
      const said = await project.run('node', '--no-warnings', '--loader', 'ts-node/esm', 'main.mts');
      expect(said).toBe('tensor(2.)\n');
    } finally {
      project.remove();
    }
  });

  it.runIf(isAskedFor('parcel'))('Parcel builds pages', async () => {
    const project = await Project.create(['parcel@2'], manifest('Parcel'));
    try {
      for (const [name, source] of files('Parcel')) project.write(name, source);
      project.write(
        'index.html',
        '<!doctype html><link rel="icon" href="data:,"><script type="module" src="main.js"></script>',
      );
      const said = await project.tool(
        'parcel',
        'build',
        'index.html',
        '--dist-dir',
        'out',
        '--public-url',
        './',
      );
      expect(said).not.toMatch(/warning|installing/i);
      for (const isolated of [false, true]) {
        const site = await serve({ out: join(project.folder, 'out') }, {}, isolated);
        const isReady = () => document.title === 'tensor(2.)';
        expect(await look(browser, `${site.url}/out/index.html`, isReady)).toEqual([]);
        await site.close();
      }
    } finally {
      project.remove();
    }
  });
});
