// The engine's sources: what a build must know of them, whatever it builds.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** Flags of the language and its warnings, whatever an engine is compiled for. */
export const languageFlags = [
  '-std=c++20',
  // For generated headers; `-I` would put our math.h before the library's.
  '-iquotekernels',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-ffp-contract=off',
  '-fno-exceptions',
  '-fno-rtti',
  '-fvisibility=hidden',
  '-Wall',
  '-Wno-bitwise-conditional-parentheses',
  // Loops are marked vectorisable on principle.
  '-Wno-pass-failed',
  // Builtins are no constant expressions in an always-inline function that might be one.
  '-Wno-invalid-constexpr',
];

/** The text of every source and header of `kernels/`, by path. */
export function kernelFiles() {
  const files = {};
  for (const folder of ['kernels', 'kernels/generated'])
    for (const name of readdirSync(folder))
      if (/\.(cc|h)$/.test(name)) files[`${folder}/${name}`] = readFileSync(`${folder}/${name}`, 'utf8');
  return files;
}

/**
 * Names the engine that the library of this checkout can talk to: by the package's version, and by the commands' numbers and arguments and the instructions' numbers.
 * The WebAssembly file carries it, and the library asks for it.
 */
export function protocolOf(files) {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const numbers = ['kernels', 'opcodes', 'reductions'].map((name) => files[`kernels/generated/${name}.h`]);
  return `${version}-${createHash('sha256').update(numbers.join('')).digest('hex').slice(0, 12)}`;
}

/** A source and all that it includes, by path. */
export function closure(path, files, found = {}) {
  if (path in found || !(path in files)) return found;
  found[path] = files[path];
  const folder = path.slice(0, path.lastIndexOf('/'));
  for (const [, name] of files[path].matchAll(/^#include "([^"]+)"/gm))
    for (const from of new Set([folder, 'kernels'])) closure(`${from}/${name}`, files, found);
  return found;
}

/** Does jobs in as many lanes as there are, the largest first, so that none is left over at the end. */
export async function inLanes(count, jobs, size, lane) {
  const waiting = jobs.toSorted((a, b) => size(b) - size(a));
  const next = () => waiting.shift();
  await Promise.all(Array.from({ length: Math.min(count, jobs.length) }, () => lane(next)));
}
