/** Training loops as people write them, in a page and in a worker: short forms of what bench/loops.mjs runs for 50,000 steps. */
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { measure } from './browser/memory_loops.js';
import { findChromium, launch, type Site, serve } from './support/browser.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const executable = findChromium();
// Browsers run the WebAssembly engine. That no Chromium was found is said by browser.test.ts.
const isTested = process.env.FLAMBEAU_CPU === 'wasm' && executable !== null;

type Figures = Awaited<ReturnType<typeof measure>>;
interface Task {
  readonly name: string;
  readonly steps: number;
}

const program = `
  import * as torch from '/dist/browser/flambeau.js';
  import { measure } from '/program/memory_loops.js';
  const run = ({ name, steps }) => measure(torch, name, steps);`;
const html = (script: string) =>
  `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">${script}</script>`;
const pages = {
  '/page': html(`${program} globalThis.run = run;`),
  '/worker': html(`
    globalThis.run = (task) => new Promise((resolve, reject) => {
      const worker = new Worker('/program/loops_worker.js', { type: 'module' });
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.onmessage = ({ data }) => {
        if (data.isReady) worker.postMessage(task);
        else if (data.error) reject(new Error(data.error));
        else resolve(data.value);
      };
    });`),
};

describe.runIf(isTested)('memory does not grow in Chromium', { timeout: 180_000 }, () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    site = await serve({ dist: path('../dist'), program: path('browser') }, pages, false);
    browser = await launch(executable!);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it.each(
    (['page', 'worker'] as const).flatMap((where) =>
      ['train', 'trainItemAsync', 'trainReadyAsync', 'loader'].map((name) => [where, name] as const),
    ),
  )('in a %s, in the loop %s', async (where, name) => {
    // Each asks for some 2 MB a step, but the loader's, whose batches are small.
    const task: Task = { name, steps: name === 'loader' ? 1000 : 150 };
    const page = await browser.newPage();
    try {
      page.setDefaultTimeout(0);
      await page.goto(`${site.url}/${where}`);
      await page.waitForFunction(() => 'run' in globalThis);
      const { figures } = await page.evaluate(
        (task) => (globalThis as unknown as { run(task: Task): Promise<Figures> }).run(task),
        task,
      );
      // 64 MiB may be in use before anything leaves, more in the half second before a loop counts as one that never yields, the pool
      // keeps some, and memory grows by 16 at once: all would be 300.
      expect(figures).toHaveLength(3);
      expect(figures[2].reservedBytes).toBeLessThan(208 * 2 ** 20);
    } finally {
      await page.close();
    }
  });
});
