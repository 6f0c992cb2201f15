// Builds dist/browser/flambeau.js, the library for pages without a bundler, and one for each further entry, which share its modules, and tells what a page has to load.
// The WebGPU device, which the library imports only when it is asked for, is a file of its own beside it.
// `npm run size` prints the sizes.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';
import { entries } from './entries.mjs';
import { walk } from './finish.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = `${root}dist/browser/index.js`;
/** The package's further entries, by name. */
const further = Object.fromEntries(entries.map((name) => [name, `${root}dist/${name}/index.js`]));
const isFurther = (id) => Object.values(further).includes(id);

/** Pages by what they import, from everything to little: what they do not use is left out. */
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
  entryFileNames: '[name].js',
  // Chunks that are imported when they are asked for are named after their folder, as backends/webgpu/start.js.
  chunkFileNames: ({ facadeModuleId, name }) => `flambeau_${facadeModuleId?.split('/').at(-2) ?? name}.js`,
};

/**
 * How the library is built for pages without a bundler. Nobody takes functions out one by one there, so they are taken over in one
 * list, under the names that they are exported by: the two lists are packed as one.
 */
function whole() {
  const functions = `${root}dist/generated/functions.js`;
  const single = /^export const (\w+) = (f\.\w+);$/gm;
  const names = [...readFileSync(functions, 'utf8').matchAll(single)].map(([, name]) => name);
  const core = new Set();
  const plugin = {
    name: 'whole',
    transform(code, id) {
      if (id !== functions) return null;
      return { code: `${code.replace(single, '')}\nexport const { ${names.join(', ')} } = f;`, map: null };
    },
    // Modules that later files share with the library are one file, not one for each way of sharing.
    buildEnd() {
      const infos = [...this.getModuleIds()].map((id) => this.getModuleInfo(id));
      const needed = (ids) => {
        const all = new Set(ids);
        for (const id of all) for (const imported of this.getModuleInfo(id).importedIds) all.add(imported);
        return all;
      };
      const given = infos.filter(({ isEntry }) => isEntry).map(({ id }) => id);
      const atStart = needed(given.filter((id) => !isFurther(id)));
      const later = needed([
        ...given.filter(isFurther),
        ...infos.flatMap(({ dynamicallyImportedIds }) => dynamicallyImportedIds),
      ]);
      for (const id of later) if (atStart.has(id)) core.add(id);
    },
  };
  const groups = [{ name: 'core', test: (id) => core.has(id) }];
  const minify = { compress: true, mangle: { reserved: names }, codegen: true };
  return { plugin, output: { ...output, minify, codeSplitting: { groups } } };
}

/** Files that a page loads: the code and the modules of each file, and whether it is loaded when the page starts or asked for later. */
async function bundle(source) {
  const page = '\0page';
  // Bundlers split in their own way.
  const { plugin, output: form } = source === pages.everything ? whole() : { plugin: null, output };
  const build = await rolldown({
    input: { flambeau: page },
    platform: 'browser',
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === page ? page : id === 'flambeau' ? entry : null),
        load: (id) => (id === page ? source : null),
      },
      plugin,
    ],
  });
  const chunks = new Map((await build.generate(form)).output.map((chunk) => [chunk.fileName, chunk]));
  await build.close();
  const atStart = new Set(['flambeau.js']);
  for (const name of atStart) for (const other of chunks.get(name).imports) atStart.add(other);
  return [...chunks.values()].map(({ fileName, code, modules, imports, dynamicImports }) => {
    const foreign = [...imports, ...dynamicImports].filter((name) => !chunks.has(name));
    if (foreign.length > 0) throw new Error(`the browser's part imports what no browser has: ${foreign}`);
    const used = Object.keys(modules).filter((id) => modules[id].renderedLength > 0);
    return { fileName, code, isAtStart: atStart.has(fileName), modules: used };
  });
}

/** The library's modules of which such a page loads something when it starts, by their paths in `dist/`. */
export async function modulesOf(page) {
  const files = (await bundle(pages[page])).filter(({ isAtStart }) => isAtStart);
  const own = files.flatMap(({ modules }) => modules).filter((id) => id.startsWith(`${root}dist/`));
  return own.map((id) => id.slice(`${root}dist/`.length));
}

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;

/** Contents of the files that are imported when they are asked for. */
const parts = {
  'flambeau_decompression.js': 'more with an archive of bzip2 or LZMA',
  'flambeau_deflate.js': 'more with the first data set or file',
  'flambeau_io.js': 'more when files are read or written',
  'flambeau_profiler.js': 'more when a profile is made',
  'flambeau_text.js': 'more when text of numbers is read or written',
  'flambeau_webgpu.js': 'more when WebGPU is started',
};

/** The nodes of a kind whose text is no code: what no smaller program would have less of. */
const kinds = {
  'texts of errors': (node) => (node.type === 'NewExpression' ? texts(node.arguments[0]) : []),
  'schemas of rows': (node) => texts(node).filter(({ quasis }) => / -> /.test(quasis?.at(-1).value.cooked)),
  'names of the interface': (node) =>
    /^(Import|ExportNamed)Declaration$/.test(node.type) ||
    (node.type === 'ObjectPattern' && node.properties.length > 100) ||
    (node.type === 'Property' &&
      node.value.type === 'ArrowFunctionExpression' &&
      node.value.body.type === 'Identifier') ||
    (node.type === 'PropertyDefinition' && node.static && node.key.name === 'name')
      ? [node]
      : [],
};

/** A text, or the two of a choice. */
function texts(node) {
  if (node?.type === 'ConditionalExpression') return [node.consequent, node.alternate].flatMap(texts);
  return node?.type === 'TemplateLiteral' || typeof node?.value === 'string' ? [node] : [];
}

/** By how many bytes a file is smaller without what `find` finds in it. */
function share(code, find) {
  const found = [];
  walk(parseAst(code), (node) => found.push(...find(node)));
  const kept = [];
  let from = 0;
  for (const { start, end } of found.sort((a, b) => a.start - b.start)) {
    // A node within one that was left out is out already.
    if (start >= from) kept.push(code.slice(from, start));
    from = Math.max(from, end);
  }
  kept.push(code.slice(from));
  return gzipped(code) - gzipped(kept.join(''));
}

/** Bytes of gzip, by what is loaded. */
export async function sizes() {
  const found = {};
  for (const [name, source] of Object.entries(pages)) {
    const files = await bundle(source);
    const sum = (some, measure = gzipped) => some.reduce((bytes, { code }) => bytes + measure(code), 0);
    const later = files.filter(({ isAtStart }) => !isAtStart);
    const atStart = files.filter(({ isAtStart }) => isAtStart);
    found[`JavaScript: ${name}`] = sum(atStart);
    if (name === 'everything')
      for (const [kind, find] of Object.entries(kinds))
        found[`JavaScript: everything, of that ${kind}`] = sum(atStart, (code) => share(code, find));
    for (const file of later)
      found[`JavaScript: ${name}, ${parts[file.fileName] ?? 'more that later files share'}`] = sum([file]);
    if (name === 'everything') found['JavaScript: everything, all files together'] = sum(files);
  }
  for (const name of ['', '_threads', '_relaxed', '_relaxed_threads'].map((form) => `flambeau${form}.wasm`))
    if (existsSync(`${root}dist/${name}`)) found[name] = gzipped(readFileSync(`${root}dist/${name}`));
  return found;
}

export async function buildBrowser() {
  const { plugin, output } = whole();
  const build = await rolldown({
    input: { flambeau: entry, ...further },
    platform: 'browser',
    plugins: [plugin],
  });
  await build.write({ ...output, dir: `${root}dist/browser`, sourcemap: true });
  await build.close();
  // Service workers are scripts, and so are tags that run before all else.
  const file = `${root}dist/browser/isolate.js`;
  const isolation = await rolldown({ input: file, platform: 'browser' });
  await isolation.write({ format: 'iife', comments: false, file });
  await isolation.close();
}

if (process.argv[1]?.endsWith('build-browser.mjs'))
  for (const [name, bytes] of Object.entries(await sizes()))
    console.log(`${(bytes / 1000).toFixed(1).padStart(7)} KB of gzip  ${name}`);
