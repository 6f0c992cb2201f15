// Rows of ops that Node reads when one of them is first called: what is read at once says only which names there are.
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isLazyImport } from './lazy-namespaces.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** What nearly every program calls. */
const early = /^ops\/(copying|creation|views|reductions|getitem|pointwise\/\w+)\.js$/;
/** Modules that import rows for what they do. What comes with `torch.nn` waits with that. */
const lists = /^ops\/((?!nn\/)\w+\/)?(index|top_level)\.js$|^ops\/nn\/top_level\.js$/;
const IMPORTS = /^(?:import|export)\s(?:[^'"]*?\sfrom\s)?'(\.[^']+)';/gm;

/** What a module of `dist/` imports, by statements. */
function importsOf(file) {
  const text = readFileSync(dist + file, 'utf8');
  return [...text.matchAll(IMPORTS)]
    .map(([statement, path]) => ({ statement, to: posix.join(posix.dirname(file), path) }))
    .filter(({ to }) => existsSync(dist + to));
}

/** The files whose rows can wait: nothing that is there at once needs anything else of them. */
function waitingFiles(heads) {
  const waiting = new Set([...heads.keys()].filter((file) => !early.test(file)));
  const listed = new Set();
  for (let before = -1; before !== waiting.size; ) {
    before = waiting.size;
    listed.clear();
    const seen = new Set(['index.js', 'utils/data/worker.js']);
    for (const file of seen) {
      waiting.delete(file);
      for (const { statement, to } of importsOf(file)) {
        if (isLazyImport(file, statement)) continue;
        if (lists.test(file) && waiting.has(to)) for (const one of runBy(to, waiting)) listed.add(one);
        else seen.add(to);
      }
    }
  }
  return listed;
}

/** The files with rows that come with one, in the order in which they run. */
function runBy(file, waiting, seen = new Set()) {
  if (seen.has(file)) return [];
  seen.add(file);
  const before = importsOf(file).flatMap(({ to }) => runBy(to, waiting, seen));
  return waiting.has(file) ? [...before, file] : before;
}

/** The files that hold rows which can wait, by what they are for. */
function rowFiles(waiting) {
  const nameOf = (file) => {
    if (file.startsWith('ops/nn/')) return 'rows-nn';
    return /^ops\/(\w+|linalg\/(products|einsum|norms|row_distances))\.js$/.test(file) ? 'rows' : 'rows-more';
  };
  const files = {};
  for (const file of waiting) files[nameOf(file)] = [...(files[nameOf(file)] ?? []), file];
  return Object.entries(files);
}

/** Replaces rows that can wait by their heads. */
export function lazyRows(heads) {
  const waiting = waitingFiles(heads);
  const prefix = 'rows:';
  return {
    files: rowFiles(waiting),
    plugin: {
      name: 'lazy rows',
      resolveId: (id) => (id.startsWith(prefix) ? { id, moduleSideEffects: true } : null),
      load(id) {
        if (!id.startsWith(prefix)) return null;
        const file = id.slice(prefix.length);
        return `import { announceRows } from '${dist}dispatch/announced_rows.js';
          announceRows(${JSON.stringify(heads.get(file))}, () => import('${dist}${file}'));`;
      },
      transform(code, id) {
        const file = id.startsWith(dist) ? id.slice(dist.length) : '';
        if (!lists.test(file)) return null;
        const text = code.replace(/^import '(\.[^']+)';$/gm, (statement, path) => {
          const to = posix.join(posix.dirname(file), path);
          if (!waiting.has(to)) return statement;
          return runBy(to, waiting)
            .map((one) => `import '${prefix}${one}';`)
            .join(' ');
        });
        return { code: text, map: null };
      },
    },
  };
}
