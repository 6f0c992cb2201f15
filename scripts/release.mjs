// `npm run release`: builds every package of a release, tries them as their users will have them, and publishes them.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { emulated } from './release/emulation.mjs';
import { compileFor, complaintsOf } from './release/engines.mjs';
import { packageOf, readManifest, writeLibrary, writePlatform } from './release/packages.mjs';
import { publish, tarballsOf, writeChecksums } from './release/publish.mjs';
import { startRegistry } from './release/registry.mjs';
import { check, trial } from './release/trial.mjs';
import { targets } from './targets.mjs';

const usage = `usage: npm run release -- [options]

  --dry-run        builds and tries all packages, and publishes none
  --targets NAMES  only these: ${targets.map(({ name }) => name).join(', ')} (with --dry-run alone)
  --packages DIR   publishes what a dry run left there, and builds nothing
  --out DIR        where packages, checksums and the list of parts are left (default: out/release)
  --help           shows this`;

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const { values: options } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    targets: { type: 'string' },
    packages: { type: 'string' },
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
if (options['dry-run'] && options.packages) fail('--packages publishes: it is no dry run');
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

if (options.packages) {
  publishAll(resolve(options.packages));
  process.exit(0);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'packages'), { recursive: true });
if (!existsSync(join(tools, 'node_modules'))) npm(['ci', '--no-audit', '--no-fund'], tools);

step('engines');
for (const target of chosen) {
  const engine = `build/release/${target.name}/flambeau.node`;
  await compileFor(target, tools, engine).catch((error) => fail(error.message));
  const complaints = complaintsOf(target, engine);
  if (complaints.length > 0)
    fail(`the engine for ${target.name} does not run everywhere there: ${complaints.join(', ')}`);
  writePlatform(target, engine, join(out, 'packages', target.name));
  console.log(`  ${packageOf(target)}  ${(statSync(engine).size / 2 ** 20).toFixed(1)} MiB`);
}

step('packages');
const library = join(out, 'packages', 'flambeau');
writeLibrary(targets, library);
const folders = [...chosen.map(({ name }) => join(out, 'packages', name)), library];
for (const folder of folders) npm(['pack', '--silent', '--pack-destination', out], folder);
writeChecksums(out);
for (const name of tarballsOf(out))
  console.log(`  ${name}  ${(statSync(join(out, name)).size / 2 ** 20).toFixed(1)} MiB`);

step('trial');
const registry = await startRegistry(tools);
try {
  const here = ['--userconfig', registry.settings];
  publish(out, ...here);
  if (publish(out, ...here).length > 0) fail('packages are published twice');
  writeFileSync(join(out, 'sbom.cdx.json'), partsOf(library, here));
  const asked = [...here, `flambeau@${version}`];
  console.log(`  ${check(trial(asked), 'native')}`);
  // On other machines there is the library alone: WebAssembly runs, and says so once.
  const elsewhere = trial(['--omit=optional', ...asked]);
  const warnings = elsewhere.said.match(/is not installed/g) ?? [];
  if (warnings.length !== 1)
    fail(`without a platform's package there is not one warning:\n${elsewhere.said}`);
  console.log(`  ${check(elsewhere, 'wasm')}, after one warning`);
  for (const { name, os, arch, libc } of chosen) {
    if (os === process.platform && arch === process.arch && libc !== 'musl') continue;
    const place = [`--os=${os}`, `--cpu=${arch}`, ...(libc ? [`--libc=${libc}`] : [])];
    const tried = emulated(name, (runner) => check(trial([...place, ...asked], runner), 'native'));
    console.log(`  ${name}, emulated: ${tried}`);
  }
} finally {
  registry.end();
}

if (options['dry-run']) console.log(`\nflambeau ${version}: ${out} has what a release would publish.`);
else publishAll(out);

function publishAll(folder) {
  step('publish');
  for (const name of publish(folder, '--provenance', '--access', 'public')) console.log(`  ${name}`);
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

/** A list of the library's parts in CycloneDX's form: itself, and the engines as a registry has them. */
function partsOf(folder, registry) {
  npm(['install', '--package-lock-only', '--omit', 'dev', '--omit', 'peer', ...registry], folder);
  const args = [
    'sbom',
    '--sbom-format',
    'cyclonedx',
    '--package-lock-only',
    '--omit',
    'dev',
    '--omit',
    'peer',
  ];
  const list = JSON.parse(
    execFileSync('npm', args, { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' }),
  );
  rmSync(join(folder, 'package-lock.json'));
  // They are not where this machine's registry had them.
  for (const component of list.components) component.externalReferences = [];
  return JSON.stringify(list, null, 2);
}
