// Namespaces of the library that Node reads when they are first used.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** A namespace of these names, as bundlers make them, but that its file is read when one of them is first touched. */
const lazyNamespace = `
export function lazyNamespace(names, load) {
  let loaded;
  const namespace = {};
  for (const name of names)
    Object.defineProperty(namespace, name, { get: () => (loaded ??= load())[name], enumerable: true });
  return Object.defineProperty(namespace, Symbol.toStringTag, { value: 'Module' });
}
`;

/** Namespaces that modules export, or import as a whole. */
const lazy = {
  'torch.js': /^export \* as (\w+) from ('\..+');$/gm,
  'platform.js': /^import \* as (folders) from ('\..+');$/gm,
};

/** Whether a module's statement makes a lazy namespace. */
export const isLazyImport = (file, statement) => file in lazy && statement.match(lazy[file]) !== null;

/** The modules of which lazy namespaces are made, by their paths in `dist/`. */
export const lazyModules = () =>
  Object.entries(lazy).flatMap(([file, statements]) =>
    [...readFileSync(dist + file, 'utf8').matchAll(statements)].map(([, , path]) => path.slice(3, -1)),
  );

/**
 * Makes namespaces such as `torch.nn` lazy, each in a file of its own.
 * @param names what modules export, by their paths in `dist/`
 */
export function lazyNamespaces(names) {
  return {
    name: 'lazy namespaces',
    resolveId: (id) => (id === 'lazy-namespace' ? id : null),
    load: (id) => (id === 'lazy-namespace' ? { code: lazyNamespace, moduleSideEffects: false } : null),
    transform(code, id) {
      const file = id.startsWith(dist) ? id.slice(dist.length) : '';
      if (!(file in lazy)) return null;
      const text = code.replace(lazy[file], (statement, name, path) => {
        const list = JSON.stringify(names[path.slice(3, -1)]);
        const made = `const ${name} = lazyNamespace(${list}, () => import(${path}));`;
        return statement.startsWith('export') ? `export ${made}` : made;
      });
      return { code: `import { lazyNamespace } from 'lazy-namespace';\n${text}`, map: null };
    },
  };
}

const IMPORT =
  /(\], \(\) => )Promise\.resolve\(\)\.then\(\(\) => (require\("[^"]+"\))\)(?:\.then\(\(n\) => n\.(\w+)\))?/g;

/** Requires what lazy namespaces and rows import: they cannot wait. */
export function requireLazily(code) {
  return code.replace(
    IMPORT,
    (_, call, required, name) => call + required + (name === undefined ? '' : `.${name}`),
  );
}
