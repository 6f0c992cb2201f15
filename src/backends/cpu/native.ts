import { RuntimeError } from '../../core/errors.js';
import { protocol } from '../../generated/protocol.js';
import { COMMAND_WORDS, type NativeEngine } from './engine.js';

/** Exports of dist/flambeau.node (kernels/native.cc). */
interface Addon {
  attach(words: ArrayBuffer): void;
  run(): number | undefined;
  address(buffer: ArrayBuffer | ArrayBufferView): number;
  map(file: number, offset: number, length: number): ArrayBuffer | undefined;
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
  };
}
