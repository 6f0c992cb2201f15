/** `npm run docs`: the documentation is built, and looked at in Chromium. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLinks } from '../../scripts/reference/links.mjs';
import { kinds, openPages, type Pages } from '../../scripts/reference/look.mjs';

const base = '/flambeau/';

describe('pages of the documentation', { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-docs-'));
  let pages: Pages;
  let said: string;
  beforeAll(async () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['scripts/docs.mjs', '--base', base, '--out', folder],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`npm run docs failed:\n${stdout}\n${stderr}`);
    said = stdout;
    pages = await openPages(folder, base);
  }, 900_000);
  afterAll(async () => {
    await pages?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('link to nothing that is not there', () => {
    expect(said).toMatch(/^\d+ pages, \d{4,} links, none of them dead\.$/m);
    // And would say so.
    const name = join(folder, 'memory.html');
    const text = readFileSync(name, 'utf8');
    writeFileSync(name, `${text}<a href="./nowhere.html">x</a><img src="https://example.org/x.png">`);
    expect(() => checkLinks(folder, base)).toThrow(
      /^2 dead links:\nmemory\.html: \.\/nowhere\.html leads nowhere\nmemory\.html: <img src> is loaded from https:\/\/example\.org\/x\.png$/,
    );
    writeFileSync(name, text);
  });

  it.each(kinds)('are accessible, and fit a desktop and a phone: %s', async (name) => {
    expect(await pages.problems(name)).toEqual([]);
  });

  it('run their examples', async () => {
    expect(await pages.runs()).toEqual([]);
  });

  it('are searched by names', async () => {
    expect(await pages.finds('crossEntropy')).toEqual([]);
  });
});
