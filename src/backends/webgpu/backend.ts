/** The WebGPU device: turns the backend's calls into dispatches. */
import { Device } from '../../core/device.js';
import type { Ending } from '../../core/disposed.js';
import type { DType } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import type { MemoryStats, PointwiseCall, ReductionKind, Storage, StridedView } from '../backend.js';
import type { Kernel, KernelArgument } from '../kernel_row.js';
import { kernelTable } from '../kernel_table.js';
import type { Kernels } from '../kernels.js';
import { MissingKernelError } from '../missing_kernel.js';
import type { Program } from '../program.js';
import { Allocator, type WebGpuStorage } from './allocator.js';
import type { Gpu } from './gpu.js';
import { launches } from './kernels/index.js';
import { refuseNonzero } from './kernels/refusals.js';
import type { GpuBackend } from './launch.js';
import { checkDtype } from './operands.js';
import { runPointwise } from './pointwise.js';
import { runPointwiseEach } from './pointwise_each.js';
import { runReduce } from './reduce.js';

export class WebGpuBackend implements GpuBackend {
  readonly device = new Device('webgpu', 0);
  readonly isHost = false;
  readonly hasValues = true;
  readonly hasFloat64 = false;
  readonly kernels: Kernels;
  readonly allocator: Allocator;

  constructor(readonly gpu: Gpu) {
    this.allocator = new Allocator(this, gpu);
    this.kernels = kernelTable((kernel, args) => this.kernel(kernel, args), this.takesWhole);
  }

  takesWhole(): boolean {
    return false;
  }

  checkDtype(dtype: DType): void {
    checkDtype(dtype);
  }

  unreadable(reader: string): Error {
    return new RuntimeError(
      `${reader}() cannot wait for the device ${this.device}; use await ${reader}Async()`,
    );
  }

  allocate(nbytes: number): Storage {
    return this.allocator.allocate(nbytes);
  }

  wrap(): Storage {
    throw new RuntimeError(`memory of the host cannot be used in place by ${this.device}; copy it there`);
  }

  upload(storage: Storage, byteOffset: number, bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    if (byteOffset % 4 !== 0) throw new RuntimeError(`an upload begins at byte ${byteOffset}, inside a word`);
    const { block } = storage as WebGpuStorage;
    if (bytes.byteLength % 4 === 0) {
      this.gpu.write(block, byteOffset, bytes);
      return;
    }
    // Buffers are whole words, and what is behind the last element belongs to nobody.
    const padded = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
    padded.set(bytes);
    this.gpu.write(block, byteOffset, padded);
  }

  async download(storage: Storage, byteOffset: number, nbytes: number): Promise<Uint8Array> {
    const begin = byteOffset - (byteOffset % 4);
    const end = Math.ceil((byteOffset + nbytes) / 4) * 4;
    const bytes = await this.gpu.read(
      (storage as WebGpuStorage).block,
      begin,
      nbytes === 0 ? 0 : end - begin,
    );
    return bytes.slice(byteOffset - begin, byteOffset - begin + nbytes);
  }

  host(): null {
    return null;
  }

  expose(): null {
    return null;
  }

  refuseNonzero(numbers: StridedView, key: string, error: (position: number, value: number) => Error): void {
    refuseNonzero(this, numbers, this.gpu.refusal(key, error));
  }

  catchUp(): Promise<void> | null {
    return this.gpu.backlog.wait();
  }

  arriving(): Storage {
    throw new RuntimeError(`nothing arrives at ${this.device} later`);
  }

  release(storage: Storage, how: Ending): void {
    this.allocator.release(storage as WebGpuStorage, how);
  }

  memoryStats(): MemoryStats {
    return this.allocator.stats();
  }

  resetPeakMemoryStats(): void {
    this.allocator.resetPeak();
  }

  pointwise(
    program: Program,
    shape: readonly number[],
    outputs: readonly StridedView[],
    inputs: readonly StridedView[],
    scalars: readonly (number | bigint)[],
  ): void {
    runPointwise(this.gpu, program, shape, outputs, inputs, scalars);
  }

  pointwiseEach(program: Program, calls: readonly PointwiseCall[]): void {
    runPointwiseEach(this.gpu, program, calls);
  }

  reduce(
    kind: ReductionKind,
    program: Program,
    shape: readonly number[],
    reduced: readonly boolean[],
    output: StridedView,
    indices: StridedView | null,
    inputs: readonly StridedView[],
    scalars: readonly (number | bigint)[],
  ): void {
    runReduce(this.gpu, this.allocator, kind, program, shape, reduced, output, indices, inputs, scalars);
  }

  private kernel(kernel: Kernel, args: readonly KernelArgument[]): void {
    const launch = (launches as Readonly<Record<string, unknown>>)[kernel.name] as
      | ((backend: GpuBackend, args: unknown) => void)
      | undefined;
    if (launch === undefined) throw new MissingKernelError(kernel.name, this.device);
    launch(this, kernel.byName(args));
  }
}
