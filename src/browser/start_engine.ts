import type { WasmEngine } from '../backends/cpu/engine.js';
import {
  chosenSource,
  compileEngine,
  type EngineResponse,
  type InitOptions,
  wasmFile,
} from '../backends/cpu/engine_source.js';
import { hasRelaxedSimd } from '../backends/cpu/relaxed_simd.js';
import { webThreadProgram } from '../backends/cpu/thread_programs.js';
import { sharedMemory, startWasmEngine, type WasmThread, type WasmThreads } from '../backends/cpu/wasm.js';
import { RuntimeError } from '../core/errors.js';
import { request } from './fetched_files.js';

/** Fetches and starts the engine: with threads where the page is cross-origin isolated, since only there memory can be shared. */
export async function startEngine(options: InitOptions = {}): Promise<WasmEngine> {
  const isIsolated = globalThis.crossOriginIsolated === true;
  const memory = isIsolated ? sharedMemory() : null;
  const given = chosenSource(options, memory !== null);
  const module = await compileEngine(given ?? own(memory !== null), async (address) => {
    try {
      return (await request(address)) as EngineResponse;
    } catch (error) {
      if (given !== undefined) throw error;
      throw new RuntimeError(`${(error as Error).message}. ${elsewhere}`, { cause: error });
    }
  });
  const why = isIsolated
    ? 'memory cannot be shared here'
    : 'this page is not cross-origin isolated: it must be served with the headers Cross-Origin-Opener-Policy: same-origin and ' +
      'Cross-Origin-Embedder-Policy: require-corp';
  return startWasmEngine({
    module,
    memory,
    threads: memory === null ? why : webThreads(given !== undefined),
  });
}

const elsewhere =
  "If a bundler left the engine behind, give its address: import 'flambeau/lazy' and await init({ wasm }) (docs/bundlers.md)";

/** The engine beside this module. */
function own(threads: boolean): URL {
  try {
    // Written out, because bundlers look for this very form.
    if (hasRelaxedSimd())
      return threads
        ? new URL('../flambeau_relaxed_threads.wasm', import.meta.url)
        : new URL('../flambeau_relaxed.wasm', import.meta.url);
    return threads
      ? new URL('../flambeau_threads.wasm', import.meta.url)
      : new URL('../flambeau.wasm', import.meta.url);
  } catch (cause) {
    throw new RuntimeError(`a classic script does not know where ${wasmFile(threads)} is. ${elsewhere}`, {
      cause,
    });
  }
}

/** @param bundled whether files beside this module were left behind, as far as one can tell */
function webThreads(bundled: boolean): WasmThreads {
  const programs = bundled ? [fromText, fromFile] : [fromFile, fromText];
  return {
    // Browsers count hyperthreads, of which two share what the kernels use up.
    count: Math.max(1, Math.ceil((navigator.hardwareConcurrency ?? 1) / 2)),
    maySleep: 'DedicatedWorkerGlobalScope' in globalThis,
    start: (thread, lost) => startThread(thread, programs, lost),
  };
}

type Program = (name: string) => Worker;

/** Starts a worker by the first of the programs that does: policies and origins forbid one or the other, at once or by an event. */
function startThread(
  thread: WasmThread,
  [program, ...others]: readonly Program[],
  lost: (why: string) => void,
): void {
  const next = (why: string) => {
    if (others.length > 0) startThread(thread, others, lost);
    else lost(`workers cannot be started here${why && ` (${why})`}`);
  };
  try {
    const worker = program(`flambeau thread ${thread.index}`);
    const failed = ({ message }: ErrorEvent) => next(message ?? '');
    worker.addEventListener('error', failed, { once: true });
    worker.addEventListener('message', () => worker.removeEventListener('error', failed), { once: true });
    worker.postMessage(thread);
  } catch (error) {
    next((error as Error).message);
  }
}

const fromFile: Program = (name) =>
  new Worker(new URL('./wasm_thread.js', import.meta.url), { type: 'module', name });

const fromText: Program = (name) => {
  const url = URL.createObjectURL(new Blob([webThreadProgram], { type: 'text/javascript' }));
  return new Worker(url, { name });
};
