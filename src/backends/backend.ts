import type { Device } from '../core/device.js';
import { type Ending, endedError } from '../core/disposed.js';
import type { DType } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import type { Kernels } from './kernels.js';
import type { Program } from './program.js';

/**
 * The contract of a device. Ops validate and know mathematics; a backend knows memory and kernels and nothing else.
 */
export interface Backend {
  readonly device: Device;
  /** Whether its memory is the host's: values are read at once, and numbers that lie there go along with tensors of other devices. */
  readonly isHost: boolean;
  /** Whether tensors have values there. */
  readonly hasValues: boolean;
  /** Whether it computes in float64, which kernels of float32 then do on their way. */
  readonly hasFloat64: boolean;
  /** Whether programs of complex numbers, and kernels, take operands of this dtype as they are; else they run on parts. */
  takesWhole(dtype: DType): boolean;
  /**
   * The error for values that cannot be read at once.
   *
   * @param reader the function that reads
   * @param isOp whether it is an op whose result depends on values
   */
  unreadable(reader: string, isOp: boolean): Error;
  /** Refuses dtypes that the device cannot hold. @throws TypeError */
  checkDtype(dtype: DType): void;
  /** Uninitialised memory. @throws OutOfMemoryError */
  allocate(nbytes: number): Storage;
  /** Memory of the user's, used where it is. @throws RuntimeError where the device cannot */
  wrap(buffer: ArrayBufferLike, byteOffset: number, nbytes: number): Storage;
  /** Writes bytes into a storage; `byteOffset` is a multiple of 4. */
  upload(storage: Storage, byteOffset: number, bytes: Uint8Array): void;
  /** The bytes there, as they are when everything before has been done. */
  download(storage: Storage, byteOffset: number, nbytes: number): Promise<Uint8Array>;
  /** Memory whose contents come later; any use before is an error. @throws RuntimeError on devices that wait for nothing */
  arriving(nbytes: number, from: Device, bytes: Promise<Uint8Array>): Storage;
  /**
   * The bytes, where the host can read them at once; null on devices that must be waited for. They may be elsewhere as soon as memory is
   * asked for or a command runs.
   */
  host(storage: Storage): HostMemory | null;
  /**
   * As `host`, in memory that may be handed to the user and holds nothing else: what is written there is seen by the
   * device, and the other way round.
   */
  expose(storage: Storage): HostMemory | null;
  /**
   * Ends a storage: any use of it is an error from now on, and its memory is reused as soon as no alias shares it. Of a storage
   * that has ended already nothing more happens.
   */
  release(storage: Storage, how: Ending): void;
  /**
   * Settles when the device has come nearer to what was asked of it; null where it is near enough. Only of devices that work while
   * the host goes on.
   */
  catchUp?(): Promise<void> | null;
  /**
   * Makes the next read fail if one of these numbers (int32, dense, one dimension) is not zero. Only of devices whose values cannot be read at once.
   *
   * @param key names the error: one of a few, each of which is kept
   * @param error makes it, given which number that is, and the number
   */
  refuseNonzero?(numbers: StridedView, key: string, error: (position: number, value: number) => Error): void;
  memoryStats(): MemoryStats;
  resetPeakMemoryStats(): void;
  /**
   * Runs a program over results of this shape and inputs that broadcast to it. Results may be the very views that
   * are read, but must not overlap them otherwise. Complex operands are for programs of complex numbers alone.
   */
  pointwise(
    program: Program,
    shape: readonly number[],
    outputs: readonly StridedView[],
    inputs: readonly StridedView[],
    scalars: readonly (number | bigint)[],
  ): void;
  /**
   * Runs a program several times, as `pointwise` would one call after the other. Only where the device does that sooner than by
   * single calls.
   */
  pointwiseEach?(program: Program, calls: readonly PointwiseCall[]): void;
  /**
   * Reduces a program's value over `shape`, to which the inputs broadcast. The result and its indices are given with
   * that shape and stride 0 along each reduced dimension; indices count within the reduced ones, row-major.
   * Without elements a result is the identity of its kind (max and min: the caller has refused). Of complex numbers there are
   * sums and products.
   * `program` has one output and computes in the type that the result accumulates in.
   */
  reduce(
    kind: ReductionKind,
    program: Program,
    shape: readonly number[],
    reduced: readonly boolean[],
    output: StridedView,
    indices: StridedView | null,
    inputs: readonly StridedView[],
    scalars: readonly (number | bigint)[],
  ): void;
  readonly kernels: Kernels;
}

/** Operands of one run of a program. */
export interface PointwiseCall {
  readonly shape: readonly number[];
  readonly outputs: readonly StridedView[];
  readonly inputs: readonly StridedView[];
  readonly scalars: readonly (number | bigint)[];
}

/** How a reduction combines two values. `max` and `min` let NaN win and give the first position in `indices`. */
export const reductionKinds = ['sum', 'prod', 'max', 'min', 'any', 'all'] as const;
export type ReductionKind = (typeof reductionKinds)[number];

/** A piece of a device's memory. It is used again when no storage lies in it any more. */
export interface Block {
  /** How many storages lie in it. */
  users: number;
  /** An object that stands for this memory; null where that is the buffer and the offset that `host` gives. */
  readonly place: object | null;
}

let newest = 0;

/** The serial number of the newest storage: what is made later has a larger one. */
export function storageSerial(): number {
  return newest;
}

/** Memory of a device, shared by every view on it. */
export class Storage<B extends Block = Block> {
  /** Tells older memory from newer: see `storageSerial`. */
  readonly serial = ++newest;
  /** Counts in-place changes, so that autograd can tell a saved tensor from a changed one. */
  version = 0;
  /** The way it ended; null as long as it can be used. */
  ended: Ending | null = null;
  /** How many records of autograd have saved it. */
  saves = 0;
  /** Whether nothing but such records can know of it. */
  internal = false;
  /** The open scope it was made in, if any; scopes keep their books here. */
  scope: object | null = null;
  /** Settles when what is on its way has arrived; null where nothing is. */
  arrival: Promise<void> | null = null;
  /** The device that its contents are on their way from. */
  private source: Device | null = null;

  /** @param keeper an object that must not be garbage as long as the block is used */
  constructor(
    readonly backend: Backend,
    readonly nbytes: number,
    private memory: B | null,
    public keeper: object | null = null,
  ) {}

  /** Memory whose contents come later: until then it has none. */
  static arriving<B extends Block>(
    backend: Backend,
    nbytes: number,
    source: Device,
    contents: Promise<B>,
  ): Storage<B> {
    const storage = new Storage<B>(backend, nbytes, null);
    storage.source = source;
    storage.arrival = contents.then((block) => {
      if (storage.ended === null) storage.memory = block;
      storage.source = null;
      storage.arrival = null;
    });
    // Who waits for it is told; nobody has to wait.
    storage.arrival.catch(() => {});
    return storage;
  }

  /** The memory that it lies in. @throws RuntimeError if it has ended, or is still on its way */
  get block(): B {
    if (this.memory !== null) return this.memory;
    if (this.ended !== null) throw endedError('the operation', this.ended);
    throw new RuntimeError(
      `the tensor is still on its way from ${this.source}: await its ready() before it is used`,
    );
  }

  /** See `Block.place`. */
  get place(): object | null {
    return this.memory === null ? null : this.memory.place;
  }

  /** See `Backend.host`. */
  host(): HostMemory | null {
    return this.backend.host(this);
  }

  /** The same memory with a version count of its own (`tensor.data`). */
  alias(): Storage<B> {
    const { block } = this;
    block.users++;
    return new Storage(this.backend, this.nbytes, block, this.keeper);
  }

  /** Lets it lie in another block from now on. */
  move(block: B): void {
    this.memory = block;
  }

  /** Takes the memory away for good and returns it; null if it had none yet. */
  end(how: Ending): B | null {
    const { memory } = this;
    this.ended = how;
    this.memory = null;
    this.keeper = null;
    return memory;
  }
}

/**
 * The result of `torch.memoryStats()`. Sizes are those set aside, which are up to an eighth larger than asked for; memory of
 * the user's (`fromNumpy`, `numpy()`) is not counted.
 */
export interface MemoryStats {
  /**
   * Bytes of the storages that are alive: made, and not known to be dead. What `dispose()`, `using`, scopes and the backward
   * pass end leaves at once; what the garbage collector takes leaves when the event loop turns, and on the native engine when memory is asked
   * for. (There the bytes, but not the count, are brought down to what V8 still holds.)
   */
  readonly aliveBytes: number;
  /** How many storages that are. */
  readonly aliveCount: number;
  /** Bytes of ended storages that wait to be used again. */
  readonly pooledBytes: number;
  /** How many pieces of memory that are. */
  readonly pooledCount: number;
  /** The most that `aliveBytes` has been since the start or `resetPeakMemoryStats()`. */
  readonly peakBytes: number;
  /** The most that `aliveCount` has been since then. */
  readonly peakCount: number;
  /**
   * Bytes that the process has set aside: on WebAssembly the size of its memory, which never shrinks; natively the memory of this thread's
   * tensors and all its ArrayBuffers, those of others and those not collected yet included.
   */
  readonly reservedBytes: number;
}

export interface HostMemory {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  /** Whether the bytes may be in another buffer later, as WebAssembly's memory is after it has grown. */
  readonly moves?: boolean;
}

/** A storage seen with a dtype, sizes, strides and an offset (in elements). Tensors are such views. */
export interface StridedView {
  readonly storage: Storage;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

declare module './kernel_row.js' {
  interface KernelTypes {
    View: StridedView;
  }
}
