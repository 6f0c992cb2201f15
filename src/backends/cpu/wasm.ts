import { RuntimeError } from '../../core/errors.js';
import { COMMAND_WORDS, type ThreadLimit, type WasmEngine } from './engine.js';
import { policyError } from './wasm_policy.js';

/** Messages by which a thread joins the engine (wasm_thread.ts). */
export interface WasmThread {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly index: number;
  /** Where its own memory begins, for its thread-local variables and its stack. */
  readonly address: number;
  readonly nbytes: number;
}

/** Abilities that the platform has for the engine, where memory can be shared. */
export interface WasmThreads {
  readonly count: number;
  /** Whether this thread may sleep while others work: the main thread of a browser must not. */
  readonly maySleep: boolean;
  /**
   * Lets a worker join the engine (wasm_join.ts). It may begin later: until then the others do its share.
   * @param lost is to be called, at once or later, if it cannot begin
   */
  start(thread: WasmThread, lost: (why: string) => void): void;
}

export interface WasmHost {
  readonly module: WebAssembly.Module;
  /** Memory for a module that shares its own. */
  readonly memory?: WebAssembly.Memory | null;
  /** The start of threads, or the reason why there are none. */
  readonly threads: WasmThreads | string;
  /** `WasmEngine.window`. */
  readonly window?: number | null;
}

interface Exports {
  memory: WebAssembly.Memory;
  words(): number;
  run(): number;
  allocate(nbytes: number): number;
  release(address: number): void;
  threads(): number;
  setThreads(n: number): void;
  allowSleep(): void;
  _initialize(): void;
}

const PAGE = 2 ** 16;

/** Starts the engine from WebAssembly. */
export function wasmEngine(host: WasmHost): WasmEngine {
  const { module, memory } = prepare(host);
  const engine = new Wasm(host.threads, host.window ?? null);
  engine.begin(new WebAssembly.Instance(module, engine.imports(module, memory)), memory);
  return engine;
}

/** As `wasmEngine`, for threads that must not wait for the compiler. */
export async function startWasmEngine(host: WasmHost): Promise<WasmEngine> {
  const { module, memory } = prepare(host);
  const engine = new Wasm(host.threads, host.window ?? null);
  try {
    engine.begin(await WebAssembly.instantiate(module, engine.imports(module, memory)), memory);
  } catch (error) {
    throw (error instanceof WebAssembly.CompileError && policyError(error)) || error;
  }
  return engine;
}

function prepare({ module, memory = null }: WasmHost) {
  if (!sharesMemory(module)) return { module, memory: null };
  memory ??= sharedMemory();
  if (memory === null)
    throw new RuntimeError(
      'flambeau_threads.wasm needs shared memory, which cannot be had here: give flambeau.wasm as well',
    );
  return { module, memory };
}

/** Whether a module is the engine's form with threads. */
function sharesMemory(module: WebAssembly.Module): boolean {
  return WebAssembly.Module.imports(module).some(({ kind }) => kind === 'memory');
}

/**
 * Memory that threads can share, as scripts/build-wasm.mjs links it; less where so many addresses cannot be had, as on phones, and null
 * where none can be.
 */
export function sharedMemory(): WebAssembly.Memory | null {
  for (let maximum = 2 ** 32; maximum >= 2 ** 28; maximum /= 2)
    try {
      return new WebAssembly.Memory({ initial: 2 ** 22 / PAGE, maximum: maximum / PAGE, shared: true });
    } catch {
      // Less.
    }
  return null;
}

class Wasm implements WasmEngine {
  readonly kind = 'wasm';
  readonly isa = 'simd128';
  memory!: WebAssembly.Memory;
  free!: (address: number) => void;
  words!: Float64Array;
  bits!: BigInt64Array;
  bytes!: Uint8Array;
  limit: ThreadLimit | null = null;
  private exports!: Exports;
  #buffer: ArrayBufferLike | undefined;

  constructor(
    private readonly host: WasmThreads | string,
    readonly window: number | null,
  ) {
    if (typeof host === 'string') this.limit = { threads: 1, why: host };
  }

  imports(module: WebAssembly.Module, memory: WebAssembly.Memory | null): WebAssembly.Imports {
    const startThread = (index: number, address: number, nbytes: number): number => {
      // The thread that calls and those before this one are what there is.
      const lost = (why: string) => this.bound({ threads: index + 1, why });
      const { host } = this;
      if (memory === null || typeof host === 'string') return 0;
      try {
        host.start({ module, memory, index, address, nbytes }, lost);
      } catch (error) {
        lost((error as Error).message);
      }
      return this.limit !== null && this.limit.threads <= index + 1 ? 0 : 1;
    };
    return {
      host: { startThread, milliseconds: () => performance.now() },
      ...(memory !== null && { env: { memory } }),
    };
  }

  begin(instance: WebAssembly.Instance, memory: WebAssembly.Memory | null): void {
    this.exports = instance.exports as unknown as Exports;
    this.memory = memory ?? this.exports.memory;
    this.free = this.exports.release;
    this.exports._initialize();
    const { host } = this;
    if (memory === null)
      this.limit ??= { threads: 1, why: 'the engine was given in its form without threads, flambeau.wasm' };
    else if (typeof host !== 'string') {
      if (host.maySleep) this.exports.allowSleep();
      this.setThreads(host.count);
    }
    this.refresh();
  }

  private bound(limit: ThreadLimit): void {
    if (this.limit !== null && this.limit.threads <= limit.threads) return;
    this.limit = limit;
    this.setThreads(this.threads());
  }

  run(): number {
    const status = this.exports.run();
    if (this.memory.buffer !== this.#buffer) this.refresh();
    return status;
  }

  allocate(nbytes: number): number {
    // Addresses have 32 bits, and WebAssembly takes a larger number modulo 2^32.
    if (nbytes >= 2 ** 32) return 0;
    const address = this.exports.allocate(nbytes) >>> 0;
    if (this.memory.buffer !== this.#buffer) this.refresh();
    return address;
  }

  threads(): number {
    return this.exports.threads();
  }

  setThreads(n: number): void {
    this.exports.setThreads(Math.min(n, this.limit?.threads ?? n));
  }

  /** Growing the memory detaches every view on it, or leaves it short if the memory is shared. */
  private refresh(): void {
    const buffer = this.memory.buffer;
    const at = this.exports.words();
    this.#buffer = buffer;
    this.words = new Float64Array(buffer, at, COMMAND_WORDS);
    this.bits = new BigInt64Array(buffer, at, COMMAND_WORDS);
    this.bytes = new Uint8Array(buffer, at, COMMAND_WORDS * 8);
  }
}
