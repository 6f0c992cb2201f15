/** Hostile pages of Parquet files: lengths and counts within them that their bytes do not hold. */
import * as torch from 'flambeau';
import { readParquet } from 'flambeau/tables';
import { describe, expect, it } from 'vitest';

/** A struct of Thrift's compact protocol: numbers, texts, structs and lists of them, by the numbers of their fields. */
type Value = number | bigint | string | Struct | readonly Value[];
interface Struct {
  readonly [id: number]: Value;
}

const varint = (value: bigint): number[] =>
  value < 128n ? [Number(value)] : [Number(value % 128n) | 128, ...varint(value / 128n)];
const zigzag = (value: number | bigint) => varint((BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
const typeOf = (value: Value) =>
  typeof value === 'number'
    ? 5
    : typeof value === 'bigint'
      ? 6
      : typeof value === 'string'
        ? 8
        : Array.isArray(value)
          ? 9
          : 12;

function bytesOf(value: Value): number[] {
  if (typeof value === 'number' || typeof value === 'bigint') return zigzag(value);
  if (typeof value === 'string') {
    const text = [...new TextEncoder().encode(value)];
    return [...varint(BigInt(text.length)), ...text];
  }
  if (Array.isArray(value)) return [(value.length << 4) | typeOf(value[0]), ...value.flatMap(bytesOf)];
  let before = 0;
  const fields = Object.entries(value).flatMap(([id, field]) => {
    const head = ((Number(id) - before) << 4) | typeOf(field);
    before = Number(id);
    return [head, ...bytesOf(field)];
  });
  return [...fields, 0];
}

const [int32, byteArray] = [1, 6];
const [required, optional, repeated] = [0, 1, 2];
const [plain, differences, prefixes, dictionary] = [0, 5, 7, 8];

interface Page {
  count: number;
  how?: number;
  body: number[];
  isDictionary?: boolean;
  size?: number;
}
interface Column {
  rows?: number;
  type?: number;
  repetition?: number;
  pages: Page[];
  schema?: Struct;
  codec?: number;
}

/** A file of one column, whose pages are not compressed. */
function fileOf({ rows = 4, type = int32, repetition = required, pages, schema = {}, codec = 0 }: Column) {
  const data = pages.flatMap(({ count, how = plain, body, isDictionary, size = body.length }) => {
    const own: Struct = isDictionary ? { 7: { 1: count, 2: how } } : { 5: { 1: count, 2: how, 3: 3, 4: 3 } };
    return [...bytesOf({ 1: isDictionary ? 2 : 0, 2: size, 3: body.length, ...own }), ...body];
  });
  const column = {
    1: type,
    2: [plain],
    3: ['x'],
    4: codec,
    5: BigInt(rows),
    6: BigInt(data.length),
    7: BigInt(data.length),
    9: 4n,
  };
  const footer = bytesOf({
    1: 1,
    2: [
      { 4: 'root', 5: 1 },
      { 1: type, 3: repetition, 4: 'x', ...schema },
    ],
    3: BigInt(rows),
    4: [{ 1: [{ 2: 4n, 3: column }], 2: BigInt(data.length), 3: BigInt(rows) }],
  });
  const end = new Uint8Array(Uint32Array.of(footer.length).buffer);
  const magic = [...new TextEncoder().encode('PAR1')];
  return Uint8Array.from([...magic, ...data, ...footer, ...end, ...magic]);
}

const numbers = (...values: number[]) => [...new Uint8Array(Int32Array.from(values).buffer)];
/** Behind their length, as levels are. */
const levels = (...runs: number[]) => [...numbers(runs.length), ...runs];
const run = (length: number, value: number) => [...varint(BigInt(length) * 2n), value];
const words: Page = { count: 2, body: numbers(7, 9), isDictionary: true };
const read = async (column: Column) => (await readParquet(fileOf(column), { fillNull: 0 })).x;

describe('pages that hold what they say', () => {
  it('are read', async () => {
    expect(await read({ pages: [{ count: 4, body: numbers(1, 2, 3, 4) }] })).toEqual(
      torch.tensor([1, 2, 3, 4], { dtype: torch.int32 }),
    );
    const packed = [1, ...[3, 0b0110]];
    expect(await read({ pages: [words, { count: 4, how: dictionary, body: packed }] })).toEqual(
      torch.tensor([7, 9, 9, 7], { dtype: torch.int32 }),
    );
    const runs = [...levels(...run(1, 0), ...run(3, 1)), ...numbers(5, 6, 7)];
    expect(await read({ repetition: optional, pages: [{ count: 4, body: runs }] })).toEqual(
      torch.tensor([0, 5, 6, 7], { dtype: torch.int32 }),
    );
  });
});

describe('pages that do not', () => {
  const cases: Record<string, [Column, string]> = {
    'a run that is longer than its page': [
      { pages: [words, { count: 4, how: dictionary, body: [1, ...run(2 ** 30, 0)] }] },
      'a run of 1073741824 numbers has room for 4',
    ],
    'a run of levels that is longer than its page': [
      { repetition: optional, pages: [{ count: 4, body: [...levels(...run(2 ** 30, 0)), 0] }] },
      'a run of 1073741824 numbers has room for 4',
    ],
    'packed numbers that end too early': [
      { pages: [words, { count: 4, how: dictionary, body: [8, 2 * 100 + 1, 0] }] },
      'a page ends too early',
    ],
    'numbers that the dictionary lacks': [
      { pages: [words, { count: 4, how: dictionary, body: [2, ...run(4, 2)] }] },
      'a page has a number 2, and there is none above 1',
    ],
    'a dictionary that is not there': [
      { pages: [{ count: 4, how: dictionary, body: [1, ...run(4, 0)] }] },
      'a page refers to a dictionary, and there is none',
    ],
    'more values than bytes': [
      { rows: 2 ** 20, pages: [{ count: 2 ** 20, body: numbers(1, 2, 3, 4) }] },
      'a page ends too early',
    ],
    'more values than rows': [
      { pages: [{ count: 5, body: numbers(1, 2, 3, 4, 5) }] },
      'a column has more rows than its group',
    ],
    'fewer values than rows': [{ pages: [{ count: 3, body: numbers(1, 2, 3) }] }, 'a column has 3 of 4 rows'],
    'more rows than such a file may have': [
      { rows: 2 ** 40, pages: [] },
      'a row group claims 1099511627776 rows in 0 bytes',
    ],
    'lists of more values than such a file may have': [
      {
        rows: 1,
        repetition: repeated,
        pages: [{ count: 2 ** 30, body: [...levels(...run(2 ** 30, 1)), ...levels(...run(2 ** 30, 0))] }],
      },
      'its pages claim more values than they can hold',
    ],
    'differences in blocks of nothing': [
      { pages: [{ count: 4, how: differences, body: [0, 0, 4, 0, 0, 0] }] },
      'a page has 0 parts in blocks of 0',
    ],
    'a number without an end': [
      { pages: [{ count: 4, how: differences, body: [128, 1, 4, 4, ...new Array(1000).fill(255), 0] }] },
      'a page has a number of more than 10 bytes',
    ],
    'texts that share more than there is': [
      {
        type: byteArray,
        pages: [
          {
            count: 4,
            how: prefixes,
            body: [128, 1, 4, 4, 0, ...zigzag(2 ** 30), 0, 0, 0, 0, 128, 1, 4, 4, 0, 0, 0, 0, 0, 0],
          },
        ],
      },
      'a text shares more than the one before has',
    ],
    'decimal numbers of thousands of digits': [
      {
        rows: 1,
        type: byteArray,
        schema: { 6: 5, 7: 0, 8: 9 },
        pages: [{ count: 1, body: [...numbers(5000), ...new Array(5000).fill(1)] }],
      },
      'a decimal number has 5000 bytes',
    ],
    'more than could come of their bytes': [
      { codec: 1, pages: [{ count: 4, body: [16], size: 2 ** 30 }] },
      'a page cannot become as long as it claims',
    ],
    'encodings that nobody knows': [{ pages: [{ count: 4, how: 77, body: [] }] }, 'the encoding 77'],
  };
  it.each(Object.entries(cases))('are refused: %s', async (_, [column, text]) => {
    const error = await read(column).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(torch.ValueError);
    expect((error as Error).message).toContain(text);
  });
});
