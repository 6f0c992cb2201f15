/** CRC-32 as zip uses it (reflected polynomial 0xEDB88320), and as TensorBoard does (Castagnoli's 0x82F63B78). */

type Crc32 = (bytes: Uint8Array) => number;

/** Eight tables, so that eight bytes are taken a step ("slicing by 8", Kounavis and Berry, 2005). */
function makeTables(polynomial: number): Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ polynomial : n >>> 1;
    return n;
  });
  const all = [first];
  for (let k = 1; k < 8; k++) {
    const before = all[k - 1];
    all.push(before.map((n) => (n >>> 8) ^ first[n & 0xff]));
  }
  return all;
}

function slicing(bytes: Uint8Array, tables: readonly Uint32Array[]): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  let crc = -1;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    const low = crc ^ (bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24));
    crc =
      t7[low & 0xff] ^
      t6[(low >>> 8) & 0xff] ^
      t5[(low >>> 16) & 0xff] ^
      t4[low >>> 24] ^
      t3[bytes[i + 4]] ^
      t2[bytes[i + 5]] ^
      t1[bytes[i + 6]] ^
      t0[bytes[i + 7]];
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]) & 0xff];
  return ~crc >>> 0;
}

/** The checksum of a polynomial, whose tables are made when it is first used. */
function crcBy(polynomial: number): Crc32 {
  let tables: Uint32Array[] | undefined;
  return (bytes) => {
    tables ??= makeTables(polynomial);
    return slicing(bytes, tables);
  };
}

/** The portable form, for tests. */
export const portableCrc32 = /* @__PURE__ */ crcBy(0xedb88320);

/** CRC-32C. */
export const crc32c = /* @__PURE__ */ crcBy(0x82f63b78);

/** zlib's own where the platform has it (several times faster); browsers have none. */
function choose(): Crc32 {
  const zlib = globalThis.process?.getBuiltinModule?.('node:zlib') as { crc32?: Crc32 } | undefined;
  return zlib?.crc32 ?? portableCrc32;
}

let chosen: Crc32 | undefined;

export function crc32(bytes: Uint8Array): number {
  chosen ??= choose();
  return chosen(bytes);
}
