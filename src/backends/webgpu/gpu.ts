/**
 * The device's queue: one command encoder for many dispatches, submitted when somebody waits, when the event loop turns, or
 * when there are many. Pipelines, bind groups and the space for parameters are kept, because making them costs more than
 * the dispatches that use them.
 */
import { IndexError, OutOfMemoryError, RuntimeError } from '../../core/errors.js';
import type { Block as DeviceBlock } from '../backend.js';
import { Backlog } from './backlog.js';
import { withLibrary } from './wgsl/library.js';

/** WebGPU's flags, whose names are there only where the browser has them. */
const usage = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 } as const;
const computeStage = 4;
const mapModeRead = 1;

/** The size of a shader's parameters: this many 32-bit words. */
export const PARAMETER_WORDS = 1024;
const WINDOW_BYTES = PARAMETER_WORDS * 4;
/** Parameters of all dispatches of one submission. */
const PARAMETER_BYTES = 256 * 1024;
const PARAMETER_ALIGNMENT = 256;
/** So many dispatches are submitted at once. */
const BATCH = 128;
/** So many bind groups are kept. */
const GROUPS = 4096;
/** Invocations of every workgroup. */
export const WORKGROUP = 256;
/** Of buffers this large it is asked whether there was memory for them. */
const LARGE = 2 ** 22;
/** Reads of so many bytes take buffers that are kept. */
const SMALL_READ = 4096;
/** Words of the record that a kernel leaves which meets a bad index: what it is, then three values. */
const FAULT_BYTES = 16;

/** Elements are counted in 32 bits, and loops step beyond the last one. */
const MOST_ELEMENTS = 2 ** 31;

/** Refuses sizes that shaders cannot count; memory need not be the limit, where one element stands for many. */
export function checkCount(name: string, count: number): void {
  if (count > MOST_ELEMENTS)
    throw new RuntimeError(`${name}: webgpu counts up to ${MOST_ELEMENTS} elements, not ${count}`);
}

/** Makes the error for what a kernel found: which number, and the number. */
type Refusal = (position: number, value: number) => Error;

/** Faults inside a kernel; a shader writes the number. */
export const faults = { indexOutOfRange: 1, divisionByZero: 2, classOutOfRange: 3, refused: 4 } as const;

/** A piece of the device's memory. */
export class Block implements DeviceBlock {
  private static count = 0;
  readonly id = Block.count++;
  /** How many storages lie in it. */
  users = 1;
  /** The submission that last used it. */
  batch = -1;
  /** Whether the device has yet to say if there was memory for it. */
  isPending = false;
  /** Why there was none. */
  failure: string | null = null;
  /** The allocator's own, kept here while nothing lies in it. */
  spare: object | null = null;
  readonly place = this;

  constructor(
    readonly buffer: GPUBuffer,
    readonly capacity: number,
  ) {}
}

/** A letter for each storage binding: read, written, or written by atomic operations. */
export type Access = string;

export interface Dispatch {
  /** Its name in errors. */
  readonly name: string;
  /** Everything that the shader's text depends on. */
  readonly key: string;
  readonly source: () => string;
  readonly access: Access;
  readonly blocks: readonly Block[];
  readonly parameters: ArrayLike<number>;
  /** Workgroups. */
  readonly groups: number;
}

export interface Limits {
  /** Storages that one dispatch sees. */
  readonly bindings: number;
  /** The largest storage. */
  readonly bufferBytes: number;
  /** Workgroups per dimension of a dispatch; more of them form a second dimension. */
  readonly groups: number;
}

export class Gpu {
  readonly limits: Limits;
  readonly backlog: Backlog;
  private readonly pipelines = new Map<string, GPUComputePipeline>();
  private readonly layouts = new Map<Access, GPUBindGroupLayout>();
  private readonly pipelineLayouts = new Map<Access, GPUPipelineLayout>();
  private readonly bindGroups = new Map<string, GPUBindGroup>();
  private readonly parameterLayout: GPUBindGroupLayout;
  private readonly parameterBuffer: GPUBuffer;
  private readonly parameterGroup: GPUBindGroup;
  private readonly parameters = new Uint32Array(PARAMETER_BYTES / 4);
  private parameterAt = 0;
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private dispatches = 0;
  private batch = 0;
  /** Buffers to be destroyed once nothing that is recorded uses them. */
  private dead: GPUBuffer[] = [];
  private failure: Error | null = null;
  /** Buffers that small reads pass through, as that of a loss in every step. */
  private readonly staging: GPUBuffer[] = [];
  /** Verdicts on dispatches that may fail. */
  private readonly guards = new Set<Promise<void>>();
  private lost: string | null = null;
  private lastName = '';
  readonly fault: Block;
  private mayFault = false;
  private readonly refusals: Refusal[] = [];
  private readonly refusalNumbers = new Map<string, number>();

  constructor(
    private readonly device: GPUDevice,
    readonly adapterName: string,
  ) {
    const { limits } = device;
    this.backlog = new Backlog(device.queue, device.lost);
    this.limits = {
      bindings: limits.maxStorageBuffersPerShaderStage,
      bufferBytes: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
      groups: limits.maxComputeWorkgroupsPerDimension,
    };
    void device.lost.then(({ reason, message }) => {
      this.lost = message || String(reason);
    });
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      const { error } = event;
      const text = `${this.lastName} failed on webgpu:0: ${error.message}`;
      // Not every host has the class under its name.
      const isMemory = error.constructor.name === 'GPUOutOfMemoryError';
      this.failure ??= isMemory ? new OutOfMemoryError(text) : new RuntimeError(text);
    });
    this.parameterLayout = device.createBindGroupLayout({
      entries: [
        {
          binding: 0,
          visibility: computeStage,
          buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: WINDOW_BYTES },
        },
      ],
    });
    this.parameterBuffer = device.createBuffer({
      size: PARAMETER_BYTES + WINDOW_BYTES,
      usage: usage.uniform | usage.copyTarget,
    });
    this.parameterGroup = device.createBindGroup({
      layout: this.parameterLayout,
      entries: [{ binding: 0, resource: { buffer: this.parameterBuffer, size: WINDOW_BYTES } }],
    });
    this.fault = this.createBlock(FAULT_BYTES);
  }

  /** Memory of the device. Whether there was enough of it, only time tells. */
  createBlock(size: number): Block {
    const isLarge = size >= LARGE;
    if (isLarge) this.device.pushErrorScope('out-of-memory');
    const buffer = this.device.createBuffer({
      size,
      usage: usage.storage | usage.copySource | usage.copyTarget,
    });
    const block = new Block(buffer, size);
    if (isLarge) {
      block.isPending = true;
      void this.device.popErrorScope().then(
        (error) => {
          block.isPending = false;
          if (error !== null) block.failure = error.message.split('\n')[0];
        },
        // The device is lost, and says so itself.
        () => {},
      );
    }
    return block;
  }

  /** Whether the device is gone for good. */
  get isLost(): boolean {
    return this.lost !== null;
  }

  /** Refuses to go on after a failure that was found meanwhile. */
  check(): void {
    if (this.lost !== null)
      throw new RuntimeError(
        `the device webgpu:0 was lost (during ${this.lastName || 'start'}): ${this.lost}; \`await torch.webgpu.init()\` starts anew, without its tensors`,
      );
    if (this.failure === null) return;
    const { failure } = this;
    this.failure = null;
    throw failure;
  }

  /** Refuses memory that cannot be used here. */
  private checkBlock(block: Block, name: string): void {
    if (block.failure !== null) throw memoryError(name, block);
  }

  /** Records a dispatch. */
  run(dispatch: Dispatch): void {
    this.check();
    const { name, key, blocks, parameters, groups } = dispatch;
    if (groups === 0) return;
    if (parameters.length > PARAMETER_WORDS)
      throw new RuntimeError(
        `${name} takes ${parameters.length} parameter words; webgpu has ${PARAMETER_WORDS}`,
      );
    if (blocks.length > this.limits.bindings)
      throw new RuntimeError(
        `${name} uses ${blocks.length} storages at once, but the adapter binds only ${this.limits.bindings}`,
      );
    const pipeline = this.pipelines.get(key);
    let isNew = pipeline === undefined;
    for (const block of blocks) {
      this.checkBlock(block, name);
      isNew ||= block.isPending;
    }
    this.lastName = name;
    if (isNew) this.runGuarded(dispatch, pipeline);
    else this.encode(dispatch, pipeline!);
    if (this.dispatches >= BATCH) this.submit();
  }

  /**
   * Submits a dispatch by itself, because it may fail: what is invalid takes all with it that is submitted together, and an error
   * names no other op.
   */
  private runGuarded(dispatch: Dispatch, made: GPUComputePipeline | undefined): void {
    const { name, key, blocks } = dispatch;
    const { device } = this;
    this.submit();
    device.pushErrorScope('internal');
    device.pushErrorScope('validation');
    this.encode(dispatch, made ?? this.makePipeline(dispatch));
    this.submit();
    const told = Promise.all([device.popErrorScope(), device.popErrorScope()]).then(
      (errors) => {
        const error = errors.find((e) => e !== null);
        if (error === undefined) return;
        this.pipelines.delete(key);
        const full = blocks.find(({ failure }) => failure !== null);
        this.failure ??=
          full === undefined
            ? new RuntimeError(`${name} failed on webgpu:0: ${error!.message}`)
            : memoryError(name, full);
      },
      // The device is lost, and says so itself.
      () => {},
    );
    this.guards.add(told);
    void told.then(() => this.guards.delete(told));
  }

  private encode({ access, blocks, parameters, groups }: Dispatch, pipeline: GPUComputePipeline): void {
    const space = Math.ceil((parameters.length * 4) / PARAMETER_ALIGNMENT) * PARAMETER_ALIGNMENT;
    if (this.parameterAt + space > PARAMETER_BYTES) this.submit();
    const pass = this.record();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, this.bindGroup(access, blocks));
    pass.setBindGroup(1, this.parameterGroup, [this.parameterAt]);
    this.parameters.set(parameters, this.parameterAt / 4);
    this.parameterAt += space;
    const rows = Math.ceil(groups / this.limits.groups);
    pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
    for (const block of blocks) block.batch = this.batch;
    if (blocks.includes(this.fault)) this.mayFault = true;
    this.dispatches++;
  }

  private record(): GPUComputePassEncoder {
    if (this.pass !== null) return this.pass;
    this.pass = this.commands().beginComputePass();
    return this.pass;
  }

  private commands(): GPUCommandEncoder {
    if (this.encoder === null) {
      this.encoder = this.device.createCommandEncoder();
      queueMicrotask(() => this.submit());
    }
    return this.encoder;
  }

  /** Hands everything recorded to the device. */
  submit(): void {
    const { encoder } = this;
    if (encoder !== null) {
      this.pass?.end();
      this.pass = null;
      this.encoder = null;
      if (this.parameterAt > 0)
        this.device.queue.writeBuffer(this.parameterBuffer, 0, this.parameters, 0, this.parameterAt / 4);
      this.device.queue.submit([encoder.finish()]);
      this.backlog.addDispatches(this.dispatches);
      this.parameterAt = 0;
      this.dispatches = 0;
      this.batch++;
    }
    for (const buffer of this.dead) buffer.destroy();
    this.dead = [];
  }

  /** Gives memory back, after what is recorded has been handed over. */
  destroy(blocks: readonly Block[]): void {
    if (blocks.length === 0) return;
    const ids = new Set(blocks.map(({ id }) => String(id)));
    for (const key of this.bindGroups.keys())
      if (key.split(' ').some((part) => ids.has(part))) this.bindGroups.delete(key);
    for (const { batch, buffer } of blocks)
      if (batch === this.batch) this.dead.push(buffer);
      else buffer.destroy();
  }

  private makePipeline({ name, key, source, access }: Dispatch): GPUComputePipeline {
    const bindings = [...access].map(
      (a, i) =>
        `@group(0) @binding(${i}) var<storage, ${a === 'r' ? 'read' : 'read_write'}> b${i}: array<${a === 'a' ? 'atomic<u32>' : 'u32'}>;\n`,
    );
    const code = [
      ...bindings,
      `@group(1) @binding(0) var<uniform> params: array<vec4<u32>, ${PARAMETER_WORDS / 4}>;\n`,
      withLibrary(source()),
    ].join('');
    const module = this.device.createShaderModule({ code, label: name });
    const pipeline = this.device.createComputePipeline({
      label: name,
      layout: this.pipelineLayout(access),
      compute: { module },
    });
    this.pipelines.set(key, pipeline);
    return pipeline;
  }

  private layout(access: Access): GPUBindGroupLayout {
    let layout = this.layouts.get(access);
    if (layout === undefined) {
      layout = this.device.createBindGroupLayout({
        entries: [...access].map((a, binding) => ({
          binding,
          visibility: computeStage,
          buffer: { type: a === 'r' ? 'read-only-storage' : 'storage' },
        })),
      });
      this.layouts.set(access, layout);
    }
    return layout;
  }

  private pipelineLayout(access: Access): GPUPipelineLayout {
    let layout = this.pipelineLayouts.get(access);
    if (layout === undefined) {
      layout = this.device.createPipelineLayout({
        bindGroupLayouts: [this.layout(access), this.parameterLayout],
      });
      this.pipelineLayouts.set(access, layout);
    }
    return layout;
  }

  private bindGroup(access: Access, blocks: readonly Block[]): GPUBindGroup {
    let key = access;
    for (const { id } of blocks) key += ` ${id}`;
    key += ' ';
    let group = this.bindGroups.get(key);
    if (group === undefined) {
      if (this.bindGroups.size >= GROUPS) this.bindGroups.clear();
      group = this.device.createBindGroup({
        layout: this.layout(access),
        entries: blocks.map(({ buffer }, binding) => ({ binding, resource: { buffer } })),
      });
      this.bindGroups.set(key, group);
    }
    return group;
  }

  /** Writes bytes; offset and length are whole words. */
  write(block: Block, byteOffset: number, bytes: Uint8Array): void {
    this.check();
    this.checkBlock(block, 'copying to webgpu:0');
    // A write overtakes what is recorded: that must not see it.
    if (block.batch === this.batch) this.submit();
    this.device.queue.writeBuffer(block.buffer, byteOffset, bytes, 0, bytes.byteLength);
    this.backlog.addUpload(bytes.byteLength);
  }

  /** Reads bytes, once everything recorded has run; offset and length are whole words. */
  async read(block: Block, byteOffset: number, nbytes: number): Promise<Uint8Array> {
    this.check();
    this.checkBlock(block, 'copying from webgpu:0');
    // Mapping waits for what uses the buffer, and for nothing else: something must be copied.
    const readsFault = this.mayFault || nbytes === 0;
    const size = nbytes + FAULT_BYTES;
    const isSmall = size <= SMALL_READ;
    const staging =
      (isSmall ? this.staging.pop() : undefined) ??
      this.device.createBuffer({
        size: isSmall ? SMALL_READ : size,
        usage: usage.mapRead | usage.copyTarget,
      });
    const encoder = this.commands();
    this.pass?.end();
    this.pass = null;
    if (nbytes > 0) encoder.copyBufferToBuffer(block.buffer, byteOffset, staging, 0, nbytes);
    if (readsFault) encoder.copyBufferToBuffer(this.fault.buffer, 0, staging, nbytes, FAULT_BYTES);
    this.submit();
    try {
      await staging.mapAsync(mapModeRead, 0, size);
    } catch (error) {
      // Why the device was lost is told a moment later.
      await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, 100))]);
      this.check();
      throw new RuntimeError(
        `reading from webgpu:0 failed after ${this.lastName}: ${(error as Error).message}`,
      );
    }
    // A failure from before must not be told of something later.
    await Promise.all(this.guards);
    const bytes = new Uint8Array(staging.getMappedRange(0, size).slice(0));
    if (isSmall) {
      staging.unmap();
      this.staging.push(staging);
    } else staging.destroy();
    this.check();
    if (readsFault) this.checkFault(new Uint32Array(bytes.slice(nbytes).buffer));
    return bytes.subarray(0, nbytes);
  }

  /** Waits until everything recorded has run. */
  async wait(): Promise<void> {
    await this.read(this.fault, 0, 0);
  }

  /** The number by which shaders refuse what a call asked for; the same for the same key. */
  refusal(key: string, error: Refusal): number {
    const known = this.refusalNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.refusals.push(error) - 1;
    this.refusalNumbers.set(key, number);
    return number;
  }

  private checkFault([code, a, b, c]: Uint32Array): void {
    if (code === 0) return;
    this.device.queue.writeBuffer(this.fault.buffer, 0, new Uint32Array(FAULT_BYTES / 4));
    switch (code) {
      case faults.indexOutOfRange:
        throw new IndexError(`index ${a | 0} is out of bounds for dimension ${b} with size ${c}`);
      case faults.classOutOfRange:
        throw new IndexError(`Target ${a | 0} is out of bounds.`);
      case faults.refused:
        throw this.refusals[a](b, c | 0);
      default:
        throw new RuntimeError('ZeroDivisionError');
    }
  }
}

function memoryError(name: string, { capacity, failure }: Block): OutOfMemoryError {
  return new OutOfMemoryError(
    `WebGPU out of memory in ${name}: the device had no ${capacity} bytes for one tensor (${failure}). \`torch.webgpu.emptyCache()\` gives back what is kept for reuse.`,
  );
}
