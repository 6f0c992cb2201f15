/**
 * What the heads of Parquet's pages claim, checked before they are decoded. (The lengths of runs within pages are not: whoever decodes them
 * believes those.)
 */
import type { ColumnMetaData } from 'hyparquet/src/types.js';
import { CompactReader, type CompactStruct } from './compact_struct.js';

/** The greatest ratio of each compression: of Snappy copies of 64 bytes in three, of LZ4 255 in one, of deflate 1,032; the others' blocks. */
const ratios: Readonly<Record<string, number>> = {
  UNCOMPRESSED: 1,
  SNAPPY: 32,
  LZ4: 256,
  LZ4_RAW: 256,
  GZIP: 1032,
  BROTLI: 2 ** 15,
  ZSTD: 2 ** 15,
};

/** Rows that a group may have whatever its size: what writers make of one value that repeats. */
const freeRows = 2 ** 20;
const rowsPerByte = 1024;

/** How many values so many bytes may claim to hold. */
export const mostValues = (bytes: number): number => freeRows + rowsPerByte * bytes;

const numberOf = (fields: CompactStruct, id: number): number => {
  const value = fields.get(id);
  return typeof value === 'number' ? value : 0;
};
const structOf = (fields: CompactStruct, id: number): CompactStruct | undefined => {
  const value = fields.get(id);
  return typeof value === 'object' ? value : undefined;
};

/** Encodings whose values take room: plain, and splits of streams. */
const plain = new Set([0, 9]);

/** @throws Error if the pages of a column cannot be what they say */
export function checkPages(bytes: Uint8Array, meta: ColumnMetaData): void {
  const ratio = ratios[meta.codec];
  const reader = new CompactReader(bytes);
  let values = 0;
  while (reader.at < bytes.length - 1) {
    const header = reader.struct();
    const packed = numberOf(header, 3);
    const unpacked = numberOf(header, 2);
    if (packed < 0 || unpacked < 0 || packed > bytes.length - reader.at)
      throw new Error('a page is longer than its column');
    if (unpacked > ratio * packed + 64) throw new Error('a page cannot become as long as it claims');
    reader.at += packed;
    const dictionary = structOf(header, 7);
    const data = structOf(header, 5) ?? structOf(header, 8) ?? dictionary;
    if (data === undefined) continue;
    const count = numberOf(data, 1);
    const isSecond = header.has(8);
    const nulls = isSecond ? numberOf(data, 2) : 0;
    const encoding = numberOf(data, isSecond ? 4 : 2);
    if (count < 0 || nulls < 0 || nulls > count) throw new Error('a page counts wrong');
    if ((dictionary !== undefined || plain.has(encoding)) && count > mostValues(0) && count > 8 * unpacked)
      throw new Error('a page claims more values than it can hold');
    if (dictionary !== undefined && count > 8 * unpacked)
      throw new Error('a dictionary claims more values than it can hold');
    if (dictionary === undefined) values += count;
    if (values > mostValues(bytes.length)) throw new Error('its pages claim more values than they can hold');
  }
}
