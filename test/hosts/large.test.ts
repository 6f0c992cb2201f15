/** Recipes for what is large to install: run when it is named, or all is asked for (`npm run test:hosts -- all`). */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../support/browser.js';
import { isAskedFor, Project } from './project.js';
import { abilitiesOf, files, look, manifest, openBrowser, program, serving } from './recipe.js';

const isAny = ['next', 'parcel', 'cloudflare'].some(isAskedFor);

describe.runIf(isAny)('large recipes', { timeout: 600_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 120_000);
  afterAll(() => browser?.close());

  it.runIf(isAskedFor('next'))('Next renders on the server and in the browser', async () => {
    const project = await Project.create(['next@16', 'react@19', 'react-dom@19'], { type: 'module' });
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
    } finally {
      project.remove();
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
