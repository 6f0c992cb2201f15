import { RuntimeError } from '../../core/errors.js';
import { findInstalled, findPackageFile, packageFile } from '../../core/package_files.js';
import { warn } from '../../core/warnings.js';
import { defaultThreads } from './cores.js';
import type { Engine } from './engine.js';
import {
  chosenSource,
  compileEngine,
  compileEngineSync,
  type InitOptions,
  wasmFile,
} from './engine_source.js';
import { nativeEngine } from './native.js';
import { nodeThreadProgram } from './thread_programs.js';
import { sharedMemory, startWasmEngine, type WasmThread, type WasmThreads, wasmEngine } from './wasm.js';

/** The file of the native engine, in this package's dist/ or in one for a platform. */
const addon = 'flambeau.node';

let engine: Engine | undefined;
let compiled: CompiledEngine | null = null;

/** The engine as WebAssembly, compiled once for all threads that are given it. */
export interface CompiledEngine {
  readonly module: WebAssembly.Module;
  /** Whether it is the one with threads. */
  readonly isShared: boolean;
}

/** The engine that this thread runs, for further threads; null for a native one, and for one that has not been loaded. */
export function compiledEngine(): CompiledEngine | null {
  return compiled;
}

/** Takes another thread's, for an engine that has not been loaded. */
export function takeCompiledEngine(from: CompiledEngine): void {
  compiled = from;
}

/**
 * The engine of this thread: what FLAMBEAU_CPU names (`native` or `wasm`), else the native one where it was built, else
 * WebAssembly. FLAMBEAU_ADDON is the absolute path of another build of the native one. For tests, FLAMBEAU_WASM_WINDOW is
 * `WasmEngine.window`.
 */
export function loadEngine(): Engine {
  engine ??= load();
  return engine;
}

/** Starts this thread's engine, WebAssembly where it is given, unless there is one already. */
export async function startEngine(options: InitOptions = {}): Promise<Engine> {
  const memory = sharedMemory();
  const source = chosenSource(options, memory !== null);
  if (engine !== undefined || source === undefined) return loadEngine();
  const module = await compileEngine(source, openAddress);
  const started = await startWasmEngine({ module, memory, threads: threads(memory) });
  if (engine === undefined) {
    engine = started;
    compiled = { module, isShared: memory !== null };
  }
  return engine;
}

async function openAddress(address: string | URL): Promise<Response | Uint8Array<ArrayBuffer>> {
  const isRemote = /^(https?|data|blob):/.test(String(address));
  if (isRemote) return fetch(address);
  const isUrl = typeof address === 'string' && address.startsWith('file:');
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  return readFile(isUrl ? new URL(address) : address);
}

function load(): Engine {
  const choice = process.env.FLAMBEAU_CPU;
  if (choice && choice !== 'native' && choice !== 'wasm')
    throw new Error(`FLAMBEAU_CPU must be 'native' or 'wasm', not '${choice}'`);
  if (choice !== 'wasm' && compiled === null) {
    const native = loadNative(choice === 'native');
    if (native !== null) return native;
  }
  const memory = sharedMemory();
  const isShared = memory !== null;
  if (compiled?.isShared !== isShared) compiled = { module: compilePackaged(wasmFile(isShared)), isShared };
  const { module } = compiled;
  const window = process.env.FLAMBEAU_WASM_WINDOW;
  return wasmEngine({ module, memory, threads: threads(memory), ...(window && { window: Number(window) }) });
}

function compilePackaged(name: string): WebAssembly.Module {
  const { readFileSync } = process.getBuiltinModule('node:fs');
  return compileEngineSync(readFileSync(packageFile(name)), name);
}

/** The addon; null where there is none or where it does not load, which is said once. */
function loadNative(isRequired: boolean): Engine | null {
  const { createRequire } = process.getBuiltinModule('node:module');
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  const named = process.env.FLAMBEAU_ADDON || undefined;
  const built = findPackageFile(addon);
  const paths = named ? [named] : (built ? [built] : platformAddons()).map((file) => fileURLToPath(file));
  const errors: unknown[] = [];
  for (const path of paths)
    try {
      return nativeEngine(createRequire(path)(path));
    } catch (error) {
      errors.push(error);
    }
  // Where the sources are, their build has said that it made none.
  if (errors.length === 0 && (isRequired || published().length > 0)) errors.push(notInstalled());
  if (isRequired) throw errors[0];
  const { isMainThread } = process.getBuiltinModule('node:worker_threads');
  // Threads would say the same again.
  if (isMainThread && errors.length > 0)
    warn(
      `the native engine does not load (${(errors[0] as Error).message.trim()}), so WebAssembly runs in its place, more slowly. ` +
        `${paths.length > 0 ? `${remedy(paths[0], named !== undefined)}; ` : ''}FLAMBEAU_CPU=wasm chooses WebAssembly without this warning`,
    );
  return null;
}

/** The packages that may have an addon for this machine, of which npm installs what fits. */
function platformPackages(): string[] {
  const name = `@flambeau/${process.platform}-${process.arch}`;
  return process.platform === 'linux' ? [`${name}-gnu`, `${name}-musl`] : [name];
}

/** Addons that were installed as packages. */
function platformAddons(): URL[] {
  return platformPackages()
    .map((name) => findInstalled(`${name}/${addon}`))
    .filter((file) => file !== null);
}

/** The packages with addons that were published with this one: none from the sources. */
function published(): string[] {
  const manifest = findPackageFile('../package.json');
  if (manifest === null) return [];
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { optionalDependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    optionalDependencies?: Record<string, string>;
  };
  return Object.keys(optionalDependencies).filter((name) => name.startsWith('@flambeau/'));
}

function notInstalled(): RuntimeError {
  const { platform, arch } = process;
  const all = published();
  const own = platformPackages().filter((name) => all.includes(name));
  if (all.length === 0)
    return new RuntimeError('it was not built: `npm run build:native` builds it, with a C++ compiler');
  return new RuntimeError(
    own.length === 0
      ? `there is none for ${platform} on ${arch}`
      : `${own.join(' or ')} is not installed: npm leaves it out with --omit=optional, and where node_modules or a lock file come from another system`,
  );
}

function remedy(path: string, isNamed: boolean): string {
  if (isNamed) return `FLAMBEAU_ADDON names ${path}`;
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  const { relative } = process.getBuiltinModule('node:path');
  const script = findPackageFile('../scripts/build.mjs');
  const reason = 'It may have been built for another machine, system or version';
  if (script === null) return `${reason} (${path})`;
  return `${reason}: \`node ${relative(process.cwd(), fileURLToPath(script))} native\` builds it anew, with a C++ compiler`;
}

function threads(memory: WebAssembly.Memory | null): WasmThreads | string {
  if (memory === null) return 'memory cannot be shared here';
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  return {
    count: defaultThreads(),
    maySleep: true,
    start(thread: WasmThread, lost) {
      const name = `flambeau thread ${thread.index}`;
      const worker = new Worker(nodeThreadProgram, { eval: true, workerData: thread, execArgv: [], name });
      // One that cannot start leaves its share to the others; of one that dies at work, the command that it worked for tells.
      worker.on('error', (error: unknown) => lost((error as Error).message));
      // The process may end while its threads wait.
      worker.unref();
    },
  };
}
