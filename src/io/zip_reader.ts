import type { ByteSource } from './byte_source.js';
import type { Bytes } from './bytes.js';
import { crc32 } from './crc32.js';
import { inflate } from './deflate.js';

/**
 * Reads zip archives by ranges: the directory first, then only the entries asked for.
 *
 * The platform inflates; the container is our own, because none of the kept libraries does what checkpoints need in Node and
 * browsers alike: fflate trusts the sizes that an archive claims and wants it in memory as a whole, yauzl is for Node only,
 * zip.js is larger than all of this package's input and output together, and none writes aligned entries.
 *
 * Nothing that the archive claims is believed before it is checked against the size of the source.
 */

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly storedSize: number;
  readonly size: number;
  readonly crc: number;
  readonly headerOffset: number;
}

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
const directorySignature = 0x02014b50;
const localSignature = 0x04034b50;
/** The end record is 22 bytes, then a comment of at most 65,535. */
const endSize = 22;
const stored = 0;

/** Gives a member's bytes, of which there must be `size`. */
type Expand = (bytes: Bytes, size: number, fail: (why: string) => Error) => Bytes | Promise<Bytes>;

/** Ways to compress, by their numbers. Those that archives rarely use are loaded when one does. */
const methods: ReadonlyMap<number, Expand> = new Map<number, Expand>([
  [
    stored,
    (bytes, size, fail) => {
      if (bytes.length !== size) throw fail('its sizes contradict each other');
      return bytes;
    },
  ],
  [8, inflate],
  [12, async (...given) => (await import('./decompression/index.js')).bunzip2(...given)],
  [14, async (...given) => (await import('./decompression/index.js')).unlzma(...given)],
]);

/** Demands that a format makes on its archives. */
export interface ZipRules {
  /** Makes the error for an archive that is damaged. */
  readonly fail: (what: string) => Error;
  /** Whether to compare checksums: PyTorch writes them or not, and never looks at them. */
  readonly checksums: boolean;
  /** Whether of entries under one name the last is meant, as Python's zipfile means it; else there must be no two. */
  readonly lastOfName?: boolean;
}

export class ZipReader {
  private constructor(
    private readonly source: ByteSource,
    private readonly entries: ReadonlyMap<string, Entry>,
    private readonly directoryOffset: number,
    private readonly rules: ZipRules,
    /** Names in the order of the directory; one may be there twice. */
    readonly list: readonly string[],
  ) {}

  static async open(source: ByteSource, rules: ZipRules): Promise<ZipReader> {
    const tailLength = Math.min(source.size, endSize + 0xffff);
    const tailOffset = source.size - tailLength;
    const tail = view(await source.read(tailOffset, tailLength));
    let end = tailLength - endSize;
    while (
      end >= 0 &&
      !(
        tail.getUint32(end, true) === endSignature &&
        end + endSize + tail.getUint16(end + 20, true) <= tailLength
      )
    ) {
      end--;
    }
    const missing = () => rules.fail('reading zip archive: failed finding central directory');
    if (end < 0) throw missing();
    let count = tail.getUint16(end + 10, true);
    let size = tail.getUint32(end + 12, true);
    let offset = tail.getUint32(end + 16, true);
    if (count === 0xffff || size === 0xffffffff || offset === 0xffffffff) {
      if (end < 20 || tail.getUint32(end - 20, true) !== locator64Signature) throw missing();
      const at = uint64(tail, end - 20 + 8);
      if (!(at + 56 <= source.size)) throw missing();
      const record = view(await source.read(at, 56));
      if (record.getUint32(0, true) !== end64Signature) throw missing();
      count = uint64(record, 32);
      size = uint64(record, 40);
      offset = uint64(record, 48);
    }
    if (!(offset + size <= tailOffset + end && count * 46 <= size)) throw missing();
    const directory = await source.read(offset, size);
    const list = readDirectory(directory, count, source.size, rules);
    const entries = new Map(list.map((entry) => [entry.name, entry]));
    return new ZipReader(
      source,
      entries,
      offset,
      rules,
      list.map(({ name }) => name),
    );
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** Names in the order of the directory. */
  names(): IterableIterator<string> {
    return this.entries.keys() as IterableIterator<string>;
  }

  /** How many bytes `read` will give. */
  size(name: string): number {
    return this.find(name).size;
  }

  async read(name: string): Promise<Bytes> {
    const entry = this.find(name);
    const broken = (why: string) => this.rules.fail(`reading file ${name}: ${why}`);
    const start = await this.startOf(entry, broken);
    const expand = methods.get(entry.method);
    if (expand === undefined)
      throw broken(
        `compression method ${entry.method} is not supported: repack it by deflate, as numpy.savez_compressed does`,
      );
    const content = await expand(await this.source.read(start, entry.storedSize), entry.size, broken);
    if (this.rules.checksums && crc32(content) !== entry.crc) throw broken('its checksum is wrong');
    return content;
  }

  /** The bytes of an entry as the source maps them; null where it does not, or they are compressed. */
  async map(name: string): Promise<Bytes | null> {
    const entry = this.find(name);
    if (this.source.map === undefined || entry.method !== stored || entry.storedSize !== entry.size)
      return null;
    const start = await this.startOf(entry, (why) => this.rules.fail(`reading file ${name}: ${why}`));
    return this.source.map(start, entry.size);
  }

  /** Where an entry's bytes begin. */
  private async startOf(entry: Entry, broken: (why: string) => Error): Promise<number> {
    if (entry.encrypted) throw broken('it is encrypted');
    if (entry.headerOffset + 30 > this.directoryOffset) throw broken('its header is out of bounds');
    const header = view(await this.source.read(entry.headerOffset, 30));
    if (header.getUint32(0, true) !== localSignature) throw broken('it has no header');
    const start = entry.headerOffset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    if (start + entry.storedSize > this.directoryOffset) throw broken('its data is out of bounds');
    return start;
  }

  private find(name: string): Entry {
    const entry = this.entries.get(name);
    if (entry === undefined)
      throw this.rules.fail(`locating file ${name.replace(/^[^/]*\//, '')}: file not found`);
    return entry;
  }
}

function readDirectory(
  bytes: Uint8Array,
  count: number,
  total: number,
  { fail, lastOfName }: ZipRules,
): Entry[] {
  const entries: Entry[] = [];
  const names = new Set<string>();
  const data = view(bytes);
  const utf8 = new TextDecoder();
  const broken = (why: string) => fail(`reading zip archive: ${why}`);
  let at = 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || data.getUint32(at, true) !== directorySignature) {
      throw broken('the central directory is damaged');
    }
    const nameEnd = at + 46 + data.getUint16(at + 28, true);
    const extraEnd = nameEnd + data.getUint16(at + 30, true);
    const next = extraEnd + data.getUint16(at + 32, true);
    if (next > bytes.length) throw broken('the central directory is damaged');
    let storedSize = data.getUint32(at + 20, true);
    let size = data.getUint32(at + 24, true);
    let headerOffset = data.getUint32(at + 42, true);
    for (let extra = nameEnd; extra + 4 <= extraEnd; ) {
      const length = data.getUint16(extra + 2, true);
      let field = extra + 4;
      extra = field + length;
      if (extra > extraEnd) break;
      if (data.getUint16(field - 4, true) !== 1) continue;
      // Zip64: only the fields that do not fit above are here, in this order.
      const wide = () => {
        if (field + 8 > extra) throw broken('the central directory is damaged');
        field += 8;
        return uint64(data, field - 8);
      };
      if (size === 0xffffffff) size = wide();
      if (storedSize === 0xffffffff) storedSize = wide();
      if (headerOffset === 0xffffffff) headerOffset = wide();
    }
    // Entries that overlap could ask for any amount of memory.
    sum += storedSize;
    if (!(sum <= total && headerOffset <= total)) throw broken('its entries are larger than the file');
    const name = utf8.decode(bytes.subarray(at + 46, nameEnd));
    if (names.has(name) && !lastOfName) throw broken(`file ${name} is there twice`);
    names.add(name);
    entries.push({
      name,
      method: data.getUint16(at + 10, true),
      encrypted: (data.getUint16(at + 8, true) & 1) !== 0,
      storedSize,
      size,
      crc: data.getUint32(at + 16, true),
      headerOffset,
    });
    at = next;
  }
  return entries;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Beyond 2^53 the value is inexact but still larger than any file, so every check refuses it. */
function uint64(data: DataView, at: number): number {
  return Number(data.getBigUint64(at, true));
}
