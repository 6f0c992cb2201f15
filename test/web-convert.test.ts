/** The page that turns Python into TypeScript. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFaults } from './support/page_faults.js';
import { Pages, pagesAreTested } from './support/pages.js';

const program = (name: string) =>
  readFileSync(new URL(`./convert/programs/${name}`, import.meta.url), 'utf8');
const says = (page: Page, text: string | RegExp) => page.getByRole('status').getByText(text).waitFor();
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const python = (page: Page) => page.getByRole('textbox', { name: 'Python' });
const typescript = (page: Page) => page.getByRole('textbox', { name: 'TypeScript' });
const printed = async (page: Page) => (await page.locator('.output pre').allTextContents()).join('');

describe.runIf(pagesAreTested)('the page of the converter', { timeout: 120_000 }, () => {
  let pages: Pages;
  const visit: Pages['visit'] = (...args) => pages.visit(...args);
  beforeAll(async () => {
    pages = await Pages.open('web-convert');
  }, 120_000);
  afterAll(() => pages?.close());

  it('has its program in the HTML', async () => {
    await visit('convert', async (page) => page.getByText('def forward(self, x):').waitFor(), {
      javaScriptEnabled: false,
    });
  });

  it('converts its program, which prints what PyTorch 2.13 prints', async () => {
    await visit('convert', async (page) => {
      await typescript(page).getByText('class Net extends').waitFor();
      await button(page, 'Run').click();
      await says(page, 'Done.');
      expect(await printed(page)).toBe('   0: 0.1585\n 100: 0.0021\n 200: 0.0009\n 300: 0.0004\n');
    });
  });

  it('converts and runs what is written there', async () => {
    await visit('convert', async (page) => {
      await python(page).fill(program('autograd.py'));
      await typescript(page).getByText('binaryCrossEntropyWithLogits').waitFor();
      await button(page, 'Run').click();
      await says(page, 'Done.');
      expect(await printed(page)).toBe(program('autograd.txt'));
      await button(page, 'Restore').click();
      await typescript(page).getByText('class Net extends').waitFor();
    });
  });

  it('tells at its line what cannot be converted, and runs no program that cannot be read', async () => {
    await visit('convert', async (page) => {
      await python(page).fill('import torch\nx = torch.ones(2).no_such_thing()');
      await says(page, '1 place could not be converted.');
      await page
        .locator('.findings')
        .getByText(/no_?such_?thing/i)
        .waitFor();
      await page.locator('.cm-lintRange-error').waitFor();
      await button(page, 'Line 2').click();
      await page.keyboard.press('End');
      await page.keyboard.type(' # here');
      await python(page).getByText('# here').waitFor();
      await python(page).fill('def f(:');
      await page
        .locator('.findings')
        .getByText(/invalid syntax/)
        .waitFor();
      expect(await button(page, 'Run').getAttribute('aria-disabled')).toBe('true');
    });
  });

  it('stops a program that does not end', async () => {
    await visit('convert', async (page) => {
      await python(page).fill('while True:\n    pass');
      await typescript(page).getByText('while (true)').waitFor();
      await button(page, 'Run').click();
      await says(page, 'Running …');
      await button(page, 'Stop').click();
      await page.locator('.error').getByText('Stopped: this run was ended.').waitFor();
    });
  });

  it('opens the result as a notebook', async () => {
    await visit('convert', async (page) => {
      await python(page).fill('import torch\nprint(torch.ones(2) + 1)');
      await typescript(page).getByText('torch.ones(2).add(1)').waitFor();
      await page.waitForFunction(() => document.querySelector<HTMLAnchorElement>('a[href*="#n="]') !== null);
      await page.getByRole('link', { name: 'Open as a notebook' }).click();
      await says(page, /^Ready|is open/);
      await button(page, 'Run all').click();
      await says(page, /done/);
      expect(await printed(page)).toBe('tensor([2., 2.])\n');
    });
  });

  it('has names, landmarks, contrast and room on a phone, light or dark', async () => {
    const faults = await visit(
      'convert',
      async (page) => {
        await python(page).fill('import torch\nx = torch.ones(2).no_such_thing()');
        await says(page, '1 place could not be converted.');
        const light = await findFaults(page);
        await page.emulateMedia({ colorScheme: 'dark' });
        return [...light, ...(await findFaults(page)).map((fault) => `dark: ${fault}`)];
      },
      { colorScheme: 'light', viewport: { width: 360, height: 740 } },
    );
    expect(faults).toEqual([]);
  });
});
