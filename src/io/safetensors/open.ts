import type { DeviceLike } from '../../core/device.js';
import { libraryClass } from '../../core/object.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes, takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { checkSizes } from '../../dispatch/empty.js';
import { type Index, parseSlice, Slice } from '../../ops/getitem.js';
import type { ByteSource } from '../byte_source.js';
import { RawArray } from '../raw_array.js';
import { byteLength, tensorOf } from '../raw_elements.js';
import { openSource, type Readable } from '../source.js';
import { dtypeOf, elementKind, type Header, readHeader, SafetensorError, type TensorInfo } from './header.js';

const safeOpenSignature = signature("safe_open(Any filename, str framework='pt', Device device='cpu')");

/** A `.safetensors` file: names at once, each tensor when it is asked for. `safeOpen` makes one. */
export class SafeOpen {
  private isOpen = true;

  /** @internal */
  constructor(
    private readonly source: ByteSource,
    private readonly header: Header,
    private readonly device: DeviceLike,
  ) {}

  /** The names of the tensors, sorted. */
  keys(): string[] {
    return this.offsetKeys().sort();
  }

  /** The names of the tensors, in the order in which they lie in the file. */
  offsetKeys(): string[] {
    return [...this.header.tensors.keys()];
  }

  /** Texts that were saved beside the tensors. */
  metadata(): Readonly<Record<string, string>> | null {
    return this.header.metadata;
  }

  /** Reads one tensor. @throws SafetensorError if there is none of this name */
  async getTensor(name: string): Promise<Tensor> {
    const info = this.find(name);
    return this.read(info, info.shape, 0);
  }

  /**
   * Reads a tensor of any element type, also of those that no dtype is there for, as U16 or F8_E4M3.
   * @example
   * (await file.getRaw('codes')).toArray(); // a Uint16Array
   */
  async getRaw(name: string): Promise<RawArray> {
    const { dtype, shape, begin, end } = this.find(name);
    const bytes = await this.source.read(this.header.dataStart + begin, end - begin);
    return new RawArray(dtype, shape, bytes, elementKind(dtype), 1);
  }

  /** A tensor that can be read in part. */
  getSlice(name: string): SafeSlice {
    const info = this.find(name);
    return new SafeSlice(info, (shape, start) => this.read(info, shape, start));
  }

  /** Reads all tensors. */
  async getTensors(): Promise<Record<string, Tensor>> {
    const tensors: Record<string, Tensor> = {};
    for (const name of this.offsetKeys()) define(tensors, name, await this.getTensor(name));
    return tensors;
  }

  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    await this.source.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private find(name: string): TensorInfo {
    if (!this.isOpen) throw new SafetensorError('File is closed');
    const info = this.header.tensors.get(name);
    if (info === undefined) throw new SafetensorError(`File does not contain tensor ${name}`);
    return info;
  }

  private async read(info: TensorInfo, shape: readonly number[], start: number): Promise<Tensor> {
    const dtype = dtypeOf(info.dtype);
    checkSizes(shape);
    const bytes = await this.source.read(
      this.header.dataStart + info.begin + start,
      byteLength(shape, dtype),
    );
    const tensor = tensorOf(bytes, dtype, shape);
    return String(this.device) === 'cpu' ? tensor : tensor.to(this.device);
  }
}

libraryClass(SafeOpen, { shown: [] });
takes(SafeOpen.prototype, [
  'keys()',
  'offset_keys()',
  'metadata()',
  'get_tensor(str name)',
  'get_raw(str name)',
  'get_slice(str name)',
  'get_tensors()',
  'close()',
]);

/** A tensor in a file, of which `index` reads the rows that it needs. */
export class SafeSlice {
  /** @internal @param read reads a tensor of this shape, so many bytes after the first */
  constructor(
    private readonly info: TensorInfo,
    private readonly read: (shape: readonly number[], start: number) => Promise<Tensor>,
  ) {}

  getShape(): number[] {
    return [...this.info.shape];
  }

  /** The dtype as the file names it: `'F32'`. */
  getDtype(): string {
    return this.info.dtype;
  }

  /**
   * As `tensor.index(…)`, reading only the rows that the first index names.
   * @example
   * const rows = await file.getSlice('embedding').index('100:200');
   */
  async index(...index: Index[]): Promise<Tensor> {
    const [rows, ...rest] = index;
    const { shape } = this.info;
    const length = shape[0] ?? 0;
    const first = typeof rows === 'string' && rows.includes(':') ? parseSlice(rows) : rows;
    const isRow = typeof first === 'number' && Number.isInteger(first) && first >= -length && first < length;
    if (shape.length === 0 || !(isRow || first instanceof Slice)) {
      return (await this.read(shape, 0)).index(...index);
    }
    const at = (i: number) => Math.min(Math.max(i < 0 ? i + length : i, 0), length);
    const start = at(isRow ? first : ((first as Slice).start ?? 0));
    const stop = isRow ? start + 1 : Math.max(start, at((first as Slice).stop ?? length));
    const part = await this.read([stop - start, ...shape.slice(1)], start * this.rowBytes());
    return part.index(isRow ? 0 : new Slice(null, null, (first as Slice).step), ...rest);
  }

  private rowBytes(): number {
    return byteLength(this.info.shape.slice(1), dtypeOf(this.info.dtype));
  }
}

libraryClass(SafeSlice, { shown: [] });
takesNothing(SafeSlice.prototype, ['getShape', 'getDtype']);

/**
 * Opens a `.safetensors` file: only its header is read, and each tensor when it is asked for. Close it, or hold it with
 * `await using`, when you are done.
 *
 * @example
 * const file = await torch.safetensors.safeOpen('model.safetensors');
 * for (const name of file.keys()) console.log(name, (await file.getTensor(name)).shape);
 * await file.close();
 */
export async function safeOpen(
  ...args: Arguments<typeof safeOpenSignature, { filename: Readable }>
): Promise<SafeOpen> {
  const { filename, framework, device } = safeOpenSignature.bind(args);
  if (!['pt', 'torch', 'pytorch'].includes(framework)) {
    throw new SafetensorError(`framework ${framework} is invalid`);
  }
  const source = await openSource(filename as Readable);
  try {
    return new SafeOpen(source, await readHeader(source), device);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Assignment, without the meaning that `__proto__` has in one. */
export function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}
