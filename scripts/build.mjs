// Everything that `npm ci` builds, in order: TypeScript (unchecked, for the rows) → generated sources → kernels → TypeScript.
// `node scripts/build.mjs [generate|native|wasm|ts|modules]` runs one step; with `--unchecked` types are left to `npm run check`, as at an installation.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Built } from './built.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const args = process.argv.slice(2).filter((arg) => arg !== '--unchecked');
const checking = process.argv.includes('--unchecked') ? ['--noCheck'] : [];
const tsc = (...flags) =>
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', ...flags], { stdio: 'inherit' });

const steps = {
  async generate() {
    try {
      tsc('-p', '.', '--noCheck');
    } catch {
      // Unresolved imports of what is about to be generated.
    }
    await (await import('./generate.mjs')).generate();
  },
  /** What tests of modules need, as soon as it can be had (`npm run dev`). */
  async modules() {
    const before = generatedTexts();
    await steps.generate();
    await steps.native();
    if (generatedTexts() !== before) tsc('-p', '.', '--noCheck');
    (await import('./finish.mjs')).finish();
  },
  async native() {
    await (await import('./build-native.mjs')).buildNative();
  },
  async wasm() {
    await (await import('./build-wasm.mjs')).buildWasm();
  },
  async ts() {
    tsc('-p', '.', ...checking);
    (await import('./declarations.mjs')).writeDeclarations();
    (await import('./publish-types.mjs')).publishTypes();
    await (await import('./convert-library.mjs')).writeConvertLibrary();
    // An installed package carries none of these.
    for (const folder of ['examples', 'conformance']) if (existsSync(folder)) tsc('-p', folder, ...checking);
    (await import('./finish.mjs')).finish();
    await (await import('./build-browser.mjs')).buildBrowser();
    await (await import('./build-node.mjs')).buildNode();
  },
};

const [only] = args;
if (only !== undefined && !(only in steps)) {
  console.error(`unknown step '${only}'; the steps are ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}
function generatedTexts() {
  if (!existsSync('src/generated')) return '';
  const names = readdirSync('src/generated', { recursive: true }).filter((name) => name.endsWith('.ts'));
  return names.map((name) => readFileSync(`src/generated/${name}`, 'utf8')).join('\n');
}

const built = new Built('build/built', {
  sources: [
    ...['src', 'kernels', 'examples', 'conformance', 'scripts', 'docs/kernels.md'],
    ...['tsconfig.json', 'package.json', 'package-lock.json'],
  ],
  results: ['dist', 'src/generated', 'kernels/generated'],
  // Engines have a cache of their own.
  isResult: (file) => !/\.(node|wasm)$/.test(file),
});

// An installed package carries dist/ and no sources: only the kernels can be built.
if (only === 'native') await steps.native();
else if (existsSync('src') && only !== undefined) await steps[only]();
else if (existsSync('src')) {
  const isFresh = built.isFresh();
  if (isFresh) console.log('flambeau: TypeScript is built of these sources.');
  for (const name of isFresh ? ['native', 'wasm'] : ['generate', 'native', 'wasm', 'ts']) await steps[name]();
  if (!isFresh) built.remember();
}
