import type { Block } from './block.js';
import type { WatchedMemory } from './watched_memory.js';

/**
 * The C++ engine as TypeScript sees it, native or as WebAssembly. A command is written into `words` (the protocol
 * stands in docs/architecture.md) and `run` carries it out.
 */
interface EngineBase {
  /** The instruction set the kernels run on: `'avx2'`, `'simd128'`. */
  readonly isa: string;
  /**
   * The command buffer, seen as float64, int64 and bytes; `words.length` is its capacity. Read these fields anew for every
   * command: they are replaced when WebAssembly's memory grows.
   */
  readonly words: Float64Array;
  readonly bits: BigInt64Array;
  readonly bytes: Uint8Array;
  /** Carries out the command in the buffer. Returns 0 or an error code whose details stand in `words`. */
  run(): number;
  /** How many threads a large kernel may use. */
  threads(): number;
  setThreads(n: number): void;
  /** How many threads there can be at most, where that is fewer than anyone may ask for. */
  readonly limit?: ThreadLimit | null;
  /**
   * A part of an open file as memory that is read when it is looked at, and whose changes stay here; null where that cannot be had. Absent where
   * nothing can.
   */
  map?(file: number, offset: number, length: number): ArrayBuffer | null;
}

export interface ThreadLimit {
  readonly threads: number;
  /** An obstacle, as the end of a sentence. */
  readonly why: string;
}

export interface NativeEngine extends EngineBase {
  readonly kind: 'native';
  /** Whether an address sanitizer watches: then every storage has memory of its own, without a byte to spare. */
  readonly sanitized: boolean;
  /** Byte address of the first byte; valid as long as the buffer lives and is not transferred. */
  address(buffer: ArrayBuffer | ArrayBufferView): number;
  /** Makes memory outside of JavaScript's heap for an allocator (watched_memory.ts); null where the host lets nobody see such memory, or does not collect for it. */
  watchedMemory(dead: (block: Block) => void): WatchedMemory | null;
}

export interface WasmEngine extends EngineBase {
  readonly kind: 'wasm';
  /** Where addresses point; `memory.buffer` is another object after the memory has grown. */
  readonly memory: WebAssembly.Memory;
  /**
   * For tests: when so many bytes have been asked for, what was not used meanwhile leaves linear memory; Infinity keeps everything there.
   * null: linear.ts decides.
   */
  readonly window: number | null;
  /** Address of uninitialised memory, 64-byte aligned; 0 when it cannot be had. */
  allocate(nbytes: number): number;
  /** Gives memory of `allocate` back. */
  free(address: number): void;
}

export type Engine = NativeEngine | WasmEngine;

/** Results of `run`. The codes are those of `Status` in kernels/kernel.h. */
export const EngineStatus = {
  ok: 0,
  indexOutOfRange: 1,
  divisionByZero: 2,
  classOutOfRange: 3,
  invalidProbability: 4,
  outOfMemory: 5,
} as const;

/** Words in the command buffer. */
export const COMMAND_WORDS = 1 << 14;
