/**
 * LZ4's frames, in which Arrow compresses by default. By their description:
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md.
 */

/** Less than what a byte of LZ4 can become. */
const greatestRatio = 256;

/** Unpacks a frame to exactly `size` bytes. @throws Error for bytes that do not hold that */
export function unpackLz4(bytes: Uint8Array, size: number): Uint8Array {
  if (!(size >= 0 && size <= greatestRatio * bytes.length)) throw new Error('LZ4 data cannot be that long');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 7 || view.getUint32(0, true) !== 0x184d2204) throw new Error('it is no LZ4 frame');
  const flags = bytes[4];
  const hasChecksums = (flags & 16) !== 0;
  let at = 7 + ((flags & 8) !== 0 ? 8 : 0) + ((flags & 1) !== 0 ? 4 : 0);
  const out = new Uint8Array(size);
  let length = 0;
  for (;;) {
    const head = view.getUint32(at, true);
    at += 4;
    if (head === 0) break;
    const blockSize = head & 0x7fffffff;
    const block = bytes.subarray(at, at + blockSize);
    if (block.length < blockSize) throw new Error('LZ4 data ends too early');
    if (head >>> 31 === 1) {
      out.set(block, length);
      length += blockSize;
    } else length = unpackBlock(block, out, length);
    at += blockSize + (hasChecksums ? 4 : 0);
  }
  if (length !== size) throw new Error('LZ4 data is of another length');
  return out;
}

/** Unpacks a single block, without a frame. @throws Error for bytes that do not hold that */
export function unpackLz4Block(bytes: Uint8Array, size: number): Uint8Array {
  if (!(size >= 0 && size <= greatestRatio * bytes.length)) throw new Error('LZ4 data cannot be that long');
  const out = new Uint8Array(size);
  if (unpackBlock(bytes, out, 0) !== size) throw new Error('LZ4 data is of another length');
  return out;
}

/** Unpacks a block behind what is there, to which it may refer. Returns the end. */
function unpackBlock(block: Uint8Array, out: Uint8Array, start: number): number {
  let at = 0;
  let end = start;
  /** A length of four bits, and more bytes where those are full. */
  const lengthOf = (bits: number): number => {
    let length = bits;
    if (bits === 15)
      for (;;) {
        if (at >= block.length) throw new Error('LZ4 data ends too early');
        const more = block[at++];
        length += more;
        if (more < 255) break;
      }
    return length;
  };
  while (at < block.length) {
    const token = block[at++];
    const literals = lengthOf(token >> 4);
    if (literals > block.length - at || literals > out.length - end) throw new Error('LZ4 data is damaged');
    out.set(block.subarray(at, at + literals), end);
    at += literals;
    end += literals;
    if (at >= block.length) break;
    if (at + 2 > block.length) throw new Error('LZ4 data ends too early');
    const distance = block[at] | (block[at + 1] << 8);
    at += 2;
    const count = lengthOf(token & 15) + 4;
    if (distance === 0 || distance > end || count > out.length - end) throw new Error('LZ4 data is damaged');
    // The copy may reach into itself.
    for (let i = 0; i < count; i++, end++) out[end] = out[end - distance];
  }
  return end;
}
