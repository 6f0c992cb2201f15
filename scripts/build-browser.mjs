// Builds dist/browser/flambeau.js, the library in one file for pages without a bundler, and tells what a page has to load.
// `npm run size` prints the sizes.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = `${root}dist/browser/index.js`;

/** What pages import, from everything to little: what they do not use is left out. */
const pages = {
  everything: `export * from 'flambeau';`,
  'a network and its training': `
    import { manualSeed, nn, optim, rand, save } from 'flambeau';
    export { manualSeed, rand, save };
    export const { Linear } = { Linear: nn.Linear };
    export const criterion = nn.CrossEntropyLoss;
    export const sgd = optim.SGD;`,
  'tensors and gradients': `export { tensor, ones, rand } from 'flambeau';`,
};

async function bundle(source) {
  const page = '\0page';
  const build = await rolldown({
    input: page,
    platform: 'browser',
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === page ? page : id === 'flambeau' ? entry : null),
        load: (id) => (id === page ? source : null),
      },
    ],
  });
  const { output } = await build.generate({ format: 'es', minify: true });
  await build.close();
  const [{ code, imports, dynamicImports }] = output;
  if (output.length > 1 || imports.length + dynamicImports.length > 0)
    throw new Error(`the browser's part imports what no browser has: ${[...imports, ...dynamicImports]}`);
  return code;
}

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;

/** Bytes of gzip, by what is loaded. */
export async function sizes() {
  const found = {};
  for (const [name, source] of Object.entries(pages))
    found[`JavaScript: ${name}`] = gzipped(await bundle(source));
  for (const name of ['flambeau.wasm', 'flambeau_threads.wasm'])
    if (existsSync(`${root}dist/${name}`)) found[name] = gzipped(readFileSync(`${root}dist/${name}`));
  return found;
}

export async function buildBrowser() {
  const build = await rolldown({ input: entry, platform: 'browser' });
  await build.write({
    file: `${root}dist/browser/flambeau.js`,
    format: 'es',
    minify: true,
    sourcemap: true,
  });
  await build.close();
}

if (process.argv[1]?.endsWith('build-browser.mjs'))
  for (const [name, bytes] of Object.entries(await sizes()))
    console.log(`${(bytes / 1000).toFixed(1).padStart(7)} KB of gzip  ${name}`);
