import type { Bytes, Sink } from './bytes.js';
import { crc32 } from './crc32.js';
import { deflate } from './deflate.js';

const maximum32 = 0xffffffff;
/** The name is UTF-8, and sizes follow in a data descriptor, which an empty entry has no need of. */
const flagsOf = (size: number) => (size === 0 ? 0x0800 : 0x0808);

interface Written {
  readonly name: Uint8Array;
  readonly size: number;
  readonly storedSize: number;
  readonly method: number;
  readonly crc: number;
  readonly offset: number;
}

/**
 * Writes zip archives exactly as PyTorch's own writer lays them out: entries stored unless told otherwise, each payload aligned to 64 bytes
 * by an extra field 'FB' of Zs, sizes in a data descriptor after the payload, and zip64 records wherever a
 * number does not fit 32 bits. Python can compute where every tensor lies without reading the headers
 * (`.format_version` promises as much), hence the exactness.
 */
export class ZipWriter {
  private cursor = 0;
  private readonly written: Written[] = [];

  constructor(
    private readonly sink: Sink,
    readonly alignment = 64,
    /** @internal Where 32 bits end; tests lower it to see zip64 without writing 4 GiB. */
    private readonly limit = maximum32,
  ) {}

  async add(name: string, content: Uint8Array, compress = false): Promise<void> {
    const encoded = new TextEncoder().encode(name);
    const bytes = compress ? await deflate(content) : content;
    const entry = {
      name: encoded,
      size: content.length,
      storedSize: bytes.length,
      method: compress ? 8 : 0,
      crc: crc32(content),
      offset: this.cursor,
    };
    this.written.push(entry);
    const wide = this.wideFields(entry);
    const start = this.cursor + 30 + encoded.length + wide.length + 4;
    const padding = (this.alignment - (start % this.alignment)) % this.alignment;
    const header = new Fields(30 + encoded.length + wide.length + 4 + padding);
    header.uint32(0x04034b50);
    header.uint16(0, flagsOf(bytes.length), entry.method, 0, 0);
    header.uint32(0, 0, 0);
    header.uint16(encoded.length, wide.length + 4 + padding);
    header.bytes(encoded);
    header.bytes(wide);
    header.bytes(new TextEncoder().encode('FB'));
    header.uint16(padding);
    header.bytes(new Uint8Array(padding).fill(0x5a));
    await this.write(header.data);
    if (bytes.length === 0) return;
    await this.write(bytes);
    const isWide = entry.offset >= this.limit || this.isLarge(entry);
    const descriptor = new Fields(isWide ? 24 : 16);
    descriptor.uint32(0x08074b50, entry.crc);
    if (isWide) descriptor.uint64(entry.storedSize, entry.size);
    else descriptor.uint32(entry.storedSize, entry.size);
    await this.write(descriptor.data);
  }

  async finish(): Promise<void> {
    const directoryOffset = this.cursor;
    for (const entry of this.written) {
      const wide = this.wideFields(entry);
      const sizes = this.isLarge(entry) ? [maximum32, maximum32] : [entry.storedSize, entry.size];
      const header = new Fields(46 + entry.name.length + wide.length);
      header.uint32(0x02014b50);
      header.uint16(0, 0, flagsOf(entry.storedSize), entry.method, 0, 0);
      header.uint32(entry.crc, ...sizes);
      header.uint16(entry.name.length, wide.length, 0, 0, 0);
      header.uint32(0, entry.offset >= this.limit ? maximum32 : entry.offset);
      header.bytes(entry.name);
      header.bytes(wide);
      await this.write(header.data);
    }
    const end64Offset = this.cursor;
    const directorySize = end64Offset - directoryOffset;
    const count = this.written.length;
    // Of an archive without entries the last record is the first, by which NumPy knows what it is.
    const end = new Fields(count === 0 ? 22 : 56 + 20 + 22);
    if (count > 0) {
      end.uint32(0x06064b50);
      end.uint64(44);
      end.uint16(0x031e, 45);
      end.uint32(0, 0);
      end.uint64(count, count, directorySize, directoryOffset);
      end.uint32(0x07064b50, 0);
      end.uint64(end64Offset);
      end.uint32(1);
    }
    end.uint32(0x06054b50);
    end.uint16(0, 0, Math.min(count, 0xffff), Math.min(count, 0xffff));
    end.uint32(
      directorySize >= this.limit ? maximum32 : directorySize,
      directoryOffset >= this.limit ? maximum32 : directoryOffset,
    );
    end.uint16(0);
    await this.write(end.data);
  }

  /** The zip64 extra field: what does not fit the header, or nothing. */
  private wideFields(entry: Written): Uint8Array {
    const values = this.isLarge(entry) ? [entry.size, entry.storedSize] : [];
    if (entry.offset >= this.limit) values.push(entry.offset);
    if (values.length === 0) return new Uint8Array(0);
    const fields = new Fields(4 + 8 * values.length);
    fields.uint16(1, 8 * values.length);
    fields.uint64(...values);
    return fields.data;
  }

  private isLarge({ size, storedSize }: Written): boolean {
    return Math.max(size, storedSize) >= this.limit;
  }

  private async write(bytes: Uint8Array): Promise<void> {
    this.cursor += bytes.length;
    await this.sink(bytes);
  }
}

/** Little-endian fields, one after the other. */
class Fields {
  readonly data: Bytes;
  private readonly view: DataView;
  private at = 0;

  constructor(size: number) {
    this.data = new Uint8Array(size);
    this.view = new DataView(this.data.buffer);
  }

  uint16(...values: number[]): void {
    for (const value of values) {
      this.view.setUint16(this.at, value, true);
      this.at += 2;
    }
  }

  uint32(...values: number[]): void {
    for (const value of values) {
      this.view.setUint32(this.at, value, true);
      this.at += 4;
    }
  }

  uint64(...values: number[]): void {
    for (const value of values) {
      this.view.setBigUint64(this.at, BigInt(value), true);
      this.at += 8;
    }
  }

  bytes(values: Uint8Array): void {
    this.data.set(values, this.at);
    this.at += values.length;
  }
}
