import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

interface Module {
  readonly Built: new (
    file: string,
    of: { sources: string[]; results: string[]; isResult: (file: string) => boolean },
  ) => { isFresh(): boolean; remember(): void };
}
const { Built } = (await import(fileURLToPath(new URL('../scripts/built.mjs', import.meta.url)))) as Module;

describe('what was built', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const built = () =>
    new Built(at('build/built'), {
      sources: [at('src'), at('package.json')],
      results: [at('dist'), at('src/generated')],
      isResult: (file) => !file.endsWith('.wasm'),
    });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flambeau-built-'));
    for (const name of ['src/generated', 'dist']) mkdirSync(at(name), { recursive: true });
    for (const name of ['src/a.ts', 'src/generated/b.ts', 'dist/a.js', 'dist/a.wasm', 'package.json'])
      writeFileSync(at(name), name);
    built().remember();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is not built again of the same sources, whenever they were written', () => {
    expect(built().isFresh()).toBe(true);
    utimesSync(at('src/a.ts'), 1, 1);
    writeFileSync(at('dist/a.wasm'), 'another step’s');
    expect(built().isFresh()).toBe(true);
  });

  it.each<[string, () => void]>([
    ['nothing is remembered', () => rmSync(at('build'), { recursive: true })],
    ['a source is another', () => writeFileSync(at('src/a.ts'), 'src/b.ts')],
    ['a source is new', () => writeFileSync(at('src/c.ts'), '')],
    ['a source is gone', () => rmSync(at('package.json'))],
    ['a result was written since', () => utimesSync(at('dist/a.js'), 1, 1)],
    ['a result is gone', () => rmSync(at('src/generated/b.ts'))],
    ['a result is new', () => writeFileSync(at('dist/b.js'), '')],
  ])('is built again where %s', (_, change) => {
    change();
    expect(built().isFresh()).toBe(false);
  });
});
