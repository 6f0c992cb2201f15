// Builds the native engine, dist/flambeau.node, with the system's C++ compiler: every kernel source once per instruction set, the rest
// once. Only what changed is compiled. Without a compiler it says so, and WebAssembly carries the package.
import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

/** Compiled once, whatever the instruction set. */
const once = ['engine.cc', 'parallel.cc', 'host_native.cc', 'native.cc'];
/** For WebAssembly alone. */
const foreign = ['wasm.cc', 'host_wasm.cc', 'malloc_wasm.cc'];

/**
 * Compiled for the baseline alone: wider vectors gain these nothing (the engine takes what an instruction set lacks from the baseline).
 */
const portable = ['creation.cc', 'indexing.cc', 'scan.cc', 'selection.cc', 'sort.cc', 'random.cc'];

// Baseline comes first: of an inline function that several objects carry the linker keeps the first, and that must run anywhere.
const x64 = [
  { name: 'baseline', flags: ['-march=x86-64-v2'], needs: [] },
  { name: 'avx2', flags: ['-march=x86-64-v3'], needs: ['avx2', 'fma', 'bmi2'] },
  {
    name: 'avx512',
    flags: ['-march=x86-64-v4', '-mprefer-vector-width=512'],
    needs: ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'],
  },
];

/** The sets worth building here: what this machine cannot run is for packages made to travel (`--all`). */
function instructionSets(all) {
  if (process.arch === 'arm64') return [{ name: 'neon', flags: [] }];
  if (process.arch !== 'x64') return [{ name: 'baseline', flags: [] }];
  if (all || !existsSync('/proc/cpuinfo')) return x64;
  const features = readFileSync('/proc/cpuinfo', 'utf8').split(/\s+/);
  return x64.filter(({ needs }) => needs.every((feature) => features.includes(feature)));
}

const flags = [
  '-std=c++20',
  '-fPIC',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-ffp-contract=off',
  '-fno-exceptions',
  '-fno-rtti',
  '-fvisibility=hidden',
  '-fvisibility-inlines-hidden',
  '-Wall',
  '-DNODE_GYP_MODULE_NAME=flambeau',
];

/** What there is to build: the addon that users load, and one that watches every access to memory. */
const flavours = {
  release: {
    objects: 'build/obj',
    output: 'dist/flambeau.node',
    flags: ['-O3'],
    link: process.platform === 'darwin' ? [] : ['-static-libstdc++', '-static-libgcc'],
  },
  // The sanitizers' run-time libraries belong to the process that loads the addon: test-asan.mjs preloads them.
  sanitized: {
    objects: 'build/sanitized',
    output: 'build/sanitized/flambeau.node',
    flags: [
      '-O1',
      '-g1',
      '-fno-omit-frame-pointer',
      '-fsanitize=address,undefined',
      '-fno-sanitize-recover=undefined',
    ],
    link: ['-fsanitize=address,undefined'],
    baselineOnly: true,
  },
};

const run = promisify(execFile);

function runs(command, ...args) {
  try {
    execFileSync(command, [...args, '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The compiler, behind ccache where that is installed. */
function findCompiler() {
  const named = process.env.CXX?.trim();
  for (const name of named ? [named] : ['c++', 'g++', 'clang++']) {
    const [command, ...args] = name.split(/\s+/);
    if (!runs(command, ...args)) continue;
    return !named && runs('ccache') ? { command: 'ccache', args: [command] } : { command, args };
  }
  return undefined;
}

/** Whether the compiler makes programs with these flags: what they need may not be installed. */
function links({ command, args }, flags) {
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

const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** The newest change of a source and everything it includes, found once for each file. */
function newest(path, seen = new Map()) {
  if (seen.has(path)) return seen.get(path);
  seen.set(path, 0);
  let time = modified(path);
  if (time) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    for (const [, name] of readFileSync(path, 'utf8').matchAll(/^#include "([^"]+)"/gm))
      time = Math.max(time, newest(`${folder}/${name}`, seen));
  }
  seen.set(path, time);
  return time;
}

export async function buildNative() {
  const compiler = findCompiler();
  if (!compiler) {
    console.log(
      'flambeau: no C++ compiler found (c++, g++, clang++ or CXX); WebAssembly will be used instead.',
    );
    return;
  }
  try {
    await compileAll(compiler);
  } catch (error) {
    if (process.env.FLAMBEAU_VERBOSE) console.error(error.stderr ?? error);
    const reason = String(error.stderr ?? error.message).match(/.*error.*/i)?.[0] ?? 'it failed';
    console.log(
      `flambeau: the native engine does not compile (${reason.trim()}); WebAssembly will be used instead.`,
    );
  }
}

/** Compiles and links what is out of date. @returns the addon's path */
async function compileAll({ command, args }, flavour = flavours.release) {
  const { objects, output } = flavour;
  const include = createRequire(import.meta.url)('node-api-headers').include_dir;
  const all = [...args, ...flags, ...flavour.flags, `-I${include}`];
  const isas = instructionSets(process.argv.includes('--all')).slice(0, flavour.baselineOnly ? 1 : undefined);
  const tables = [
    `-DFLAMBEAU_ISA=${isas[0].name}`,
    ...isas.slice(1).map(({ name }) => `-DFLAMBEAU_WITH_${name}`),
  ];
  const sources = readdirSync('kernels').filter((f) => f.endsWith('.cc') && !foreign.includes(f));

  // Objects of other flags are of no use.
  const key = JSON.stringify([command, all, isas, tables]);
  if (!existsSync(`${objects}/flags`) || readFileSync(`${objects}/flags`, 'utf8') !== key) {
    rmSync(objects, { recursive: true, force: true });
    mkdirSync(objects, { recursive: true });
    writeFileSync(`${objects}/flags`, key);
  }
  const jobs = [];
  for (const isa of [{ name: 'once', flags: tables }, ...isas]) {
    mkdirSync(`${objects}/${isa.name}`, { recursive: true });
    for (const source of sources) {
      if (once.includes(source) !== (isa.name === 'once')) continue;
      if (portable.includes(source) && isa !== isas[0]) continue;
      const isaFlags = isa.name === 'once' ? isa.flags : [...isa.flags, `-DFLAMBEAU_ISA=${isa.name}`];
      if (source === 'table.cc' && isa !== isas[0]) isaFlags.push('-DFLAMBEAU_BORROWS');
      jobs.push({
        source: `kernels/${source}`,
        object: `${objects}/${isa.name}/${source.replace(/\.cc$/, '.o')}`,
        flags: isaFlags,
      });
    }
  }
  const seen = new Map();
  const stale = jobs.filter((job) => modified(job.object) < newest(job.source, seen));
  // The longest first, so that none is left over at the end.
  stale.sort((a, b) => statSync(b.source).size - statSync(a.source).size);
  const workers = Array.from({ length: Math.min(availableParallelism(), stale.length) }, async () => {
    for (let job = stale.shift(); job; job = stale.shift()) {
      const temporary = `${job.object}.new`;
      await run(command, [...all, ...job.flags, '-c', job.source, '-o', temporary]);
      renameSync(temporary, job.object);
    }
  });
  await Promise.all(workers);

  if (modified(output) > Math.max(...jobs.map((job) => modified(job.object)))) return output;
  mkdirSync(output.slice(0, output.lastIndexOf('/')), { recursive: true });
  const link =
    process.platform === 'darwin'
      ? ['-bundle', '-undefined', 'dynamic_lookup']
      : // nodelete: an addon loaded only by a worker thread would be unloaded at its end, under the feet of the pool's threads.
        ['-shared', '-pthread', '-Wl,-z,nodelete', '-Wl,--exclude-libs,ALL'];
  await run(command, [
    ...args,
    ...jobs.map((job) => job.object),
    ...link,
    ...flavour.link,
    '-o',
    `${output}.new`,
  ]);
  renameSync(`${output}.new`, output);
  return output;
}

/**
 * Builds the addon under AddressSanitizer and UBSan, for the baseline alone.
 *
 * @returns its path and the sanitizers' libraries, or null where no compiler has them
 */
export async function buildSanitized() {
  const compiler = process.platform === 'linux' ? findCompiler() : undefined;
  if (!compiler || !links(compiler, flavours.sanitized.link)) return null;
  const { command, args } = compiler;
  const library = (name) =>
    execFileSync(command, [...args, `-print-file-name=${name}`], { encoding: 'utf8' }).trim();
  return {
    addon: resolve(await compileAll(compiler, flavours.sanitized)),
    libraries: [library('libasan.so'), library('libubsan.so')],
  };
}

if (process.argv[1]?.endsWith('build-native.mjs')) await buildNative();
