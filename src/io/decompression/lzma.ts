/**
 * Decompression of LZMA: of streams, and as zip archives hold it, with a header of their own.
 * After I. Pavlov's specification, lzma-specification.txt of the LZMA SDK (2015, public domain).
 */
import type { Bytes } from '../bytes.js';
import { GrowingBytes } from './growing_bytes.js';

const probabilityBits = 11;
const moveBits = 5;
const even = 1 << (probabilityBits - 1);
/** From this many bits on a distance's middle bits are not modelled. */
const lastSlotModelled = 14;
const alignBits = 4;
const shortestMatch = 2;

const probabilities = (count: number): Uint16Array => new Uint16Array(count).fill(even);

/** A binary arithmetic decoder. */
export class RangeDecoder {
  private range = 0xffffffff;
  private code = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private position: number,
    private readonly fail: (why: string) => Error,
  ) {
    if (this.next() !== 0) throw fail('it is no LZMA data');
    for (let i = 0; i < 4; i++) this.code = ((this.code << 8) | this.next()) >>> 0;
  }

  /** Whether its bytes are used up and say no more. */
  get isDone(): boolean {
    return this.position === this.bytes.length && this.code === 0;
  }

  private next(): number {
    if (this.position >= this.bytes.length) throw this.fail('its data ends too early');
    return this.bytes[this.position++];
  }

  private normalize(): void {
    if (this.range >= 0x1000000) return;
    this.range = (this.range << 8) >>> 0;
    this.code = ((this.code << 8) | this.next()) >>> 0;
  }

  bit(of: Uint16Array, at: number): number {
    const bound = (this.range >>> probabilityBits) * of[at];
    let symbol = 0;
    if (this.code < bound) {
      this.range = bound;
      of[at] += ((1 << probabilityBits) - of[at]) >> moveBits;
    } else {
      this.range -= bound;
      this.code -= bound;
      of[at] -= of[at] >> moveBits;
      symbol = 1;
    }
    this.normalize();
    return symbol;
  }

  /** Bits of even chances. */
  direct(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      this.range >>>= 1;
      const isOne = this.code >= this.range;
      if (isOne) this.code -= this.range;
      this.normalize();
      value = value * 2 + (isOne ? 1 : 0);
    }
    return value;
  }

  /** A number whose bits, the highest first, choose the way through a tree. */
  tree(of: Uint16Array, count: number, start = 0): number {
    let node = 1;
    for (let i = 0; i < count; i++) node = node * 2 + this.bit(of, start + node);
    return node - (1 << count);
  }

  /** The same, the lowest bit first. */
  reverseTree(of: Uint16Array, count: number, start = 0): number {
    let node = 1;
    let value = 0;
    for (let i = 0; i < count; i++) {
      const bit = this.bit(of, start + node);
      node = node * 2 + bit;
      value |= bit << i;
    }
    return value;
  }
}

/** Lengths of matches: short, middle and long ones. */
class LengthDecoder {
  private readonly choice = probabilities(2);
  private readonly low = probabilities(16 << 3);
  private readonly middle = probabilities(16 << 3);
  private readonly high = probabilities(256);

  read(decoder: RangeDecoder, position: number): number {
    if (decoder.bit(this.choice, 0) === 0) return decoder.tree(this.low, 3, position << 3);
    if (decoder.bit(this.choice, 1) === 0) return 8 + decoder.tree(this.middle, 3, position << 3);
    return 16 + decoder.tree(this.high, 8);
  }
}

/** The places of a stream's properties in their byte. */
export interface Properties {
  readonly literalContext: number;
  readonly literalPosition: number;
  readonly positionMask: number;
}

/** @throws what `fail` makes if a byte says no properties */
export function propertiesOf(settings: number, fail: (why: string) => Error): Properties {
  if (settings >= 9 * 5 * 5) throw fail('its LZMA properties are damaged');
  return {
    literalContext: settings % 9,
    literalPosition: Math.floor(settings / 9) % 5,
    positionMask: (1 << Math.floor(settings / 45)) - 1,
  };
}

/** The statistics that LZMA has gathered of the bytes so far. */
export class LzmaModel {
  private readonly literals: Uint16Array;
  private readonly isMatch = probabilities(12 << 4);
  private readonly isRepeat = probabilities(12);
  private readonly isRepeat0 = probabilities(12);
  private readonly isRepeat0Long = probabilities(12 << 4);
  private readonly isRepeat1 = probabilities(12);
  private readonly isRepeat2 = probabilities(12);
  private readonly slots = probabilities(4 << 6);
  private readonly specials = probabilities(128);
  private readonly align = probabilities(1 << alignBits);
  private readonly lengths = new LengthDecoder();
  private readonly repeatLengths = new LengthDecoder();
  /** Distances of the last matches, the latest first. */
  private recent = [0, 0, 0, 0];
  private state = 0;

  constructor(
    readonly properties: Properties,
    private readonly dictionary: number,
  ) {
    this.literals = probabilities(0x300 << (properties.literalContext + properties.literalPosition));
  }

  private literal(decoder: RangeDecoder, out: GrowingBytes, start: number): void {
    const { literals, recent, state } = this;
    const { literalContext, literalPosition } = this.properties;
    const length = out.length - start;
    const previous = length > 0 ? out.back(1) : 0;
    const context =
      ((length & ((1 << literalPosition) - 1)) << literalContext) + (previous >> (8 - literalContext));
    const table = 0x300 * context;
    let symbol = 1;
    if (state >= 7) {
      // Behind a match the byte that would have continued it is a guide.
      let guide = out.back(recent[0] + 1);
      while (symbol < 0x100) {
        const expected = (guide >> 7) & 1;
        guide = (guide << 1) & 0xff;
        const bit = decoder.bit(literals, table + ((1 + expected) << 8) + symbol);
        symbol = symbol * 2 + bit;
        if (bit !== expected) break;
      }
    }
    while (symbol < 0x100) symbol = symbol * 2 + decoder.bit(literals, table + symbol);
    out.push(symbol - 0x100);
    this.state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
  }

  private distanceFor(decoder: RangeDecoder, length: number): number {
    const slot = decoder.tree(this.slots, 6, Math.min(length, 3) << 6);
    if (slot < 4) return slot;
    const count = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) * 2 ** count;
    if (slot < lastSlotModelled) return base + decoder.reverseTree(this.specials, count, base - slot);
    return base + decoder.direct(count - alignBits) * 16 + decoder.reverseTree(this.align, alignBits);
  }

  /**
   * Decodes until there are `end` bytes, or the stream says that it ends.
   *
   * @param start where the dictionary begins
   */
  decode(
    decoder: RangeDecoder,
    out: GrowingBytes,
    start: number,
    end: number,
    fail: (why: string) => Error,
  ): void {
    const { isMatch, isRepeat, isRepeat0, isRepeat0Long, isRepeat1, isRepeat2 } = this;
    const { positionMask } = this.properties;
    while (out.length < end) {
      const { recent, state } = this;
      const position = (out.length - start) & positionMask;
      if (decoder.bit(isMatch, (state << 4) + position) === 0) {
        this.literal(decoder, out, start);
        continue;
      }
      let length: number;
      if (decoder.bit(isRepeat, state) === 0) {
        length = this.lengths.read(decoder, position);
        const distance = this.distanceFor(decoder, length);
        if (distance === 0xffffffff) break;
        this.recent = [distance, recent[0], recent[1], recent[2]];
        this.state = state < 7 ? 7 : 10;
      } else {
        if (out.length === start) throw fail('its data is damaged');
        if (decoder.bit(isRepeat0, state) === 0) {
          if (decoder.bit(isRepeat0Long, (state << 4) + position) === 0) {
            this.state = state < 7 ? 9 : 11;
            if (recent[0] >= out.length - start) throw fail('its data is damaged');
            out.push(out.back(recent[0] + 1));
            continue;
          }
        } else {
          const which = decoder.bit(isRepeat1, state) === 0 ? 1 : 2 + decoder.bit(isRepeat2, state);
          const [distance] = recent.splice(which, 1);
          recent.unshift(distance);
        }
        length = this.repeatLengths.read(decoder, position);
        this.state = state < 7 ? 8 : 11;
      }
      const distance = this.recent[0] + 1;
      if (distance > out.length - start || distance > this.dictionary) throw fail('its data is damaged');
      const last = out.length + length + shortestMatch;
      if (last > end) throw fail('it is larger than it claims');
      while (out.length < last) out.push(out.back(distance));
    }
  }
}

/**
 * Decompresses a member of a zip archive to exactly `size` bytes.
 *
 * @param fail makes the error for bytes that do not hold that
 */
export function unlzma(bytes: Uint8Array, size: number, fail: (why: string) => Error): Bytes {
  // The version of the SDK, the length of the properties, and these.
  if (bytes.length < 9 || bytes[2] !== 5 || bytes[3] !== 0) throw fail('it is no LZMA data');
  const dictionary = Math.max(4096, new DataView(bytes.buffer, bytes.byteOffset).getUint32(5, true));
  const model = new LzmaModel(propertiesOf(bytes[4], fail), dictionary);
  const out = new GrowingBytes(size, fail);
  model.decode(new RangeDecoder(bytes, 9, fail), out, 0, size, fail);
  return out.whole();
}
