import { defaultThreads } from './cores.js';
import type { Engine } from './engine.js';
import { nativeEngine } from './native.js';
import { type WasmThread, wasmEngine } from './wasm.js';

// From src/ (under a test runner) and from dist/ alike.
const file = (name: string) => new URL(`../../../dist/${name}`, import.meta.url);

let engine: Engine | undefined;

/**
 * The engine of this thread: what FLAMBEAU_CPU names (`native` or `wasm`), else the native one where it was built, else
 * WebAssembly. FLAMBEAU_ADDON is the absolute path of another build of the native one. For tests, FLAMBEAU_WASM_WINDOW is
 * `WasmEngine.window`.
 */
export function loadEngine(): Engine {
  engine ??= load();
  return engine;
}

function load(): Engine {
  // Not `import 'node:…'`: this module must also load where there is no Node.
  const { createRequire } = process.getBuiltinModule('node:module');
  const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
  const choice = process.env.FLAMBEAU_CPU;
  if (choice && choice !== 'native' && choice !== 'wasm')
    throw new Error(`FLAMBEAU_CPU must be 'native' or 'wasm', not '${choice}'`);
  if (choice !== 'wasm') {
    const path =
      process.env.FLAMBEAU_ADDON || process.getBuiltinModule('node:url').fileURLToPath(file('flambeau.node'));
    if (choice === 'native' || existsSync(path)) {
      try {
        const require = createRequire(import.meta.url);
        return nativeEngine(require(path));
      } catch (error) {
        // Built for another machine or Node: WebAssembly does, unless the user insists.
        if (choice === 'native') throw error;
      }
    }
  }
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const start = (thread: WasmThread) => {
    const worker = new Worker(file('backends/cpu/wasm_thread.js'), {
      workerData: thread,
      execArgv: [],
      name: `flambeau thread ${thread.index}`,
    });
    // One that cannot start leaves its share to the others; of one that dies at work, the command that it worked for tells.
    worker.on('error', () => {});
    // The process may end while its threads wait.
    worker.unref();
  };
  const window = process.env.FLAMBEAU_WASM_WINDOW;
  return wasmEngine({
    ...(window && { window: Number(window) }),
    read: (name) => readFileSync(file(name)),
    threads: { count: defaultThreads(), maySleep: true, start },
  });
}
