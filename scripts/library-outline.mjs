// What the build for Node must know of the library, as JSON: in a process of its own, since the build's own may have loaded an earlier one.
import { fileURLToPath } from 'node:url';
import { lazyModules } from './lazy-namespaces.mjs';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** Fields of a row that say which names there are. */
const fields = [
  'aliases',
  'module',
  'method',
  'function',
  'inplace',
  'inplaceArgument',
  'reads',
  'functional',
];

function headOf(source, row) {
  const [, name, overload = '', self] = /^([\w.]+?)(?:\.(\w+))?\((\S+ self\b)?/.exec(source);
  const rest = Object.fromEntries(
    fields.filter((key) => row[key] !== undefined).map((key) => [key, row[key]]),
  );
  for (const key of ['pointwise', 'mutate']) if (key in row) rest[key] = true;
  return { name, overload, isOfSelf: self !== undefined, row: rest };
}

/** Leaves out files with rows that their heads do not tell from others. */
function withoutDoubles(heads) {
  const files = new Map();
  const twice = new Set();
  for (const [file, list] of heads)
    for (const { name, overload, row } of list) {
      const key = `${row.module ?? ''}:${name}.${overload}`;
      if (files.has(key)) {
        twice.add(file);
        twice.add(files.get(key));
      }
      files.set(key, file);
    }
  return [...heads].filter(([file]) => file.startsWith('ops/') && !twice.has(file));
}

const heads = new Map();
const { takeRows } = await import(`${dist}dispatch/registry.js`);
Error.stackTraceLimit = 100;
takeRows((source, row) => {
  // The outermost module: what it calls may define rows for it.
  const file = [...new Error().stack.matchAll(/[\\/]dist[\\/]([\w\\/]+\.js)/g)]
    .at(-1)[1]
    .replaceAll('\\', '/');
  heads.set(file, [...(heads.get(file) ?? []), headOf(source, row)]);
  return false;
});
await import(`${dist}torch.js`);
const namespaces = {};
for (const file of lazyModules()) namespaces[file] = Object.keys(await import(dist + file));
process.stdout.write(JSON.stringify({ heads: withoutDoubles(heads), namespaces }));
