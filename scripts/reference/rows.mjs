// The rows behind functions and methods: PyTorch's signature, the formula, where the row stands.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../src/ops', import.meta.url));

/** What is known of the rows of a public name. */
export async function readRows() {
  await import('../../dist/index.js');
  const { entries } = await import('../../dist/dispatch/registry.js');
  const { camelCase } = await import('../../dist/core/camel_case.js');
  const files = filesOfRows();
  const functions = new Map();
  const methods = new Map();
  const all = entries();
  for (const [found, list, prefix] of [
    [functions, all.functions, 'torch.'],
    [methods, all.methods, 'Tensor.'],
  ])
    for (const entry of list) {
      if (entry.name.startsWith('_')) continue;
      const place =
        entry.module && found === functions
          ? `${entry.module.replace(/_(\w)/g, (_, c) => c.toUpperCase())}.`
          : '';
      const row = describe(entry, files);
      found.set(`${prefix}${place}${camelCase(entry.name)}`, row);
      if (entry.reads)
        found.set(`${prefix}${place}${camelCase(entry.name)}Async`, {
          ...row,
          twinOf: camelCase(entry.name),
        });
    }
  return { functions, methods };
}

function describe(entry, files) {
  const [first] = entry.ops;
  const { row } = first;
  const own = first.schema.name;
  return {
    name: entry.name,
    op: own,
    definition: first,
    schemas: [...new Set(entry.ops.map(({ schema }) => schema.source.replace(/^\w+(?=\()/, entry.name)))],
    doc: row.doc,
    file: files.get(own) ?? files.get(own.replace(/_$/, '')) ?? files.get(entry.name) ?? null,
    pointwise: typeof row.pointwise === 'string' ? row.pointwise : null,
    parameters: first.schema.parameters.map(({ name, type }) => ({ name, type })),
    aliases: row.aliases ?? [],
    isView: row.view === true,
    reads: entry.reads === true,
  };
}

/** Files of `src/ops` by the names of the ops that they define. */
function filesOfRows() {
  const found = new Map();
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!name.endsWith('.ts')) continue;
    const text = readFileSync(join(source, name), 'utf8');
    for (const [, op] of text.matchAll(/['"`](\w+)\((?=Tensor|\w+\??(?:\[\d*\])? |\*|\)|\$\{)/g))
      if (!found.has(op)) found.set(op, name);
    for (const [, op] of text.matchAll(/^\s*(?:\[|for \(.*\[)?'(\w+)'/gm))
      if (!found.has(op)) found.set(op, name);
  }
  return found;
}
