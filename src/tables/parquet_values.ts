/**
 * The values of Parquet's pages: whether there are as many as a page says, and whether they come to no more memory than their bytes may,
 * before they are decoded.
 */
import type { ParquetType } from 'hyparquet/src/types.js';
import type { PageReader } from './page_reader.js';
import { countInRuns, differences } from './parquet_runs.js';

/** A column as it is known before its pages are read. */
export interface ColumnShape {
  readonly type: ParquetType;
  /** The bytes of each value, of a type that has values of a fixed length. */
  readonly valueLength: number;
  readonly isDecimal: boolean;
  readonly maxDefinition: number;
  readonly maxRepetition: number;
  /** How many rows its group has. */
  readonly rows: number;
}

/** The room that a column still has. */
export interface Allowance {
  /** Values, or places in lists. */
  values: number;
  /** Bytes of texts that are written as what they add to the ones before. */
  bytes: number;
}

/** Encodings, by their numbers. */
export const encoding = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  differences: 5,
  lengths: 6,
  prefixes: 7,
  dictionary: 8,
  split: 9,
} as const;

/** Decimals are added up byte by byte: no writer's has more than 32. */
const longestDecimal = 64;

const sizes: Partial<Readonly<Record<ParquetType, number>>> = {
  INT32: 4,
  INT64: 8,
  INT96: 12,
  FLOAT: 4,
  DOUBLE: 8,
};

const sizeOf = (shape: ColumnShape): number =>
  sizes[shape.type] ?? (shape.type === 'FIXED_LEN_BYTE_ARRAY' ? shape.valueLength : 0);

function checkLength(length: number, { isDecimal }: ColumnShape): void {
  if (isDecimal && length > longestDecimal) throw new Error(`a decimal number has ${length} bytes`);
}

/** Checks `count` values as they are in memory. */
export function checkPlain(page: PageReader, count: number, shape: ColumnShape): void {
  if (shape.type === 'BOOLEAN') page.take(Math.ceil(count / 8));
  else if (shape.type === 'BYTE_ARRAY')
    for (let i = 0; i < count; i++) {
      const length = page.uint32();
      checkLength(length, shape);
      page.take(length);
    }
  else {
    checkLength(sizeOf(shape), shape);
    // Values of no length would come for nothing.
    if (sizeOf(shape) === 0 && count > 0) throw new Error('its values have no length');
    page.take(count * sizeOf(shape));
  }
}

/**
 * Checks the values of a page of data.
 * @param dictionary how many values the column's dictionary has; undefined if there is none
 */
export function checkValues(
  page: PageReader,
  how: number,
  count: number,
  shape: ColumnShape,
  dictionary: number | undefined,
  allowance: Allowance,
): void {
  switch (how) {
    case encoding.plain:
      checkPlain(page, count, shape);
      return;
    case encoding.split:
      if (sizeOf(shape) === 0) throw new Error(`a page splits values of type ${shape.type}`);
      checkPlain(page, count, shape);
      return;
    case encoding.plainDictionary:
    case encoding.dictionary: {
      if (dictionary === undefined) throw new Error('a page refers to a dictionary, and there is none');
      if (count > 0 && dictionary === 0) throw new Error('a page refers to an empty dictionary');
      // Numbers of no bits are all the first, and have no runs.
      const width = page.byte();
      countInRuns(page, width, width === 0 ? 0 : count, dictionary - 1, -1);
      return;
    }
    case encoding.rle:
      if (shape.type !== 'BOOLEAN') throw new Error(`a page has runs of type ${shape.type}`);
      countInRuns(page.take(page.uint32()), 1, count, 1, -1);
      return;
    case encoding.differences:
      if (shape.type !== 'INT32' && shape.type !== 'INT64')
        throw new Error(`a page has differences of type ${shape.type}`);
      differences(page, count, false);
      return;
    case encoding.lengths: {
      for (const length of differences(page, count, true)) {
        checkLength(length, shape);
        page.take(length);
      }
      return;
    }
    case encoding.prefixes: {
      const prefixes = differences(page, count, true);
      const suffixes = differences(page, count, true);
      for (let i = 0, before = 0; i < count; i++) {
        if (prefixes[i] < 0 || prefixes[i] > before)
          throw new Error('a text shares more than the one before has');
        page.take(suffixes[i]);
        before = prefixes[i] + suffixes[i];
        checkLength(before, shape);
        allowance.bytes -= before;
        if (allowance.bytes < 0) throw new Error('its texts repeat more than its bytes may');
      }
      return;
    }
    default:
      throw new Error(`a page has the encoding ${how}, which cannot be read here`);
  }
}
