// The declarations that the notebook's compiler reads: the library's, as far as its entries for pages reach, and TypeScript's own.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const dist = path('../dist');
const compiler = path('../node_modules/typescript-5.9/lib');
/** As `import` names them, and by their files. */
const entries = {
  flambeau: 'index.d.ts',
  'flambeau/vision': 'vision/index.d.ts',
  'flambeau/charts': 'charts/index.d.ts',
  'flambeau/python': 'python/index.d.ts',
};
const libraries = ['lib.esnext.d.ts', 'lib.webworker.d.ts'];

const imported = /(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)\.js['"]/g;
const referenced = /^\/\/\/ <reference lib="([^"]+)"/gm;

/** Texts by the paths that the compiler is told. */
export function declarations() {
  const texts = {};
  const take = (file, name, next) => {
    if (name in texts || !existsSync(file)) return;
    texts[name] = readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
    next(texts[name]);
  };
  const takeLibrary = (name) =>
    take(join(compiler, name), `/lib/${name}`, (text) => {
      for (const [, other] of text.matchAll(referenced)) takeLibrary(`lib.${other}.d.ts`);
    });
  const takeModule = (file) =>
    take(file, `/flambeau/${relative(dist, file).replaceAll('\\', '/')}`, (text) => {
      for (const [, other] of text.matchAll(imported)) takeModule(join(dirname(file), `${other}.d.ts`));
    });
  for (const name of libraries) takeLibrary(name);
  for (const name of Object.values(entries)) takeModule(join(dist, name));
  return {
    entries: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, `/flambeau/${file}`])),
    texts,
  };
}

/** Vite's plugin for `import { entries, texts } from 'virtual:declarations'`. */
export const declarationsPlugin = {
  name: 'declarations',
  resolveId: (id) => (id === 'virtual:declarations' ? '\0declarations' : null),
  load: (id) => {
    if (id !== '\0declarations') return null;
    const { entries, texts } = declarations();
    // V8 reads a text of JSON faster than an object's source.
    return `export const entries = ${JSON.stringify(entries)};\nexport const texts = JSON.parse(${JSON.stringify(JSON.stringify(texts))});`;
  },
};
