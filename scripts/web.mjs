// `npm run web`: serves the pages of web/, made anew whenever a file changes. `npm run web:build` writes them to out/web.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, createServer } from 'vite';
import { declarationsPlugin } from './declarations-of-pages.mjs';
import { entries } from './entries.mjs';
import { framePlugin } from './page-frame.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
// As one file: the pages' worker uses all of it, and a server would send its modules one by one.
const library = path('../dist/browser/flambeau.js');
/** The package's further entries, likewise. */
const further = entries.map((name) => ({
  find: new RegExp(`^flambeau/${name}$`),
  replacement: path(`../dist/browser/${name}.js`),
}));
// Vite wants workers' options between quotes, and a word where an import cannot be known.
const readable = {
  name: 'readable',
  transform(code, id) {
    if (id !== library && !further.some(({ replacement }) => id === replacement)) return null;
    const quoted = code.replaceAll('`module`', "'module'");
    return {
      code: quoted.replace(/\bimport\((?=\w+\))/g, 'import(/* @vite-ignore */ '),
      // The map would go along inside of the file, and weigh ten times as much.
      map: { mappings: '' },
    };
  },
};
/** Writes the service worker beside the pages, with the names of all files that they are made of. */
const offline = {
  name: 'offline',
  apply: 'build',
  writeBundle({ dir }, bundle) {
    // The compiler that knows types is large: who edits a notebook fetches it, and has it from then on.
    const files = Object.keys(bundle)
      .filter((name) => !name.includes('types_worker') && name !== 'card.png')
      .sort();
    const hash = createHash('sha256');
    for (const file of files) hash.update(readFileSync(join(dir, file)));
    const program = readFileSync(path('../web/offline/service_worker.js'), 'utf8')
      .replace("version = ''", `version = 'flambeau ${hash.digest('hex').slice(0, 16)}'`)
      .replace('files = []', `files = ${JSON.stringify(files)}`);
    writeFileSync(join(dir, 'service_worker.js'), program);
  },
};
const pages = [
  'index',
  'tensors',
  'autograd',
  'networks',
  'classifier',
  'training',
  'teach',
  'inside',
  'notebook',
  'convert',
  'mysteries',
  'mysteries.zh',
];

/** What runs the examples of the reference (`npm run docs`). */
const examples = 'run_examples';

const usage = `The blitz in a browser.

usage: npm run web -- [options]         serves it
       npm run web:build -- [options]   writes it to a folder that any server can serve

  --port N          port to serve at (default: 5173, or the next one that is free)
  --host            serves other machines, too
  --no-isolation    serves pages that are not cross-origin isolated: the engine then has one thread
  --out DIR         folder to write to (default: out/web)
  --site URL        where the pages will lie, for programs that show links to them
  --help            shows this`;

/** Vite's settings, for pages that may share memory with workers or not. */
export function webConfig({ isIsolated = true, outDir = path('../out/web'), site } = {}) {
  const headers = isIsolated
    ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
    : {};
  return {
    configFile: false,
    root: path('../web'),
    // The pages can be put anywhere.
    base: './',
    // CIFAR-10's sample is served as it is.
    publicDir: path('../examples/blitz/data'),
    cacheDir: path('../build/vite'),
    resolve: {
      alias: [{ find: /^flambeau$/, replacement: library }, ...further],
    },
    plugins: [readable, framePlugin(site), offline],
    worker: { format: 'es', plugins: () => [readable, declarationsPlugin] },
    server: { headers, fs: { allow: [path('..')] } },
    build: {
      outDir,
      emptyOutDir: true,
      rolldownOptions: {
        input: [...pages.map((name) => path(`../web/${name}.html`)), path(`../web/reference/${examples}.ts`)],
        // The documentation's pages import it by its name.
        preserveEntrySignatures: 'exports-only',
        output: {
          entryFileNames: ({ name }) => (name === examples ? `${examples}.js` : 'assets/[name]-[hash].js'),
        },
      },
    },
  };
}

async function main(args) {
  const { values } = parseArgs({
    args,
    options: {
      build: { type: 'boolean' },
      port: { type: 'string' },
      host: { type: 'boolean' },
      'no-isolation': { type: 'boolean' },
      out: { type: 'string' },
      site: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(usage);
  if (!existsSync(library)) throw new Error('The library is not built: run `npm run build` first.');
  const config = webConfig({ isIsolated: !values['no-isolation'], outDir: values.out, site: values.site });
  if (values.build) return build(config);
  const { port, host } = values;
  const server = await createServer({
    ...config,
    server: { ...config.server, port: port === undefined ? undefined : Number(port), host },
  });
  await server.listen();
  server.printUrls();
}

if (process.argv[1]?.endsWith('web.mjs'))
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
