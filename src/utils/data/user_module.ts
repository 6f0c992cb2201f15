/** Imports modules of users', TypeScript among them: Node's alone. */
// Imported, since test runners bring a form of their own; as a whole, since bundlers follow what a `createRequire` that is imported by itself requires.
import * as nodeModule from 'node:module';
import { TypeError } from '../../core/errors.js';
import { importModule } from '../../core/import_module.js';

/**
 * As `import()`. Node imports TypeScript from 22.18 on. Before that loaders such as tsx do not reach worker threads (and Vitest's own does not reach what is
 * imported here), so that tsx, where it is installed beside the module, is called upon again. Where CommonJS cannot import, as in Jest, the module is required.
 * @throws TypeError with the remedies, where TypeScript cannot be imported
 */
export async function importUserModule(name: string): Promise<Record<string, unknown>> {
  try {
    return await importModule(name);
  } catch (error) {
    if (cannotImport(error)) return { default: requireModule(name) };
    if (!isUnknownTypeScript(error, name)) throw error;
    const register = await findTsx(name);
    if (register === null) throw refused(name, error as Error);
    register();
    // Under the name itself the failure would be remembered.
    return importModule(`${name}${name.includes('?') ? '&' : '?'}typescript`);
  }
}

const codeOf = (error: unknown) => String((error as { code?: unknown }).code);

const cannotImport = (error: unknown) => codeOf(error).startsWith('ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING');

function requireModule(name: string): unknown {
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  const path = name.startsWith('file:') ? fileURLToPath(name) : name;
  return nodeModule.createRequire(path)(path);
}

function isUnknownTypeScript(error: unknown, name: string): boolean {
  const code = codeOf(error);
  const isTypeScript = /\.[cm]?tsx?(?:[?#]|$)/.test(name);
  return isTypeScript && (code === 'ERR_UNKNOWN_FILE_EXTENSION' || code === 'ERR_NO_TYPESCRIPT');
}

/** Makes this thread import TypeScript. */
async function findTsx(name: string): Promise<(() => unknown) | null> {
  const { pathToFileURL } = process.getBuiltinModule('node:url');
  let path: string;
  try {
    path = nodeModule
      .createRequire(name.startsWith('file:') ? name : pathToFileURL(name))
      .resolve('tsx/esm/api');
  } catch {
    return null;
  }
  // The module, not what is there for `require`: before Node 22 the latter does not find its hooks.
  const { register } = await importModule(pathToFileURL(path.replace(/\.cjs$/, '.mjs')).href);
  return register as () => unknown;
}

function refused(name: string, cause: Error): TypeError {
  return new TypeError(
    `workerDataset: this Node (${process.version}) does not import TypeScript, and ${name} is that: use Node 22.18 or later, install tsx beside the module ` +
      "(npm install --save-dev tsx; it is called upon in worker threads and in tests, too), or name the JavaScript that the module is compiled to ('./set.js')",
    { cause },
  );
}
