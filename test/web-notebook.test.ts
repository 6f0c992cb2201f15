/** The notebook of web/: cells that run, move, are kept, and fit into a link. */
import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snippetsOf, tutorials } from '../scripts/reference/tutorials.mjs';
import { type Cell, fromProgram, parse, serialize, toProgram } from '../web/notebook/cell.js';
import { findFaults } from './support/page_faults.js';
import { Pages, pagesAreTested } from './support/pages.js';

describe('a notebook’s text', () => {
  const cells: Cell[] = [
    { kind: 'note', text: 'Two lines\nof a note' },
    { kind: 'code', text: 'const a = 1;\n\na + 1' },
  ];

  it('is read as it was written', () => {
    expect(parse(serialize(cells))).toEqual(cells);
    expect(fromProgram(toProgram(cells))).toEqual(cells);
  });

  it.each([
    ['no JSON', /it is not JSON/],
    ['null', /'format' is not 'flambeau notebook 1'/],
    ['{"format":"flambeau notebook 2","cells":[]}', /'format' is not/],
    ['{"format":"flambeau notebook 1","cells":[{"kind":"code"}]}', /cell 1 of this notebook/],
    ['{"format":"flambeau notebook 1","cells":[null]}', /cell 1 of this notebook/],
    [serialize(Array(1001).fill(cells[0])), /too large: 1001 cells/],
  ])('what is none is refused: %#', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});

const says = (page: Page, text: string | RegExp) => page.getByRole('status').getByText(text).waitFor();
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const cell = (page: Page, number: number) =>
  page.getByRole('region', { name: `Cell ${number}`, exact: true });
const texts = (page: Page) =>
  page
    .locator('.cell')
    .evaluateAll((all) =>
      all.map(
        (one) =>
          one.querySelector('textarea')?.value ??
          [...one.querySelectorAll('.cm-line')].map((line) => line.textContent).join('\n'),
      ),
    );
const outputs = (page: Page, number: number) => cell(page, number).locator('.output pre').allTextContents();

/** Opens a notebook with these cells. */
async function open(page: Page, ...cells: readonly Cell[]): Promise<void> {
  await says(page, /^Ready/);
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    button(page, 'Open a notebook …').click(),
  ]);
  await chooser.setFiles({
    name: 'a.json',
    mimeType: 'application/json',
    buffer: Buffer.from(serialize(cells)),
  });
  await says(page, 'a.json is open.');
}
const code = (text: string): Cell => ({ kind: 'code', text });

describe.runIf(pagesAreTested)('the notebook', { timeout: 180_000 }, () => {
  let pages: Pages;
  const visit: Pages['visit'] = (...args) => pages.visit(...args);
  beforeAll(async () => {
    pages = await Pages.open('web-notebook');
  }, 120_000);
  afterAll(() => pages?.close());

  it('begins with one that runs, and shows tensors, decisions and lines', async () => {
    await visit('notebook', async (page) => {
      await button(page, 'Run all').click();
      await says(page, '3 cells are done');
      torch.manualSeed(0);
      expect(await outputs(page, 2)).toEqual([`${torch.randn(200, 2).index('0:4')}\n`]);
      expect(await cell(page, 4).locator('figcaption').textContent()).toMatch(/^(19\d|200) of 200 points/);
      expect(await cell(page, 4).getByRole('img', { name: 'Lines: loss' }).count()).toBe(1);
    });
  });

  it.each(['Tensors', 'Autograd', 'Networks'])('the example “%s” runs', async (name) => {
    await visit('notebook', async (page) => {
      await says(page, /^Ready/);
      await page.getByLabel('Open an example').selectOption(name);
      await says(page, `“${name}” is open.`);
      await button(page, 'Run all').click();
      await says(page, /cells are done/);
      expect(await page.locator('.error').count()).toBe(0);
    });
  });

  it('has every tutorial of the documentation, and each prints there what it says', async () => {
    const paths = tutorials().filter((path) => /docs\/tutorials\//.test(path.replaceAll('\\', '/')));
    await visit('notebook', async (page) => {
      await says(page, /^Ready/);
      const choice = page.getByLabel('Open an example');
      const names = await choice.locator('optgroup[label=Tutorials] option').allTextContents();
      expect(names).toHaveLength(paths.length);
      const titles = paths.map((path) => /^# (.*)/.exec(readFileSync(path, 'utf8'))![1]);
      const found: string[] = [];
      for (const name of names) {
        await choice.selectOption(name);
        await says(page, `“${name}” is open.`);
        const title = (await texts(page))[0].split('\n')[0];
        found.push(title);
        await button(page, 'Run all').click();
        await says(page, /cells are done|A cell failed/);
        expect(await page.locator('.error').allTextContents(), name).toEqual([]);
        const printed = await page
          .locator('.cell.code')
          .evaluateAll((all) =>
            all.map((one) => [...one.querySelectorAll('.output pre')].map((pre) => pre.textContent).join('')),
          );
        const said = snippetsOf(paths[titles.indexOf(title)]).map(({ output }) => output);
        for (const [i, text] of said.entries())
          if (text !== null) expect(printed[i].trimEnd(), `${name}, cell ${i + 1}`).toBe(text);
      }
      expect(found.sort()).toEqual(titles.sort());
    });
  });

  it('takes pictures with the camera, and says why it cannot', async () => {
    await visit(
      'notebook',
      async (page) => {
        await open(page, code('1'));
        await button(page, 'Camera').click();
        await page.waitForFunction(() => document.querySelector('video')!.videoWidth > 0);
        await button(page, 'Take a picture').click();
        await says(page, 'camera-1.png is there');
        await button(page, 'Camera').click();
        expect(await page.locator('video').isVisible()).toBe(false);
        await button(page, 'Run all').click();
        await says(page, '2 cells are done');
        await cell(page, 2)
          .getByRole('button', { name: /^Image of uint8 \[\d, \d+, \d+\]/ })
          .waitFor();
      },
      { permissions: ['camera'] },
    );
    await visit('notebook', async (page) => {
      await says(page, /^Ready/);
      await button(page, 'Camera').click();
      await says(page, 'The camera was not allowed.');
      expect(await button(page, 'Take a picture').isVisible()).toBe(false);
    });
  });

  it('shares variables, tells of errors, and runs what was changed', async () => {
    await visit('notebook', async (page) => {
      await open(page, code('const a = torch.ones(2);'), code('a.add(1)'), code('a.add(torch.ones(3))'));
      await button(page, 'Run all').click();
      await says(page, 'A cell failed: RuntimeError.');
      expect(await outputs(page, 2)).toEqual(['tensor([2., 2.])\n']);
      expect((await outputs(page, 3))[0]).toContain('must match the size');
      await cell(page, 3).locator('.cm-content').fill('a.mul(3)');
      await cell(page, 3).getByRole('button', { name: 'Run' }).click();
      await says(page, '1 cell is done');
      expect(await outputs(page, 3)).toEqual(['tensor([3., 3.])\n']);
    });
  });

  it('cells are added, moved and removed, and all of it is undone', async () => {
    await visit('notebook', async (page) => {
      await open(page, code('1'), code('2'));
      await cell(page, 1).getByRole('button', { name: 'Add a note below' }).click();
      await page.keyboard.type('between');
      expect(await texts(page)).toEqual(['1', 'between', '2']);
      await cell(page, 3).getByRole('button', { name: 'Move up' }).click();
      expect(await texts(page)).toEqual(['1', '2', 'between']);
      await cell(page, 1).getByRole('button', { name: 'Remove' }).click();
      expect(await texts(page)).toEqual(['2', 'between']);
      for (const expected of [
        ['1', '2', 'between'],
        ['1', 'between', '2'],
        ['1', '2'],
      ]) {
        await button(page, 'Undo').click();
        expect(await texts(page)).toEqual(expected);
      }
      // And the notebook that was there before.
      await button(page, 'Undo').click();
      expect(await texts(page)).toHaveLength(6);
    });
  });

  it('a link holds it, and a reload keeps it', async () => {
    await visit('notebook', async (page) => {
      await open(page, code('torch.arange(3) // ü€'), { kind: 'note', text: 'a note' });
      await button(page, 'Copy a link').click();
      await says(page, /link/);
      const link = page.url();
      expect(link).toContain('#n=');
      await page.evaluate(() => {
        history.replaceState(null, '', './notebook.html');
        localStorage.clear();
      });
      await page.goto(link);
      await page.reload();
      await says(page, /link is open|^Ready/);
      expect(await texts(page)).toEqual(['torch.arange(3) // ü€', 'a note']);
      await cell(page, 1).locator('.cm-content').fill('4');
      await page.goto(link.replace(/#.*/, ''));
      await page.locator('.cell').first().waitFor();
      expect(await texts(page)).toEqual(['4', 'a note']);
    });
  });

  it('a link that was cut off is said, and what was there stays', async () => {
    await visit('notebook', async (page) => {
      await open(page, code('5'));
      await page.evaluate(() => {
        location.hash = '#n=abc';
      });
      await says(page, 'the address was cut off, or holds no notebook');
      expect(await texts(page)).toEqual(['5']);
    });
  });

  it('reads files of the visitor, also after it has started over', async () => {
    const bytes = await torch.save({ weight: torch.tensor([1.5, 2]) });
    await visit('notebook', async (page) => {
      await open(page);
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        button(page, 'Add files …').click(),
      ]);
      await chooser.setFiles([
        { name: 'net.pt', mimeType: '', buffer: Buffer.from(bytes) },
        { name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('x,y\n1,2\n3,4') },
      ]);
      await says(page, 'a.csv is there');
      await button(page, 'Run all').click();
      await says(page, '2 cells are done');
      expect((await outputs(page, 1))[0]).toContain('tensor([1.5000, 2.0000])');
      expect((await outputs(page, 2))[0]).toContain('[3., 4.]');
    });
  });

  it('knows types once somebody edits: completions, explanations, mistakes and what was meant', async () => {
    await visit('notebook', async (page) => {
      const workers: string[] = [];
      page.on('worker', (worker) => workers.push(worker.url()));
      await open(page, code('const a = torch.ones(2);'), code('a.zerosLik()'), code(''));
      const loaded = () => workers.some((url) => url.includes('types_worker'));
      expect(loaded()).toBe(false);
      await cell(page, 3).locator('.cm-content').click();
      const mistakes = cell(page, 2).locator('.cm-lintRange-error');
      await mistakes.waitFor();
      expect(loaded()).toBe(true);
      await mistakes.hover();
      await page.getByText("Did you mean 'zerosLike'?").waitFor();
      await cell(page, 3).locator('.cm-content').click();
      await page.keyboard.type('torch.zerosL');
      await page.getByRole('option', { name: 'zerosLike' }).waitFor();
      await page.getByText('A tensor with the sizes, dtype and device of').waitFor();
      await page.getByText('const zerosLike: {').waitFor();
      await page.keyboard.press('Escape');
      // Another cell's change mends this one.
      await cell(page, 1).locator('.cm-content').fill('const a = { zerosLik: () => 1 };');
      await mistakes.waitFor({ state: 'detached' });
    });
  });

  it('nothing in the notebook that it begins with is a mistake', async () => {
    await visit('notebook', async (page) => {
      await cell(page, 4).locator('.cm-content').click();
      await page.keyboard.press('Control+End');
      await page.keyboard.type('\nlet wrong: string = 1;');
      await page.locator('.cm-lintRange-error').waitFor();
      expect(await page.locator('.cm-lintRange-error').allTextContents()).toEqual(['wrong']);
    });
  });

  it('stops a cell that does not end', async () => {
    await visit('notebook', async (page) => {
      await open(page, code('while (true) {}'));
      await button(page, 'Run all').click();
      await cell(page, 1).getByText('running …').waitFor();
      await button(page, 'Stop').click();
      await says(page, 'Stopped.');
      expect(await outputs(page, 1)).toEqual(['Stopped: this run was ended.']);
    });
  });

  it('is kept as a file and as a program', async () => {
    await visit('notebook', async (page) => {
      await open(page, { kind: 'note', text: 'A sum' }, code('1 + 1'));
      await button(page, 'Download').click();
      const contents = [];
      for (const link of await page.locator('a.download').all()) {
        const [file] = await Promise.all([page.waitForEvent('download'), link.click()]);
        contents.push(readFileSync(await file.path(), 'utf8'));
      }
      expect(parse(contents[0])).toEqual([{ kind: 'note', text: 'A sum' }, code('1 + 1')]);
      expect(contents[1]).toBe('// A sum\n\n1 + 1\n');
    });
  });

  it('has names, landmarks, contrast and room on a phone, light or dark', async () => {
    const faults = await visit(
      'notebook',
      async (page) => {
        await button(page, 'Run all').click();
        await says(page, '3 cells are done');
        const light = await findFaults(page);
        await page.emulateMedia({ colorScheme: 'dark' });
        return [...light, ...(await findFaults(page)).map((fault) => `dark: ${fault}`)];
      },
      { colorScheme: 'light', viewport: { width: 360, height: 740 } },
    );
    expect(faults).toEqual([]);
  });
});
