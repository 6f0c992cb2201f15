// Builds the native engine, dist/flambeau.node, with the system's C++ compiler: every kernel source once per instruction set, the rest
// once. Only what changed is compiled (cache.mjs). Without a compiler it says so, and WebAssembly carries the package.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Cache, isBuilt, keyOf, writeBuilt } from './cache.mjs';
import { closure, inLanes, kernelFiles } from './kernels.mjs';

/** Compiled once, whatever the instruction set. */
const once = ['engine.cc', 'parallel.cc', 'host_native.cc', 'native.cc'];
/** For WebAssembly alone. */
const foreign = ['wasm.cc', 'host_wasm.cc', 'malloc_wasm.cc'];

/**
 * Compiled for the baseline alone: wider vectors gain these nothing (the engine takes what an instruction set lacks from the baseline).
 */
const portable = [
  'creation.cc',
  'indexing.cc',
  'scan.cc',
  'selection.cc',
  'sort.cc',
  'random.cc',
  'distributions.cc',
];

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

/**
 * The sets to build. Packages made to travel (`--all`) have every one, a local build the best that this machine runs (where it does not
 * run the addon says so, and WebAssembly takes its place), and sanitizers watch the simplest.
 */
function instructionSets(all, flavour) {
  if (process.arch === 'arm64') return [{ name: 'neon', flags: [] }];
  if (process.arch !== 'x64') return [{ name: 'baseline', flags: [] }];
  if (flavour.baselineOnly) return x64.slice(0, 1);
  if (all || !existsSync('/proc/cpuinfo')) return x64;
  const features = readFileSync('/proc/cpuinfo', 'utf8').split(/\s+/);
  return x64.filter(({ needs }) => needs.every((feature) => features.includes(feature))).slice(-1);
}

const flags = [
  '-std=c++20',
  // For generated headers; `-I` would put our math.h before the library's.
  '-iquotekernels',
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

/** Targets of the build: the addon that users load, and one that watches every access to memory. */
const flavours = {
  release: {
    output: 'dist/flambeau.node',
    flags: ['-O3'],
    link: process.platform === 'darwin' ? [] : ['-static-libstdc++', '-static-libgcc'],
  },
  // The sanitizers' run-time libraries belong to the process that loads the addon: test-asan.mjs preloads them.
  sanitized: {
    output: 'build/flambeau.sanitized.node',
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

function findCompiler() {
  const named = process.env.CXX?.trim();
  for (const name of named ? [named] : ['c++', 'g++', 'clang++']) {
    const [command, ...args] = name.split(/\s+/);
    if (runs(command, ...args)) return { command, args };
  }
  return undefined;
}

/** All that an object depends on beside sources and flags: the compiler, the libraries that it finds, the C library. */
function toolchain({ command, args }) {
  const { stdout, stderr } = spawnSync(command, [...args, '-v'], { encoding: 'utf8' });
  const paths = ['CPATH', 'CPLUS_INCLUDE_PATH', 'LIBRARY_PATH', 'SDKROOT'].map((name) => process.env[name]);
  return [
    process.platform,
    process.arch,
    command,
    args,
    stdout,
    stderr,
    paths,
    process.report.getReport().header.glibcVersionRuntime,
  ];
}

/** Where Node-API's headers are: in a package of the checkout's, and beside Node where that was installed with them. */
function headers() {
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    const beside = join(dirname(process.execPath), '..', 'include', 'node');
    if (existsSync(`${beside}/node_api.h`)) return beside;
    throw new Error('error: no node_api.h: npm install node-api-headers');
  }
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
async function compileAll(compiler, flavour = flavours.release) {
  const { command, args } = compiler;
  const { output } = flavour;
  const include = headers();
  const all = [...flags, ...flavour.flags];
  const isas = instructionSets(process.argv.includes('--all'), flavour);
  const tables = [
    `-DFLAMBEAU_ISA=${isas[0].name}`,
    ...isas.slice(1).map(({ name }) => `-DFLAMBEAU_WITH_${name}`),
  ];
  const files = kernelFiles();
  const sources = Object.keys(files)
    .filter((path) => path.endsWith('.cc'))
    .map((path) => path.slice('kernels/'.length));
  const api = ['node_api.h', 'js_native_api.h'].map((name) => readFileSync(`${include}/${name}`, 'utf8'));
  const base = [toolchain(compiler), api];

  const jobs = [];
  for (const isa of [{ name: 'once', flags: tables }, ...isas])
    for (const source of sources) {
      if (foreign.includes(source) || once.includes(source) !== (isa.name === 'once')) continue;
      if (portable.includes(source) && isa !== isas[0]) continue;
      const own = isa.name === 'once' ? isa.flags : [...isa.flags, `-DFLAMBEAU_ISA=${isa.name}`];
      if (source === 'table.cc' && isa !== isas[0]) own.push('-DFLAMBEAU_BORROWS');
      const path = `kernels/${source}`;
      const key = keyOf(base, all, own, path, closure(path, files));
      jobs.push({ path, object: `${isa.name}-${source.replace(/\.cc$/, '.o')}`, flags: own, key });
    }
  const link =
    process.platform === 'darwin'
      ? ['-bundle', '-undefined', 'dynamic_lookup']
      : // nodelete: an addon loaded only by a worker thread would be unloaded at its end, under the feet of the pool's threads.
        ['-shared', '-pthread', '-Wl,-z,nodelete', '-Wl,--exclude-libs,ALL'];
  const linkFlags = [...link, ...flavour.link];
  const linked = keyOf(
    base,
    linkFlags,
    jobs.map(({ key }) => key),
  );

  if (isBuilt(output, linked)) return output;
  const cache = new Cache();
  const kept = cache.get(linked);
  if (kept !== null) {
    writeBuilt(output, linked, kept);
    return output;
  }
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-'));
  try {
    const missing = jobs.filter(({ object, key }) => {
      const bytes = cache.get(key);
      if (bytes !== null) writeFileSync(join(folder, object), bytes);
      return bytes === null;
    });
    const size = ({ path }) => files[path].length;
    await inLanes(availableParallelism(), missing, size, async (next) => {
      for (let job = next(); job; job = next()) {
        const object = join(folder, job.object);
        await run(command, [...args, ...all, ...job.flags, `-I${include}`, '-c', job.path, '-o', object]);
        cache.set(job.key, readFileSync(object));
      }
    });
    const addon = join(folder, 'flambeau.node');
    const objects = jobs.map(({ object }) => join(folder, object));
    await run(command, [...args, ...objects, ...linkFlags, '-o', addon]);
    const bytes = readFileSync(addon);
    writeBuilt(output, linked, bytes);
    cache.set(linked, bytes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  cache.prune();
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
