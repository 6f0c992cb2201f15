/** Thrift's compact protocol, as far as Parquet's pages and footers have it: to look at counts before anybody believes them, and to write them anew. */

/** Fields by their numbers: numbers, truth values and structs; text and lists are passed over. */
export type CompactStruct = ReadonlyMap<number, number | boolean | CompactStruct>;

const deepest = 24;

/** Texts within structs that lie deeper than a file's own settings do: names, least and greatest values. */
const settingsDepth = 2;
const longestText = 2 ** 14;

/** Reads structs. What is no struct, or claims to be longer than the bytes are, is an Error. */
export class CompactReader {
  constructor(
    private readonly bytes: Uint8Array,
    public at = 0,
  ) {}

  struct(depth = 0): CompactStruct {
    if (depth > deepest) throw new Error('its structs nest too deep');
    const fields = new Map<number, number | boolean | CompactStruct>();
    for (let id = 0; ; ) {
      const byte = this.byte();
      const type = byte & 15;
      if (type === 0) return fields;
      id = byte >> 4 === 0 ? this.zigzag() : id + (byte >> 4);
      const value = this.value(type, depth);
      if (value !== undefined) fields.set(id, value);
    }
  }

  private value(type: number, depth: number): number | boolean | CompactStruct | undefined {
    switch (type) {
      case 1:
      case 2:
        return type === 1;
      case 3:
        return (this.byte() << 24) >> 24;
      case 4:
      case 5:
      case 6:
        return this.zigzag();
      case 7:
        return this.skip(8);
      case 8:
        return this.text(depth);
      case 9: {
        const head = this.byte();
        const kind = head & 15;
        const count = head >> 4 === 15 ? this.varint() : head >> 4;
        // Readers differ in how long a truth value in a list is; no footer has one.
        if (kind < 3) throw new Error('it has a list of truth values');
        if (count > this.bytes.length - this.at) throw new Error('it has a list that is longer than itself');
        for (let i = 0; i < count; i++) this.value(kind, depth + 1);
        return undefined;
      }
      case 12:
        return this.struct(depth + 1);
      default:
        throw new Error(`it has a field of type ${type}`);
    }
  }

  /** Decoders take the square of its length for the least and greatest of decimal numbers. */
  private text(depth: number): undefined {
    const length = this.varint();
    if (depth > settingsDepth && length > longestText) throw new Error(`it has a name of ${length} bytes`);
    return this.skip(length);
  }

  private byte(): number {
    if (this.at >= this.bytes.length) throw new Error('it ends too early');
    return this.bytes[this.at++];
  }

  private skip(count: number): undefined {
    if (count > this.bytes.length - this.at) throw new Error('it ends too early');
    this.at += count;
  }

  /** As a number, which need not be exact where it is too large to be right. */
  private varint(): number {
    let value = 0;
    for (let factor = 1, i = 0; i < 10; i++, factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new Error('it has a number of more than ten bytes');
  }

  private zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** Numbers that a struct is written with. */
export type CompactFields = ReadonlyMap<number, number | CompactFields>;

/** Writes a struct of integers and structs of such, by ascending numbers of fields, at most 15 apart. */
export function structBytes(fields: CompactFields): Uint8Array {
  const out: number[] = [];
  const write = (struct: CompactFields) => {
    let before = 0;
    for (const [id, value] of struct) {
      out.push(((id - before) << 4) | (typeof value === 'number' ? 5 : 12));
      before = id;
      if (typeof value !== 'number') write(value);
      else {
        let rest = value * 2;
        for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
        out.push(rest);
      }
    }
    out.push(0);
  };
  write(fields);
  return Uint8Array.from(out);
}
