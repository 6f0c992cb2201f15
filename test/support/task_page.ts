/** A page in Chromium whose script has tasks, which tests run one by one. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { findChromium, launch, type ServedPage, type Site, serve } from './browser.js';

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const executable = findChromium();
// Browsers run the WebAssembly engine. That no Chromium was found is said by browser.test.ts.
const isTested = process.env.FLAMBEAU_CPU === 'wasm' && executable !== null;

/** Runs a task of the page. */
export type RunTask = (name: string, given?: unknown) => Promise<unknown>;

/**
 * Describes what a page does in Chromium, where the WebAssembly engine is tested and there is a Chromium.
 *
 * @param script the page's module, which sets `globalThis.tasks`: functions by names
 * @param tests declares the tests, which run tasks
 * @param folders what is served beside `dist`, by the first part of the path
 * @param pages what else is served
 */
export function describeTasks(
  script: string,
  tests: (run: RunTask) => void,
  folders: readonly string[] = [],
  pages: Readonly<Record<string, ServedPage>> = {},
): void {
  const html = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">${script}</script>`;
  describe.runIf(isTested)('Chromium', { timeout: 180_000 }, () => {
    let browser: Browser;
    let site: Site;
    let page: Page;
    beforeAll(async () => {
      const served = Object.fromEntries(
        ['dist', ...folders].map((folder) => [folder.split('/').at(-1)!, path(folder)]),
      );
      site = await serve(served, { '/page': html, ...pages }, false);
      browser = await launch(executable!);
      page = await browser.newPage();
      await page.goto(`${site.url}/page`);
      await page.waitForFunction(() => 'tasks' in globalThis);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await site?.close();
    });
    tests((name, given = null) =>
      page.evaluate(
        ([name, given]) =>
          (globalThis as unknown as { tasks: Record<string, (given: unknown) => unknown> }).tasks[
            name as string
          ](given),
        [name, given],
      ),
    );
  });
}
