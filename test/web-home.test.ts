/** The first page of web/: a network that learns while one reads. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFaults } from './support/page_faults.js';
import { Pages, pagesAreTested } from './support/pages.js';

/** How many of the points the network has learned, out of the sentence below the picture. */
const shareOf = async (page: Page) =>
  Number(/\((\d+) %\)/.exec((await page.locator('figcaption').textContent()) ?? '')?.[1] ?? Number.NaN);
const picture = (page: Page) =>
  page.locator('canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const says = (page: Page, text: string | RegExp) => page.getByRole('status').getByText(text).waitFor();

async function write(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').fill(text);
  await button(page, 'Run').click();
}

/** A program of a few steps, which ends soon. */
const short = (middle: string) => `
  import * as torch from 'flambeau';
  const points = torch.tensor([[1, 1], [-1, -1], [1, -1]]);
  ${middle}
`;

describe.runIf(pagesAreTested)('the first page', { timeout: 120_000 }, () => {
  let pages: Pages;
  const visit: Pages['visit'] = (...args) => pages.visit(...args);
  beforeAll(async () => {
    pages = await Pages.open('web-home');
  }, 120_000);
  afterAll(() => pages?.close());

  it('has its program in the HTML', async () => {
    await visit(
      'index',
      async (page) => {
        expect(await page.locator('#program').textContent()).toContain('loss.backward();');
      },
      { javaScriptEnabled: false },
    );
  });

  it('trains its network by itself, until the two spirals are told apart', async () => {
    await visit('index', async (page) => {
      await says(page, 'It has learned.');
      expect(await shareOf(page)).toBeGreaterThanOrEqual(98);
    });
  });

  it('pauses, and goes on', async () => {
    await visit('index', async (page) => {
      await says(page, /^Learning/);
      await button(page, 'Pause').click();
      await says(page, 'Paused.');
      // What was on its way is there after two frames.
      await page.waitForFunction(() => new Promise((resolve) => setTimeout(() => resolve(true), 300)));
      const before = await picture(page);
      await page.waitForFunction(() => new Promise((resolve) => setTimeout(() => resolve(true), 300)));
      expect(await picture(page)).toBe(before);
      await button(page, 'Continue').click();
      await says(page, 'It has learned.');
      expect(await picture(page)).not.toBe(before);
    });
  });

  it('runs what is written in the place of its program, and gives that back', async () => {
    await visit('index', async (page) => {
      await page.locator('.cm-content').waitFor();
      await write(
        page,
        short(
          'await draw((at) => torch.stack([at.select(1, 0), at.select(1, 0).neg()], 1), points, torch.tensor([0, 1, 1]));',
        ),
      );
      await says(page, 'It has learned.');
      await page.locator('figcaption').getByText('2 of 3 points').waitFor();
      await button(page, 'Restore').click();
      expect(await page.locator('.cm-content').textContent()).toContain('loss.backward();');
      await says(page, /^Learning/);
    });
  });

  it.each([
    ['await draw(1, points, points);', /^TypeError: draw\(\) takes labels of shape \[3\], got \[3, 2\]/],
    [
      'await draw((at) => at.sum(1), points, torch.tensor([0, 1, 1]));',
      /^TypeError: draw\(\) takes a classifier that gives \[N, classes\]/,
    ],
    ['points.backward();', /^RuntimeError: .* \(line 4\)/],
  ])('says what is wrong with %s', async (wrong, message) => {
    await visit('index', async (page) => {
      await page.locator('.cm-content').waitFor();
      await write(page, short(wrong));
      await page.locator('.error').getByText(message).waitFor();
      await says(page, /^The program failed/);
    });
  });

  it('waits for its reader where no movement is wanted', async () => {
    await visit(
      'index',
      async (page) => {
        await page.locator('.cm-content').waitFor();
        await page.getByText('The picture appears').waitFor();
        await button(page, 'Run').click();
        await says(page, 'It has learned.');
      },
      { reducedMotion: 'reduce' },
    );
  });

  it('has the picture first on a phone, and no faults there', async () => {
    await visit(
      'index',
      async (page) => {
        await says(page, /^Learning/);
        const [program, canvas] = await Promise.all(
          ['.source', 'canvas'].map((name) => page.locator(name).boundingBox()),
        );
        expect(canvas!.y).toBeLessThan(program!.y);
        expect(await findFaults(page)).toEqual([]);
      },
      { viewport: { width: 360, height: 740 } },
    );
  });
});
