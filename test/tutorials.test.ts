/** The tutorials of docs/: their code runs from top to bottom and prints what they say. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { snippetsOf, tutorials } from '../scripts/reference/tutorials.mjs';
import { runPage } from '../site/runner.js';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const pages = tutorials().map((path) => [relative(docs, path), path] as const);

describe('Tutorials', () => {
  beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));

  it.each(pages)('print what they say: %s', async (_, path) => {
    const snippets = snippetsOf(path);
    expect(snippets.length).toBeGreaterThan(2);
    const printed = await runPage(
      snippets.map(({ code }) => code),
      { torch, torchvision },
    );
    for (const [i, { code, output }] of snippets.entries())
      if (output !== null) expect(printed[i], code).toBe(output);
  });
});
