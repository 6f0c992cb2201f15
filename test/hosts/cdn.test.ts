/** Pages without a bundler, whose library comes from another origin, and those that others embed. */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Site, serve } from '../support/browser.js';
import { Project } from './project.js';
import { files, openBrowser } from './recipe.js';

describe('pages by a CDN', { timeout: 120_000 }, () => {
  let project: Project;
  let browser: Browser;
  let cdn: Site;
  let host: Site;
  beforeAll(async () => {
    project = await Project.create([]);
    browser = await openBrowser();
    const dist = join(project.folder, 'node_modules/flambeau/dist');
    cdn = await serve({ npm: dist }, {}, false);
    for (const [name, source] of files('CDNs'))
      project.write(
        `site/${name}`,
        source.replace('https://cdn.jsdelivr.net/npm/flambeau/dist/', `${cdn.url}/npm/`),
      );
    const frames = (page: string, ...attributes: string[]) =>
      attributes.map((attribute) => `<iframe src="${page}" ${attribute}></iframe>`).join('');
    host = await serve(
      { site: join(project.folder, 'site'), copy: join(dist, 'browser') },
      {
        '/frames/': `<!doctype html>${frames('/site/plain.html', '', 'sandbox="allow-scripts"')}${frames('/embedded/isolate.html', '')}`,
        '/embedded/isolate.html': `<!doctype html><link rel="icon" href="data:,"><script src="/copy/isolate.js"></script><script>document.title = 'as it was'</script>`,
      },
      false,
    );
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    await cdn?.close();
    await host?.close();
    project?.remove();
  });

  it('compute', async () => {
    const page = await browser.newPage();
    page.setDefaultTimeout(100_000);
    await page.goto(`${host.url}/site/plain.html`);
    await page.waitForFunction(`document.title === 'tensor(2.)'`);
    expect(await page.evaluate('crossOriginIsolated')).toBe(false);
    await page.close();
  });

  it('have threads where a host sends no headers, by isolate.js', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(100_000);
    const warnings: string[] = [];
    page.on('console', (message) => warnings.push(message.text()));
    const loads: string[] = [];
    page.on('framenavigated', (frame) => loads.push(frame.url()));
    project.write('site/isolate.js', await (await fetch(`${cdn.url}/npm/browser/isolate.js`)).text());
    const visit = async () => {
      await page.goto(`${host.url}/site/index.html`);
      await page.waitForFunction(`crossOriginIsolated && /threads/.test(document.title)`);
      expect(await page.title()).toMatch(/^tensor\(2\.\) by \d+ threads$/);
    };
    await visit();
    expect(loads.length).toBe(2);
    // However many there are at first, which follows from the machine.
    const threads = await page.evaluate(`(async () => {
      const torch = await import('${cdn.url}/npm/browser/flambeau.js');
      torch.setNumThreads(3);
      const x = torch.ones(300, 300);
      return [x.matmul(x).sum().item(), torch.getNumThreads()];
    })()`);
    expect(threads).toEqual([27_000_000, 3]);
    // The service worker is there from now on.
    await visit();
    expect(loads.length).toBe(3);
    expect(warnings).toEqual([]);
    await context.close();
  });

  it('say so where isolate.js can do nothing', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const warnings: string[] = [];
    page.on('console', (message) => warnings.push(message.text()));
    // Its folder is another one than the page's.
    await page.goto(`${host.url}/embedded/isolate.html`);
    await expect.poll(() => warnings, { timeout: 10_000 }).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^isolate\.js: this page is not cross-origin isolated, so that flambeau has one thread: this file must lie in/,
    );
    expect(await page.title()).toBe('as it was');
    await context.close();
  });

  it('compute in frames, on one thread', async () => {
    const page = await browser.newPage();
    await page.goto(`${host.url}/frames/`);
    const [plain, sandboxed, embedded] = page.frames().slice(1);
    for (const frame of [plain, sandboxed]) await frame.waitForFunction(`document.title === 'tensor(2.)'`);
    // What is embedded does not load again and again.
    await embedded.waitForFunction(`document.title === 'as it was'`);
    expect(await plain.evaluate('crossOriginIsolated')).toBe(false);
    expect(
      await embedded.evaluate('navigator.serviceWorker.getRegistration().then((one) => one === undefined)'),
    ).toBe(true);
    await page.close();
  });
});
