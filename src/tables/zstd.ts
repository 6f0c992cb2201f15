/** Zstandard's frames (RFC 8878), without dictionaries. Checksums are passed over. */

const frameMagic = 0xfd2fb528;
const skippedMagic = 0x184d2a50;
const longestBlock = 131072;
/** Less than what a byte can become: a block of the greatest length takes four. */
const greatestRatio = 32768;

const damaged = (): Error => new Error('Zstandard data is damaged');

/** Unpacks frames to exactly `size` bytes. @throws Error for bytes that do not hold that */
export function unpackZstd(bytes: Uint8Array, size: number): Uint8Array {
  if (!(size >= 0 && size <= greatestRatio * bytes.length))
    throw new Error('Zstandard data cannot be that long');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const out = new Uint8Array(size);
  let end = 0;
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 8) throw damaged();
    const magic = view.getUint32(at, true);
    if ((magic & ~15) >>> 0 === skippedMagic) {
      at += 8 + view.getUint32(at + 4, true);
      continue;
    }
    if (magic !== frameMagic) throw new Error('it is no Zstandard data');
    const flags = bytes[at + 4];
    if ((flags & 8) !== 0) throw damaged();
    if ((flags & 3) !== 0) throw new Error('Zstandard data needs a dictionary');
    const isSingle = (flags & 32) !== 0;
    const sizeBytes = flags >> 6 === 0 ? Number(isSingle) : 1 << (flags >> 6);
    at += 5 + Number(!isSingle) + sizeBytes;
    const frame = new Frame(bytes, out, end);
    at = frame.blocks(at) + ((flags & 4) !== 0 ? 4 : 0);
    end = frame.end;
  }
  if (end !== size) throw new Error('Zstandard data is of another length');
  return out;
}

/** Bits of a part of the data, read from its end: the last byte's highest bit says where they begin. */
class BackwardBits {
  /** How many are left; below 0 where more were read than there are, which are zeros. */
  left: number;

  constructor(private readonly bytes: Uint8Array) {
    const last = bytes[bytes.length - 1];
    if (bytes.length === 0 || last === 0) throw damaged();
    this.left = 8 * bytes.length - 1 - Math.clz32(last) + 24;
  }

  /** Up to 24 bits, which stay. */
  peek(count: number): number {
    const start = this.left - count;
    return (wordAt(this.bytes, start >> 3) >>> (start & 7)) & ((1 << count) - 1);
  }

  /** Up to 31 bits. */
  read(count: number): number {
    if (count === 0) return 0;
    if (count > 16) {
      const high = this.read(count - 16);
      return high * 65536 + this.read(16);
    }
    const value = this.peek(count);
    this.left -= count;
    return value;
  }
}

const byteOf = (bytes: Uint8Array, at: number): number => (at >= 0 && at < bytes.length ? bytes[at] : 0);

/** Four bytes, the first the lowest: zeros where there are none. */
function wordAt(bytes: Uint8Array, at: number): number {
  if (at >= 0 && at + 4 <= bytes.length)
    return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  let word = 0;
  for (let i = 0; i < 4; i++) word |= byteOf(bytes, at + i) << (8 * i);
  return word;
}

/** A table of finite state entropy: of each state its symbol, and how the next one follows. */
interface StateTable {
  readonly accuracy: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

/** @param counts how many states of 2^accuracy each symbol has; -1 for the least */
function stateTable(counts: readonly number[], accuracy: number): StateTable {
  const size = 1 << accuracy;
  const symbols = new Uint8Array(size);
  const next = counts.map((count) => Math.abs(count));
  let high = size;
  for (const [symbol, count] of counts.entries()) if (count === -1) symbols[--high] = symbol;
  const step = (size >> 1) + (size >> 3) + 3;
  let place = 0;
  for (const [symbol, count] of counts.entries())
    for (let i = 0; i < count; i++) {
      symbols[place] = symbol;
      do place = (place + step) & (size - 1);
      while (place >= high);
    }
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  for (let state = 0; state < size; state++) {
    const n = next[symbols[state]]++;
    bits[state] = accuracy - (31 - Math.clz32(n));
    bases[state] = (n << bits[state]) - size;
  }
  return { accuracy, symbols, bits, bases };
}

/** A table as it is written. @returns it, and where it ends */
function readStateTable(
  bytes: Uint8Array,
  start: number,
  most: number,
  mostSymbols: number,
): [table: StateTable, end: number] {
  let bit = 8 * start;
  const read = (count: number): number => {
    const at = bit >> 3;
    if (at >= bytes.length) throw damaged();
    const value = (wordAt(bytes, at) >> (bit & 7)) & ((1 << count) - 1);
    bit += count;
    return value;
  };
  const accuracy = read(4) + 5;
  if (accuracy > most) throw damaged();
  const counts: number[] = [];
  for (let left = 1 << accuracy; left > 0; ) {
    const count = 32 - Math.clz32(left + 1);
    const lower = (1 << (count - 1)) - 1;
    const threshold = (1 << count) - 2 - left;
    let value = read(count);
    if ((value & lower) < threshold) {
      bit--;
      value &= lower;
    } else if (value > lower) value -= threshold;
    left -= Math.abs(value - 1);
    counts.push(value - 1);
    if (value === 1)
      for (let zeros = 3; zeros === 3; ) {
        zeros = read(2);
        for (let i = 0; i < zeros; i++) counts.push(0);
      }
    if (left < 0 || counts.length > mostSymbols) throw damaged();
  }
  return [stateTable(counts, accuracy), (bit + 7) >> 3];
}

/** A prefix code of literals: by the next bits the symbol, and how many of them it takes. */
interface LiteralCode {
  readonly width: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
}

function literalCode(weights: number[]): LiteralCode {
  const sum = weights.reduce((all, weight) => all + (weight === 0 ? 0 : 1 << (weight - 1)), 0);
  if (sum === 0 || weights.some((weight) => weight > 11)) throw damaged();
  const width = 32 - Math.clz32(sum);
  const rest = (1 << width) - sum;
  if (width > 11 || (rest & (rest - 1)) !== 0 || weights.length > 255) throw damaged();
  const all = [...weights, 32 - Math.clz32(rest)];
  const symbols = new Uint8Array(1 << width);
  const bits = new Uint8Array(1 << width);
  let at = 0;
  for (let weight = 1; weight <= width; weight++)
    for (const [symbol, own] of all.entries())
      if (own === weight) {
        const end = at + (1 << (weight - 1));
        symbols.fill(symbol, at, end);
        bits.fill(width + 1 - weight, at, end);
        at = end;
      }
  return { width, symbols, bits };
}

/** The weights of a code, by a table of states of which two take turns. */
function stateWeights(bytes: Uint8Array): number[] {
  const [{ accuracy, symbols, bits, bases }, end] = readStateTable(bytes, 0, 6, 12);
  const stream = new BackwardBits(bytes.subarray(end));
  const states = [stream.read(accuracy), stream.read(accuracy)];
  const weights: number[] = [];
  for (let turn = 0; weights.length < 255; turn ^= 1) {
    const state = states[turn];
    weights.push(symbols[state]);
    states[turn] = bases[state] + stream.read(bits[state]);
    if (stream.left < 0) {
      weights.push(symbols[states[turn ^ 1]]);
      return weights;
    }
  }
  throw damaged();
}

/** Lengths and their extra bits, by codes: the first `plain` codes are `first` and what follows, others are told. */
function lengthCodes(first: number, plain: number, extra: readonly number[]) {
  const bits = [...new Array<number>(plain).fill(0), ...extra];
  const bases = [first];
  for (const [code, count] of bits.entries()) bases.push(bases[code] + (1 << count));
  return { bits, bases };
}
const literalLengths = lengthCodes(
  0,
  16,
  [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
);
const matchLengths = lengthCodes(
  3,
  32,
  [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
);

const times = (count: number, value: number) => new Array<number>(count).fill(value);
/** The three kinds of codes of sequences: the greatest accuracy, the greatest code, and the usual counts. */
const kinds = [
  {
    most: 9,
    last: 35,
    accuracy: 6,
    counts: [4, 3, ...times(11, 2), ...times(3, 1), ...times(9, 2), 3, 2, ...times(5, 1), ...times(4, -1)],
  },
  {
    most: 8,
    last: 31,
    accuracy: 5,
    counts: [...times(6, 1), ...times(3, 2), ...times(15, 1), ...times(5, -1)],
  },
  {
    most: 9,
    last: 52,
    accuracy: 6,
    counts: [1, 4, 3, ...times(6, 2), ...times(37, 1), ...times(7, -1)],
  },
] as const;

/** State that the blocks of a frame have in common. */
class Frame {
  private code: LiteralCode | null = null;
  private readonly tables: (StateTable | null)[] = [null, null, null];
  private nearest = 1;
  private second = 4;
  private third = 8;
  private readonly start: number;

  /** @param end where what is unpacked begins, and later ends */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly out: Uint8Array,
    public end: number,
  ) {
    this.start = end;
  }

  /** Unpacks the blocks from `start` on, and gives their end. */
  blocks(start: number): number {
    const { bytes, out } = this;
    for (let at = start; ; ) {
      if (at + 3 > bytes.length) throw damaged();
      const head = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
      const [kind, size] = [(head >> 1) & 3, head >> 3];
      at += 3;
      const taken = kind === 1 ? 1 : size;
      if (kind === 3 || size > longestBlock || taken > bytes.length - at) throw damaged();
      if (kind === 2) this.block(bytes.subarray(at, at + size));
      else {
        if (size > out.length - this.end) throw damaged();
        if (kind === 0) out.set(bytes.subarray(at, at + size), this.end);
        else out.fill(bytes[at], this.end, this.end + size);
        this.end += size;
      }
      at += taken;
      if ((head & 1) === 1) return at;
    }
  }

  private block(block: Uint8Array): void {
    const [literals, at] = this.literals(block);
    this.sequences(block, at, literals);
  }

  private literals(block: Uint8Array): [literals: Uint8Array, end: number] {
    const head = byteOf(block, 0);
    const kind = head & 3;
    const format = (head >> 2) & 3;
    if (kind < 2) {
      const bytes = (format & 1) === 0 ? 1 : format === 1 ? 2 : 3;
      const word = head | (byteOf(block, 1) << 8) | (byteOf(block, 2) << 16);
      const size = bytes === 1 ? head >> 3 : (word & ((1 << (8 * bytes)) - 1)) >> 4;
      const taken = kind === 1 ? 1 : size;
      if (size > longestBlock || bytes + taken > block.length) throw damaged();
      if (kind === 0) return [block.subarray(bytes, bytes + size), bytes + size];
      return [new Uint8Array(size).fill(block[bytes]), bytes + 1];
    }
    const headBytes = [3, 3, 4, 5][format];
    const width = [10, 10, 14, 18][format];
    let word = 0;
    for (let i = 0; i < headBytes; i++) word += byteOf(block, i) * 256 ** i;
    const size = Math.floor(word / 16) % 2 ** width;
    const packed = Math.floor(word / 2 ** (4 + width));
    const end = headBytes + packed;
    if (size > longestBlock || end > block.length) throw damaged();
    let at = headBytes;
    if (kind === 2) at = this.readCode(block.subarray(0, end), at);
    const literals = new Uint8Array(size);
    const streams = block.subarray(at, end);
    if (format === 0) this.stream(streams, literals);
    else {
      if (streams.length < 6) throw damaged();
      const share = (size + 3) >> 2;
      if (3 * share > size) throw damaged();
      for (let i = 0, from = 6; i < 4; i++) {
        const length = i === 3 ? streams.length - from : streams[2 * i] | (streams[2 * i + 1] << 8);
        if (length < 0 || from + length > streams.length) throw damaged();
        const to = i === 3 ? size : (i + 1) * share;
        this.stream(streams.subarray(from, from + length), literals.subarray(i * share, to));
        from += length;
      }
    }
    return [literals, end];
  }

  private readCode(bytes: Uint8Array, at: number): number {
    const head = byteOf(bytes, at);
    const count = head < 128 ? head : (head - 126) >> 1;
    const part = bytes.subarray(at + 1, at + 1 + count);
    if (part.length < count) throw damaged();
    this.code = literalCode(
      head < 128
        ? stateWeights(part)
        : Array.from({ length: head - 127 }, (_, i) => (part[i >> 1] >> (i % 2 === 0 ? 4 : 0)) & 15),
    );
    return at + 1 + count;
  }

  private stream(bytes: Uint8Array, to: Uint8Array): void {
    if (this.code === null) throw damaged();
    const { width, symbols, bits } = this.code;
    let { left } = new BackwardBits(bytes);
    const { length } = to;
    const mask = (1 << width) - 1;
    for (let i = 0; i < length; i++) {
      const start = left - width;
      const next = (wordAt(bytes, start >> 3) >>> (start & 7)) & mask;
      to[i] = symbols[next];
      left -= bits[next];
    }
    if (left !== 0) throw damaged();
  }

  private sequences(block: Uint8Array, start: number, literals: Uint8Array): void {
    let at = start;
    let count = byteOf(block, at++);
    if (count === 255) {
      count = byteOf(block, at) + (byteOf(block, at + 1) << 8) + 0x7f00;
      at += 2;
    } else if (count > 127) count = ((count - 128) << 8) + byteOf(block, at++);
    if (count === 0) {
      this.append(literals, 0, literals.length);
      return;
    }
    const modes = byteOf(block, at++);
    if ((modes & 3) !== 0) throw damaged();
    for (const [i, kind] of kinds.entries())
      at = this.readTable(block, at, i, (modes >> (6 - 2 * i)) & 3, kind);
    const [lengths, offsets, matches] = this.tables as StateTable[];
    const stream = new BackwardBits(block.subarray(Math.min(at, block.length)));
    let length = stream.read(lengths.accuracy);
    let offset = stream.read(offsets.accuracy);
    let match = stream.read(matches.accuracy);
    let used = 0;
    for (let i = 0; i < count; i++) {
      const offsetCode = offsets.symbols[offset];
      const value = (offsetCode < 31 ? 1 << offsetCode : 2 ** 31) + stream.read(offsetCode);
      const matchCode = matches.symbols[match];
      const copied = matchLengths.bases[matchCode] + stream.read(matchLengths.bits[matchCode]);
      const lengthCode = lengths.symbols[length];
      const own = literalLengths.bases[lengthCode] + stream.read(literalLengths.bits[lengthCode]);
      if (i < count - 1) {
        length = lengths.bases[length] + stream.read(lengths.bits[length]);
        match = matches.bases[match] + stream.read(matches.bits[match]);
        offset = offsets.bases[offset] + stream.read(offsets.bits[offset]);
      }
      if (stream.left < 0 || own > literals.length - used) throw damaged();
      this.append(literals, used, used + own);
      used += own;
      this.repeat(this.distance(value, own === 0), copied);
    }
    if (stream.left !== 0) throw damaged();
    this.append(literals, used, literals.length);
  }

  private readTable(
    block: Uint8Array,
    at: number,
    i: number,
    mode: number,
    kind: (typeof kinds)[number],
  ): number {
    if (mode === 0) this.tables[i] = stateTable(kind.counts, kind.accuracy);
    else if (mode === 1) {
      const symbol = byteOf(block, at);
      if (symbol > kind.last) throw damaged();
      this.tables[i] = {
        accuracy: 0,
        symbols: Uint8Array.of(symbol),
        bits: new Uint8Array(1),
        bases: new Uint16Array(1),
      };
      return at + 1;
    } else if (mode === 2) {
      const [table, end] = readStateTable(block, at, kind.most, kind.last + 1);
      this.tables[i] = table;
      return end;
    } else if (this.tables[i] === null) throw damaged();
    return at;
  }

  /** How far back a sequence copies from: a new distance, or one of the last three. */
  private distance(value: number, isWithoutLiterals: boolean): number {
    const { nearest, second, third } = this;
    const which = value > 3 ? 3 : value - 1 + Number(isWithoutLiterals);
    if (which === 0) return nearest;
    const found = value > 3 ? value - 3 : which === 1 ? second : which === 2 ? third : nearest - 1;
    if (which > 1) this.third = second;
    this.second = nearest;
    this.nearest = found;
    return found;
  }

  private append(literals: Uint8Array, from: number, to: number): void {
    const { out, end } = this;
    const count = to - from;
    if (count > out.length - end) throw damaged();
    if (count > 64) out.set(literals.subarray(from, to), end);
    else for (let i = 0; i < count; i++) out[end + i] = literals[from + i];
    this.end += count;
  }

  /** Copies what was unpacked before, which may reach into what is copied. */
  private repeat(distance: number, count: number): void {
    const { out, end } = this;
    if (!(distance > 0 && distance <= end - this.start && count <= out.length - end)) throw damaged();
    if (count > 64 && distance >= count) out.copyWithin(end, end - distance, end - distance + count);
    else for (let i = end, from = end - distance; i < end + count; i++, from++) out[i] = out[from];
    this.end += count;
  }
}
