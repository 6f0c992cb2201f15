/** WebGPU in Chromium: in a page and in a Web Worker, and the tutorial's training against PyTorch's log. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Training, train } from '../browser/classifier.js';
import type { GpuResult } from '../browser/gpu_program.js';
import { findChromium, launch, type Site, serve } from '../support/browser.js';
import { hasAdapter } from './device.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const executable = findChromium();
const isRequired = Boolean(process.env.FLAMBEAU_REQUIRE_WEBGPU);
if (executable === null) {
  if (isRequired) throw new Error('no Chromium was found, and the tests of WebGPU in a browser must run');
  console.warn('No Chromium was found (CHROMIUM can name one): WebGPU is not tested in a browser.');
}

const cifar = path('../../../shared/data/cifar10');
const golden = path('../../../shared/golden/blitz_seed0.json');
const isThere = existsSync(cifar) && existsSync(golden);
if (!isThere) console.warn('../shared is absent: training on WebGPU is not compared with PyTorch.');

/** PyTorch's log of the same training. */
interface Log {
  readonly first_20_losses: readonly number[];
  readonly first_20_labels: readonly (readonly number[])[];
  readonly log: readonly { readonly loss: number }[];
}

/** On a software driver of a busy machine 200 steps take minutes. */
const patience = { timeout: 600_000 };

/** Expects the losses to be those of PyTorch's log, as far as they go, and so their means over 200 steps. */
function expectGolden({ losses, labels }: Training): void {
  const { first_20_losses, first_20_labels, log } = JSON.parse(readFileSync(golden, 'utf8')) as Log;
  expect(labels.slice(0, 20)).toEqual(first_20_labels);
  for (const [i, loss] of first_20_losses.entries()) expect(Math.abs(losses[i]! - loss)).toBeLessThan(1e-3);
  for (let i = 0; i < Math.floor(losses.length / 200); i++) {
    const mean = losses.slice(200 * i, 200 * (i + 1)).reduce((sum, loss) => sum + loss, 0) / 200;
    expect(Math.abs(mean - log[i]!.loss)).toBeLessThan(3e-2);
  }
}

describe.skipIf(!hasAdapter || !isThere)('the tutorial on WebGPU in Node', patience, () => {
  it('has the losses of PyTorch', async () => {
    await torch.webgpu.init();
    // Those that are compared one by one; the page below, which goes through the same kernels, takes 200.
    expectGolden(await train(torch, torchvision, cifar, 'webgpu', 20));
  });

  it('is a chapter of npm run blitz', async () => {
    const out = mkdtempSync(join(tmpdir(), 'flambeau-webgpu-'));
    try {
      // A few images, as files of their own.
      const names = [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`);
      for (const [name, images] of [...names.map((n) => [n, 8] as const), ['test_batch.bin', 20] as const])
        writeFileSync(join(out, name), readFileSync(join(cifar, name)).subarray(0, images * 3073));
      const log = join(out, 'log.json');
      const flags = [
        '--device',
        'webgpu',
        '--epochs',
        '1',
        '--batch-size',
        '4',
        '--workers',
        '1',
        '--seed',
        '3',
      ];
      const run = ['--chapter', 'classifier', ...flags, '--data', out, '--log', log, '--out', out];
      const { stdout } = await promisify(execFile)(process.execPath, [
        path('../../dist/examples/blitz/main.js'),
        ...run,
      ]);
      expect(stdout).toMatch(/^WebGPU: ./m);
      expect(stdout).toContain('<All keys matched successfully>');
      expect(JSON.parse(readFileSync(log, 'utf8'))).toMatchObject({ seed: 3, epochs: 1, test_total: 20 });
      for (const name of ['cifar_net.pt', 'predictions.png', 'training_curve.png'])
        expect(existsSync(join(out, name))).toBe(true);
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  });
});

const html = (script: string) =>
  `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">${script}</script>`;
const pages = {
  '/page': html(`
    import * as torch from '/dist/browser/flambeau.js';
    import { run } from '/program/gpu_program.js';
    globalThis.result = run(torch);`),
  '/worker': html(`
    const worker = new Worker('/program/gpu_worker.js', { type: 'module' });
    globalThis.result = new Promise((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.value));
    });`),
  '/tutorial': html(`
    import * as torch from '/dist/browser/flambeau.js';
    import * as torchvision from '/dist/browser/vision.js';
    import { train } from '/program/classifier.js';
    globalThis.result = torch.webgpu.init().then(() => train(torch, torchvision, '/cifar', 'webgpu', 200));`),
};

describe.skipIf(!hasAdapter || executable === null)('WebGPU in Chromium', patience, () => {
  let browser: Browser;
  let site: Site;

  beforeAll(async () => {
    site = await serve({ dist: path('../../dist'), program: path('../browser'), cifar }, pages, false);
    browser = await launch(executable!);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  /** The results that a page leaves. */
  async function visit<T>(name: keyof typeof pages): Promise<T> {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    try {
      const thrown = new Promise<never>((_, reject) => page.on('pageerror', reject));
      const get = () => (globalThis as unknown as { result?: Promise<T> }).result;
      const result = page
        .goto(site.url + name)
        .then(() => page.waitForFunction(() => 'result' in globalThis))
        .then(() => page.evaluate(get) as Promise<T>);
      return await Promise.race([result, thrown]);
    } finally {
      await page.close();
    }
  }

  it.each(['/page', '/worker'] as const)('computes, differentiates and trains: %s', async (name) => {
    const result = await visit<GpuResult>(name);
    expect(result.early).toContain('call `await torch.webgpu.init()` once');
    expect(result.device).toEqual([true, 1, expect.stringMatching(/./)]);
    for (const [op, difference] of Object.entries(result.differences))
      expect(difference, op).toBeLessThanOrEqual(op === 'integers' || op === 'sort' ? 0 : 2e-5);
    expect(result.gradient).toEqual([
      [0, 3, 12],
      [27, 48, 75],
    ]);
    expect(result.synchronous).toContain('itemAsync()');
    expect(result.mixed).toContain('Expected all tensors to be on the same device');
    expect(result.losses.at(-1)).toBeLessThan(0.5 * result.losses[0]!);
  });

  it.skipIf(!isThere)('the tutorial has the losses of PyTorch', async () => {
    expectGolden(await visit<Training>('/tutorial'));
  });
});
