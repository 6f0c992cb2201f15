// Builds the native engine for this machine, dist/flambeau.node, with the system's C++ compiler. Without one it says so, and WebAssembly
// carries the package.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { links, systemCompiler } from './compilers.mjs';
import { compileEngine } from './native-engine.mjs';
import { instructionSetsOf } from './targets.mjs';

/** Beside the addon that users load, one that watches every access to memory. */
const release = { compile: ['-O3'], link: [] };
// The sanitizers' run-time libraries belong to the process that loads the addon: test-asan.mjs preloads them.
const sanitized = {
  compile: [
    '-O1',
    '-g1',
    '-fno-omit-frame-pointer',
    '-fsanitize=address,undefined',
    '-fno-sanitize-recover=undefined',
  ],
  link: ['-fsanitize=address,undefined'],
};

/** The best set of instructions that this machine runs, where it can be known, else all that there are for its processor. */
function ownInstructions() {
  const all = instructionSetsOf(process.arch);
  if (!existsSync('/proc/cpuinfo')) return all;
  const features = readFileSync('/proc/cpuinfo', 'utf8').split(/\s+/);
  return all.filter(({ needs }) => needs.every((feature) => features.includes(feature))).slice(-1);
}

export async function buildNative() {
  const compiler = systemCompiler();
  if (!compiler) {
    console.log(
      'flambeau: no C++ compiler found (c++, g++, clang++ or CXX); WebAssembly will be used instead.',
    );
    return;
  }
  try {
    await compileEngine(compiler, ownInstructions(), 'dist/flambeau.node', release);
  } catch (error) {
    if (process.env.FLAMBEAU_VERBOSE) console.error(error.stderr ?? error);
    const reason = String(error.stderr ?? error.message).match(/.*error.*/i)?.[0] ?? 'it failed';
    console.log(
      `flambeau: the native engine does not compile (${reason.trim()}); WebAssembly will be used instead.`,
    );
  }
}

/**
 * Builds the addon under AddressSanitizer and UBSan, for the baseline alone.
 *
 * @returns its path and the sanitizers' libraries, or null where no compiler has them
 */
export async function buildSanitized() {
  const compiler = process.platform === 'linux' ? systemCompiler() : undefined;
  if (!compiler || !links(compiler, sanitized.link)) return null;
  const output = 'build/flambeau.sanitized.node';
  // The library of C++ stays the system's, which the sanitizers know.
  const watched = { ...compiler, link: [] };
  await compileEngine(watched, instructionSetsOf(process.arch).slice(0, 1), output, sanitized);
  const library = (name) =>
    execFileSync(compiler.command, [...compiler.args, `-print-file-name=${name}`], {
      encoding: 'utf8',
    }).trim();
  return { addon: resolve(output), libraries: [library('libasan.so'), library('libubsan.so')] };
}

if (process.argv[1]?.endsWith('build-native.mjs')) await buildNative();
