/** What all pages have in common: icons, a manifest, what is shown of links to them, licences, isolation without a server's help, and paper. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { framePlugin } from '../scripts/page-frame.mjs';
import { Pages, pagesAreTested } from './support/pages.js';

describe.runIf(pagesAreTested)('each page', { timeout: 120_000 }, () => {
  let pages: Pages;
  const visit: Pages['visit'] = (...args) => pages.visit(...args);
  let names: string[] = [];
  beforeAll(async () => {
    pages = await Pages.open('web-frame');
    names = readdirSync(pages.folder).filter((name) => name.endsWith('.html'));
  }, 120_000);
  afterAll(() => pages?.close());

  it('says in its HTML what it is, under which licence, and whose data it shows', () => {
    expect(names).toContain('inside.html');
    for (const name of names) {
      const html = readFileSync(`${pages.folder}/${name}`, 'utf8');
      expect(html.indexOf('charset="utf-8"'), name).toBeLessThan(1000);
      const title = /<title>(.*)<\/title>/.exec(html)![1];
      for (const text of [
        'href="./manifest.webmanifest"',
        `property="og:title" content="${title}"`,
        'property="og:image" content="./card.png"',
        'name="twitter:card" content="summary_large_image"',
        'MIT',
        'Y. LeCun',
        'A. Krizhevsky',
      ])
        expect(html, name).toContain(text);
    }
  });

  it('has whole addresses for programs that show links, where it is known where it will lie', () => {
    const plugin = framePlugin('https://example.org/flambeau');
    const { tags } = plugin.transformIndexHtml('<title>A page</title><body></body>', { path: '/a.html' });
    const contents = tags.map(({ attrs }) => attrs.content);
    expect(contents).toContain('https://example.org/flambeau/card.png');
    expect(contents).toContain('https://example.org/flambeau/a.html');
  });

  it('can be installed, with icons of the sizes that the manifest names', async () => {
    const { icons } = JSON.parse(readFileSync(`${pages.folder}/manifest.webmanifest`, 'utf8')) as {
      icons: { src: string; sizes: string }[];
    };
    for (const { src, sizes } of icons) {
      const bytes = readFileSync(`${pages.folder}/${src}`);
      if (sizes === 'any') expect(bytes.toString()).toContain('<svg');
      else expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`).toBe(sizes);
    }
    await visit('index', async (page) => {
      const session = await page.context().newCDPSession(page);
      const { errors } = await session.send('Page.getAppManifest');
      expect(errors).toEqual([]);
      const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
      // The tests' windows forget all, and nothing is installed from such.
      expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual(['in-incognito']);
    });
  });

  it('is isolated from its second visit on where the server sends no headers for it', async () => {
    await visit(
      'tensors',
      async (page) => {
        await page.getByText(/^Ready/).waitFor();
        expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
        await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
        await page.getByRole('link', { name: 'Autograd', exact: true }).click();
        await page.getByRole('heading', { name: 'Automatic differentiation' }).waitFor();
        await page.getByText(/^Ready/).waitFor();
        expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
        const thread = page.workers().find((worker) => worker.url().includes('main'))!;
        expect(await thread.evaluate(() => crossOriginIsolated)).toBe(true);
      },
      { site: 'ordinary', serviceWorkers: 'allow' },
    );
  });

  it.each(['index', 'tensors', 'inside', 'training', 'notebook', 'convert', 'mysteries'])(
    '%s on paper has its text and no buttons, and fits',
    async (name) => {
      await visit(
        name,
        async (page) => {
          await page.getByRole('contentinfo').waitFor();
          await page.locator('header.site').waitFor();
          await page.emulateMedia({ media: 'print' });
          expect(await page.locator('h1').isVisible()).toBe(true);
          for (const one of await page.locator('header nav, .toolbar, .actions').all())
            expect(await one.isVisible()).toBe(false);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(wide).toBeLessThanOrEqual(0);
        },
        // A4 without its margins.
        { viewport: { width: 718, height: 1050 }, reducedMotion: 'reduce' },
      );
    },
  );
});
