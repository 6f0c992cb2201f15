/** Bytes of a page, read one after the other; reading past the end is an Error. */
export class PageReader {
  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
  ) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    if (this.left < 1) throw new Error('a page ends too early');
    return this.bytes[this.at++];
  }

  uint32(): number {
    const { bytes } = this.take(4);
    return (bytes[0] | (bytes[1] << 8) | (bytes[2] << 16) | (bytes[3] << 24)) >>> 0;
  }

  /** A number of seven bits a byte, of at most `most` bytes. It need not be exact above 2⁵³. */
  varint(most = 5): number {
    let value = 0;
    for (let factor = 1, i = 0; i < most; i++, factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new Error(`a page has a number of more than ${most} bytes`);
  }

  /** The next bytes, by a reader of their own. */
  take(count: number): PageReader {
    if (!(count >= 0 && count <= this.left)) throw new Error('a page ends too early');
    this.at += count;
    return new PageReader(this.bytes.subarray(this.at - count, this.at));
  }
}
