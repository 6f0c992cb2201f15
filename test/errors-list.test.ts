/**
 * docs/errors.md lists mistakes with the message that each gets; the list is this test. With FLAMBEAU_UPDATE_ERRORS=1 it is written
 * anew, so that a change of words can be looked at as a difference of the list.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';
import { describe, expect, it } from 'vitest';

const path = fileURLToPath(new URL('../docs/errors.md', import.meta.url));
const list = readFileSync(path, 'utf8');
const update = process.env.FLAMBEAU_UPDATE_ERRORS === '1';

interface Mistake {
  readonly code: string;
  readonly message: string;
}

/** Lines of code, then the message in comments; an empty line ends it. */
function mistakesOf(block: string): Mistake[] {
  return block
    .trim()
    .split(/\n\n+/)
    .map((text) => {
      const lines = text.split('\n');
      const isMessage = (line: string) => line.startsWith('// ') || line === '//';
      const message = lines.filter(isMessage).map((line) => line.slice(3));
      return { code: lines.filter((line) => !isMessage(line)).join('\n'), message: message.join('\n') };
    });
}

/** Sections with their blocks of code; the first block is what the others begin with. */
const sections = [...list.matchAll(/^## (.*)$\n[^#]*?```ts\n([\s\S]*?)```/gm)].map(([, title, block]) => ({
  title,
  block,
}));
const [beginning, ...parts] = sections;
const begin = beginning.block.replace(/^import .*$/gm, '');

async function run(code: string): Promise<string> {
  const body = new Function('torch', 'torchvision', `return (async () => {\n${begin}\n${code}\n})();`) as (
    ...modules: [typeof torch, typeof torchvision]
  ) => Promise<void>;
  try {
    await body(torch, torchvision);
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
  return 'nothing is said';
}

/** As the list writes it: a file that is missing is named without its folder. */
const listed = (message: string): string => message.replaceAll(`${process.cwd()}/`, '').replace(/ +$/gm, '');

let written = list;
let count = 0;
for (const { title, block } of parts)
  describe(title, () => {
    for (const { code, message } of mistakesOf(block)) {
      count++;
      it(code.replaceAll('\n', ' '), async () => {
        const said = listed(await run(code));
        if (!update) {
          expect(said).toBe(message);
          return;
        }
        const comment = (text: string) => text.split('\n').map((line) => `// ${line}`.trimEnd());
        const old = [code, ...comment(message)].join('\n');
        written = written.replace(old, () => [code, ...comment(said)].join('\n'));
        writeFileSync(path, written);
      });
    }
  });

it('they are the 150 likeliest, and more', () => {
  expect(count).toBeGreaterThanOrEqual(150);
});
