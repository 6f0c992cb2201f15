import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as torch from 'flambeau';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it, vi } from 'vitest';

interface ArrayRecord {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly unknown[];
}
interface Case {
  readonly function: 'loadtxt' | 'genfromtxt' | 'savetxt';
  readonly text: string;
  readonly values: unknown;
  readonly dtype: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: readonly [name: string, message: string];
}
const { cases }: { cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL('./golden/numpy_text.json.golden', import.meta.url), 'utf8'),
);

const { bool, uint8, int64, float16, float32, float64 } = torch;
const dtypes = { bool, uint8, int64, float16, float32, float64 };

/** The functions that the recording names. */
const functions: Readonly<Record<string, (text: string) => unknown>> = {
  times10: (s) => Number(s) * 10,
  length: (s) => s.length,
  upper: (s) => s.toUpperCase(),
  fails() {
    throw new torch.ValueError("could not convert string to float: 'x'");
  },
  none: () => null,
  text3: () => '3',
  comma: (s) => Number(s.replace(',', '.')),
  half: () => 2.5,
};

function withFunctions(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withFunctions);
  if ('$function' in value) return functions[String(value.$function)];
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withFunctions(item)]));
}

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const optionsOf = (options: Case['options']) =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), withFunctions(value)]));

/** Numbers from what JSON has instead of those that are not finite. */
function numbers(value: unknown): torch.TensorData {
  if (Array.isArray(value)) return value.map(numbers);
  if (typeof value !== 'string') return value as number;
  return value === 'nan' ? Number.NaN : value === 'inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

/** An element as the recording has it. */
function recorded(x: unknown, dtype: torch.DType): unknown {
  if (typeof x === 'object' && x !== null && 're' in x && 'im' in x)
    return [recorded(x.re, torch.float64), recorded(x.im, torch.float64)];
  if (dtype === torch.bool) return Boolean(x);
  if (!dtype.isFloatingPoint && !dtype.isComplex) return String(x);
  if (Number.isNaN(x)) return 'nan';
  if (x === Number.POSITIVE_INFINITY || x === Number.NEGATIVE_INFINITY)
    return (x as number) > 0 ? 'inf' : '-inf';
  return x;
}

/** Values that the recording writes as Python does are read back. */
const expected = (array: ArrayRecord): ArrayRecord => ({
  ...array,
  values:
    array.dtype.includes('float') || array.dtype.includes('complex')
      ? array.values
          .map((value) => [value].flat().map((x) => (/inf|nan/.test(String(x)) ? x : Number(x))))
          .map((x) => (x.length === 1 ? x[0] : x))
      : array.values,
});

function arrayOf(value: unknown): ArrayRecord {
  if (value instanceof torch.Tensor) {
    const { dtype } = value;
    const elements = dtype.isComplex
      ? (torch.viewAsReal(value).reshape([-1, 2]).tolist() as unknown[]).map((pair) =>
          (pair as number[]).map((x) => recorded(x, torch.float64)),
        )
      : [...value.reshape([-1]).toArray()].map((x) => recorded(x, dtype));
    return { dtype: dtype.name, shape: [...value.shape], values: elements };
  }
  const shape: number[] = [];
  for (let inner: unknown = value; Array.isArray(inner); inner = inner[0]) shape.push(inner.length);
  return { dtype: 'str', shape, values: [value].flat(2) };
}

function resultOf(value: unknown): unknown {
  if (value instanceof torch.Tensor || typeof value === 'string') return arrayOf(value);
  if (Array.isArray(value) && value.some((item) => item instanceof torch.Tensor))
    return { list: value.map(arrayOf) };
  if (Array.isArray(value)) return arrayOf(value);
  return {
    columns: Object.fromEntries(
      Object.entries(value as object).map(([name, column]) => [name, arrayOf(column)]),
    ),
  };
}

function expectedResult(result: unknown): unknown {
  if (typeof result === 'string') return result;
  const of = result as { list?: ArrayRecord[]; columns?: Record<string, ArrayRecord> };
  if (of.list !== undefined) return { list: of.list.map(expected) };
  if (of.columns !== undefined)
    return {
      columns: Object.fromEntries(
        Object.entries(of.columns).map(([name, column]) => [name, expected(column)]),
      ),
    };
  return expected(result as ArrayRecord);
}

async function textOf(write: (file: torch.Writable) => Promise<void>): Promise<string> {
  const chunks: Uint8Array[] = [];
  await write({ write: (chunk: Uint8Array) => chunks.push(chunk.slice()) });
  return Buffer.concat(chunks).toString();
}

async function run(one: Case): Promise<unknown> {
  const options = optionsOf(one.options) as never;
  const file = new TextEncoder().encode(one.text);
  if (one.function === 'loadtxt') return resultOf(await torch.numpy.loadtxt(file, options));
  if (one.function === 'genfromtxt') return resultOf(await torch.numpy.genfromtxt(file, options));
  const isComplex = one.dtype === 'complex128';
  const values = torch.tensor(numbers(one.values), {
    dtype: isComplex ? torch.float64 : dtypes[one.dtype as 'float32'],
  });
  return textOf((out) => torch.numpy.savetxt(out, isComplex ? torch.viewAsComplex(values) : values, options));
}

const errorName = (name: string) => (name === 'OverflowError' ? 'ValueError' : name);

async function outcome(one: Case): Promise<unknown> {
  try {
    return await run(one);
  } catch (error) {
    return { error: [(error as Error).name, (error as Error).message] };
  }
}

beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterAll(() => void vi.restoreAllMocks());

describe.each(['loadtxt', 'genfromtxt', 'savetxt'] as const)('numpy.%s', (name) => {
  it('does what NumPy does with values, shapes, options and errors', async () => {
    const differing: unknown[] = [];
    for (const one of cases.filter((each) => each.function === name)) {
      const found = await outcome(one);
      const wanted =
        one.error === undefined
          ? expectedResult(one.result)
          : { error: [errorName(one.error[0]), one.error[1]] };
      if (JSON.stringify(found) !== JSON.stringify(wanted))
        differing.push({ text: one.text ?? one.values, options: one.options, found, wanted });
    }
    expect(differing).toEqual([]);
  });
});

describe('text files', () => {
  const { numpy } = torch;
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-text-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('come from paths, URLs, bytes, blobs and lists of lines', async () => {
    const path = join(folder, 'x.txt');
    writeFileSync(path, '1 2\r\n3 4\r\n');
    const sources = [path, pathToFileURL(path), readFileSync(path), new Blob(['1 2\n3 4']), ['1 2\n', '3 4']];
    for (const source of sources)
      expect((await numpy.loadtxt(source)).tolist()).toEqual([
        [1, 2],
        [3, 4],
      ]);
  });

  it('are what is written', async () => {
    const x = torch.rand(5, 3, { dtype: torch.float64 });
    for (const name of ['x.csv', 'x.csv.gz']) {
      await numpy.savetxt(join(folder, name), x, { delimiter: ',', header: 'a,b,c' });
      expect(await numpy.loadtxt(join(folder, name), { delimiter: ',' })).toEqual(x);
      const { a } = await numpy.genfromtxt(join(folder, name), { delimiter: ',', names: true });
      expect(a).toEqual(x.index(':', 0).contiguous());
    }
    expect(readFileSync(join(folder, 'x.csv.gz')).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  });

  it('are of many pieces, whose ends are anywhere', async () => {
    const lines = Array.from({ length: 300_000 }, (_, i) => `${i} ${i / 8}`);
    for (const end of ['\n', '\r\n', '\r']) {
      const x = await numpy.loadtxt(new Blob([lines.join(end)]));
      expect(x.shape).toEqual([300_000, 2]);
      expect(x.sum(0).tolist()).toEqual([44999850000, 5624981250]);
    }
  });

  it('lose a byte order mark, and are of the encoding that is named', async () => {
    expect((await numpy.loadtxt(new Blob(['\ufeff1 2']))).tolist()).toEqual([1, 2]);
    expect(await numpy.loadtxt(Uint8Array.of(0xe9, 32, 0x61), { dtype: 'str', encoding: 'latin1' })).toEqual([
      'é',
      'a',
    ]);
    await expect(numpy.loadtxt(Uint8Array.of(0xe9, 32))).rejects.toThrow(
      "'utf-8' codec can't decode the bytes",
    );
    await expect(numpy.loadtxt(['1'], { encoding: 'x' })).resolves.toBeDefined();
    await expect(numpy.loadtxt(new Blob(['1']), { encoding: 'x' })).rejects.toThrow('unknown encoding: x');
    await expect(
      numpy.savetxt({ write() {} }, torch.ones(1), { header: 'π', encoding: 'latin1' }),
    ).rejects.toThrow("'latin1' codec can't encode character 'π': ordinal not in range(256)");
  });

  it('do not unpack to more than a damaged file holds', async () => {
    const packed = gzipSync('1 2\n3 4');
    await expect(numpy.loadtxt(packed.subarray(0, -9))).rejects.toThrow(/ValueError|is damaged/);
  });

  it('are refused by the class and words of Python where options are wrong', async () => {
    await expect(numpy.loadtxt(['1'], { dtype: 'nothing' })).rejects.toThrow(
      "data type 'nothing' not understood",
    );
    await expect(numpy.loadtxt(5 as never)).rejects.toThrow(
      'expected a path, URL, Uint8Array, ArrayBuffer or Blob, but got number',
    );
    await expect(numpy.loadtxt(['1', 2 as never])).rejects.toThrow(
      'a list of lines must hold str, not number',
    );
    await expect(numpy.genfromtxt(['1'], { usemask: true })).rejects.toThrow(torch.NotImplementedError);
    await expect(numpy.genfromtxt(['1 2'], { dtype: ['int'] })).rejects.toThrow(
      'the dtype has 1 fields, and the file 2 columns',
    );
    await expect(numpy.genfromtxt(['1 2'], { delimiter: [2, -1] })).rejects.toThrow(
      'widths of fields must be positive integers, not -1',
    );
  });

  it('have types that follow from the dtype and the names', async () => {
    const lines = ['a 1', 'b 2'];
    const table = await numpy.loadtxt(lines, { dtype: { name: 'str', value: torch.int32 } });
    expectTypeOf(table).toEqualTypeOf<{ name: string[]; value: torch.Tensor }>();
    expect(table.name).toEqual(['a', 'b']);
    expect(table.value).toEqual(torch.tensor([1, 2], { dtype: torch.int32 }));
    expectTypeOf(numpy.loadtxt(['1'])).resolves.toEqualTypeOf<torch.Tensor>();
    expectTypeOf(numpy.loadtxt(['1'], { dtype: 'int' })).resolves.toEqualTypeOf<torch.Tensor>();
    expectTypeOf(numpy.genfromtxt(['1'])).resolves.toEqualTypeOf<torch.Tensor>();
    expectTypeOf(numpy.genfromtxt(['a', '1'], { names: true })).resolves.toEqualTypeOf<
      Record<string, torch.Tensor | string[]>
    >();
  });
});
