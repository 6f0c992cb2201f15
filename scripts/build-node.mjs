// Builds dist/node/ and dist/cjs/, the library as Node loads it: few files in place of hundreds of modules, since Node takes longer to find and read those than to run them. All
// entries share them, and so does what worker threads import.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { entries } from './entries.mjs';
import { lazyNamespaces } from './lazy-namespaces.mjs';
import { lazyRows } from './lazy-rows.mjs';
import { Chunk } from './node-chunk.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** The package's entries, by their names in its `exports`. */
const inputs = {
  index: `${dist}index.js`,
  lazy: `${dist}lazy.js`,
  ...Object.fromEntries(entries.map((name) => [name, `${dist}${name}/index.js`])),
};

/** The modules that worker threads import by their paths: `host().module(path)` names them. */
export function modulesOfWorkers() {
  const sources = fileURLToPath(new URL('../src/', import.meta.url));
  // Of dist/ that would be more, where modules lie that there are no more.
  const names = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const texts = new Map(
    names.map((name) => [
      name.replaceAll('\\', '/').replace(/ts$/, 'js'),
      readFileSync(sources + name, 'utf8'),
    ]),
  );
  const found = new Set();
  for (const text of texts.values())
    for (const [, path] of text.matchAll(/host\(\)\.module\(['`](.+?)['`]\)/g)) {
      const [before, after] = path.split(/\$\{.*?\}/);
      if (after === undefined) found.add(path);
      // One of a folder's modules, of which data sets say which.
      else
        for (const [name, one] of texts)
          if (
            name.startsWith(before) &&
            name.endsWith(after) &&
            /^export (const|function) inWorker\b/m.test(one)
          )
            found.add(name);
    }
  return [...found].sort();
}

/** Files of all that the worker threads' program needs, all that the library needs, large namespaces, images and data sets: everything else is split by who shares it. */
function split(rowFiles) {
  const closures = [
    ['torch', ['index.js']],
    ['worker', ['utils/data/worker.js']],
    ...rowFiles,
    ['nn', ['nn/index.js']],
    ['optim', ['optim/index.js']],
    ['distributions', ['distributions/index.js']],
    ['images', ['vision/transforms/image.js', 'tensorboard/index.js'], 'vision/'],
    ['datasets', ['vision/datasets/index.js'], 'vision/'],
  ];
  const groupOf = new Map();
  const plugin = {
    name: 'groups',
    buildEnd() {
      const reached = (from) => {
        const all = new Set(from.map((entry) => dist + entry));
        for (const id of all)
          for (const imported of this.getModuleInfo(id)?.importedIds ?? []) all.add(imported);
        return all;
      };
      const ofWorkers = reached(['utils/data/worker.js']);
      for (const id of reached(['index.js'])) if (ofWorkers.has(id)) groupOf.set(id, 'core');
      for (const [name, from, folder = ''] of closures)
        for (const id of reached(from))
          if (!groupOf.has(id) && (id.startsWith(dist + folder) || folder === '')) groupOf.set(id, name);
      // Entries' own modules: what they do on being imported is not for all.
      for (const id of [...Object.values(inputs), `${dist}automatic.js`, `${dist}utils/data/worker.js`])
        groupOf.delete(id);
    },
  };
  return {
    plugin,
    groups: ['core', ...closures.map(([name]) => name)].map((name) => ({
      name,
      test: (id) => groupOf.get(id) === name,
    })),
  };
}

/**
 * Files that are looked for when the library runs, in forms that tracers of files know (Next's, Nitro's and Vercel's, which deploy no others): nobody runs
 * them. Bundlers do not see them, since they take the modules instead.
 */
function traces(format) {
  const engines = readdirSync(dist).filter((name) => /\.(node|wasm)$/.test(name));
  const files = ['../package.json', ...engines, ...modulesOfWorkers().map((name) => `node/${name}`)];
  const form =
    format === 'es'
      ? (name) => `new URL('../${name}', import.meta.url)`
      : (name) => `require('node:path').join(__dirname, '../${name}')`;
  const lines = files.map((name, i) => `const file${i} = ${form(name)};`);
  return `\n(() => {\n${lines.join('\n')}\n});\n`;
}

/** What is imported hands on what is required, so that both are one library. */
function handingOn({ fileName, exports }) {
  const up = '../'.repeat(fileName.split('/').length);
  const file = `${up}cjs/${fileName}`;
  const required = `createRequire(import.meta.url)('${file}')`;
  const head = "import { createRequire } from 'node:module';";
  if (exports.length === 0) return `${head}\n${required};\n`;
  const own = exports.map((name, i) => [name, `$${i}`]);
  return [
    head,
    `const { ${own.map((pair) => pair.join(': ')).join(', ')} } = ${required};`,
    `export { ${own.map(([name, local]) => `${local} as ${name}`).join(', ')} };\n`,
  ].join('\n');
}

function writeAll(dir, files) {
  rmSync(dir, { recursive: true, force: true });
  for (const [name, text] of files) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
}

/** The library for Node. */
export async function buildNode() {
  const outline = fileURLToPath(new URL('library-outline.mjs', import.meta.url));
  const { heads, namespaces } = JSON.parse(execFileSync(process.execPath, [outline], { maxBuffer: 2 ** 26 }));
  const rows = lazyRows(new Map(heads));
  const { plugin, groups } = split(rows.files);
  const forWorkers = modulesOfWorkers().map((name) => [name.replace(/\.js$/, ''), dist + name]);
  const build = await rolldown({
    input: { ...inputs, ...Object.fromEntries(forWorkers) },
    plugins: [lazyNamespaces(namespaces), rows.plugin, plugin],
    platform: 'node',
  });
  const { output } = await build.generate({
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    codeSplitting: { groups },
    keepNames: true,
    comments: false,
  });
  await build.close();
  const chunks = new Map(output.map((chunk) => [chunk.fileName, new Chunk(chunk)]));
  const all = [...chunks.values()];
  const more = (name, format) => (/^(index|lazy)\.c?js$/.test(name) ? traces(format) : '');
  writeAll(
    `${dist}cjs`,
    all.map((chunk) => [chunk.fileName, chunk.text(chunks) + more(chunk.fileName, 'cjs')]),
  );
  const entries = all.filter(({ isEntry }) => isEntry);
  writeAll(
    `${dist}node`,
    entries.map((chunk) => {
      const name = chunk.fileName.replace(/\.cjs$/, '.js');
      return [name, handingOn(chunk) + more(name, 'es')];
    }),
  );
}
