/**
 * The pages of Parquet's columns, as whoever decodes them may trust them: unpacked, with every count and length checked against the bytes
 * that there are, under heads that are written anew.
 */
import type { ColumnMetaData } from 'hyparquet/src/types.js';
import { CompactReader, type CompactStruct, structBytes } from './compact_struct.js';
import { PageReader } from './page_reader.js';
import { bitsOf, countInRuns } from './parquet_runs.js';
import { type Allowance, type ColumnShape, checkPlain, checkValues, encoding } from './parquet_values.js';

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
const freeText = 2 ** 26;

/** How many values so many bytes may claim to hold. */
export const mostValues = (bytes: number): number => freeRows + rowsPerByte * bytes;

const numberOf = (fields: CompactStruct | undefined, id: number): number => {
  const value = fields?.get(id);
  if (value === undefined) return 0;
  if (!Number.isSafeInteger(value)) throw new Error('the head of a page has another type');
  return value as number;
};
const structOf = (fields: CompactStruct, id: number): CompactStruct => {
  const value = fields.get(id);
  if (typeof value !== 'object') throw new Error('a page has no head of its type');
  return value;
};
/** A count. */
const countOf = (fields: CompactStruct, id: number): number => {
  const value = numberOf(fields, id);
  if (value < 0) throw new Error('a page counts wrong');
  return value;
};

const kinds = { data: 0, index: 1, dictionary: 2, secondData: 3 };

/** Unpacks the bytes of a page. */
export type Unpack = (bytes: Uint8Array, size: number) => Uint8Array | Promise<Uint8Array>;

/**
 * Makes the pages of a column anew, without compression: what they say holds.
 * @throws Error if they cannot be what they say
 */
export async function checkedPages(
  bytes: Uint8Array,
  codec: ColumnMetaData['codec'],
  shape: ColumnShape,
  unpack: Unpack,
): Promise<ArrayBuffer> {
  const pages: Uint8Array[] = [];
  const allowance = { values: 4 * mostValues(bytes.length), bytes: freeText + rowsPerByte * bytes.length };
  const reader = new CompactReader(bytes);
  let dictionary: number | undefined;
  let rows = 0;
  while (reader.at < bytes.length - 1) {
    const head = reader.struct();
    const kind = numberOf(head, 1);
    const size = countOf(head, 2);
    const packedSize = countOf(head, 3);
    if (packedSize > bytes.length - reader.at) throw new Error('a page is longer than its column');
    if (size > ratios[codec] * packedSize + 64) throw new Error('a page cannot become as long as it claims');
    const packed = bytes.subarray(reader.at, reader.at + packedSize);
    reader.at += packedSize;
    if (kind === kinds.index) continue;
    if (kind === kinds.dictionary) {
      const page = await unpack(packed, size);
      dictionary = countOf(structOf(head, 7), 1);
      checkPlain(new PageReader(page), dictionary, shape);
      pages.push(headOf(kind, page.length, dictionary, encoding.plain), page);
    } else {
      const { parts, count, how } =
        kind === kinds.data
          ? firstVersion(structOf(head, 5), await unpack(packed, size), shape)
          : await secondVersion(structOf(head, 8), packed, size, shape, unpack);
      rows += checkData(parts, count, how, { ...shape, rows: shape.rows - rows }, dictionary, allowance);
      const page = parts.flatMap((part, i) => (i < 2 && part.length > 0 ? [lengthOf(part), part] : [part]));
      pages.push(headOf(kinds.data, total(page), count, how), ...page);
    }
  }
  if (rows !== shape.rows) throw new Error(`a column has ${rows} of ${shape.rows} rows`);
  const whole = new Uint8Array(total(pages));
  let at = 0;
  for (const page of pages) {
    whole.set(page, at);
    at += page.length;
  }
  return whole.buffer;
}

const total = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

const lengthOf = ({ length }: Uint8Array) => new Uint8Array(Uint32Array.of(length).buffer);

/** A page of data: its levels of repetition and of definition, and its values. */
interface DataPage {
  readonly parts: readonly [repetition: Uint8Array, definition: Uint8Array, values: Uint8Array];
  readonly count: number;
  /** How its values are encoded. */
  readonly how: number;
}

const none = new Uint8Array(0);

/** A page whose levels are packed with its values, each behind its length. */
function firstVersion(head: CompactStruct, page: Uint8Array, shape: ColumnShape): DataPage {
  const { maxRepetition, maxDefinition } = shape;
  const reader = new PageReader(page);
  const levels = (top: number, how: number): Uint8Array => {
    if (top === 0) return none;
    if (how !== encoding.rle) throw new Error(`levels have the encoding ${how}, which cannot be read here`);
    return reader.take(reader.uint32()).bytes;
  };
  const repetition = levels(maxRepetition, numberOf(head, 4));
  const definition = levels(maxDefinition, numberOf(head, 3));
  return {
    parts: [repetition, definition, reader.take(reader.left).bytes],
    count: countOf(head, 1),
    how: numberOf(head, 2),
  };
}

/** A page whose levels are not packed. */
async function secondVersion(
  head: CompactStruct,
  page: Uint8Array,
  size: number,
  { maxRepetition, maxDefinition }: ColumnShape,
  unpack: Unpack,
): Promise<DataPage> {
  const reader = new PageReader(page);
  const repetition = reader.take(countOf(head, 6)).bytes;
  const definition = reader.take(countOf(head, 5)).bytes;
  const rest = size - repetition.length - definition.length;
  const packed = reader.take(reader.left).bytes;
  // A page without values may have none to unpack.
  const isPacked = head.get(7) !== false && rest > 0;
  return {
    parts: [
      maxRepetition > 0 ? repetition : none,
      maxDefinition > 0 ? definition : none,
      isPacked ? await unpack(packed, rest) : packed,
    ],
    count: countOf(head, 1),
    how: numberOf(head, 4),
  };
}

/** @returns how many rows begin in a page */
function checkData(
  [repetition, definition, values]: DataPage['parts'],
  count: number,
  how: number,
  shape: ColumnShape,
  dictionary: number | undefined,
  allowance: Allowance,
): number {
  const { maxRepetition, maxDefinition } = shape;
  // Each value may lie in a list for each of its levels.
  allowance.values -= count * Math.max(1, maxDefinition);
  if (allowance.values < 0) throw new Error('its pages claim more values than they can hold');
  const among = (levels: Uint8Array, top: number, wanted: number) =>
    top === 0 ? count : countInRuns(new PageReader(levels), bitsOf(top), count, top, wanted);
  const rows = among(repetition, maxRepetition, 0);
  if (rows > shape.rows) throw new Error('a column has more rows than its group');
  const present = among(definition, maxDefinition, maxDefinition);
  checkValues(new PageReader(values), how, present, shape, dictionary, allowance);
  return rows;
}

/** The head of a page that is not packed, of the first version. */
function headOf(kind: number, size: number, count: number, how: number): Uint8Array {
  const own = kind === kinds.dictionary ? [count, how] : [count, how, encoding.rle, encoding.rle];
  return structBytes(
    new Map<number, number | Map<number, number>>([
      [1, kind],
      [2, size],
      [3, size],
      [kind === kinds.dictionary ? 7 : 5, new Map(own.map((value, i) => [i + 1, value]))],
    ]),
  );
}
