import { KeyError } from '../../core/errors.js';
import { inspect } from '../../core/inspect.js';
import { libraryClass } from '../../core/object.js';
import { takes } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import type { ByteSource } from '../byte_source.js';
import type { RawArray } from '../raw_array.js';

/**
 * The arrays of an `.npz` file by name, each read when it is asked for. Close it, or hold it with `await using`, when you
 * are done: until then the file stays open.
 *
 * @example
 * const npz = await torch.numpy.load('weights.npz');
 * for (const name of npz.files) console.log(name, (await npz.get(name)).shape);
 * await npz.close();
 */
export class NpzFile {
  /** @internal */
  constructor(
    private readonly source: ByteSource,
    /** The names of the arrays. */
    readonly files: readonly string[],
    private readonly hasEntry: (entry: string) => boolean,
    private readonly read: (entry: string) => Promise<Tensor>,
    private readonly readRaw: (entry: string) => Promise<RawArray>,
  ) {}

  /** How many arrays there are. */
  get length(): number {
    return this.files.length;
  }

  keys(): IterableIterator<string> {
    return this.files.values() as IterableIterator<string>;
  }

  has(name: string): boolean {
    return this.entryOf(name) !== undefined;
  }

  /** Reads an array. @throws KeyError if there is none of this name; ValueError if it is damaged or holds objects */
  async get(name: string): Promise<Tensor> {
    return this.read(this.find(name));
  }

  /**
   * Reads an array of any element type, such as text, or the bytes of what is no array.
   * @example
   * (await npz.getRaw('names')).toArray(); // ['cat', 'dog']
   */
  async getRaw(name: string): Promise<RawArray> {
    return this.readRaw(this.find(name));
  }

  async close(): Promise<void> {
    await this.source.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  toString(): string {
    const shown = this.files.slice(0, 5).join(', ');
    return `NpzFile '${this.source.name}' with keys: ${shown}${this.files.length > 5 ? '...' : ''}`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }

  private find(name: string): string {
    const entry = this.entryOf(name);
    if (entry === undefined) throw new KeyError(`${name} is not a file in the archive`);
    return entry;
  }

  /** NumPy takes names with and without the extension, and those with it first. */
  private entryOf(name: string): string | undefined {
    return [name, `${name}.npy`].find(this.hasEntry);
  }
}

libraryClass(NpzFile);
takes(NpzFile.prototype, ['keys()', 'has(str name)', 'get(str name)', 'get_raw(str name)', 'close()']);
