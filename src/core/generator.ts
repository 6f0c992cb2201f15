import type { Storage, StridedView } from '../backends/backend.js';
import { cpuBackend } from './backends.js';
import { uint8 } from './dtype.js';
import { RuntimeError } from './errors.js';

/** Bytes of the generator's state; its layout is that of kernels/mt19937.h. */
const STATE_BYTES = 2528;
/** Where the count of a device's stream is saved: the last 8 bytes, which mt19937.h does not use. */
const BLOCKS_AT = 2520;

/**
 * A source of random numbers (Mersenne Twister, PyTorch's CPU streams to the bit).
 *
 * @example
 * const g = new torch.Generator().manualSeed(0);
 * torch.rand(2, { generator: g }); // tensor([0.4963, 0.7682])
 */
export class Generator implements StridedView {
  /** @internal The state, seen as a view so that kernels can take it. */
  readonly dtype = uint8;
  readonly shape = [STATE_BYTES];
  readonly strides = [1];
  readonly offset = 0;
  private memory: Storage | null = null;
  private seed = 67280421310721n;
  /** Blocks of words that devices with a stream of their own have drawn. */
  private blocks = 0;

  /** @internal */
  get storage(): Storage {
    return this.ready().memory!;
  }

  /** @internal Makes the state if there is none yet. */
  ready(): this {
    if (this.memory === null) this.manualSeed(this.seed);
    return this;
  }

  /** Starts the stream that belongs to this seed; returns the generator. */
  manualSeed(seed: number | bigint): this {
    if (typeof seed === 'number' && !Number.isInteger(seed))
      throw new RuntimeError(`manual_seed expected a long, but got ${seed}`);
    const value = BigInt(seed);
    if (value < -(2n ** 63n) || value >= 2n ** 64n) throw new RuntimeError('Overflow when unpacking long');
    this.seed = BigInt.asUintN(64, value);
    this.blocks = 0;
    this.memory ??= cpuBackend().allocate(STATE_BYTES);
    // The stream depends on the low 32 bits only.
    cpuBackend().kernels.random_seed(this, Number(this.seed & 0xffffffffn));
    return this;
  }

  /** The seed last set. */
  initialSeed(): bigint {
    return this.seed;
  }

  /** @internal Takes so many blocks of a device's stream; returns the number of the first. */
  advance(count: number): number {
    const first = this.blocks;
    this.blocks += count;
    return first;
  }

  /** @internal A copy of the state. */
  save(): Uint8Array {
    const { buffer, byteOffset } = this.storage.host()!;
    const state = new Uint8Array(buffer, byteOffset, STATE_BYTES).slice();
    new DataView(state.buffer).setFloat64(BLOCKS_AT, this.blocks, true);
    return state;
  }

  /** @internal */
  restore(state: Uint8Array): void {
    const { buffer, byteOffset } = this.storage.host()!;
    new Uint8Array(buffer, byteOffset, STATE_BYTES).set(state);
    this.blocks = new DataView(state.buffer, state.byteOffset).getFloat64(BLOCKS_AT, true);
  }
}

/** The generator that random functions use unless given one. */
export const defaultGenerator = new Generator();
