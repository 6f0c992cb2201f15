import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
// Inside the package, where its own name can be imported; one folder for each engine.
const folder = path(`../dist/readme-${process.env.FLAMBEAU_CPU}`);
const readme = readFileSync(path('../README.md'), 'utf8');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Stands between what two snippets print. */
const mark = '---- next snippet ----';

it("what the README's tour shows is what it prints", { timeout: 120_000 }, () => {
  const tour = [...readme.matchAll(/```ts\n([^`]*(?:`(?!``)[^`]*)*)```\n\n```text\n([^`]*)```/g)].map(
    ([, source, output]) => ({ source, output }),
  );
  expect(tour).toHaveLength(8);
  // The first is a whole program; the others share their variables.
  tour[0].source = `{\n${tour[0].source.replace(/^import .*\n/, '')}}\n`;
  const sources = tour.map(({ source }) => `${source}console.log('${mark}');\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/tour.ts`, `import * as torch from 'flambeau';\n${sources.join('\n')}`);
  writeFileSync(
    `${folder}/tsconfig.json`,
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: { rootDir: '.', outDir: 'out', declaration: false },
      include: ['tour.ts'],
    }),
  );
  const node = (...args: string[]) => execFileSync(process.execPath, args, { encoding: 'utf8' });
  node(path('../node_modules/typescript/bin/tsc'), '-p', folder);
  const printed = node(`${folder}/out/tour.js`).split(`${mark}\n`);
  expect(printed.slice(0, -1)).toEqual(tour.map(({ output }) => output));
});
