/** The packages of a release (scripts/release): what the library does with and without the one for its platform. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBinary } from '../scripts/release/binary.mjs';
import { packageOf, writeLibrary, writePlatform } from '../scripts/release/packages.mjs';
import { targets } from '../scripts/targets.mjs';

const addon = fileURLToPath(new URL('../dist/flambeau.node', import.meta.url));
const isBuilt = existsSync(addon);
/** The platform that this machine's engine stands for, whatever it was compiled for. */
const own = targets.find(({ os, arch }) => os === process.platform && arch === process.arch)!;

describe.runIf(isBuilt && own)('packages of a release', { timeout: 120_000 }, () => {
  const project = mkdtempSync(join(tmpdir(), 'flambeau-packages-'));
  const library = join(project, 'node_modules/flambeau');
  const platform = join(project, 'node_modules', packageOf(own));

  beforeAll(() => {
    writeLibrary(targets, library);
    writeFileSync(
      join(project, 'main.mjs'),
      "import * as torch from 'flambeau';\nconsole.log(torch.ones(2).add(1).tolist().join(), torch.backends.cpu.engine());\n",
    );
  }, 120_000);
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  const runProgram = (...args: string[]) =>
    promisify(execFile)(process.execPath, args, {
      cwd: project,
      env: { ...process.env, FLAMBEAU_CPU: '', FLAMBEAU_ADDON: '' },
    });
  async function run(...options: string[]) {
    const { stdout, stderr } = await runProgram(...options, 'main.mjs');
    return { stdout: stdout.trim(), warnings: stderr.match(/.*FLAMBEAU_CPU=wasm chooses.*/g) ?? [] };
  }
  const on = (name: string, value: string) => [
    '--import',
    `data:text/javascript,Object.defineProperty(process, '${name}', { value: '${value}' })`,
  ];

  it('the library names one for each platform, of its own version, and has no engine for any machine', () => {
    const manifest = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'));
    expect(Object.keys(manifest.optionalDependencies)).toEqual(targets.map(packageOf));
    expect(new Set(Object.values(manifest.optionalDependencies))).toEqual(new Set([manifest.version]));
    expect(manifest).not.toHaveProperty('devDependencies');
    expect(manifest).not.toHaveProperty('scripts');
    expect(existsSync(join(library, 'dist/flambeau.node'))).toBe(false);
  });

  it('no map leads to sources that are not there', () => {
    const files = readdirSync(join(library, 'dist'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => name.endsWith('.map'))).toEqual([]);
    const leading = files.filter(
      (name) =>
        /\.(js|cjs)$/.test(name) &&
        readFileSync(join(library, 'dist', name), 'utf8').includes('\n//# sourceMappingURL='),
    );
    expect(leading).toEqual([]);
  });

  it('without its platform’s the library runs on WebAssembly, and says once what is not installed', async () => {
    const { stdout, warnings } = await run();
    expect(stdout).toBe('2,2 wasm');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`${packageOf(own)}`);
    expect(warnings[0]).toContain('is not installed: npm leaves it out with --omit=optional');
  });

  it('where there is none for a platform it says so', async () => {
    const { stdout, warnings } = await run(...on('arch', 'riscv64'));
    expect(stdout).toBe('2,2 wasm');
    expect(warnings).toEqual([expect.stringContaining(`there is none for ${process.platform} on riscv64`)]);
  });

  it('with its platform’s it runs natively, and says nothing', async () => {
    writePlatform(own, addon, platform);
    expect(await run()).toEqual({ stdout: '2,2 native', warnings: [] });
    expect(JSON.parse(readFileSync(join(platform, 'package.json'), 'utf8'))).toMatchObject({
      os: [process.platform],
      cpu: [process.arch],
    });
  });

  it('an engine that does not load is told with a remedy', async () => {
    writeFileSync(join(platform, 'flambeau.node'), 'no engine');
    const { stdout, warnings } = await run();
    expect(stdout).toBe('2,2 wasm');
    expect(warnings).toEqual([
      expect.stringMatching(
        /the native engine does not load \(.+\).*`node node_modules\/flambeau\/scripts\/build\.mjs native` builds it anew/,
      ),
    ]);
    rmSync(platform, { recursive: true });
  });

  it('an engine that was built in the library’s folder comes first', async () => {
    cpSync(addon, join(library, 'dist/flambeau.node'));
    mkdirSync(platform, { recursive: true });
    writeFileSync(join(platform, 'flambeau.node'), 'no engine');
    expect(await run()).toEqual({ stdout: '2,2 native', warnings: [] });
  });

  it('an archive of data asks for `tar` before anything is fetched, and progress does without `cli-progress`', async () => {
    writeFileSync(
      join(project, 'optional.mjs'),
      `import * as torch from 'flambeau';
import { datasets } from 'flambeau/vision';
const progress = await torch.utils.ProgressBar.start(2, { description: 'epoch' });
progress.advance(2);
progress.stop();
let fetched = 0;
globalThis.fetch = async () => { fetched++; throw new Error('fetched'); };
const error = await datasets.CIFAR10.open('data', { download: true }).catch((error) => error);
console.log(error.message, fetched);
`,
    );
    const { stdout } = await runProgram('optional.mjs');
    expect(stdout).toContain(
      'unpacking a data set\'s archive needs the package "tar": run `npm install tar`',
    );
    expect(stdout.trim()).toMatch(/ 0$/);
  });

  it('an engine shows the system what Node calls, and nothing else', () => {
    const { exports, imports, libraries } = readBinary(readFileSync(addon));
    expect(exports).toEqual(['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
    expect(imports).toContain('napi_create_function');
    if (process.platform === 'linux') expect(libraries).toContainEqual(expect.stringMatching(/^libc\./));
  });
});
