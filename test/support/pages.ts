/** The pages of web/, built and opened in Chromium. */
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { build, type InlineConfig } from 'vite';
import { expect, type TestContext } from 'vitest';
import { findChromium, launch, type Site, serve } from './browser.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const executable = findChromium();
/** Browsers run the WebAssembly engine, and are compared with it in Node. That no Chromium was found is said by browser.test.ts. */
export const pagesAreTested = process.env.FLAMBEAU_CPU === 'wasm' && executable !== null;
/** CIFAR-10's sample. */
export const images = path('../../examples/blitz/data');

/** Vite's settings of the pages. */
export async function webConfig(options: { isIsolated?: boolean; outDir?: string }): Promise<InlineConfig> {
  const { webConfig } = (await import(path('../../scripts/web.mjs'))) as {
    webConfig(options: { isIsolated?: boolean; outDir?: string }): InlineConfig;
  };
  return webConfig(options);
}

export class Pages {
  private constructor(
    readonly folder: string,
    readonly browser: Browser,
    private readonly sites: Readonly<Record<'isolated' | 'ordinary', Site>>,
  ) {}

  hasGpu = false;

  /** @param name of a folder in dist/, for these tests alone */
  static async open(name: string): Promise<Pages> {
    const folder = path(`../../dist/${name}`);
    await build({ ...(await webConfig({ outDir: folder })), logLevel: 'error' });
    const sites = {
      isolated: await serve({ web: folder }, {}, true),
      ordinary: await serve({ web: folder }, {}, false),
    };
    const pages = new Pages(folder, await launch(executable!), sites);
    pages.hasGpu = await pages.visit('index', (page) =>
      page.evaluate(async () => ((await navigator.gpu?.requestAdapter()) ?? null) !== null),
    );
    return pages;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await Promise.all(Object.values(this.sites).map((site) => site.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /**
   * Opens a page until `use` is done; what the page itself throws, `use` throws.
   * @param before what is done with the page before it is opened
   */
  async visit<T>(
    name: string,
    use: (page: Page) => Promise<T>,
    {
      site: of = 'isolated',
      before,
      ...options
    }: {
      site?: keyof Pages['sites'] | Site;
      before?: (page: Page) => Promise<unknown>;
    } & BrowserContextOptions = {},
  ): Promise<T> {
    const site = typeof of === 'string' ? this.sites[of] : of;
    // Pages kept for offline use would come between the page and the tests' own answers.
    const page = await this.browser.newPage({ serviceWorkers: 'block', ...options });
    page.setDefaultTimeout(60_000);
    try {
      const thrown = new Promise<never>((_, reject) => {
        page.on('pageerror', reject);
        page.on('request', (request) => {
          const { protocol, origin } = new URL(request.url());
          if (protocol.startsWith('http') && origin !== site.url)
            reject(new Error(`the page asks ${origin} for something`));
        });
      });
      await before?.(page);
      await Promise.race([page.goto(`${site.url}/web/${name}.html`), thrown]);
      return await Promise.race([use(page), thrown]);
    } finally {
      await page.close();
    }
  }

  /** Where the browser has no adapter there is nothing to test, unless there must be one. */
  needGpu({ skip }: TestContext): void {
    skip(!this.hasGpu && !process.env.FLAMBEAU_REQUIRE_WEBGPU, 'Chromium has no WebGPU adapter here');
  }
}

export const snippet = (page: Page, i: number) => page.locator('.snippet').nth(i);
export const settled = (page: Page, i: number, state: string) =>
  page.locator(`.snippet:nth-of-type(${i + 1})[data-state=${state}]`).waitFor();
export const outputOf = (page: Page, i: number) =>
  snippet(page, i)
    .locator('.output pre')
    .evaluateAll((pres) => pres.map((pre) => pre.textContent.replace(/\n$/, '')));
export const status = (page: Page) => page.getByRole('status').textContent();

/** Puts a text in the place of a snippet's. */
export async function write(page: Page, i: number, text: string): Promise<void> {
  await snippet(page, i).locator('.cm-content').fill(text);
}

/** Presses a snippet's button. */
export const pressRun = (page: Page, i: number) =>
  snippet(page, i).getByRole('button', { name: 'Run', exact: true }).click();

export async function runAll(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run all', exact: true }).click();
  await page.waitForFunction(() => {
    const states = [...document.querySelectorAll<HTMLElement>('.snippet')].map((one) => one.dataset.state);
    return states.every((state) => state === 'done') || states.includes('failed');
  });
}

/** Changes the settings that the classifier's chapter begins with. */
export async function set(page: Page, changes: Readonly<Record<string, unknown>>): Promise<void> {
  await snippet(page, 0).locator('.cm-line').first().waitFor();
  let text = (await snippet(page, 0).locator('.cm-line').allTextContents()).join('\n');
  for (const [name, value] of Object.entries(changes)) {
    expect(text).toContain(`${name}: `);
    text = text.replace(new RegExp(`${name}: [^,]+,`), `${name}: ${JSON.stringify(value)},`);
  }
  await write(page, 0, text);
}

/** Fills in fields of the training. */
export async function fill(page: Page, fields: Readonly<Record<string, number>>): Promise<void> {
  for (const [label, value] of Object.entries(fields))
    await page.getByLabel(label, { exact: true }).fill(String(value));
}

/** Five images to train and four to test, as files that a user chooses. */
export const fewImages = () =>
  [1, 2, 3, 4, 5, 0].map((i) => {
    const name = i === 0 ? 'test_batch.bin' : `data_batch_${i}.bin`;
    const buffer = readFileSync(`${images}/${name}`).subarray(0, (i === 0 ? 4 : 1) * 3073);
    return { name, mimeType: 'application/octet-stream', buffer };
  });
