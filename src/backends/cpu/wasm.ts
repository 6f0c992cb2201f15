import { COMMAND_WORDS, type WasmEngine } from './engine.js';

/** What a thread of the engine needs to join it (wasm_thread.ts). */
export interface WasmThread {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly index: number;
  /** Where its own memory begins, for its thread-local variables and its stack. */
  readonly address: number;
  readonly nbytes: number;
}

/** What the platform can do for the engine, where memory can be shared. */
export interface WasmThreads {
  readonly count: number;
  /** Whether this thread may sleep while others work: the main thread of a browser must not. */
  readonly maySleep: boolean;
  /** Lets a worker join the engine (wasm_join.ts). It may begin later: until then the others do its share. */
  start(thread: WasmThread): void;
}

export interface WasmHost {
  /** The bytes of a file of the package. */
  read(name: string): Uint8Array<ArrayBuffer>;
  readonly threads?: WasmThreads;
  /** `WasmEngine.window`. */
  readonly window?: number;
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

/** The file of the engine's form with threads, or without. */
export function wasmFile(threads: boolean): string {
  return threads ? 'flambeau_threads.wasm' : 'flambeau.wasm';
}

/** Starts the engine from WebAssembly; without threads where memory cannot be shared after all. */
export function wasmEngine({ read, threads, window }: WasmHost): WasmEngine {
  const memory = threads && sharedMemory();
  const module = new WebAssembly.Module(read(wasmFile(memory != null)));
  const { imports, begin } = prepare(module, memory && { ...threads!, memory }, window);
  return begin(new WebAssembly.Instance(module, imports));
}

/** As `wasmEngine`, for threads that must not wait for the compiler. */
export async function startWasmEngine(
  module: WebAssembly.Module,
  threads?: WasmThreads & { readonly memory: WebAssembly.Memory },
): Promise<WasmEngine> {
  const { imports, begin } = prepare(module, threads);
  return begin(await WebAssembly.instantiate(module, imports));
}

function prepare(
  module: WebAssembly.Module,
  threads: (WasmThreads & { readonly memory: WebAssembly.Memory }) | null | undefined,
  window?: number,
) {
  const host = {
    startThread(index: number, address: number, nbytes: number): number {
      if (!threads) return 0;
      try {
        threads.start({ module, memory: threads.memory, index, address, nbytes });
        return 1;
      } catch {
        return 0;
      }
    },
    milliseconds: () => performance.now(),
  };
  const begin = (instance: WebAssembly.Instance): WasmEngine => {
    const exports = instance.exports as unknown as Exports;
    exports._initialize();
    if (threads?.maySleep) exports.allowSleep();
    if (threads) exports.setThreads(threads.count);
    return new Wasm(threads?.memory ?? exports.memory, exports, !!threads, window ?? null);
  };
  return { imports: { host, ...(threads && { env: { memory: threads.memory } }) }, begin };
}

/**
 * Memory as scripts/build-wasm.mjs links it; less where so many addresses cannot be had, as on phones; null where none can be
 * shared at all.
 */
export function sharedMemory(): WebAssembly.Memory | null {
  for (let maximum = 2 ** 32; maximum >= 2 ** 28; maximum /= 2)
    try {
      return new WebAssembly.Memory({ initial: 2 ** 22 / PAGE, maximum: maximum / PAGE, shared: true });
    } catch {
      // Less may do.
    }
  return null;
}

class Wasm implements WasmEngine {
  readonly kind = 'wasm';
  readonly isa = 'simd128';
  readonly free: (address: number) => void;
  words!: Float64Array;
  bits!: BigInt64Array;
  bytes!: Uint8Array;
  #buffer: ArrayBufferLike | undefined;

  constructor(
    readonly memory: WebAssembly.Memory,
    private readonly exports: Exports,
    private readonly isThreaded: boolean,
    readonly window: number | null,
  ) {
    this.free = exports.release;
    this.refresh();
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
    if (this.isThreaded) this.exports.setThreads(n);
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
