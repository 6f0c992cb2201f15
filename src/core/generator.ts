import type { Storage } from '../backends/backend.js';
import { cpuBackend } from './backends.js';
import type { Device } from './device.js';
import { uint8 } from './dtype.js';
import { RuntimeError } from './errors.js';
import { libraryClass } from './object.js';
import { typeName } from './repr.js';
import { accepting, defineParameterType } from './signature/parameter_types.js';
import { type Arguments, signature } from './signature/signature.js';
import { takes } from './signature/takes.js';

/** Bytes of the generator's state; its layout is that of kernels/mt19937.h: words, position, the kept normal, seed. */
const STATE_BYTES = 2520;
const WORDS = 624;
const POSITION_AT = 4 * WORDS;
const HAS_NORMAL_AT = POSITION_AT + 4;
const NORMAL_AT = POSITION_AT + 8;

/**
 * PyTorch's state of a CPU generator, a C++ structure: the seed, how many words are left (1 where a new block is due) and which is next,
 * the words in 64 bits each, a normal variate that is kept, whether it is.
 */
const SAVED_BYTES = 5056;
const LEFT_AT = 8;
const SEEDED_AT = 12;
const NEXT_AT = 16;
const WORDS_AT = 24;
const KEPT_AT = WORDS_AT + 8 * WORDS + 8;
const IS_KEPT_AT = KEPT_AT + 16;
/** A number that PyTorch writes as 0 and does not read: here the count of a device's stream. */
const BLOCKS_AT = KEPT_AT + 8;

const generatorSignature = signature("Generator(Device device='cpu')");

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
  constructor(...args: Arguments<typeof generatorSignature>) {
    this.device = generatorSignature.bind(args).device as Device;
    const { type } = this.device;
    if (type !== 'cpu' && type !== 'webgpu')
      throw new RuntimeError(`Cannot get ${type.toUpperCase()} generator: there is no such device here`);
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
    if (typeof seed !== 'bigint' && !Number.isInteger(seed))
      throw new RuntimeError(
        `manual_seed expected a long, but got ${typeof seed === 'number' ? seed : typeName(seed)}`,
      );
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

  /** @internal The state as PyTorch saves it. */
  save(): Uint8Array {
    const from = this.view();
    const to = new DataView(new ArrayBuffer(SAVED_BYTES));
    const position = from.getInt32(POSITION_AT, true);
    for (let i = 0; i < WORDS; i++) to.setUint32(WORDS_AT + 8 * i, from.getUint32(4 * i, true), true);
    to.setBigUint64(0, this.seeded, true);
    to.setInt32(LEFT_AT, WORDS - position + 1, true);
    to.setInt32(SEEDED_AT, 1, true);
    // A stream that has not begun has its seed as its first word.
    const isNew = position === WORDS && from.getUint32(0, true) === Number(this.seeded & 0xffffffffn);
    to.setUint32(NEXT_AT, isNew ? 0 : position, true);
    if (from.getInt32(HAS_NORMAL_AT, true) !== 0) {
      to.setFloat64(KEPT_AT, from.getFloat64(NORMAL_AT, true), true);
      to.setInt32(IS_KEPT_AT, 1, true);
    }
    to.setFloat64(BLOCKS_AT, this.blocks, true);
    return new Uint8Array(to.buffer);
  }

  /** @internal @throws RuntimeError if these bytes are no state */
  restore(state: Uint8Array): void {
    if (state.length !== SAVED_BYTES)
      throw new RuntimeError(
        `Expected a CPUGeneratorImplState of size ${SAVED_BYTES} but found the input RNG state size to be ${state.length}`,
      );
    const from = new DataView(state.buffer, state.byteOffset, state.length);
    const left = from.getInt32(LEFT_AT, true);
    const next = from.getBigUint64(NEXT_AT, true);
    if (from.getInt32(SEEDED_AT, true) === 0 || left <= 0 || left > WORDS || next > BigInt(WORDS))
      throw new RuntimeError('Invalid mt19937 state');
    const to = this.view();
    for (let i = 0; i < WORDS; i++) to.setUint32(4 * i, from.getUint32(WORDS_AT + 8 * i, true), true);
    const isKept = from.getInt32(IS_KEPT_AT, true) !== 0;
    to.setInt32(POSITION_AT, left === 1 ? WORDS : Number(next), true);
    to.setInt32(HAS_NORMAL_AT, isKept ? 1 : 0, true);
    to.setFloat64(NORMAL_AT, isKept ? from.getFloat64(KEPT_AT, true) : 0, true);
    this.seeded = from.getBigUint64(0, true);
    const blocks = from.getFloat64(BLOCKS_AT, true);
    this.blocks = Number.isSafeInteger(blocks) && blocks > 0 ? blocks : 0;
  }

  private view(): DataView {
    const { buffer, byteOffset } = this.storage.host()!;
    return new DataView(buffer, byteOffset, STATE_BYTES);
  }
}

libraryClass(Generator, { shown: [] });
declare module './signature/argument_types.js' {
  interface ParameterTypes {
    Generator: Generator;
  }
}
defineParameterType(
  'Generator',
  accepting((value) => value instanceof Generator, 'torch.Generator'),
);
takes(Generator.prototype, ['manual_seed(Any seed)', 'seed()', 'initial_seed()']);

/** The generator that random functions use unless given one, on every device. */
export const defaultGenerator = new Generator();
