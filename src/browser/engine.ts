import type { WasmEngine } from '../backends/cpu/engine.js';
import {
  sharedMemory,
  startWasmEngine,
  type WasmThread,
  type WasmThreads,
  wasmFile,
} from '../backends/cpu/wasm.js';
import { RuntimeError } from '../core/errors.js';
import { request } from './files.js';

/**
 * Fetches and starts the engine: with threads where the page is cross-origin isolated, since only there memory can be shared, and
 * where so much of it can be had.
 */
export async function startEngine(): Promise<WasmEngine> {
  const memory = globalThis.crossOriginIsolated === true ? sharedMemory() : null;
  const isThreaded = memory !== null;
  // Written out, because bundlers look for this very form.
  const url = isThreaded
    ? new URL('../flambeau_threads.wasm', import.meta.url)
    : new URL('../flambeau.wasm', import.meta.url);
  const module = await compile(url, wasmFile(isThreaded));
  return startWasmEngine(module, isThreaded ? { ...webThreads(), memory } : undefined);
}

async function compile(url: URL, name: string): Promise<WebAssembly.Module> {
  const response = await request(url);
  const isServedAsWasm = response.headers.get('content-type')?.split(';')[0] === 'application/wasm';
  try {
    return isServedAsWasm
      ? await WebAssembly.compileStreaming(response)
      : await WebAssembly.compile(await response.arrayBuffer());
  } catch (cause) {
    throw new RuntimeError(
      `cannot compile ${name} from ${url}: ${(cause as Error).message}. It needs a browser whose WebAssembly has SIMD and ` +
        'atomics (Chrome 91, Firefox 89, Safari 16.4 or later), and a server that sends the file as it is',
      { cause },
    );
  }
}

function webThreads(): WasmThreads {
  return {
    // Browsers count hyperthreads, of which two share what the kernels use up.
    count: Math.max(1, Math.ceil((navigator.hardwareConcurrency ?? 1) / 2)),
    maySleep: 'DedicatedWorkerGlobalScope' in globalThis,
    start(thread: WasmThread) {
      startWorker(`flambeau thread ${thread.index}`).postMessage(thread);
    },
  };
}

function startWorker(name: string): Worker {
  try {
    return new Worker(new URL('./wasm_thread.js', import.meta.url), { type: 'module', name });
  } catch {
    // A program from elsewhere (the library may come from a content delivery network) cannot be a worker's own, but it can be
    // imported by one. Bundlers must not take this for another file.
    const program = `import ${JSON.stringify(import.meta.url.replace(/[^/]*$/, 'wasm_thread.js'))};`;
    const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
    return new Worker(url, { type: 'module', name });
  }
}
