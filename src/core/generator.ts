import type { Storage } from '../backends/backend.js';
import { cpuBackend } from './backends.js';
import { Device, type DeviceLike, toDevice } from './device.js';
import { uint8 } from './dtype.js';
import { RuntimeError } from './errors.js';
import { libraryClass } from './object.js';

/** Bytes of the generator's state; its layout is that of kernels/mt19937.h. */
const STATE_BYTES = 2528;
/** Where the count of a device's stream is saved: the last 8 bytes, which mt19937.h does not use. */
const BLOCKS_AT = 2520;

/**
 * A source of random numbers for tensors of one device: the CPU's Mersenne Twister (PyTorch's streams to the bit), or Philox for
 * WebGPU.
 *
 * @example
 * const g = new torch.Generator().manualSeed(0);
 * torch.rand(2, { generator: g }); // tensor([0.4963, 0.7682])
 */
export class Generator {
  /** @internal The state, seen as a view so that kernels can take it. */
  readonly dtype = uint8;
  /** @internal */
  readonly shape = [STATE_BYTES];
  /** @internal */
  readonly strides = [1];
  /** @internal */
  readonly offset = 0;
  private memory: Storage | null = null;
  private seeded = 67280421310721n;
  /** Blocks of words that devices with a stream of their own have drawn. */
  private blocks = 0;
  /** Where the tensors live that it is for. */
  readonly device: Device;

  /** @param device default: the CPU */
  constructor(device: DeviceLike | { readonly device?: DeviceLike } = 'cpu') {
    const named = typeof device === 'string' || device instanceof Device ? device : (device.device ?? 'cpu');
    this.device = toDevice(named);
  }

  /** @internal */
  get storage(): Storage {
    return this.ready().memory!;
  }

  /** @internal Makes the state if there is none yet. */
  ready(): this {
    if (this.memory === null) this.manualSeed(this.seeded);
    return this;
  }

  /** Starts the stream that belongs to this seed; returns the generator. */
  manualSeed(seed: number | bigint): this {
    if (typeof seed === 'number' && !Number.isInteger(seed))
      throw new RuntimeError(`manual_seed expected a long, but got ${seed}`);
    const value = BigInt(seed);
    if (value < -(2n ** 63n) || value >= 2n ** 64n) throw new RuntimeError('Overflow when unpacking long');
    this.seeded = BigInt.asUintN(64, value);
    this.blocks = 0;
    this.memory ??= cpuBackend().allocate(STATE_BYTES);
    // The stream depends on the low 32 bits only.
    cpuBackend().kernels.random_seed(this, Number(this.seeded & 0xffffffffn));
    return this;
  }

  /** Seeds it by chance; returns the seed. */
  seed(): bigint {
    const [words] = crypto.getRandomValues(new BigUint64Array(1));
    this.manualSeed(words);
    return words;
  }

  /** The seed last set. */
  initialSeed(): bigint {
    return this.seeded;
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

libraryClass(Generator, { shown: [] });

/** The generator that random functions use unless given one, on every device. */
export const defaultGenerator = new Generator();
