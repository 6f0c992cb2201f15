/** Recipes for what is large to install: run when it is named, or all is asked for (`npm run test:hosts -- all`). */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from '../support/browser.js';
import { isAskedFor, Project } from './project.js';
import { files, look, manifest, openBrowser, serving } from './recipe.js';

const isAny = isAskedFor('next') || isAskedFor('parcel');

describe.runIf(isAny)('large recipes', { timeout: 600_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 120_000);
  afterAll(() => browser?.close());

  it.runIf(isAskedFor('next'))('Next renders on the server and in the browser', async () => {
    const project = await Project.create(['next@16', 'react@19', 'react-dom@19'], { type: 'module' });
    try {
      for (const [name, source] of files('Next')) project.write(name, source);
      const looks = async (url: string) => {
        expect(await (await fetch(`${url}/route`)).json()).toEqual({ sum: 2 });
        const isReady = () =>
          ['server', 'client'].every((id) => document.getElementById(id)?.textContent === 'tensor(2.)');
        expect(await look(browser, url, isReady)).toEqual([]);
      };
      expect(await project.tool('next', 'build')).not.toMatch(/warning|critical/i);
      await serving(project, 'next', (port) => ['start', '-p', port], looks);
      await serving(project, 'next', (port) => ['dev', '-p', port], looks);
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
