import * as torch from 'flambeau';
import { createServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Settings } from '../dist/examples/blitz/arguments.js';
import { autograd } from '../dist/examples/blitz/autograd.js';
import { classifier } from '../dist/examples/blitz/classifier.js';
import { networks } from '../dist/examples/blitz/networks.js';
import { type Notebook, recordingNotebook } from '../dist/examples/blitz/notebook.js';
import type { Place } from '../dist/examples/blitz/place.js';
import { tensors } from '../dist/examples/blitz/tensors.js';
import { serve } from './support/browser.js';
import { findFaults } from './support/page_faults.js';
import {
  fewImages,
  fill,
  images,
  outputOf,
  Pages,
  pagesAreTested,
  pressRun,
  runAll,
  set,
  settled,
  snippet,
  status,
  webConfig,
  write,
} from './support/pages.js';

const chapters = { tensors, autograd, networks, classifier } as const;
type ChapterName = keyof typeof chapters;
const settings = { seed: 0, epochs: 1, batchSize: 4, device: 'cpu', workers: 0, download: false } as Settings;

const known = new Map<ChapterName, Promise<string[]>>();

/** The output of a chapter in a terminal, by its sections. */
function printed(name: ChapterName): Promise<string[]> {
  const found = known.get(name) ?? print(name);
  known.set(name, found);
  return found;
}

async function print(name: ChapterName): Promise<string[]> {
  const chapter: (notebook: Notebook, settings: Settings, place: Place) => void | Promise<void> =
    chapters[name];
  const notebook = recordingNotebook();
  const draw = async () => {};
  const place = { images, keep() {}, keepLog() {}, drawTrainingCurve: draw, drawPredictions: draw };
  torch.manualSeed(0);
  await chapter(notebook, settings, place);
  return notebook
    .text()
    .split(/^== .*\n/m)
    .slice(1);
}

describe.runIf(pagesAreTested)('the page', { timeout: 180_000 }, () => {
  let pages: Pages;
  const visit: Pages['visit'] = (...args) => pages.visit(...args);
  beforeAll(async () => {
    pages = await Pages.open('web-test');
  }, 180_000);
  afterAll(() => pages?.close());

  describe.each(['isolated', 'ordinary'] as const)('%s', (site) => {
    // The classifier trains on the whole sample: with threads is enough.
    const names = (Object.keys(chapters) as ChapterName[]).filter(
      (name) => name !== 'classifier' || site === 'isolated',
    );
    it.each(names)('the snippets of %s print what the terminal prints', async (name) => {
      const sections = await visit(
        name,
        async (page) => {
          if (name === 'classifier') await set(page, { epochs: settings.epochs });
          await runAll(page);
          return page.locator('.snippet').evaluateAll((snippets) =>
            snippets.map((one) => ({
              title: one.querySelector('h2')!.textContent,
              error: one.querySelector('.error')?.textContent,
              text: [...one.querySelectorAll('.output pre:not(.aside)')]
                .map((pre) => pre.textContent)
                .join(''),
            })),
          );
        },
        { site },
      );
      const shown = sections.filter(({ title }) => title !== 'Names');
      expect(sections.map(({ error }) => error).filter(Boolean)).toEqual([]);
      expect(shown.map(({ text }) => text)).toEqual(await printed(name));
    });
  });

  it('an error is shown beside its snippet, and harms nothing else', async () => {
    await visit('tensors', async (page) => {
      const fails = async (i: number, text: string) => {
        await write(page, i, text);
        await pressRun(page, i);
        await settled(page, i, 'failed');
        const [message] = await snippet(page, i).locator('.error').allTextContents();
        return message;
      };
      const run = async (i: number, text: string) => {
        await write(page, i, text);
        await pressRun(page, i);
        await settled(page, i, 'done');
        return outputOf(page, i);
      };
      expect(await run(0, 'const kept = torch.ones(2, 3);\nkept.add(kept);')).toEqual([
        'tensor([[2., 2., 2.],\n        [2., 2., 2.]])',
      ]);
      expect(await fails(1, 'print("before");\nkept.matmul(kept);')).toBe(
        'RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3) (line 2)',
      );
      expect(await outputOf(page, 1)).toContain('before');
      expect(await status(page)).toContain('“from a typed array” failed');
      expect(await fails(1, 'const x = ;')).toMatch(/^SyntaxError: .* \(line 1\)$/);
      expect(await fails(1, 'print(1);\nprint(')).toBe('SyntaxError: Unexpected end of input (line 2)');
      expect(await fails(1, 'enum Color { Red }')).toMatch(/^SyntaxError: enum is not supported/);
      expect(await fails(1, 'throw { strange: true }')).toContain('threw');
      await run(1, 'setTimeout(() => { throw new RangeError("late") });');
      await snippet(page, 1).getByText('RangeError: late (line 1)').waitFor();
      await page.getByText('Something failed after “from a typed array” was done.').waitFor();
      expect(await run(2, 'kept.sum()')).toEqual(['tensor(6.)']);
      expect(
        await run(
          3,
          'print({ a: [1, null, "it\'s"], b: new Map([[true, kept.sum()]]) }, new (class Thing {})());',
        ),
      ).toEqual([`{'a': [1, None, "it's"], 'b': {True: tensor(6.)}} <Thing object>`]);
      expect(await fails(4, 'kept.dispose();\nprint(kept);')).toMatch(
        /^RuntimeError: toString\(\) uses a disposed tensor/,
      );
    });
  });

  it('a snippet that needs earlier ones can run them', async () => {
    await visit('networks', async (page) => {
      const forward = snippet(page, 3);
      await forward.getByRole('button', { name: 'Run', exact: true }).click();
      await settled(page, 3, 'failed');
      expect(await outputOf(page, 3)).toEqual(['ReferenceError: net is not defined (line 2)']);
      await forward.getByRole('button', { name: 'Run all up to here' }).click();
      await settled(page, 3, 'done');
      expect(await outputOf(page, 3)).toEqual([expect.stringContaining('grad_fn=<AddmmBackward0>')]);
      expect(await outputOf(page, 2)).toEqual(['10', 'torch.Size([6, 1, 5, 5])']);
      expect(await forward.getByRole('button', { name: 'Run all up to here' }).count()).toBe(0);
    });
  });

  it('a loop that does not end is stopped', async () => {
    await visit('tensors', async (page) => {
      await write(page, 0, 'const x = 1;\nprint("begins");\nwhile (true) {}');
      await pressRun(page, 0);
      await snippet(page, 0).locator('.output').getByText('begins').waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
      expect(await outputOf(page, 0)).toEqual(['begins', 'Stopped: this run was ended.']);
      expect(await status(page)).toMatch(/^Stopped\. All variables are gone/);
      await write(page, 1, 'x');
      await pressRun(page, 1);
      await settled(page, 1, 'failed');
      expect(await outputOf(page, 1)).toEqual(['ReferenceError: x is not defined (line 1)']);
      // And what prints without end.
      await write(page, 0, 'for (let i = 0; ; i++) print(i);');
      await pressRun(page, 0);
      await page.getByText('… and more, which is not shown').waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
      await write(page, 1, '1 + 1');
      await pressRun(page, 1);
      await settled(page, 1, 'done');
      expect(await outputOf(page, 1)).toEqual(['2']);
    });
  });

  it('a chapter is not left by mistake while a snippet runs', async () => {
    await visit('tensors', async (page) => {
      const dialogs: string[] = [];
      page.on('dialog', (dialog) => {
        dialogs.push(dialog.type());
        void dialog.dismiss();
      });
      await write(page, 0, 'print("begins");\nwhile (true) {}');
      await pressRun(page, 0);
      await snippet(page, 0).locator('.output').getByText('begins').waitFor();
      await page.evaluate(() => location.assign('./autograd.html'));
      await expect.poll(() => dialogs).toEqual(['beforeunload']);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('link', { name: 'Next: Autograd' }).click();
      await page.getByRole('heading', { name: 'Automatic differentiation' }).waitFor();
      expect(dialogs).toHaveLength(1);
    });
  });

  it('everything can be done with a keyboard', async () => {
    await visit('tensors', async (page) => {
      const { keyboard } = page;
      const focused = () =>
        page.evaluate(() => {
          const { activeElement } = document;
          return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent ?? '';
        });
      await keyboard.press('Tab');
      expect(await focused()).toBe('Skip to the content');
      await keyboard.press('Enter');
      for (const expected of ['Run all', 'Stop', 'Start over', 'Source: from nested arrays', 'Run']) {
        await keyboard.press('Tab');
        expect(await focused()).toBe(expected);
        const isSeen = await page.evaluate(() => {
          const { activeElement } = document;
          const frame = activeElement!.closest('.source') ?? activeElement!;
          const { outlineStyle, boxShadow } = getComputedStyle(frame);
          return outlineStyle !== 'none' || boxShadow !== 'none';
        });
        expect(isSeen).toBe(true);
      }
      await keyboard.press('Enter');
      await settled(page, 0, 'done');
      expect(await focused()).toBe('Run');
      await keyboard.press('Tab');
      expect(await focused()).toBe('Heat map of int64 [2, 2]');
      await keyboard.press('Enter');
      await keyboard.press('Tab');
      await keyboard.press('Tab');
      expect(await focused()).toMatch(/^Heat map of 2 by 2 values from 1 to 4\./);
      await keyboard.press('ArrowDown');
      await keyboard.press('ArrowRight');
      expect(await page.locator('.heat-map [aria-live]').textContent()).toBe('[1, 1] = 4');

      await snippet(page, 2).locator('.cm-content').focus();
      await keyboard.press('Shift+Enter');
      expect(await focused()).toBe('Source: from a shape');
      await settled(page, 2, 'done');
      await keyboard.press('Control+Enter');
      expect(await focused()).toBe('Source: from a shape');
      await settled(page, 3, 'done');
    });
  });

  it('tensors can be looked at as heat maps and images', async () => {
    await visit('tensors', async (page) => {
      await write(
        page,
        0,
        'print(torch.tensor([[0, NaN], [Infinity, 2]]));\nprint(torch.arange(24).reshape(2, 3, 2, 2));\ntorch.eye(3)',
      );
      await pressRun(page, 0);
      await settled(page, 0, 'done');
      const pixels = () =>
        snippet(page, 0)
          .locator('canvas')
          .evaluateAll((canvases) =>
            (canvases as HTMLCanvasElement[]).map((canvas) => {
              const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
              return Array.from({ length: data.length / 4 }, (_, i) => [...data.subarray(4 * i, 4 * i + 3)]);
            }),
          );
      const press = (name: string) => snippet(page, 0).getByRole('button', { name }).click();
      await press('Heat map of float32 [2, 2]');
      const [[low, nan, infinite, high]] = await pixels();
      expect(low).toEqual([68, 1, 84]);
      expect(high).toEqual([253, 231, 37]);
      expect(new Set([low, nan, infinite, high].map(String)).size).toBe(4);
      expect(await snippet(page, 0).locator('.legend > *').allTextContents()).toEqual([
        '0',
        '',
        '2',
        'NaN (1)',
        'inf',
        '-inf',
      ]);
      await press('Heat map of float32 [2, 2]');
      expect(await pixels()).toEqual([]);

      await press('Image of int64 [2, 3, 2, 2]');
      const grey = (x: number) => Math.round((255 * x) / 23);
      const colour = (i: number) => [grey(i), grey(i + 4), grey(i + 8)];
      expect(await pixels()).toEqual([0, 12].map((first) => [0, 1, 2, 3].map((i) => colour(first + i))));
      await press('Heat map of int64 [2, 3, 2, 2]');
      await page.getByLabel('Matrix', { exact: true }).fill('4');
      expect(await snippet(page, 0).locator('.row .readout').textContent()).toBe('[1, 1, :, :]');
      await press('Image of float32 [3, 3]');
      const [, eye] = await pixels();
      expect(eye.map(([red]) => red)).toEqual([255, 0, 0, 0, 255, 0, 0, 0, 255]);
    });
  });

  it('the classifier runs on the GPU as on the CPU', async (context) => {
    pages.needGpu(context);
    const run = (device: string) =>
      visit('classifier', async (page) => {
        const few = new Map(fewImages().map(({ name, buffer }) => [name, buffer]));
        await page.route('**/*.bin', (route) => {
          route.fulfill({ body: few.get(new URL(route.request().url()).pathname.split('/').at(-1)!)! });
        });
        await set(page, { epochs: 1, device });
        await runAll(page);
        return page.locator('.output pre:not(.aside)').allTextContents();
      });
    const [here, there] = [await run('cpu'), await run('webgpu')];
    expect(there).toEqual(here);
    expect(there).toContain('Finished Training\n');
    expect(there.at(-1)).toContain('Accuracy for class: truck');
  });

  it('tensors of the GPU are printed in their turn', async (context) => {
    pages.needGpu(context);
    await visit('tensors', async (page) => {
      await write(
        page,
        0,
        "await torch.webgpu.init();\nconst x = torch.ones([2, 2], { device: 'webgpu' });\nprint('x:', x);\ntorch.scope(() => print(x.mul(3)));\nx.add_(1);\nprint('after');\nx",
      );
      await pressRun(page, 0);
      await settled(page, 0, 'done');
      const device = "device='webgpu:0')";
      expect(await outputOf(page, 0)).toEqual([
        `x: tensor([[1., 1.],\n        [1., 1.]], ${device}`,
        // It ends with its scope, but not before it is shown.
        `tensor([[3., 3.],\n        [3., 3.]], ${device}`,
        'after',
        `tensor([[2., 2.],\n        [2., 2.]], ${device}`,
      ]);
      await snippet(page, 0).getByRole('button', { name: 'Heat map of' }).last().click();
      expect(await snippet(page, 0).locator('.legend').textContent()).toBe('2');
    });
  });

  it('what is printed ends its lines as in Python', async () => {
    await visit('tensors', async (page) => {
      await write(page, 0, "print('one\\n');\nprint();\nprint('two', new Float32Array([1, 2.5]));");
      await pressRun(page, 0);
      await settled(page, 0, 'done');
      const pres = snippet(page, 0).locator('.output pre');
      expect(await pres.allTextContents()).toEqual(['one\n\n', '\n', 'two [1, 2.5]\n']);
    });
  });

  it('what was changed is there after a visit to another page', async () => {
    await visit('tensors', async (page) => {
      await write(page, 0, "print('mine')");
      await page.getByRole('link', { name: 'Next: Autograd' }).click();
      await page.getByRole('heading', { name: 'Automatic differentiation' }).waitFor();
      await page.goBack();
      await snippet(page, 0).getByRole('button', { name: 'Restore' }).waitFor();
      await pressRun(page, 0);
      await settled(page, 0, 'done');
      expect(await outputOf(page, 0)).toEqual(['mine']);
      await snippet(page, 0).getByRole('button', { name: 'Restore' }).click();
      await page.reload();
      await snippet(page, 0).getByText('const xData = torch.tensor(data);').waitFor();
    });
  });

  it('snippets run where the editor is not loaded, and after the network has gone', async () => {
    await visit('index', async (page) => {
      await page.route('**/editor-*.js', (route) => route.abort());
      await page.getByRole('link', { name: 'Tensors' }).first().click();
      await page.getByText('The editor could not be loaded: ').waitFor();
      await pressRun(page, 0);
      await settled(page, 0, 'done');
      await page.context().setOffline(true);
      await pressRun(page, 1);
      await settled(page, 1, 'done');
    });
  });

  it('everything is there after the network has gone: other pages, a worker that starts over', async () => {
    const server = await serve({ web: pages.folder }, {}, true);
    let isThere = true;
    await visit(
      'tensors',
      async (page) => {
        await page.getByText(/^Ready/).waitFor();
        await page.evaluate(async () => {
          const { serviceWorker } = navigator;
          const controlled = new Promise((resolve) =>
            serviceWorker.addEventListener('controllerchange', resolve),
          );
          if (serviceWorker.controller === null) await controlled;
        });
        await pressRun(page, 0);
        await settled(page, 0, 'done');
        await server.close();
        isThere = false;
        await page.getByRole('button', { name: 'Start over' }).click();
        await pressRun(page, 0);
        await settled(page, 0, 'done');
        expect(await outputOf(page, 0)).toEqual(['tensor([[1, 2],\n        [3, 4]]) torch.int64']);
        // Reading and writing files is another part of the library, which nothing has needed yet.
        await write(page, 1, 'await torch.load(await torch.save([torch.ones(2)]))');
        await pressRun(page, 1);
        await settled(page, 1, 'done');
        expect(await outputOf(page, 1)).toEqual(['[tensor([1., 1.])]']);
        await page.getByRole('link', { name: 'Next: Autograd' }).click();
        await page.getByRole('heading', { name: 'Automatic differentiation' }).waitFor();
        expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
        await pressRun(page, 0);
        await settled(page, 0, 'done');
      },
      { site: server, serviceWorkers: 'allow' },
    ).finally(() => isThere && server.close());
  });

  it('a library that cannot be loaded is said', async () => {
    await visit('index', async (page) => {
      await page.route('**/*.wasm', (route) => route.abort());
      await page.getByRole('link', { name: 'Tensors' }).first().click();
      await page.getByText('The library could not be started: ').waitFor();
    });
  });

  it.each(['index', 'tensors', 'autograd', 'networks', 'classifier', 'training'])(
    '%s has names, landmarks, contrast and room on a phone, light or dark',
    async (name) => {
      const faults = await visit(
        name,
        async (page) => {
          await page.getByRole('main').waitFor();
          if (name === 'training') {
            await fill(page, { Epochs: 1, 'Batch size': 100 });
            await page.getByRole('button', { name: 'Start' }).click();
            await page.getByText(/^Finished/).waitFor();
          } else if (name !== 'index') {
            if (name === 'classifier') await set(page, { epochs: 1, batchSize: 100 });
            await runAll(page);
            for (const button of await page.locator('.ways button:last-child').all()) await button.click();
          }
          const light = await findFaults(page);
          await page.emulateMedia({ colorScheme: 'dark' });
          return [...light, ...(await findFaults(page)).map((fault) => `dark: ${fault}`)];
        },
        { colorScheme: 'light', viewport: { width: 360, height: 740 } },
      );
      expect(faults).toEqual([]);
    },
  );

  it('the faults that are looked for are found', async () => {
    const faults = await visit('index', async (page) => {
      await page.evaluate(() => {
        document.querySelector('main')!.innerHTML +=
          '<button></button><h4>x</h4><p id="main" style="color: #999; width: 2000px">pale</p>';
      });
      return findFaults(page);
    });
    for (const fault of ['no name', 'a heading of level 4', 'two #main', 'contrast 2.', 'wide on a screen'])
      expect(faults).toContainEqual(expect.stringContaining(fault));
  });

  it.each([true, false])('npm run web serves it, isolated: %s', async (isIsolated) => {
    const server = await createServer({ ...(await webConfig({ isIsolated })), logLevel: 'error' });
    await server.listen();
    const page = await pages.browser.newPage();
    try {
      await page.goto(`${server.resolvedUrls!.local[0]}tensors.html`);
      await page
        .getByText(isIsolated ? /^Ready \(WebAssembly, \d+ thread/ : 'Ready (WebAssembly, 1 thread).')
        .waitFor();
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(isIsolated);
      await pressRun(page, 0);
      await settled(page, 0, 'done');
      expect(await outputOf(page, 0)).toEqual(['tensor([[1, 2],\n        [3, 4]]) torch.int64']);
    } finally {
      await page.close();
      await server.close();
    }
  });
});
