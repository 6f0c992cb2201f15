// Compiles the native engine: every kernel source once per instruction set, the rest once. Only what changed is compiled (cache.mjs).
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Cache, isBuilt, keyOf, writeBuilt } from './cache.mjs';
import { headerTexts, nodeHeaders } from './compilers.mjs';
import { closure, inLanes, kernelFiles, languageFlags } from './kernels.mjs';
import { startProgress } from './progress.mjs';

/** Compiled once, whatever the instruction set. */
const once = ['engine.cc', 'parallel.cc', 'host_native.cc', 'native.cc', 'node_api_windows.cc'];
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

const flags = [...languageFlags, '-fvisibility-inlines-hidden', '-DNODE_GYP_MODULE_NAME=flambeau'];

const ofSystem = {
  // Node-API's functions are called through pointers (kernels/node_api_windows.cc), as those of a library are.
  win32: { compile: [], once: ['-DNAPI_EXTERN=__declspec(dllimport)'], link: ['-shared'] },
  darwin: { compile: ['-fPIC'], link: [] },
};
const ofOthers = {
  compile: ['-fPIC'],
  // nodelete: an addon loaded only by a worker thread would be unloaded at its end, under the feet of the pool's threads.
  link: ['-shared', '-pthread', '-Wl,-z,nodelete', '-Wl,--version-script=kernels/exports.map'],
};

const run = promisify(execFile);

/**
 * Compiles and links what is out of date.
 *
 * @param {import('./compilers.mjs').Compiler} compiler
 * @param {{ name: string, flags: string[], cpu?: string }[]} isas the sets of instructions, the first of which runs wherever the engine does
 * @param {string} output the addon's path
 * @param {{ compile: string[], link: string[] }} flavour further flags
 */
export async function compileEngine(compiler, isas, output, flavour) {
  const { command, args, os, arch } = compiler;
  const system = ofSystem[os] ?? ofOthers;
  const include = nodeHeaders();
  const all = [...flags, ...system.compile, ...flavour.compile];
  const linkFlags = [...system.link, ...compiler.link, ...flavour.link];
  const tables = [
    `-DFLAMBEAU_ISA=${isas[0].name}`,
    ...isas.slice(1).map(({ name }) => `-DFLAMBEAU_WITH_${name}`),
  ];
  const files = kernelFiles();
  const sources = Object.keys(files)
    .filter((path) => path.endsWith('.cc'))
    .map((path) => path.slice('kernels/'.length));
  const base = [compiler.identity, headerTexts(include)];

  const jobs = [];
  for (const isa of [{ name: 'once' }, ...isas])
    for (const source of sources) {
      if (foreign.includes(source) || once.includes(source) !== (isa.name === 'once')) continue;
      if (portable.includes(source) && isa !== isas[0]) continue;
      const own =
        isa.name === 'once'
          ? [...tables, ...(system.once ?? [])]
          : [...compiler.march(isa), ...isa.flags, `-DFLAMBEAU_ISA=${isa.name}`];
      if (source === 'table.cc' && isa !== isas[0]) own.push('-DFLAMBEAU_BORROWS');
      const path = `kernels/${source}`;
      const key = keyOf(base, all, own, path, closure(path, files));
      jobs.push({ path, object: `${isa.name}-${source.replace(/\.cc$/, '.o')}`, flags: own, key });
    }
  const linked = keyOf(
    base,
    linkFlags,
    readFileSync('kernels/exports.map', 'utf8'),
    jobs.map(({ key }) => key),
  );

  if (isBuilt(output, linked)) return;
  const cache = new Cache();
  const kept = cache.get(linked);
  if (kept !== null) {
    writeBuilt(output, linked, kept);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-'));
  // Libraries that are compiled for a link say much.
  const options = { env: { ...process.env, ...compiler.env }, maxBuffer: 2 ** 28 };
  try {
    const missing = jobs.filter(({ object, key }) => {
      const bytes = cache.get(key);
      if (bytes !== null) writeFileSync(join(folder, object), bytes);
      return bytes === null;
    });
    const size = ({ path }) => files[path].length;
    const names = isas.map(({ name }) => name).join(', ');
    const advance = startProgress(
      `compiling the native engine for ${os} on ${arch} (${names})`,
      missing.length,
    );
    await inLanes(availableParallelism(), missing, size, async (next) => {
      for (let job = next(); job; job = next()) {
        const object = join(folder, job.object);
        await run(
          command,
          [...args, ...all, ...job.flags, `-I${include}`, '-c', job.path, '-o', object],
          options,
        );
        cache.set(job.key, readFileSync(object));
        advance();
      }
    });
    const addon = join(folder, 'flambeau.node');
    const objects = jobs.map(({ object }) => join(folder, object));
    await run(command, [...args, ...objects, ...linkFlags, '-o', addon], options);
    const bytes = readFileSync(addon);
    writeBuilt(output, linked, bytes);
    cache.set(linked, bytes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  cache.prune();
}
