import { COMMAND_WORDS, type WasmEngine } from './engine.js';

/** Starts the engine from WebAssembly; `read` gives the bytes of a file of the package. */
export function wasmEngine(read: (name: string) => Uint8Array<ArrayBuffer>): WasmEngine {
  const module = new WebAssembly.Module(read('flambeau.wasm'));
  const instance = new WebAssembly.Instance(module, {});
  const exports = instance.exports as unknown as {
    memory: WebAssembly.Memory;
    words(): number;
    run(): number;
    allocate(nbytes: number): number;
    release(address: number): void;
    _initialize(): void;
  };
  exports._initialize();
  return new Wasm(exports.memory, exports.words(), exports.run, exports.allocate, exports.release);
}

class Wasm implements WasmEngine {
  readonly kind = 'wasm';
  readonly isa = 'simd128';
  words!: Float64Array;
  bits!: BigInt64Array;
  bytes!: Uint8Array;
  #buffer: ArrayBufferLike | undefined;

  constructor(
    readonly memory: WebAssembly.Memory,
    private readonly at: number,
    private readonly runCommand: () => number,
    private readonly allocateBytes: (nbytes: number) => number,
    readonly free: (address: number) => void,
  ) {
    this.refresh();
  }

  run(): number {
    const status = this.runCommand();
    if (this.memory.buffer !== this.#buffer) this.refresh();
    return status;
  }

  allocate(nbytes: number): number {
    // Addresses have 32 bits, and WebAssembly takes a larger number modulo 2^32.
    if (nbytes >= 2 ** 32) return 0;
    const address = this.allocateBytes(nbytes) >>> 0;
    if (this.memory.buffer !== this.#buffer) this.refresh();
    return address;
  }

  threads(): number {
    return 1;
  }

  setThreads(_n: number): void {}

  /** Growing the memory detaches every view on it. */
  private refresh(): void {
    const buffer = this.memory.buffer;
    this.#buffer = buffer;
    this.words = new Float64Array(buffer, this.at, COMMAND_WORDS);
    this.bits = new BigInt64Array(buffer, this.at, COMMAND_WORDS);
    this.bytes = new Uint8Array(buffer, this.at, COMMAND_WORDS * 8);
  }
}
