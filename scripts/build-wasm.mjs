// Builds the engine as WebAssembly, with LLVM as npm package @yowasp/clang: no toolchain of the system takes part. dist/flambeau.wasm runs anywhere, dist/flambeau_threads.wasm where
// memory can be shared, and each of them has a twin that multiplies and adds in one step, for hosts that know relaxed SIMD.
// Only what changed is compiled: objects and results are kept by the hash of what they are made of (cache.mjs).
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Cache, isBuilt, keyOf, writeBuilt } from './cache.mjs';
import { closure, inLanes, kernelFiles, languageFlags, protocolOf } from './kernels.mjs';
import { startProgress } from './progress.mjs';

/** Of the native engine alone. */
const foreign = ['native.cc', 'host_native.cc'];

const compileFlags = [
  ...languageFlags,
  '--target=wasm32-wasip1',
  '-O3',
  '-msimd128',
  // Valid without shared memory, too: both forms are linked from the same objects.
  '-matomics',
  '-mbulk-memory',
  '-DFLAMBEAU_ISA=simd128',
];
/**
 * Made small: sources that leave their work to the matrix product, or spell out their vectors, and are compiled for several types of elements
 * each, and such as wait for elements from here and there.
 */
const compact = [
  'cholesky.cc',
  'distances.cc',
  'fft.cc',
  'general_eigen.cc',
  'grid_sampler.cc',
  'group_norm.cc',
  'histogram.cc',
  'householder_product.cc',
  'householder_qr.cc',
  'lu.cc',
  'margin_loss.cc',
  'pad.cc',
  'pivoted_qr.cc',
  'resample.cc',
  'rms_norm.cc',
  'segment.cc',
  'short_products.cc',
  'svd.cc',
  'symmetric_eigen.cc',
  'triangular_solve.cc',
];
/** Sources that little but multiply-adds takes time in: the twins have them in a form of their own, and share all others. */
const fused = ['convolution.cc', 'convolution_weight.cc', 'matmul.cc', 'recurrence.cc'];

const flagsFor = (path) =>
  compact.includes(path.slice('kernels/'.length))
    ? compileFlags.map((flag) => (flag === '-O3' ? '-Os' : flag))
    : compileFlags;
const linkFlags = [
  '--target=wasm32-wasip1',
  '-mexec-model=reactor',
  // src/backends/cpu/wasm.ts makes the shared memory by the same figures.
  '-Wl,--initial-memory=4194304',
  '-Wl,--max-memory=4294967296',
  '-Wl,-z,stack-size=1048576',
  '-Wl,--strip-all',
];
const threads = [
  '-Wl,--shared-memory',
  '-Wl,--import-memory',
  // The C library was compiled without atomics; the one part of it that threads must not enter at once is wrapped.
  '-Wl,--no-check-features',
  ...['malloc', 'aligned_alloc', 'free'].map((name) => `-Wl,--wrap=${name}`),
  ...['__stack_pointer', '__wasm_init_tls'].map((name) => `-Wl,--export=${name}`),
];
const forms = {
  'flambeau.wasm': { isShared: false, isRelaxed: false },
  'flambeau_relaxed.wasm': { isShared: false, isRelaxed: true },
  'flambeau_threads.wasm': { isShared: true, isRelaxed: false },
  'flambeau_relaxed_threads.wasm': { isShared: true, isRelaxed: true },
};
/** Linked into the forms with threads alone. */
const threadsOnly = 'kernels/malloc_wasm.cc';

/** A section of a WebAssembly file that nobody but its readers knows. Its lengths must be below 128. */
function customSection(name, text) {
  const content = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from(text)]);
  return Buffer.concat([Buffer.from([0, content.length]), content]);
}

/** Runs clang++ in a virtual file system that holds `files`; returns the file it writes. */
async function clang(args, files, output) {
  const { commands, runLLVM } = await import('@yowasp/clang');
  // Without arguments it reads LLVM's files, and says nothing only if told so then.
  await runLLVM(null, {}, { fetchProgress() {} });
  const tree = {};
  for (const [path, content] of Object.entries(files)) {
    const parts = path.split('/');
    const name = parts.pop();
    let folder = tree;
    for (const part of parts) folder = folder[part] ??= {};
    folder[name] = content;
  }
  let messages = '';
  const decoder = new TextDecoder();
  const collect = (bytes) => {
    if (bytes) messages += decoder.decode(bytes, { stream: true });
  };
  try {
    const result = await commands['clang++']([...args, '-o', output], tree, {
      stdout: collect,
      stderr: collect,
    });
    if (messages) console.error(messages);
    return result[output];
  } catch (error) {
    throw new Error(messages || String(error));
  }
}

async function compileInWorker() {
  parentPort.on('message', async ({ path, flags, files }) => {
    try {
      parentPort.postMessage({ object: await clang([...flags, '-c', path], files, 'out.o') });
    } catch (error) {
      parentPort.postMessage({ error: error.message });
    }
  });
}

export async function buildWasm() {
  const files = kernelFiles();
  const { version } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.resolve('@yowasp/clang')), 'utf8'),
  );
  const protocol = protocolOf(files);
  const cache = new Cache();
  const jobs = Object.keys(files)
    .filter((path) => path.endsWith('.cc') && !foreign.includes(path.slice('kernels/'.length)))
    .flatMap((path) => {
      const needed = closure(path, files);
      const job = (isRelaxed, flags) => ({
        path,
        isRelaxed,
        flags,
        files: needed,
        key: keyOf(version, flags, path, needed),
        object: null,
      });
      const plain = job(false, flagsFor(path));
      return fused.includes(path.slice('kernels/'.length))
        ? [plain, job(true, [...plain.flags, '-mrelaxed-simd'])]
        : [plain];
    });
  const targets = Object.entries(forms).map(([name, { isShared, isRelaxed }]) => {
    const flags = [...linkFlags, ...(isShared ? threads : [])];
    const isFused = ({ path }) => isRelaxed && fused.includes(path.slice('kernels/'.length));
    const parts = jobs.filter(
      (job) => job.isRelaxed === isFused(job) && (isShared || job.path !== threadsOnly),
    );
    const key = keyOf(
      version,
      flags,
      protocol,
      parts.map((job) => job.key),
    );
    return { name, output: `dist/${name}`, flags, parts, key };
  });

  const stale = targets.filter(({ output, key }) => {
    if (isBuilt(output, key)) return false;
    const kept = cache.get(key);
    if (kept !== null) writeBuilt(output, key, kept);
    return kept === null;
  });
  if (stale.length === 0) return;

  for (const job of jobs) job.object = cache.get(job.key);
  const missing = jobs.filter(({ object }) => object === null);
  const size = (job) => job.files[job.path].length;
  const advance = startProgress('compiling the engine for WebAssembly', missing.length);
  await inLanes(availableParallelism(), missing, size, async (next) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: 'flambeau-wasm', stdout: false });
    try {
      for (let job = next(); job; job = next()) {
        worker.postMessage({ path: job.path, flags: job.flags, files: job.files });
        const [{ object, error }] = await once(worker, 'message');
        if (error) throw new Error(`${job.path}: ${error}`);
        job.object = object;
        cache.set(job.key, object);
        advance();
      }
    } finally {
      await worker.terminate();
    }
  });

  for (const { name, output, flags, parts, key } of stale) {
    const objects = Object.fromEntries(parts.map(({ object }, i) => [`${i}.o`, new Uint8Array(object)]));
    const linked = await clang([...flags, ...Object.keys(objects)], objects, name);
    const wasm = Buffer.concat([linked, customSection('flambeau', protocol)]);
    writeBuilt(output, key, wasm);
    cache.set(key, wasm);
  }
  cache.prune();
}

if (!isMainThread && workerData === 'flambeau-wasm') await compileInWorker();
else if (process.argv[1]?.endsWith('build-wasm.mjs')) await buildWasm();
