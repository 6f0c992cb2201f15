// Builds dist/node/ and dist/cjs/, the library as Node loads it: few files in place of hundreds of modules, since Node takes longer to find and read those than to run them. All
// entries share them, and so does what worker threads import.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { entries } from './entries.mjs';

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

/** Files of all that the worker threads' program needs, all that the library needs, images and data sets: everything else is split by who shares it. */
function split() {
  const closures = [
    ['core', ['utils/data/worker.js']],
    ['torch', ['index.js']],
    ['images', ['vision/transforms/image.js', 'tensorboard/index.js'], 'vision/'],
    ['datasets', ['vision/datasets/index.js'], 'vision/'],
  ];
  const groupOf = new Map();
  const plugin = {
    name: 'groups',
    buildEnd() {
      for (const [name, from, folder = ''] of closures) {
        const all = new Set(from.map((entry) => dist + entry));
        for (const id of all)
          for (const imported of this.getModuleInfo(id)?.importedIds ?? []) all.add(imported);
        for (const id of all) if (!groupOf.has(id) && id.startsWith(dist + folder)) groupOf.set(id, name);
      }
      // Entries' own modules: what they do on being imported is not for all.
      for (const id of [...Object.values(inputs), `${dist}automatic.js`, `${dist}utils/data/worker.js`])
        groupOf.delete(id);
    },
  };
  return { plugin, groups: closures.map(([name]) => ({ name, test: (id) => groupOf.get(id) === name })) };
}

/** A letter that is written as an escape: V8 keeps a text in one byte a letter if it has no others, and reads it faster. */
const escaped = (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

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

async function write(options, { dir, ...output }) {
  const build = await rolldown({ ...options, platform: 'node' });
  const { output: chunks } = await build.generate({ ...output, keepNames: true, comments: false });
  await build.close();
  rmSync(dir, { recursive: true, force: true });
  for (const { fileName, code } of chunks) {
    mkdirSync(dirname(join(dir, fileName)), { recursive: true });
    const more = /^(index|lazy)\./.test(fileName) ? traces(output.format) : '';
    writeFileSync(join(dir, fileName), code.replace(/[\u0080-\uffff]/g, escaped) + more);
  }
}

export async function buildNode() {
  const { plugin, groups } = split();
  const forWorkers = modulesOfWorkers().map((name) => [name.replace(/\.js$/, ''), dist + name]);
  await write(
    { input: { ...inputs, ...Object.fromEntries(forWorkers) }, plugins: [plugin] },
    {
      format: 'es',
      dir: `${dist}node`,
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
      codeSplitting: { groups },
    },
  );
}

/** The library for hosts that load it by a `require` of their own, which knows no modules: test runners. */
export async function buildCommonJs() {
  await write(
    { input: inputs },
    {
      format: 'cjs',
      dir: `${dist}cjs`,
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name].cjs',
      codeSplitting: { groups: [{ name: 'flambeau', test: /\.js$/ }] },
    },
  );
}
