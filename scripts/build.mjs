// Everything that `npm ci` builds, in order: TypeScript (unchecked, for the rows) → generated sources → kernels → TypeScript.
// `node scripts/build.mjs [generate|native|wasm|ts]` runs one step.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const tsc = (...args) =>
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', ...args], { stdio: 'inherit' });

const steps = {
  async generate() {
    try {
      tsc('-p', '.', '--noCheck');
    } catch {
      // Unresolved imports of what is about to be generated.
    }
    await (await import('./generate.mjs')).generate();
  },
  async native() {
    await (await import('./build-native.mjs')).buildNative();
  },
  async wasm() {
    await (await import('./build-wasm.mjs')).buildWasm();
  },
  async ts() {
    tsc('-p', '.');
    (await import('./declarations.mjs')).writeDeclarations();
    (await import('./publish-types.mjs')).publishTypes();
    // An installed package carries none of these.
    for (const folder of ['examples', 'conformance']) if (existsSync(folder)) tsc('-p', folder);
    (await import('./finish.mjs')).finish();
    const { buildBrowser, buildCommonJs } = await import('./build-browser.mjs');
    await buildBrowser();
    await buildCommonJs();
  },
};

const only = process.argv[2];
if (only !== undefined && !(only in steps)) {
  console.error(`unknown step '${only}'; the steps are ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}
// An installed package carries dist/ and no sources: only the kernels can be built.
if (existsSync('src') || only === 'native')
  for (const name of only ? [only] : Object.keys(steps)) await steps[name]();
