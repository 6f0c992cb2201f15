// `npm run release`: builds every package of a release, tries them as their users will have them, and publishes them.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileFor, complaintsOf } from './release/engines.mjs';
import { packageOf, readManifest, writeLibrary, writePlatform } from './release/packages.mjs';
import { startRegistry } from './release/registry.mjs';
import { check, trial } from './release/trial.mjs';
import { targets } from './targets.mjs';

const usage = `usage: npm run release -- [options]

  --dry-run        builds and tries all packages, and publishes none
  --targets NAMES  only these: ${targets.map(({ name }) => name).join(', ')} (with --dry-run alone)
  --engines DIR    takes engines that were built elsewhere: DIR/<platform>/flambeau.node
  --out DIR        where packages, checksums and the list of parts are left (default: out/release)
  --help           shows this`;

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const { values: options } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    targets: { type: 'string' },
    engines: { type: 'string' },
    out: { type: 'string', default: 'out/release' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(usage);
  process.exit(0);
}
const names = options.targets?.split(',') ?? targets.map(({ name }) => name);
const unknown = names.filter((name) => !targets.some((target) => target.name === name));
if (unknown.length > 0) fail(`unknown platform '${unknown[0]}'\n\n${usage}`);
if (!options['dry-run'] && options.targets) fail('a release has the engines of all platforms');
const chosen = targets.filter(({ name }) => names.includes(name));
const { version } = readManifest();
const out = resolve(options.out);
const tools = resolve('scripts/release');

if (!options['dry-run']) {
  const said = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  if (said('status', '--porcelain') !== '') fail('there are changes that are not committed');
  if (!said('tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`))
    fail(`this commit has no tag v${version}: git tag v${version}`);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'packages'), { recursive: true });
if (!existsSync(join(tools, 'node_modules'))) npm(['ci', '--no-audit', '--no-fund'], tools);

step('engines');
for (const target of chosen) {
  const built = options.engines && resolve(options.engines, target.name, 'flambeau.node');
  const engine = built ?? `build/release/${target.name}/flambeau.node`;
  if (!built) await compileFor(target, tools, engine);
  const complaints = complaintsOf(target, engine);
  if (complaints.length > 0)
    fail(`the engine for ${target.name} does not run everywhere there: ${complaints.join(', ')}`);
  writePlatform(target, engine, join(out, 'packages', target.name));
  console.log(`  ${packageOf(target)}  ${(statSync(engine).size / 2 ** 20).toFixed(1)} MiB`);
}

step('packages');
const library = join(out, 'packages', 'flambeau');
writeLibrary(targets, library);
// Platforms first: whoever installs the library meanwhile shall find its engine.
const folders = [...chosen.map(({ name }) => join(out, 'packages', name)), library];
for (const folder of folders) npm(['pack', '--silent', '--pack-destination', out], folder);
const tarballs = readdirSync(out).filter((name) => name.endsWith('.tgz'));
const sums = tarballs.map((name) => `${sha256(join(out, name))}  ${name}\n`);
writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
writeFileSync(join(out, 'sbom.cdx.json'), partsOf(library));
for (const name of tarballs)
  console.log(`  ${name}  ${(statSync(join(out, name)).size / 2 ** 20).toFixed(1)} MiB`);

step('trial');
const registry = await startRegistry(tools);
try {
  for (const folder of folders) npm(['publish', '--silent', '--userconfig', registry.settings], folder);
  const asked = ['--userconfig', registry.settings, `flambeau@${version}`];
  console.log(`  ${check(trial(...asked), 'native')}`);
  // On other machines there is the library alone: WebAssembly runs, and says so once.
  const elsewhere = trial('--omit=optional', ...asked);
  const warnings = elsewhere.said.match(/is not installed/g) ?? [];
  if (warnings.length !== 1)
    fail(`without a platform's package there is not one warning:\n${elsewhere.said}`);
  console.log(`  ${check(elsewhere, 'wasm')}, after one warning`);
} finally {
  registry.end();
}

if (options['dry-run']) console.log(`\nflambeau ${version}: ${out} has what a release would publish.`);
else {
  step('publish');
  for (const folder of folders) npm(['publish', '--provenance', '--access', 'public'], folder);
}

function step(name) {
  console.log(`\n${name}`);
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

function npm(args, cwd) {
  execFileSync('npm', args, {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
}

function sha256(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** A list of the library's parts in CycloneDX's form. */
function partsOf(folder) {
  return execFileSync(
    'npm',
    [
      'sbom',
      '--sbom-format',
      'cyclonedx',
      '--package-lock-only',
      '--omit',
      'dev',
      '--omit',
      'optional',
      '--omit',
      'peer',
    ],
    {
      cwd: folder,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    },
  );
}
