// Engines for all platforms, compiled on whatever machine this is, and held against what each platform promises to have.
import { readFileSync } from 'node:fs';
import { zigCompiler } from '../compilers.mjs';
import { compileEngine } from '../native-engine.mjs';
import { instructionSetsOf } from '../targets.mjs';
import { readBinary } from './binary.mjs';

const flavour = { compile: ['-O3', '-fno-sanitize=undefined'], link: [] };

/** Compiles a platform's engine. @param tools where zig is installed */
export async function compileFor(target, tools, output) {
  try {
    await compileEngine(zigCompiler(tools, target), instructionSetsOf(target.arch), output, flavour);
  } catch (error) {
    // Zig compiles C++'s library for a link, and warns of it at length.
    const reasons = String(error.stderr ?? error.message).match(/^.*\berror: .*$/gm) ?? [error.message];
    throw new Error(`the engine for ${target.name} does not compile: ${reasons.slice(0, 5).join('\n')}`, {
      cause: error,
    });
  }
}

/** Every machine of a platform has these libraries, and the latest version of one that symbols may ask for. */
const promises = {
  glibc: {
    libraries: /^(lib(c|m|pthread|dl)\.so\.\d|ld-linux-[\w-]+\.so\.\d)$/,
    versions: /^GLIBC_2\.([0-9]|1[0-9]|2[0-8])(\.\d+)?$/,
  },
  musl: { libraries: /^libc\.(musl-\w+\.)?so(\.\d)?$/, versions: /^$/ },
  darwin: { libraries: /^\/usr\/lib\/libSystem\.B\.dylib$/, versions: /^macOS 1[01]\.\d+$/ },
  // The C library of Windows 10.
  win32: { libraries: /^(kernel32|ntdll|advapi32|api-ms-win-crt-[\w-]+|ucrtbase)\.dll$/i, versions: /^$/ },
};

/** Node calls these of an addon. */
const entries = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];

/** Says what an engine asks for that its platform may not have. @returns {string[]} empty, if it runs there */
export function complaintsOf({ os, libc }, path) {
  const { libraries, versions, exports } = readBinary(readFileSync(path));
  const promised = promises[libc ?? os];
  // Mach-O's names begin with the underscore that C's compilers put before them.
  const names = exports.map((name) => (os === 'darwin' ? name.slice(1) : name));
  return [
    ...libraries.filter((name) => !promised.libraries.test(name)).map((name) => `it loads ${name}`),
    ...versions.filter((name) => !promised.versions.test(name)).map((name) => `it asks for ${name}`),
    ...entries.filter((name) => !names.includes(name)).map((name) => `it lacks ${name}`),
    // macOS looks names up by library, so that there others do no harm.
    ...names.filter((name) => os !== 'darwin' && !entries.includes(name)).map((name) => `it shows ${name}`),
  ];
}
