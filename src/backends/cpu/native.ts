import { RuntimeError } from '../../core/errors.js';
import { protocol } from '../../generated/protocol.js';
import { isNode } from './collector.js';
import { COMMAND_WORDS, type NativeEngine } from './engine.js';
import { type NativeMemory, WatchedMemory } from './watched_memory.js';

/** Exports of dist/flambeau.node (kernels/native.cc). */
interface Addon extends Omit<NativeMemory, 'isStrict' | 'show'> {
  attach(words: ArrayBuffer): void;
  run(): number | undefined;
  address(buffer: ArrayBuffer | ArrayBufferView): number;
  map(file: number, offset: number, length: number): ArrayBuffer | undefined;
  show(address: number, nbytes: number): ArrayBuffer | undefined;
  threads(): number;
  setThreads(n: number): void;
  readonly protocol?: string;
  readonly isa: string;
  readonly sanitized: boolean;
}

/**
 * Gives the addon a command buffer of this thread's own.
 * @throws RuntimeError for the engine of another version, whose commands have other numbers
 */
export function nativeEngine(addon: unknown): NativeEngine {
  if ((addon as Addon).protocol !== protocol)
    throw new RuntimeError('it is the engine of another version of this library');
  const { attach, run, address, map, threads, setThreads, isa, sanitized } = addon as Addon;
  const buffer = new ArrayBuffer(COMMAND_WORDS * 8);
  attach(buffer);
  return {
    kind: 'native',
    isa,
    sanitized,
    words: new Float64Array(buffer),
    bits: new BigInt64Array(buffer),
    bytes: new Uint8Array(buffer),
    run: () => run() ?? 0,
    address,
    map: (file, offset, length) => map(file, offset, length) ?? null,
    threads,
    setThreads,
    watchedMemory(dead) {
      const memory = isNode() ? memoryOf(addon as Addon) : null;
      return memory === null ? null : new WatchedMemory(memory, dead);
    },
  };
}

/** Memory of the addon, if this host lets JavaScript see it: some allow no ArrayBuffer over memory but their own. */
function memoryOf({ allocate, free, show, detach, watch, unwatch, alive }: Addon): NativeMemory | null {
  const size = 64;
  const address = allocate(size);
  if (address === 0) return null;
  const buffer = show(address, size);
  if (buffer !== undefined) detach(buffer);
  free(address, size);
  if (buffer === undefined) return null;
  const isStrict = globalThis.process?.env.FLAMBEAU_STRICT_MEMORY === '1';
  return { isStrict, allocate, free, show: (at, nbytes) => show(at, nbytes)!, detach, watch, unwatch, alive };
}
