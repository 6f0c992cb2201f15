import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRelaxedSimd } from '../src/backends/cpu/relaxed_simd.js';
import { type Result, run } from './browser/program.js';
import { expectAlike } from './support/alike.js';
import { findChromium, launch, type Site, serve } from './support/browser.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const executable = findChromium();
// Browsers run the WebAssembly engine, and are compared with it in Node.
const isTested = process.env.FLAMBEAU_CPU === 'wasm';
if (isTested && executable === null) {
  if (process.env.CI) throw new Error('no Chromium was found, and in CI the tests in a browser must run');
  console.warn('No Chromium was found (CHROMIUM can name one): the tests in a browser do not run.');
}

/** The results that pages leave for the tests. */
interface Globals {
  torch: typeof torch;
  torchvision: typeof torchvision;
  result: Promise<Result>;
}

const html = (script: string) =>
  `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">${script}</script>`;
const workerPage = (program: string) => `
  const worker = new Worker('${program}', { type: 'module' });
  globalThis.result = new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.value));
  });`;
const pages = {
  '/plain': html(`
    import * as torch from '/dist/browser/flambeau.js';
    import * as torchvision from '/dist/browser/vision.js';
    import { run } from '/program/program.js';
    globalThis.torch = torch;
    globalThis.torchvision = torchvision;
    globalThis.result = run(torch, torchvision);`),
  '/bundled': html(`import '/site/page.js';`),
  '/bundled-worker': html(workerPage('/site/worker.js')),
  '/plain-worker': html(workerPage('/program/plain_worker.js')),
  '/small': html(`import '/small/small.js';`),
  '/foreign': html(`
    const origin = new URLSearchParams(location.search).get('origin');
    const torch = await import(origin + '/dist/browser/flambeau.js');
    const torchvision = await import(origin + '/dist/browser/vision.js');
    const { run } = await import(origin + '/program/program.js');
    globalThis.result = run(torch, torchvision);`),
  '/idle': html(`
    import * as torch from '/dist/browser/flambeau.js';
    import * as torchvision from '/dist/browser/vision.js';
    globalThis.torch = torch;
    globalThis.torchvision = torchvision;
    globalThis.result = null;`),
};

describe.runIf(isTested && executable !== null)('in Chromium', { timeout: 180_000 }, () => {
  const folder = path('../dist/browser-test');
  let browser: Browser;
  let expected: Result;
  const sites: { isolated?: Site; ordinary?: Site } = {};

  beforeAll(async () => {
    expected = await run(torch, torchvision);
    // A project of its own, which depends on the package.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(`${folder}/node_modules`, { recursive: true });
    mkdirSync(`${folder}/files`);
    symlinkSync(path('..'), `${folder}/node_modules/flambeau`);
    for (const name of ['page.js', 'worker.js', 'program.js', 'small.js'])
      cpSync(path(`browser/${name}`), `${folder}/${name}`);
    const bundle = (outDir: string, names: string[]) =>
      build({
        root: folder,
        base: `/${outDir}/`,
        configFile: false,
        logLevel: 'error',
        build: {
          outDir,
          // The worker is an entry like the page, and has no document to note preloads in; Vite leaves them out of workers.
          modulePreload: false,
          rolldownOptions: {
            input: names.map((name) => `${folder}/${name}`),
            output: { entryFileNames: '[name].js' },
          },
        },
      });
    await bundle('site', ['page.js', 'worker.js']);
    await bundle('small', ['small.js']);
    const folders = {
      dist: path('../dist'),
      program: path('browser'),
      site: `${folder}/site`,
      small: `${folder}/small`,
      files: `${folder}/files`,
      images: path('../examples/blitz/data'),
    };
    sites.isolated = await serve(folders, pages, true);
    sites.ordinary = await serve(folders, pages, false);
    browser = await launch(executable!);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all([sites.isolated?.close(), sites.ordinary?.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Gives a page the engine that Node has here: Chromium knows relaxed SIMD, with which last digits differ, and Node from version 22 on. */
  async function withEngineOfNode(page: Page): Promise<void> {
    if (hasRelaxedSimd()) return;
    await page.route(/flambeau_relaxed.*\.wasm$/, (route) => {
      const threads = route.request().url().includes('_threads') ? '_threads' : '';
      return route.fulfill({
        path: path(`../dist/flambeau${threads}.wasm`),
        contentType: 'application/wasm',
        headers: { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' },
      });
    });
  }

  /** Opens a page until `use` is done; what the page throws, `use` throws. */
  async function visit<T>(
    site: Site,
    name: keyof typeof pages,
    use: (page: Page) => Promise<T>,
    query = '',
    prepare: (page: Page) => Promise<void> = async () => {},
  ): Promise<T> {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    await prepare(page);
    try {
      const thrown = new Promise<never>((_, reject) => page.on('pageerror', reject));
      const ready = page
        .goto(site.url + name + query)
        .then(() => page.waitForFunction(() => (globalThis as unknown as Globals).result !== undefined));
      await Promise.race([ready, thrown]);
      return await Promise.race([use(page), thrown]);
    } finally {
      await page.close();
    }
  }

  const settings = [
    ['isolated', '/plain'],
    ['isolated', '/bundled-worker'],
    ['ordinary', '/bundled'],
    ['ordinary', '/plain-worker'],
  ] as const;
  /** What a page's program found, and how many workers it has. */
  const resultOf = async (page: Page): Promise<[Result, number]> => [
    await page.evaluate(() => (globalThis as unknown as Globals).result),
    page.workers().length,
  ];

  it.each(settings)('everything is to the bit as in Node: %s, %s', async (site, name) => {
    const [result, workers] = await visit(sites[site]!, name, resultOf, '', withEngineOfNode);
    expect(result).toEqual(expected);
    expect(result.losses.at(-1)).toBeLessThan(result.losses[0] + 1);
    // Two of three threads are workers, where memory can be shared.
    if (!name.endsWith('worker')) expect(workers).toBe(site === 'isolated' ? 2 : 0);
  });

  it.each(['isolated', 'ordinary'] as const)('a training goes alike with relaxed SIMD: %s', async (site) => {
    const [result] = await visit(sites[site]!, '/plain', resultOf);
    expectAlike(result, expected);
  });

  it('what a bundler leaves out is not missed', async () => {
    const shown = await visit(sites.ordinary!, '/small', (page) =>
      page.evaluate(() => (globalThis as unknown as Globals).result as unknown),
    );
    const { manualSeed, nn, optim, rand, tensor } = torch;
    manualSeed(0);
    const layer = new nn.Linear(2, 1);
    const optimizer = new optim.Adam(layer.parameters(), { lr: 0.1 });
    layer.forward(rand(3, 2)).pow(2).mean().backward();
    optimizer.step();
    const { weight } = layer;
    const expected = [
      tensor([2, 5], { dtype: torch.float }),
      layer,
      weight,
      weight.sort({ descending: true }).indices,
    ];
    expect(shown).toEqual(expected.map(String));
  });

  it('the library may come from another origin', async () => {
    const query = `?origin=${sites.ordinary!.url}`;
    const [result, workers] = await visit(sites.isolated!, '/foreign', resultOf, query, withEngineOfNode);
    expect(result).toEqual(expected);
    expect(workers).toBe(2);
  });

  it('files are fetched, and written to where the browser has files', async () => {
    const x = torch.arange(6).reshape(2, 3);
    await torch.save({ x }, `${folder}/files/x.pt`);
    await torch.numpy.save(`${folder}/files/x.npy`, x);
    await torch.safetensors.saveFile({ x }, `${folder}/files/x.safetensors`);
    const found = await visit(sites.ordinary!, '/idle', (page) =>
      page.evaluate(async () => {
        const { torch } = globalThis as unknown as Globals;
        const failure = (promise: Promise<unknown>) => promise.then(String, String);
        const tensors = [
          ((await torch.load('files/x.pt')) as { x: torch.Tensor }).x,
          await torch.numpy.load('/files/x.npy'),
          (await torch.safetensors.loadFile('/files/x.safetensors')).x,
          (
            (await torch.load(new File([await torch.save({ x: torch.ones(2) })], 'x.pt'))) as {
              x: torch.Tensor;
            }
          ).x,
        ];
        const origin = await navigator.storage.getDirectory();
        const handle = await origin.getFileHandle('saved.pt', { create: true });
        await torch.save([torch.eye(2)], await handle.createWritable());
        const [saved] = (await torch.load(await handle.getFile())) as [torch.Tensor];
        return {
          tensors: tensors.map(String),
          saved: String(saved),
          missing: await failure(torch.load('/files/none.pt')),
          unwritable: await failure(torch.save([], 'x.pt')),
        };
      }),
    );
    expect(found.tensors).toEqual([String(x), String(x), String(x), 'tensor([1., 1.])']);
    expect(found.saved).toBe(String(torch.eye(2)));
    expect(found.missing).toBe('RuntimeError: cannot fetch /files/none.pt: HTTP 404 Not Found');
    expect(found.unwritable).toContain("NotImplementedError: there is no file system to write 'x.pt' to");
  });

  it.each(['isolated', 'ordinary'] as const)('archives are deflated and inflated: %s', async (site) => {
    const [loaded, refused] = await visit(sites[site]!, '/idle', (page) =>
      page.evaluate(async () => {
        const { torch } = globalThis as unknown as Globals;
        const parts: Uint8Array<ArrayBuffer>[] = [];
        const collect = new WritableStream<Uint8Array>({ write: (part) => void parts.push(part.slice()) });
        await torch.numpy.savezCompressed(collect, { x: torch.arange(1000) });
        const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
        const read = async () => ((await torch.numpy.load(bytes)) as torch.numpy.NpzFile).get('x');
        const x = await read();
        const whole = [bytes.length < 4000, x.sum().item()];
        // Where the deflated bytes are.
        bytes.fill(255, 60, 200);
        return [whole, await read().then(() => '', String)] as const;
      }),
    );
    expect(loaded).toEqual([true, 499_500]);
    expect(refused).toMatch(/Error: .*x\.npy/);
  });

  it('data sets are read from URLs and from File objects', async () => {
    const found = await visit(sites.ordinary!, '/idle', (page) =>
      page.evaluate(async () => {
        const { CIFAR10, MNIST } = (globalThis as unknown as Globals).torchvision.datasets;
        const failure = (promise: Promise<unknown>) => promise.then(String, String);
        const train = await CIFAR10.open('/images/');
        const name = 'test_batch.bin';
        const file = new File([await (await fetch(`/images/${name}`)).arrayBuffer()], name);
        const test = await CIFAR10.open([file], { train: false });
        let constructed = '';
        try {
          new CIFAR10('/images');
        } catch (error) {
          constructed = String(error);
        }
        return {
          train: [train.length, train.classes[3], [...train.targets.subarray(0, 5)]],
          test: [test.length, String(test)],
          missing: [await failure(CIFAR10.open([file])), await failure(MNIST.open('/images'))],
          download: await failure(CIFAR10.open('/images', { download: true })),
          constructed,
        };
      }),
    );
    const { CIFAR10 } = torchvision.datasets;
    const train = new CIFAR10(path('../examples/blitz/data'));
    const test = new CIFAR10(path('../examples/blitz/data'), { train: false });
    expect(found.train).toEqual([train.length, 'cat', [...train.targets.subarray(0, 5)]]);
    expect(found.test).toEqual([test.length, expect.stringContaining('Root location: File objects')]);
    expect(found.missing[0]).toMatch(/\(no data_batch_1\.bin, .* in the files given: test_batch\.bin\)$/);
    expect(found.missing[1]).toContain('/images/MNIST/raw or');
    expect(found.download).toContain('data sets are not downloaded in browsers');
    expect(found.constructed).toContain('await CIFAR10.open(…)');
  });

  it('what a browser has not is refused clearly', async () => {
    const found = await visit(sites.ordinary!, '/idle', (page) =>
      page.evaluate(async () => {
        const { torch } = globalThis as unknown as Globals;
        const failure = (promise: Promise<unknown>) => promise.then(String, String);
        const set = new torch.utils.data.TensorDataset(torch.arange(4));
        const loader = new torch.utils.data.DataLoader(set, { numWorkers: 1 });
        const first = torch.noGrad(() => new Promise((resolve) => setTimeout(resolve, 10)));
        const second = torch.enableGrad(() => new Promise((resolve) => setTimeout(resolve, 20)));
        return {
          workers: await failure((async () => loader[Symbol.asyncIterator]().next())()),
          overlap: [await failure(first), await failure(second)],
          grad: torch.isGradEnabled(),
        };
      }),
    );
    expect(found.workers).toContain('worker threads need Node; use numWorkers: 0 in browsers');
    for (const refused of found.overlap) expect(refused).toContain('async regions');
    expect(found.grad).toBe(true);
  });

  it('what reads files is loaded when a file is read', async () => {
    const requests: string[] = [];
    const isLoaded = () => requests.some((url) => url.endsWith('/flambeau_io.js'));
    await visit(sites.ordinary!, '/idle', async (page) => {
      page.on('request', (request) => requests.push(request.url()));
      const names = await page.evaluate(() => {
        const { torch } = globalThis as unknown as Globals;
        const errors = [new torch.PicklingError('a'), new torch.UnpicklingError('b')];
        return [...errors.map(String), typeof torch.numpy.NpzFile];
      });
      expect([names, isLoaded()]).toEqual([['PicklingError: a', 'UnpicklingError: b', 'function'], false]);
      await page.evaluate(() => (globalThis as unknown as Globals).torch.save([1]));
      expect(isLoaded()).toBe(true);
    });
  });

  it('the WebGPU device is loaded when it is started', async () => {
    const requests: string[] = [];
    const isLoaded = () => requests.some((url) => url.endsWith('/flambeau_webgpu.js'));
    await visit(sites.ordinary!, '/idle', async (page) => {
      page.on('request', (request) => requests.push(request.url()));
      const available = await page.evaluate(() =>
        (globalThis as unknown as Globals).torch.webgpu.isAvailable(),
      );
      expect([available, isLoaded()]).toEqual([false, false]);
      // There may be no adapter; whether there is one is known to the part that is loaded.
      const said = await page.evaluate(() =>
        (globalThis as unknown as Globals).torch.webgpu.init().then(() => 'WebGPU found one', String),
      );
      expect(said).toMatch(/WebGPU (found|is not available)/);
      expect(isLoaded()).toBe(true);
    });
  });

  it('memory comes back in a loop that awaits', async () => {
    const reserved = await visit(sites.ordinary!, '/idle', (page) =>
      page.evaluate(async () => {
        const { torch } = globalThis as unknown as Globals;
        // 4.8 GB, all in all: more than there can be at once.
        for (let i = 0; i < 600; i++) {
          torch.ones(1000, 1000).add(1);
          if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve));
        }
        return torch.memoryStats().reservedBytes;
      }),
    );
    expect(reserved).toBeLessThan(1.6e9);
  });

  it('progress is told on the console', async () => {
    const lines = await visit(sites.ordinary!, '/idle', async (page) => {
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      await page.evaluate(async () => {
        const { torch } = globalThis as unknown as Globals;
        const progress = await torch.utils.ProgressBar.start(4, { description: 'epoch' });
        progress.advance(4);
        progress.stop();
      });
      return said;
    });
    expect(lines).toEqual([expect.stringMatching(/^epoch: 4\/4 in/)]);
  });
});
