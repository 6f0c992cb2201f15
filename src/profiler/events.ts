/** Calls that were recorded, and sums of them. */
import type { Shape } from '../core/layout.js';
import { libraryClass } from '../core/object.js';
import type { Entry } from './entry.js';
import { shapesText, timeText } from './formats.js';

/** Times in microseconds, and memory in bytes, of a call or of several. */
abstract class Timed {
  /** By what calls are summed: the name. */
  abstract readonly key: string;
  /** How many calls. */
  abstract readonly count: number;
  /** From beginning to end. */
  abstract readonly cpuTimeTotal: number;
  /** Without what was called meanwhile. */
  abstract readonly selfCpuTimeTotal: number;

  /** The time of one call, on average. */
  get cpuTime(): number {
    return this.count === 0 ? 0 : this.cpuTimeTotal / this.count;
  }

  get cpuTimeStr(): string {
    return timeText(this.cpuTime);
  }

  get cpuTimeTotalStr(): string {
    return timeText(this.cpuTimeTotal);
  }

  get selfCpuTimeTotalStr(): string {
    return timeText(this.selfCpuTimeTotal);
  }
}

/** When something began and ended, in microseconds. */
export class Interval {
  constructor(
    readonly start: number,
    readonly end: number,
  ) {}

  /** The time that it took. */
  elapsedUs(): number {
    return this.end - this.start;
  }
}

/** One call. */
export class FunctionEvent extends Timed {
  readonly name: string;
  readonly key: string;
  readonly count = 1;
  readonly timeRange: Interval;
  /** Calls that were made meanwhile. */
  readonly cpuChildren: FunctionEvent[] = [];
  /** By parameter: the shape of a tensor, nothing for anything else. Empty unless shapes are recorded. */
  readonly inputShapes: readonly Shape[];
  /** Whether it is a name that was given to a part of the program. */
  readonly isUserAnnotation: boolean;
  /** Bytes made during the call, on the CPU. */
  readonly cpuMemoryUsage: number;
  /** The same on another device. */
  readonly deviceMemoryUsage: number;
  readonly selfCpuMemoryUsage: number;
  readonly selfDeviceMemoryUsage: number;
  /** That device. */
  readonly useDevice: string | null;
  /** Operations of floating-point numbers, where they are counted. */
  readonly flops: number;
  readonly thread = 1;

  constructor(
    readonly id: number,
    entry: Entry,
    origin: number,
    /** The call in which it was made. */
    readonly cpuParent: FunctionEvent | null,
  ) {
    super();
    const { name, kind, start, end, shapes, bytes, deviceBytes, device, flops } = entry;
    this.name = name;
    this.key = name.replace(/^ProfilerStep#.*/, 'ProfilerStep*');
    this.timeRange = new Interval((start - origin) * 1000, (end - origin) * 1000);
    this.inputShapes = shapes;
    this.isUserAnnotation = kind === 'user_annotation';
    this.selfCpuMemoryUsage = this.cpuMemoryUsage = bytes;
    this.selfDeviceMemoryUsage = this.deviceMemoryUsage = deviceBytes;
    this.useDevice = device;
    this.flops = flops;
    cpuParent?.cpuChildren.push(this);
    for (let event = cpuParent; event !== null; event = event.cpuParent) event.include(this);
  }

  private include(made: FunctionEvent): void {
    const own = this as { cpuMemoryUsage: number; deviceMemoryUsage: number };
    own.cpuMemoryUsage += made.cpuMemoryUsage;
    own.deviceMemoryUsage += made.deviceMemoryUsage;
  }

  get cpuTimeTotal(): number {
    return this.timeRange.elapsedUs();
  }

  get selfCpuTimeTotal(): number {
    return this.cpuChildren.reduce((rest, child) => rest - child.cpuTimeTotal, this.cpuTimeTotal);
  }

  override toString(): string {
    const { id, name, timeRange, cpuChildren, inputShapes, cpuMemoryUsage } = this;
    return `<FunctionEvent id=${id} name=${name} cpu_time=${this.cpuTimeStr} start_us=${timeRange.start.toFixed(3)} end_us=${timeRange.end.toFixed(3)} cpu_children=[${cpuChildren.map((child) => child.id).join(', ')}] input_shapes=${shapesText(inputShapes)} cpu_memory_usage=${cpuMemoryUsage}>`;
  }
}

/** A sum of calls. */
export class FunctionEventAvg extends Timed {
  count = 0;
  cpuTimeTotal = 0;
  selfCpuTimeTotal = 0;
  cpuMemoryUsage = 0;
  deviceMemoryUsage = 0;
  selfCpuMemoryUsage = 0;
  selfDeviceMemoryUsage = 0;
  useDevice: string | null = null;
  flops = 0;
  /** The call in which the first of them was made. */
  cpuParent: FunctionEvent | null = null;

  constructor(
    readonly key: string,
    /** Shapes of arguments, where calls are summed by them. */
    readonly inputShapes: readonly Shape[],
  ) {
    super();
  }

  /** Adds a call, or a sum of calls. */
  add(other: FunctionEvent | FunctionEventAvg): this {
    if (this.count === 0) this.cpuParent = other.cpuParent;
    this.count += other.count;
    this.cpuTimeTotal += other.cpuTimeTotal;
    this.selfCpuTimeTotal += other.selfCpuTimeTotal;
    this.cpuMemoryUsage += other.cpuMemoryUsage;
    this.deviceMemoryUsage += other.deviceMemoryUsage;
    this.selfCpuMemoryUsage += other.selfCpuMemoryUsage;
    this.selfDeviceMemoryUsage += other.selfDeviceMemoryUsage;
    this.useDevice ??= other.useDevice;
    this.flops += other.flops;
    return this;
  }

  override toString(): string {
    const { key, inputShapes, cpuMemoryUsage } = this;
    return `<FunctionEventAvg key=${key} self_cpu_time=${this.selfCpuTimeTotalStr} cpu_time=${this.cpuTimeStr} input_shapes=${inputShapes.length === 0 ? '' : shapesText(inputShapes)} cpu_memory_usage=${cpuMemoryUsage}>`;
  }
}

libraryClass(Timed);
