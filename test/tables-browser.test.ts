/** Tables in Chromium: pyarrow's files, from bytes, Blobs and a server. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launch, type Site, serve } from './support/browser.js';
import { golden } from './support/golden.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const executable = findChromium();
// Browsers run the WebAssembly engine. That no Chromium was found is said by browser.test.ts.
const isTested = process.env.FLAMBEAU_CPU === 'wasm' && executable !== null;

const { values, files } = golden<{
  values: Record<string, Record<string, unknown[]>>;
  files: { format: 'parquet' | 'arrow'; kind: string; how: string; file: string }[];
}>('tables');
const numbers = files.filter(({ kind }) => kind === 'numbers');
const fileOf = (format: string, how: string) =>
  numbers.find((one) => one.format === format && one.how === how)!.file;

const script = `
  import * as torch from '/dist/browser/flambeau.js';
  import * as tables from '/dist/browser/tables.js';
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const all = async (stream) => {
    const found = [];
    for await (const { large } of stream) found.push(...[...large.toArray()].map(String));
    return found;
  };
  globalThis.tasks = {
    async withoutPackages({ file }) {
      return tables.readParquet(bytes(file)).then(() => 'read', (error) => error.message);
    },
    async handOver() {
      tables.useLibrary('hyparquet', await import('/hyparquet/src/index.js'));
      tables.useLibrary('@uwdata/flechette', await import('/flechette/dist/flechette.mjs'));
    },
    async read({ format, file }) {
      const read = format === 'parquet' ? tables.readParquet : tables.readArrow;
      const { large, float64, int8 } = await read(new Blob([bytes(file)]), { columns: ['large', 'float64', 'int8'] });
      return { large: [...large.toArray()].map(String), float64: float64.tolist(), dtype: int8.dtype.name };
    },
    streamed: ({ file }) => all(new tables.ParquetStream(bytes(file), { columns: ['large'], batchSize: 7 })),
    async text() {
      const csv = await tables.readCsv(new Blob(['a,b\\n1,x\\n2,y\\n']));
      const jsonl = await tables.readJsonl(new URL('/lines.jsonl', location.href));
      return { a: csv.a.tolist(), b: csv.b, c: jsonl.c.tolist() };
    },
  };`;
const html = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">${script}</script>`;

describe.runIf(isTested)('Chromium', { timeout: 180_000 }, () => {
  let browser: Browser;
  let site: Site;
  let page: Page;
  const run = (name: string, given: unknown = null) =>
    page.evaluate(
      ([name, given]) =>
        (globalThis as unknown as { tasks: Record<string, (given: unknown) => unknown> }).tasks[
          name as string
        ](given),
      [name, given],
    );
  beforeAll(async () => {
    const folders = {
      dist: path('../dist'),
      hyparquet: path('../node_modules/hyparquet'),
      flechette: path('../node_modules/@uwdata/flechette'),
    };
    site = await serve(folders, { '/page': html, '/lines.jsonl': '{"c": 1.5}\n{"c": 2}\n' }, false);
    browser = await launch(executable!);
    page = await browser.newPage();
    await page.goto(`${site.url}/page`);
    await page.waitForFunction(() => 'tasks' in globalThis);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it('asks for the packages that it cannot import by name, and takes them', async () => {
    expect(await run('withoutPackages', { file: fileOf('parquet', 'none') })).toContain(
      "hand it over by useLibrary('hyparquet', await import('hyparquet'))",
    );
    await run('handOver');
  });

  const read = (['none', 'snappy', 'lz4', 'pages of version 2'] as const).map(
    (how) => ['parquet', how] as const,
  );
  it.each([...read, ['arrow', 'file'], ['arrow', 'stream'], ['arrow', 'feather lz4']] as const)(
    'reads %s, %s',
    async (format, how) => {
      const { large, float64 } = values.numbers;
      expect(await run('read', { format, file: fileOf(format, how) })).toEqual({
        large,
        float64,
        dtype: 'int8',
      });
    },
  );

  it('streams batches', async () => {
    expect(await run('streamed', { file: fileOf('parquet', 'snappy') })).toEqual(values.numbers.large);
  });

  it('reads CSV and JSON Lines, also from a server', async () => {
    expect(await run('text')).toEqual({ a: [1, 2], b: ['x', 'y'], c: [1.5, 2] });
  });
});
