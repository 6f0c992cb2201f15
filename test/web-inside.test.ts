/** The page that takes a network apart. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawingIn, toText, withDrawing } from '../web/inside/dots.js';
import { findFaults } from './support/page_faults.js';
import { Pages, pagesAreTested } from './support/pages.js';

describe('a drawing in a program', () => {
  it('is read as it was written', () => {
    const dots = Float32Array.from({ length: 196 }, (_, i) => (i % 9) / 8);
    const program = withDrawing('const drawing = `old`;\nprint(drawing);', dots);
    expect(program).toBe(`const drawing = \`\n${toText(dots)}\`;\nprint(drawing);`);
    expect(drawingIn(program)).toEqual(dots);
    expect(toText([0, 0.5, 1, 2, -1])).toBe('.+@@.');
  });
});

const says = (page: Page, text: string | RegExp) => page.getByRole('status').getByText(text).waitFor();
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const picture = (page: Page, title: string) =>
  page.locator('figure', { has: page.getByText(title, { exact: true }) });

async function runAll(page: Page): Promise<void> {
  await button(page, 'Run all anew').click();
  await says(page, 'All pictures are there.');
  expect(await page.locator('.error').allTextContents()).toEqual([]);
}

describe.runIf(pagesAreTested)('looking inside a network', { timeout: 180_000 }, () => {
  let pages: Pages;
  const visit: Pages['visit'] = (...args) => pages.visit(...args);
  beforeAll(async () => {
    pages = await Pages.open('web-inside');
  }, 120_000);
  afterAll(() => pages?.close());

  it('has its text and its programs in the HTML', async () => {
    await visit(
      'inside',
      async (page) => {
        await page.getByText('two random directions away from the trained network').waitFor();
        await page.getByText('loss.backward();').waitFor();
        await page.locator('noscript').waitFor({ state: 'visible' });
      },
      { javaScriptEnabled: false },
    );
  });

  it('shows filters, graph, activations, gradients, mistakes and the landscape of a network that it has trained', async () => {
    await visit('inside', async (page) => {
      await runAll(page);
      const sizes = (title: string) =>
        picture(page, title)
          .locator('canvas')
          .evaluateAll((all) =>
            (all as HTMLCanvasElement[]).map(({ width, height }) => `${width} × ${height}`),
          );
      expect(await sizes('The filters of the first layer')).toEqual(Array(8).fill('5 × 5'));
      expect(await sizes('After the first layer')).toEqual(Array(8).fill('14 × 14'));
      expect(await sizes('After the second layer')).toEqual(Array(16).fill('7 × 7'));
      expect(await sizes('The mean of fifty')).toEqual(['14 × 14']);
      expect(await page.locator('.graph li .shape').allTextContents()).toEqual([
        ...['1 × 1 × 14 × 14', '1 × 8 × 14 × 14', '1 × 8 × 14 × 14', '1 × 8 × 7 × 7', '1 × 16 × 7 × 7'],
        ...['1 × 16 × 7 × 7', '1 × 16 × 3 × 3', '1 × 144', '1 × 10', '1 × 10'],
      ]);
      await page.getByText('2,826 parameters in all.').waitFor();

      const caption = (await page.locator('.confusion caption').textContent())!;
      expect(Number(/\((.*) %\)/.exec(caption)![1])).toBeGreaterThan(85);
      const counts = (await page.locator('.confusion td').allTextContents()).slice(1).map(Number);
      expect(counts.reduce((sum, count) => sum + count)).toBe(2000);
      const mistake = page.locator('.confusion button[aria-pressed=false]').first();
      const name = (await mistake.getAttribute('aria-label'))!;
      await mistake.click();
      await page.locator('.mistakes').getByText(`${name}:`).waitFor();
      expect(await page.locator('.mistakes canvas').count()).toBe(Number.parseInt(name, 10));

      // The trained network lies lower than what is farthest from it.
      const landscape = picture(page, 'The logarithm of the loss').locator('canvas');
      await landscape.focus();
      const height = async (keys: readonly string[]) => {
        for (const key of keys) await page.keyboard.press(key);
        const told = await picture(page, 'The logarithm of the loss').locator('.readout').textContent();
        return Number(told!.split(' = ')[1]);
      };
      const corner = await height(['ArrowUp']);
      const middle = await height([...Array(8).fill('ArrowDown'), ...Array(8).fill('ArrowRight')]);
      expect(middle).toBeLessThan(corner - 1);
    });
  });

  it('reads what is drawn with a mouse and a keyboard, and takes digits of the test', async () => {
    await visit('inside', async (page) => {
      await says(page, /^(The network learns|The graph)/);
      const output = page.locator('#digit .output');
      await page.locator('#digit').scrollIntoViewIfNeeded();
      await output.getByText(/^7: \d/).waitFor();
      await button(page, 'Clear').click();
      const box = (await page.locator('.pad').boundingBox())!;
      const at = (x: number, y: number) =>
        [box.x + (x / 14) * box.width, box.y + (y / 14) * box.height] as const;
      await page.mouse.move(...at(7, 2.5));
      await page.mouse.down();
      await page.mouse.move(...at(7, 11.5), { steps: 5 });
      await page.mouse.up();
      await output.getByText(/^1: \d/).waitFor();
      const drawing = () => page.locator('#digit pre').first().textContent();
      expect(await drawing()).toMatch(/^\.{5}[.:-=+*#%@]{4}\.{5}$/m);
      const before = await drawing();
      await page.locator('.pad').focus();
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Space');
      await expect.poll(drawing).not.toBe(before);
      await button(page, 'Another test digit').click();
      await output.getByText(/^9: \d/).waitFor();
    });
  });

  it('pauses, and goes on', async () => {
    await visit('inside', async (page) => {
      await says(page, 'The network learns');
      await picture(page, 'The filters of the first layer').waitFor();
      await button(page, 'Pause').click();
      await says(page, 'Paused.');
      const filters = () =>
        picture(page, 'The filters of the first layer')
          .locator('canvas')
          .first()
          .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
      // What was on its way is there by then.
      await page.waitForTimeout(300);
      const before = await filters();
      await page.waitForTimeout(300);
      expect(await filters()).toBe(before);
      await button(page, 'Continue').click();
      await expect.poll(filters).not.toBe(before);
    });
  });

  it.each(['gradients', 'landscape'])(
    'the part %s runs in the notebook, without a mistake in its types',
    async (id) => {
      await visit('inside', async (page) => {
        const link = page.locator(`#${id}`).getByRole('link', { name: 'Open in the notebook' });
        await expect.poll(() => link.getAttribute('href')).toContain('#n=');
        await link.click();
        const count = id === 'gradients' ? 3 : 2;
        await says(page, 'The notebook of the link is open.');
        await button(page, 'Run all').click();
        await says(page, `${count} cells are done`);
        await picture(page, id === 'gradients' ? 'The mean of fifty' : 'The logarithm of the loss').waitFor();
        await page.locator('.cm-content').last().click();
        // A mistake that is meant shows that mistakes are looked for.
        await page.keyboard.press('Control+End');
        await page.keyboard.type('\nnet.forwards;');
        await page.locator('.cm-lintRange-error').first().waitFor();
        expect(await page.locator('.cm-lintRange-error').allTextContents()).toEqual(['forwards']);
      });
    },
  );

  it.each([
    [390, 844],
    [1280, 900],
  ])(
    'has names, landmarks, contrast and room on a screen of %d by %d, light or dark',
    async (width, height) => {
      const faults = await visit(
        'inside',
        async (page) => {
          await runAll(page);
          const light = await findFaults(page);
          await page.emulateMedia({ colorScheme: 'dark' });
          return [...light, ...(await findFaults(page)).map((fault) => `dark: ${fault}`)];
        },
        { colorScheme: 'light', viewport: { width, height } },
      );
      expect(faults).toEqual([]);
    },
  );

  it('waits for its reader where no movement is wanted', async () => {
    await visit(
      'inside',
      async (page) => {
        await says(page, 'Nothing moves by itself');
        expect(await page.locator('canvas').count()).toBe(1);
        await button(page, 'Run: The graph').click();
        await page.locator('.graph').waitFor();
      },
      { reducedMotion: 'reduce' },
    );
  });
});
