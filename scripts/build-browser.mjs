// Builds dist/browser/flambeau.js, the library for pages without a bundler, and tells what a page has to load.
// What the library imports only when it is asked for, the WebGPU device, is a file of its own beside it.
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

const output = {
  format: 'es',
  minify: true,
  // Without what is there for bundlers alone.
  comments: false,
  entryFileNames: 'flambeau.js',
  // What is imported when asked for is named after its folder; what that shares with the rest is the core.
  chunkFileNames: ({ facadeModuleId, moduleIds, name }) =>
    `flambeau_${facadeModuleId?.split('/').at(-2) ?? (moduleIds.length > 0 ? 'core' : name)}.js`,
};

/** What a page loads: the code and the modules of each file, and whether it is loaded when the page starts or asked for later. */
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
  const chunks = new Map((await build.generate(output)).output.map((chunk) => [chunk.fileName, chunk]));
  await build.close();
  const atStart = new Set(['flambeau.js']);
  for (const name of atStart) for (const other of chunks.get(name).imports) atStart.add(other);
  return [...chunks.values()].map(({ fileName, code, modules, imports, dynamicImports }) => {
    const foreign = [...imports, ...dynamicImports].filter((name) => !chunks.has(name));
    if (foreign.length > 0) throw new Error(`the browser's part imports what no browser has: ${foreign}`);
    const used = Object.keys(modules).filter((id) => modules[id].renderedLength > 0);
    return { code, isAtStart: atStart.has(fileName), modules: used };
  });
}

/** The library's modules of which such a page loads something when it starts, by their paths in `dist/`. */
export async function modulesOf(page) {
  const files = (await bundle(pages[page])).filter(({ isAtStart }) => isAtStart);
  const own = files.flatMap(({ modules }) => modules).filter((id) => id.startsWith(`${root}dist/`));
  return own.map((id) => id.slice(`${root}dist/`.length));
}

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;

/** Bytes of gzip, by what is loaded. */
export async function sizes() {
  const found = {};
  for (const [name, source] of Object.entries(pages)) {
    const files = await bundle(source);
    const sum = (some) => some.reduce((bytes, { code }) => bytes + gzipped(code), 0);
    const later = files.filter(({ isAtStart }) => !isAtStart);
    found[`JavaScript: ${name}`] = sum(files.filter(({ isAtStart }) => isAtStart));
    if (later.length > 0) found[`JavaScript: ${name}, when WebGPU is started`] = sum(later);
  }
  for (const name of ['flambeau.wasm', 'flambeau_threads.wasm'])
    if (existsSync(`${root}dist/${name}`)) found[name] = gzipped(readFileSync(`${root}dist/${name}`));
  return found;
}

export async function buildBrowser() {
  const build = await rolldown({ input: entry, platform: 'browser' });
  await build.write({ ...output, dir: `${root}dist/browser`, sourcemap: true });
  await build.close();
}

if (process.argv[1]?.endsWith('build-browser.mjs'))
  for (const [name, bytes] of Object.entries(await sizes()))
    console.log(`${(bytes / 1000).toFixed(1).padStart(7)} KB of gzip  ${name}`);
