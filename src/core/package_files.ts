/** Where the package's own files are: Node's alone. Bundlers take modules away from their files, so they may have to be looked for. */
import { RuntimeError } from './errors.js';

// Not written where it is used: bundlers look for that form, and would take whole folders in.
const here: string | undefined = import.meta.url;
/** Node imports the library in few files, users' modules in worker threads do, too, unless this is one of the modules that these are made of. */
const isModule = here?.endsWith('/core/package_files.js') ?? false;

/** A file of the package's `dist/`, or null where it is not. */
export function findPackageFile(name: string): URL | null {
  // Not `import 'node:…'`: this module must also load where there is no Node.
  const { existsSync } = globalThis.process.getBuiltinModule('node:fs');
  for (const folders of [beside, installed])
    for (const folder of folders()) {
      const file = new URL(name, folder);
      if (existsSync(file)) return file;
    }
  return null;
}

/** A file of the package's `dist/`. @throws RuntimeError where it is not */
export function packageFile(name: string): URL {
  const file = findPackageFile(name);
  if (file !== null) return file;
  throw new RuntimeError(
    `${name} of the package flambeau was not found: it is neither beside ${here ?? program()} nor in an installed package where this program runs. ` +
      'A bundler took the library away from its files: keep the package external, put the file beside the bundle, or import ' +
      "'flambeau/lazy' and call await init({ wasm }) with the engine's address (docs/bundlers.md)",
  );
}

/** The URL of one of the library's modules, by its path in `dist/`: of the copy that this thread and its workers have. */
export function moduleUrl(path: string): string {
  return packageFile(isModule ? path : `node/${path}`).href;
}

/** A file of another package that was installed with this one, or null where it was not. */
export function findInstalled(path: string): URL | null {
  const { createRequire } = globalThis.process.getBuiltinModule('node:module');
  const { pathToFileURL } = globalThis.process.getBuiltinModule('node:url');
  for (const base of bases())
    try {
      return pathToFileURL(createRequire(base).resolve(path));
    } catch {
      // The next one.
    }
  return null;
}

/** From src/ (under a test runner) and from dist/ alike; from dist/cjs/; from a bundle that the file was put beside. */
function beside(): URL[] {
  const base = here ?? program();
  return base === undefined ? [] : ['../../dist/', '../', './'].map((path) => new URL(path, base));
}

/** Bundles mostly run where the package is installed, too. */
function installed(): URL[] {
  const manifest = findInstalled('flambeau/package.json');
  return manifest === null ? [] : [new URL('dist/', manifest)];
}

/** Places that packages may have been installed for: this module, the program, the folder that it runs in. */
function bases(): string[] {
  const { join } = globalThis.process.getBuiltinModule('node:path');
  return [here, program(), join(globalThis.process.cwd(), 'package.json')].filter(
    (base) => base !== undefined,
  );
}

/** The program's own file, for what was made a script: that knows no `import.meta`. */
function program(): string | undefined {
  const { pathToFileURL } = globalThis.process.getBuiltinModule('node:url');
  const path = globalThis.process.argv[1];
  return path === undefined ? undefined : pathToFileURL(path).href;
}
