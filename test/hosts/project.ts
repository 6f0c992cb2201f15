/** Projects of other people's, which have the packages from tarballs. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeLibrary, writePlatform } from '../../scripts/release/packages.mjs';
import { targets } from '../../scripts/targets.mjs';

const execute = promisify(execFile);
const addon = fileURLToPath(new URL('../../dist/flambeau.node', import.meta.url));
const own = targets.find(({ os, arch }) => os === process.platform && arch === process.arch);

let tarballs: Promise<readonly string[]> | null = null;

/** Packs what a release would publish for this platform: the library, and the package of its engine. */
function pack(): Promise<readonly string[]> {
  tarballs ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flambeau-pack-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const packages = [join(folder, 'library')];
    const engines = own !== undefined && existsSync(addon) ? [own] : [];
    writeLibrary(engines, packages[0]);
    for (const target of engines) {
      packages.push(join(folder, target.name));
      writePlatform(target, addon, packages[1]);
    }
    await execute('npm', ['pack', '--silent', '--ignore-scripts', ...packages], { cwd: folder });
    return readdirSync(folder)
      .filter((name) => name.endsWith('.tgz'))
      .map((name) => join(folder, name));
  })();
  return tarballs;
}

export class Project {
  private written: string[] = [];
  /** Where the programs are that go before the system's. */
  private readonly programs: string[] = [];

  private constructor(readonly folder: string) {}

  /**
   * @param packages what npm installs beside the package
   * @param manifest more for package.json
   * @param node the version of Node that the project's tools run on, if not this one
   */
  static async create(packages: readonly string[], manifest: object = {}, node?: string): Promise<Project> {
    const folder = mkdtempSync(join(tmpdir(), 'flambeau-host-'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, ...manifest }));
    const project = new Project(folder);
    const options = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'];
    if (node !== undefined) {
      const name = `node-${process.platform}-${process.arch}`;
      await project.run('npm', 'install', ...options, `${name}@${node}`);
      project.programs.push(join(folder, 'node_modules', name, 'bin'));
    }
    await project.run('npm', 'install', ...options, ...(await pack()), ...packages);
    return project;
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
    this.written.push(name);
  }

  /** A program that is installed there, or the system's. */
  program(name: string): string {
    const own = join(this.folder, 'node_modules', '.bin', name);
    return existsSync(own) ? own : name;
  }

  /** Variables of what runs there: the tests' own settings are none of theirs. */
  environment(): NodeJS.ProcessEnv {
    const own = /^(FLAMBEAU_|VITEST|NODE_ENV$|NODE_OPTIONS$|TEST$|npm_|JEST_|CI$)/;
    const { PATH = '', ...others } = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !own.test(name)),
    );
    return {
      ...others,
      PATH: [join(this.folder, 'node_modules/.bin'), ...this.programs, PATH].join(delimiter),
      ASTRO_TELEMETRY_DISABLED: '1',
      NEXT_TELEMETRY_DISABLED: '1',
      NUXT_TELEMETRY_DISABLED: '1',
      WRANGLER_SEND_METRICS: 'false',
    } as NodeJS.ProcessEnv;
  }

  /** Takes the files away that were written, and what was made of them. */
  clear(): void {
    for (const name of [...this.written, 'out', '.next'])
      rmSync(join(this.folder, name), { recursive: true, force: true });
    this.written = [];
  }

  /** Runs a program there; what it says, on both streams. @throws Error with that if it fails */
  async run(command: string, ...args: string[]): Promise<string> {
    try {
      const { stdout, stderr } = await execute(command, args, {
        cwd: this.folder,
        maxBuffer: 1 << 26,
        env: this.environment(),
      });
      return stdout + stderr;
    } catch (error) {
      const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
      throw new Error(`${command} ${args.join(' ')}: ${message}\n${stdout}${stderr}`, { cause: error });
    }
  }

  /** Runs a program that is installed there. */
  tool(name: string, ...args: string[]): Promise<string> {
    return this.run(this.program(name), ...args);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Whether FLAMBEAU_HOSTS asks for something that takes long: it is `all`, or names it. */
export function isAskedFor(name: string): boolean {
  const asked = process.env.FLAMBEAU_HOSTS ?? '';
  return asked === 'all' || asked.split(',').includes(name);
}
