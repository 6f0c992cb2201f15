/** The CPU device: writes commands for the engine and owns its memory. */
import { cpu, type Device, devicesError } from '../../core/device.js';
import type { Ending } from '../../core/disposed.js';
import type { DType } from '../../core/dtype.js';
import { IndexError, NotImplementedError, OutOfMemoryError, RuntimeError } from '../../core/errors.js';
import type { Shape } from '../../core/layout.js';
import {
  type Backend,
  type HostMemory,
  type MemoryStats,
  type ReductionKind,
  reductionKinds,
  Storage,
  type StridedView,
} from '../backend.js';
import type { Kernel, KernelArgument } from '../kernel_row.js';
import { kernelTable } from '../kernel_table.js';
import type { Kernels } from '../kernels.js';
import { computeTypes, instructions, type Program } from '../program.js';
import { Allocator, type CpuStorage } from './allocator.js';
import type { Block } from './block.js';
import { type Engine, EngineStatus } from './engine.js';

const DEFINE = 0;
const POINTWISE = 1;
const REDUCE = 2;
const FIRST_KERNEL = 3;

const opcodes = new Map(Object.keys(instructions).map((name, i) => [name, i]));

/** Shown memory under WebAssembly is copied in before a command and out after it. */
interface Staged {
  readonly storage: CpuStorage;
  readonly address: number;
}

/** Views of more dimensions can be made, but the kernels' loops have room for no more. */
const maxDimensions = 64;

/** The engine's code of a dtype that a program's operand has. */
function codeOf(dtype: DType, program: Program): number {
  if (dtype.isComplex && program.compute[0] !== 'c')
    throw new NotImplementedError(`the operation is not implemented for '${dtype.scalarName}'`);
  return dtype.code;
}

function checkDimensions(count: number): void {
  if (count > maxDimensions)
    throw new RuntimeError(`only tensors with up to ${maxDimensions} dims are supported`);
}

/** Refuses the memory of a transferred buffer, which has no bytes left and whose old address belongs to somebody else. */
function checkShown({ region, offset }: Block, nbytes: number): void {
  if (region.memory === 'shown' && region.buffer!.byteLength < offset + nbytes)
    throw new RuntimeError(
      `the ArrayBuffer under this tensor was transferred or detached: ${nbytes} bytes expected at offset ${offset}, the buffer has ${region.buffer!.byteLength}`,
    );
}

export class CpuBackend implements Backend {
  readonly device = cpu;
  readonly isHost = true;
  readonly hasValues = true;
  readonly hasFloat64 = true;
  readonly kernels: Kernels;
  readonly allocator: Allocator;
  private readonly staged: Staged[] = [];

  constructor(readonly engine: Engine) {
    this.allocator = new Allocator(this, engine);
    this.kernels = kernelTable((kernel, args) => this.kernel(kernel, args), this.takesWhole);
  }

  allocate(nbytes: number): Storage {
    return this.allocator.allocate(nbytes);
  }

  wrap(buffer: ArrayBufferLike, byteOffset: number, nbytes: number): Storage {
    return this.allocator.wrap(buffer, byteOffset, nbytes);
  }

  takesWhole(dtype: DType): boolean {
    return dtype.isDifferentiable && dtype.toReal().itemsize >= 4;
  }

  checkDtype(): void {}

  unreadable(reader: string): Error {
    return new RuntimeError(`${reader}() finds no memory to read`);
  }

  upload(storage: Storage, byteOffset: number, bytes: Uint8Array): void {
    const { buffer, byteOffset: start } = storage.host()!;
    new Uint8Array(buffer, start + byteOffset, bytes.length).set(bytes);
  }

  async download(storage: Storage, byteOffset: number, nbytes: number): Promise<Uint8Array> {
    const { buffer, byteOffset: start } = storage.host()!;
    return new Uint8Array(buffer, start + byteOffset, nbytes).slice();
  }

  arriving(nbytes: number, from: Device, bytes: Promise<Uint8Array>): Storage {
    const contents = bytes.then((found) => {
      const storage = this.allocator.allocate(nbytes);
      this.upload(storage, 0, found);
      return storage.block;
    });
    return Storage.arriving(this, nbytes, from, contents);
  }

  release(storage: Storage, how: Ending): void {
    this.allocator.release(storage as CpuStorage, how);
  }

  memoryStats(): MemoryStats {
    return this.allocator.memoryStats();
  }

  resetPeakMemoryStats(): void {
    this.allocator.resetPeakMemoryStats();
  }

  host(storage: Storage): HostMemory {
    const { block, nbytes } = storage as CpuStorage;
    const { region, offset } = block;
    const { memory } = region;
    if (memory === 'wasm')
      return { buffer: this.linearMemory(), byteOffset: region.address + offset, moves: true };
    if (memory === 'away') return { buffer: region.buffer!, byteOffset: offset, moves: true };
    if (memory === 'native') return { buffer: this.allocator.watched!.show(region), byteOffset: offset };
    checkShown(block, nbytes);
    return { buffer: region.buffer!, byteOffset: offset };
  }

  expose(storage: Storage): HostMemory {
    const { memory } = (storage as CpuStorage).block;
    if (memory !== 'shown') this.allocator.show(storage as CpuStorage);
    return this.host(storage);
  }

  private linearMemory(): ArrayBufferLike {
    if (this.engine.kind !== 'wasm') throw new NotImplementedError('the native engine has no linear memory');
    return this.engine.memory.buffer;
  }

  pointwise(
    program: Program,
    shape: Shape,
    outputs: readonly StridedView[],
    inputs: readonly StridedView[],
    scalars: readonly (number | bigint)[],
  ): void {
    const handle = (program.handle as number | undefined) ?? this.define(program);
    const ndim = shape.length;
    checkDimensions(ndim);
    for (let d = 0; d < ndim; d++) if (shape[d] === 0) return;
    if (this.engine.kind === 'wasm') this.stageAll(outputs, inputs);
    const { words } = this.engine;
    words[0] = POINTWISE;
    words[1] = handle;
    words[2] = outputs.length;
    words[3] = inputs.length;
    words[4] = scalars.length;
    words[5] = ndim;
    let at = 6;
    for (let d = 0; d < ndim; d++) words[at++] = shape[d];
    for (let i = 0; i < outputs.length; i++) at = this.operand(words, at, outputs[i], shape, program);
    for (let i = 0; i < inputs.length; i++) at = this.operand(words, at, inputs[i], shape, program);
    if (scalars.length > 0) this.values(at, scalars, program);
    this.finish(this.engine.run());
  }

  reduce(
    kind: ReductionKind,
    program: Program,
    shape: Shape,
    reduced: readonly boolean[],
    output: StridedView,
    indices: StridedView | null,
    inputs: readonly StridedView[],
    scalars: readonly (number | bigint)[],
  ): void {
    const handle = (program.handle as number | undefined) ?? this.define(program);
    checkDimensions(shape.length);
    if (this.engine.kind === 'wasm') this.stageAll(indices === null ? [output] : [output, indices], inputs);
    const { words } = this.engine;
    words[0] = REDUCE;
    words[1] = handle;
    words[2] = reductionKinds.indexOf(kind);
    words[3] = indices === null ? 0 : 1;
    words[4] = inputs.length;
    words[5] = scalars.length;
    words[6] = shape.length;
    let at = 7;
    for (let d = 0; d < shape.length; d++) words[at++] = shape[d];
    for (let d = 0; d < shape.length; d++) words[at++] = reduced[d] ? 1 : 0;
    at = this.operand(words, at, output, shape, program);
    if (indices !== null) at = this.operand(words, at, indices, shape, program);
    for (let i = 0; i < inputs.length; i++) at = this.operand(words, at, inputs[i], shape, program);
    if (scalars.length > 0) this.values(at, scalars, program);
    this.finish(this.engine.run());
  }

  /** Address, dtype and strides of an operand broadcast to `shape`. */
  private operand(
    words: Float64Array,
    start: number,
    view: StridedView,
    shape: Shape,
    program: Program,
  ): number {
    let at = start;
    words[at++] = this.address(view);
    words[at++] = codeOf(view.dtype, program);
    const { shape: sizes, strides } = view;
    const lead = shape.length - sizes.length;
    for (let d = 0; d < lead; d++) words[at++] = 0;
    for (let d = 0; d < sizes.length; d++)
      words[at++] = sizes[d] === 1 && shape[d + lead] !== 1 ? 0 : strides[d];
    return at;
  }

  private values(start: number, values: readonly (number | bigint)[], program: Program): void {
    const { words, bits } = this.engine;
    const exact = program.compute === 'int64';
    for (let i = 0; i < values.length; i++) {
      if (exact) bits[start + i] = BigInt(values[i]);
      else words[start + i] = Number(values[i]);
    }
  }

  private address(view: StridedView): number {
    if (view.storage.backend !== this) throw devicesError(cpu, view.storage.backend.device);
    const storage = view.storage as CpuStorage;
    const { block } = storage;
    let base = block.address;
    if (block.memory === 'shown') checkShown(block, storage.nbytes);
    // The engine sees no memory of the user's under WebAssembly: it is staged.
    if (base === 0) base = this.staged.find((s) => s.storage === storage)!.address;
    return base + view.offset * view.dtype.itemsize;
  }

  private kernel(kernel: Kernel, args: readonly KernelArgument[]): void {
    if (this.engine.kind === 'wasm') this.stageArguments(args);
    const { words } = this.engine;
    words[0] = FIRST_KERNEL + kernel.number;
    let at = 1;
    for (let i = 0; i < args.length; i++) {
      const arg = args[i];
      if (typeof arg === 'number') words[at++] = arg;
      else if (typeof arg === 'boolean') words[at++] = arg ? 1 : 0;
      else if (typeof arg === 'string') words[at++] = kernel.code(i, arg);
      else if (arg === null) words[at++] = 0;
      else if (Array.isArray(arg)) {
        words[at++] = arg.length;
        for (const item of arg) {
          if (typeof item === 'number') words[at++] = item;
          else at = this.view(words, at, item);
        }
      } else at = this.view(words, at, arg as StridedView);
    }
    this.finish(this.engine.run());
  }

  private view(words: Float64Array, start: number, view: StridedView): number {
    let at = start;
    const { shape, strides } = view;
    checkDimensions(shape.length);
    words[at++] = this.address(view);
    words[at++] = view.dtype.code;
    words[at++] = shape.length;
    for (let d = 0; d < shape.length; d++) words[at++] = shape[d];
    for (let d = 0; d < strides.length; d++) words[at++] = strides[d];
    return at;
  }

  /** Hands a program to the engine. */
  private define(program: Program): number {
    const { words, bytes } = this.engine;
    words[0] = DEFINE;
    words[1] = computeTypes.indexOf(program.compute);
    words[2] = program.inputs;
    words[3] = program.constants.length;
    words[4] = program.scalars;
    words[5] = program.temporaries;
    words[6] = program.code.length;
    words[7] = program.outputs.length;
    let at = 8;
    this.values(at, program.constants, program);
    at += program.constants.length;
    for (const { name, to, from } of program.code) {
      bytes.fill(0, at * 8, at * 8 + 8);
      bytes[at * 8] = opcodes.get(name)!;
      bytes[at * 8 + 1] = to;
      for (let i = 0; i < from.length; i++) bytes[at * 8 + 2 + i] = from[i];
      at++;
    }
    for (const output of program.outputs) words[at++] = output;
    const status = this.engine.run();
    if (status !== EngineStatus.ok) this.fail(status);
    program.handle = this.engine.words[0];
    return program.handle as number;
  }

  // ---- staging ----------------------------------------------------------------------------------------------------

  private stageAll(outputs: readonly StridedView[], inputs: readonly StridedView[]): void {
    this.beginStaging();
    for (const view of outputs) this.stage(view);
    for (const view of inputs) this.stage(view);
  }

  private stageArguments(args: readonly KernelArgument[]): void {
    this.beginStaging();
    for (const arg of args) {
      if (Array.isArray(arg)) {
        for (const item of arg) if (typeof item === 'object') this.stage(item);
      } else if (typeof arg === 'object' && arg !== null) this.stage(arg as StridedView);
    }
  }

  private stage(view: StridedView): void {
    const storage = view.storage as CpuStorage;
    const { block } = storage;
    const { memory } = block;
    if (memory === 'wasm' || memory === 'away') this.allocator.linear!.use(block);
    if (memory !== 'shown' || this.staged.some((s) => s.storage === storage)) return;
    const address = this.allocator.stage(storage.nbytes);
    const { buffer, byteOffset } = this.host(storage);
    this.staged.push({ storage, address });
    new Uint8Array(this.linearMemory(), address, storage.nbytes).set(
      new Uint8Array(buffer, byteOffset, storage.nbytes),
    );
  }

  private beginStaging(): void {
    this.dropStaged();
    this.allocator.linear!.command();
  }

  /** Frees what a command staged that failed before it ran: the user's memory has not changed. */
  private dropStaged(): void {
    if (this.engine.kind === 'wasm') for (const { address } of this.staged) this.engine.free(address);
    this.staged.length = 0;
  }

  private unstage(): void {
    if (this.engine.kind !== 'wasm') return;
    for (const { storage, address } of this.staged) {
      const { buffer, byteOffset } = this.host(storage);
      new Uint8Array(buffer, byteOffset, storage.nbytes).set(
        new Uint8Array(this.linearMemory(), address, storage.nbytes),
      );
      this.engine.free(address);
    }
    this.staged.length = 0;
  }

  private finish(status: number): void {
    if (this.staged.length > 0) this.unstage();
    if (status !== EngineStatus.ok) this.fail(status);
  }

  private fail(status: number): never {
    const [a, b, c] = this.engine.words;
    switch (status) {
      case EngineStatus.indexOutOfRange:
        throw new IndexError(`index ${a} is out of bounds for dimension ${b} with size ${c}`);
      case EngineStatus.divisionByZero:
        throw new RuntimeError('ZeroDivisionError');
      case EngineStatus.classOutOfRange:
        throw new IndexError(`Target ${a} is out of bounds.`);
      case EngineStatus.invalidProbability:
        throw new RuntimeError('probability tensor contains either `inf`, `nan` or element < 0');
      case EngineStatus.outOfMemory:
        throw new OutOfMemoryError(
          `not enough memory: the kernel asked for ${a} bytes. ${this.allocator.explain()}`,
        );
      default:
        throw new RuntimeError(`the engine failed with status ${status}`);
    }
  }
}
