import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomFeatures } from '../dist/examples/mysteries/digits.js';
import { readDigits } from '../dist/examples/mysteries/images.js';
import { Results } from '../dist/examples/mysteries/results.js';
import { carryOut } from '../dist/examples/mysteries/study.js';
import { serve } from './support/browser.js';
import { findFirefox, inFirefox } from './support/firefox.js';
import { findFaults } from './support/page_faults.js';
import { Pages, pagesAreTested, status } from './support/pages.js';

const sample = fileURLToPath(new URL('../examples/mysteries/data', import.meta.url));
const firefox = findFirefox();

/** The page with settings in its address. */
const open = (page: Page, search: string, name = 'mysteries') =>
  page.goto(`${page.url().replace(/[^/]*$/, '')}${name}.html?${search}`);
const start = (page: Page) => page.locator('button.main').click();
const finished = (page: Page) => page.getByText(/^(Finished\.|完成。)/).waitFor({ timeout: 150_000 });

/** Figures of a row of the page's table. */
const figure = async (page: Page, row: string, score: string) =>
  (await page.locator(`[data-row="${row}"] [data-score="${score}"]`).textContent())!
    .replace('−', '-')
    .split(' ± ')
    .map(Number);

describe.runIf(pagesAreTested)('the page of the mysteries', { timeout: 180_000 }, () => {
  let pages: Pages;
  const visit: Pages['visit'] = (...args) => pages.visit(...args);
  beforeAll(async () => {
    pages = await Pages.open('web-mysteries-test');
  }, 180_000);
  afterAll(() => pages?.close());

  it('shows the figures that the terminal has', async () => {
    const found = await visit('mysteries', async (page) => {
      await open(page, 'data=random-features&networks=2&replicates=2');
      await start(page);
      await finished(page);
      expect(await page.locator('table.results caption').textContent()).toContain('means of 2 replicates');
      return {
        single: await figure(page, 'single', 'accuracy'),
        ensemble: await figure(page, 'ensemble', 'gain'),
        joint: await figure(page, 'joint', 'gain'),
        distilled: await figure(page, 'distilled', 'gain'),
      };
    });
    const settings = { networks: 2, temperature: 2, replicates: 2, seed: 0, points: 0 };
    const results = new Results();
    for await (const event of carryOut(randomFeatures(await readDigits(sample), settings)))
      if (event.kind === 'measured') results.add(event);
    const near = ([mean, error]: number[], expected: { mean: number; error: number | null }) => {
      // A digit or two may fall on another side where sums are made in another order.
      expect(mean).toBeCloseTo(expected.mean, 0);
      expect(error).toBeCloseTo(expected.error!, 0);
    };
    near(found.single, results.of('single').scores.accuracy);
    for (const row of ['ensemble', 'joint', 'distilled'] as const) near(found[row], results.of(row).gain!);
    expect(found.ensemble[0]).toBeGreaterThan(0.5);
  });

  it('shows what two networks have learned, pauses, goes on, and keeps them when the temperature changes', async () => {
    await visit('mysteries', async (page) => {
      await open(page, 'networks=2');
      await start(page);
      await page.locator('[data-row="ensemble"]').waitFor();
      await page.locator('.features .of-distilled, .features .of-ensemble').first().waitFor();
      await page.getByText(/^Replicate 1 of 1: distilled from 2/).waitFor();

      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByText('Paused.').waitFor();
      // What was on its way is shown.
      await page.waitForTimeout(500);
      const progress = () => page.getByRole('progressbar').evaluate((bar: HTMLProgressElement) => bar.value);
      const before = await progress();
      await page.waitForTimeout(500);
      expect(await progress()).toBe(before);

      const [single, ensemble] = [
        await figure(page, 'single', 'single-view'),
        await figure(page, 'ensemble', 'single-view'),
      ];
      expect(single[0]).toBeGreaterThan(50);
      expect(single[0]).toBeLessThan(82);
      expect(ensemble[0]).toBeGreaterThan(single[0] + 8);
      const counts = async (row: string) =>
        (await page.locator(`.features .of-${row} .count`).allTextContents()).map(Number);
      const [[all], each] = [await counts('ensemble'), await counts('single')];
      expect(each).toHaveLength(2);
      expect(all).toBeGreaterThan(Math.max(...each));
      // A dot for each that counts.
      for (const [i, count] of each.entries())
        expect(
          await page
            .locator('.features .of-single tr')
            .nth(i + 1)
            .locator('.learned')
            .count(),
        ).toBe(count);

      await page.getByRole('button', { name: 'Continue' }).click();
      await expect.poll(progress).toBeGreaterThan(before);

      await page.getByLabel('Temperature').fill('5');
      await page.getByLabel('Temperature').dispatchEvent('change');
      await page.getByText(/^Replicate 1 of 1: distilled from 2/).waitFor({ timeout: 10_000 });
      expect(await figure(page, 'single', 'single-view')).toEqual(single);
      expect(new URL(page.url()).search).toBe('?temperature=5&networks=2');
      // The other language has the same settings.
      await page.getByRole('link', { name: '中文' }).click();
      await page.getByRole('heading', { level: 1, name: '集成与蒸馏的三个谜团' }).waitFor();
      expect(await page.getByLabel('温度').inputValue()).toBe('5');
      expect(await page.getByLabel('网络个数', { exact: true }).inputValue()).toBe('2');
    });
  });

  it('with single-view samples in training little is left to be gained', async () => {
    await visit('mysteries', async (page) => {
      await open(page, 'networks=2&single-view=0.5');
      await start(page);
      await page.getByText(/^Replicate 1 of 1: distilled from 2/).waitFor({ timeout: 60_000 });
      expect((await figure(page, 'single', 'single-view'))[0]).toBeGreaterThan(90);
      expect((await figure(page, 'ensemble', 'gain'))[0]).toBeLessThan(10);
    });
  });

  it.each([
    ['mysteries', 'random-features', 360, 740],
    ['mysteries.zh', 'random-features', 360, 740],
    ['mysteries', 'multi-view', 320, 568],
    ['mysteries.zh', 'multi-view', 1280, 720],
  ])('%s with %s can be used by everybody on a screen of %d by %d', async (name, data, width, height) => {
    const faults = await visit(
      name,
      async (page) => {
        await open(page, `data=${data}&networks=1`, name);
        await start(page);
        await page
          .locator(data === 'multi-view' ? '.features .of-ensemble' : '[data-row="distilled"]')
          .waitFor();
        await page.locator('button', { hasText: /Pause|暂停/ }).click();
        const light = await findFaults(page);
        await page.emulateMedia({ colorScheme: 'dark' });
        return [...light, ...(await findFaults(page)).map((fault) => `dark: ${fault}`)];
      },
      { colorScheme: 'light', viewport: { width, height } },
    );
    expect(faults).toEqual([]);
  });

  it('the text is there without JavaScript, in both languages', async () => {
    for (const [name, text] of [
      ['mysteries', 'has the luck of all its members'],
      ['mysteries.zh', '把所有成员的运气合在一起'],
    ])
      await visit(
        name,
        async (page) => {
          await page.getByText(text).waitFor();
          await page.locator('noscript').waitFor({ state: 'visible' });
        },
        { javaScriptEnabled: false },
      );
  });

  it('a setting that is none is refused by the browser, and addresses may hold anything', async () => {
    await visit('mysteries', async (page) => {
      await open(page, 'data=letters&networks=many&seed=7');
      expect(await page.getByLabel('Multi-view data').isChecked()).toBe(true);
      expect(await page.getByLabel('Networks', { exact: true }).inputValue()).toBe('10');
      expect(await page.getByLabel('Seed').inputValue()).toBe('7');
      await page.getByLabel('Replicates').fill('0');
      await start(page);
      expect(await status(page)).toBe('');
    });
  });

  it.runIf(firefox !== null)('does the same in Firefox, as wide as a desk and as a phone', async () => {
    let tell: (posted: string) => void = () => {};
    const told = new Promise<string>((resolve) => {
      tell = resolve;
    });
    // The page in frames, whose width is that of its screen: Firefox has no driver here.
    const script = `
      const look = async (width) => {
        const frame = document.createElement('iframe');
        frame.style = 'height: 700px; width: ' + width + 'px';
        frame.src = '/web/mysteries.html?data=random-features&networks=2';
        document.body.append(frame);
        await new Promise((loaded) => { frame.onload = loaded; });
        const page = frame.contentDocument;
        page.querySelector('button.main').click();
        const said = () => page.querySelector('[role=status]').textContent;
        while (!/^Finished|Error|could not/.test(said())) await new Promise((later) => setTimeout(later, 200));
        const { scrollWidth, clientWidth } = page.documentElement;
        const rows = [...page.querySelectorAll('[data-row]')].map((row) =>
          [row.dataset.row, row.querySelector('[data-score=accuracy]').textContent, row.querySelector('[data-score=gain]').textContent]);
        return { said: said(), isTooWide: scrollWidth > clientWidth, rows };
      };
      const told = Promise.all([look(1280), look(360)]).catch((error) => String(error));
      told.then((found) => fetch('/', { method: 'POST', body: JSON.stringify(found) }));`;
    const html = `<!doctype html><meta charset="utf-8"><body><script type="module">${script}</script>`;
    const site = await serve({ web: pages.folder }, { '/frames': html }, false, (posted) => {
      tell(posted);
      return '';
    });
    try {
      const posted = await inFirefox(firefox!, `${site.url}/frames`, () => told);
      const [desk, phone] = JSON.parse(posted) as {
        said: string;
        isTooWide: boolean;
        rows: [row: string, accuracy: string, gain: string][];
      }[];
      for (const { said, isTooWide, rows } of [desk, phone]) {
        expect(said).toMatch(/^Finished/);
        expect(isTooWide).toBe(false);
        expect(rows.map(([row]) => row)).toEqual([
          ...['single', 'control', 'self-distilled', 'distilled', 'ensemble', 'joint'],
        ]);
        for (const [, accuracy] of rows) expect(accuracy).toMatch(/^\d\d\.\d\d$/);
        expect(Number.parseFloat(rows[4][2])).toBeGreaterThan(0.5);
      }
      expect(desk.rows).toEqual(phone.rows);
    } finally {
      await site.close();
    }
  });
});
