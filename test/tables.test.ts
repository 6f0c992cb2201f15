/** Tables that pyarrow wrote (golden/tables.py), and text. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as torch from 'flambeau';
import {
  ArrowDataset,
  ArrowStream,
  CSVStream,
  JSONLStream,
  ParquetDataset,
  ParquetStream,
  readArrow,
  readCsv,
  readJsonl,
  readParquet,
  TableDataset,
} from 'flambeau/tables';
import { afterAll, describe, expect, it } from 'vitest';
import { golden } from './support/golden.js';

const { DataLoader } = torch.utils.data;
const { values, files } = golden<{
  values: Record<string, Record<string, unknown[]>>;
  files: { format: 'parquet' | 'arrow'; kind: string; how: string; file: string }[];
}>('tables');
const bytesOf = (file: string) => new Uint8Array(Buffer.from(file, 'base64'));
const fileOf = (format: string, kind: string, how?: string) =>
  bytesOf(files.find((f) => f.format === format && f.kind === kind && (how ?? f.how) === f.how)!.file);
const text = (content: string) => new Blob([content]);

/** As the recording has values: integers as text. */
function plain(x: unknown): unknown {
  if (x instanceof torch.Tensor) {
    const flat = [...x.reshape([-1]).toArray()];
    if (x.dtype === torch.bool) return flat.map(Boolean);
    if (x.dtype.isFloatingPoint) return x.to(torch.float64).tolist();
    return x.ndim === 0 ? String(flat[0]) : flat.map(String);
  }
  if (x instanceof Uint8Array) return [...x];
  return Array.isArray(x) ? x.map(plain) : x;
}
const dtypesOf = (table: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(table).map(([name, column]) => [
      name,
      column instanceof torch.Tensor ? column.dtype.name : 'list',
    ]),
  );

/** Values with others where there are none. */
const filled = (column: unknown, fill: unknown): unknown =>
  column === null ? fill : Array.isArray(column) ? column.map((item) => filled(item, fill)) : column;

describe('files of pyarrow', () => {
  it.each(files.map((one) => [`${one.format}, ${one.how}: ${one.kind}`, one] as const))(
    'have its values: %s',
    async (_, { format, kind, file }) => {
      const read = format === 'parquet' ? readParquet : readArrow;
      const fillNull = kind === 'nulls' ? { int: -1, float: -1, flag: false, list: -1 } : null;
      const table = await read(bytesOf(file), { fillNull });
      for (const [name, column] of Object.entries(table)) {
        let wanted: unknown = values[kind][name];
        if (kind === 'nulls' && name === 'list')
          // A list that is not there is filled as one without values.
          wanted = (wanted as unknown[]).map((list) => filled(list ?? [], -1));
        else if (kind === 'nulls' && name in fillNull!)
          wanted = filled(wanted, name === 'int' ? '-1' : name === 'flag' ? false : -1);
        expect([name, plain(column)]).toEqual([name, wanted]);
      }
    },
  );

  it('have its dtypes', async () => {
    for (const [format, read] of [
      ['parquet', readParquet],
      ['arrow', readArrow],
    ] as const) {
      const numbers = dtypesOf(await read(fileOf(format, 'numbers')));
      for (const [name, dtype] of Object.entries(numbers))
        expect(dtype).toBe(name === 'large' ? 'int64' : name);
      expect(dtypesOf(await read(fileOf(format, 'other')))).toMatchObject({
        date: 'int32',
        time: 'int64',
        decimal: 'float64',
      });
      const { vector } = await read(fileOf(format, 'other'), { columns: ['vector'] });
      expect((vector as torch.Tensor[])[3].dtype).toBe(torch.float32);
      expect(dtypesOf(await read(fileOf(format, 'none')))).toEqual({ a: 'int32', b: 'list' });
    }
  });

  it('are refused where numbers are missing, unless something stands for them; text stays null', async () => {
    for (const [format, read] of [
      ['parquet', readParquet],
      ['arrow', readArrow],
    ] as const) {
      const file = fileOf(format, 'nulls');
      await expect(read(file)).rejects.toThrow(
        "column 'int' has no value in row 0: give fillNull, as { fillNull: { int: 0 } }, or leave the column out by columns",
      );
      const { text: words, word } = await read(file, { columns: ['text', 'word'] });
      expect([words, word].map((column) => (column as unknown[]).slice(0, 2))).toEqual([
        [null, '1'],
        [null, 'b'],
      ]);
    }
  });

  it('give lists as one tensor, filled up, if asked', async () => {
    const { list, vector } = await readParquet(fileOf('parquet', 'other'), {
      columns: ['list', 'vector'],
      padLists: true,
      padValue: -1,
    });
    expect((list as torch.Tensor).shape).toEqual([50, 4]);
    expect((list as torch.Tensor).index(2).tolist()).toEqual([0, 1, -1, -1]);
    expect((vector as torch.Tensor).shape).toEqual([50, 2]);
  });

  it('do not have other columns', async () => {
    await expect(readParquet(fileOf('parquet', 'numbers'), { columns: ['x'] })).rejects.toThrow(
      torch.KeyError,
    );
    await expect(readArrow(fileOf('arrow', 'none'), { columns: ['x'] })).rejects.toThrow(
      "no column 'x'; the columns are 'a', 'b'",
    );
  });
});

/** What a loader gives, batch by batch. */
async function all<B>(loader: AsyncIterable<B>): Promise<B[]> {
  const batches: B[] = [];
  for await (const batch of loader) batches.push(batch);
  return batches;
}

describe('streams', () => {
  type Numbers = Record<'int8' | 'int32' | 'large' | 'float64', torch.Tensor>;
  const streams = [
    ['parquet', (options: object) => new ParquetStream<Numbers>(fileOf('parquet', 'numbers'), options)],
    [
      'arrow',
      (options: object) => new ArrowStream<Numbers>(fileOf('arrow', 'numbers', 'feather lz4'), options),
    ],
    ['arrow', (options: object) => new ArrowStream<Numbers>(fileOf('arrow', 'numbers', 'stream'), options)],
  ] as const;

  it('give rows whose numbers keep their dtypes', async () => {
    for (const [, make] of streams) {
      const [first] = await all(make({ columns: ['int8', 'float64'] }));
      expect(first).toEqual({
        int8: torch.tensor(0, { dtype: torch.int8 }),
        float64: torch.tensor(0, { dtype: torch.float64 }),
      });
      const batches = await all(new DataLoader(make({ columns: ['int8'] }), { batchSize: 20 }));
      expect(batches.map(({ int8 }) => [int8.shape, int8.dtype.name])).toEqual([
        [[20], 'int8'],
        [[20], 'int8'],
        [[10], 'int8'],
      ]);
    }
  });

  it('give tables of as many rows as asked for, across groups of rows and files', async () => {
    const file = fileOf('parquet', 'numbers');
    const tables = await all(
      new ParquetStream<{ large: torch.Tensor }>([file, file], { columns: ['large'], batchSize: 30 }),
    );
    expect(tables.map(({ large }) => large.length)).toEqual([30, 30, 30, 10]);
    expect(plain(torch.cat(tables.map(({ large }) => large)))).toEqual([
      ...values.numbers.large,
      ...values.numbers.large,
    ]);
  });

  it('are shared by workers: each row comes once', { timeout: 120_000 }, async () => {
    for (const [, make] of streams) {
      const loader = new DataLoader(make({ columns: ['int32', 'large'], batchSize: 16 }), {
        batchSize: null,
        numWorkers: 2,
      });
      const tables = await all(loader);
      const found = tables.flatMap(({ large }) => plain(large) as string[]);
      expect(found.sort()).toEqual([...values.numbers.large].sort());
    }
    const lines = Array.from({ length: 100 }, (_, i) => `{"i": ${i}}`).join('\n');
    const rows = await all(new DataLoader(new JSONLStream(text(lines)), { batchSize: 10, numWorkers: 2 }));
    const found = rows.flatMap(({ i }) => (i as torch.Tensor).tolist() as number[]);
    expect(found.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('refuse what is no number of rows', () => {
    expect(() => new CSVStream('x.csv', { batchSize: 0 })).toThrow(torch.ValueError);
    expect(() => new CSVStream(5 as never)).toThrow(
      "CSVStream(): argument 'files' (position 1) must be str, URL, Uint8Array, ArrayBuffer, Blob or a list of them, not int",
    );
  });
});

describe('data sets', () => {
  it('have rows at indices, in any order and in workers', { timeout: 120_000 }, async () => {
    for (const set of [
      await ParquetDataset.open([fileOf('parquet', 'other'), fileOf('parquet', 'other')], {
        columns: ['text', 'list'],
        cachedGroups: 2,
      }),
      await ArrowDataset.open([fileOf('arrow', 'other'), fileOf('arrow', 'other', 'stream')], {
        columns: ['text', 'list'],
      }),
    ]) {
      expect(set.length).toBe(100);
      for (const i of [0, 15, 16, 49, 50, 99, -1]) {
        const { text: words, list } = (await set.at(i)) as { text: string; list: torch.Tensor };
        const at = ((i + 100) % 100) % 50;
        expect([words, plain(list)]).toEqual([values.other.text[at], values.other.list[at]]);
      }
      await expect(set.at(100)).rejects.toThrow('list index out of range');
      await set.close();
    }
    const set = await ParquetDataset.open(fileOf('parquet', 'numbers'), { columns: ['large'] });
    const batches = (await all(
      new DataLoader(set, { batchSize: 10, shuffle: true, numWorkers: 2 }),
    )) as unknown as { large: torch.Tensor }[];
    expect(batches.flatMap(({ large }) => plain(large) as string[]).sort()).toEqual(
      [...values.numbers.large].sort(),
    );
  });

  it('are made of tables in memory', async () => {
    const set = new TableDataset(await readCsv(text('x,y,name\n1,2.5,a\n3,4,b\n')));
    expect(set.length).toBe(2);
    expect(set.at(-1)).toEqual({
      x: torch.tensor(3),
      y: torch.tensor(4, { dtype: torch.float64 }),
      name: 'b',
    });
    const [batch] = [...new DataLoader(set, { batchSize: 2 })];
    expect(batch.name).toEqual(['a', 'b']);
    expect(() => new TableDataset({ a: torch.ones(2), b: ['x'] })).toThrow(
      "column 'b' has 1 values, and the first column 2",
    );
  });
});

describe('CSV', () => {
  it('has columns of the types that their values are', async () => {
    const table = await readCsv(
      text('int,float,missing,flag,text,date\n1,1.5,,true,a,2020-01-01\n-2,nan,3,FALSE,"b, ""c""\nd",x\n'),
    );
    expect(dtypesOf(table)).toEqual({
      int: 'int64',
      float: 'float64',
      missing: 'float64',
      flag: 'bool',
      text: 'list',
      date: 'list',
    });
    expect(plain(table.int)).toEqual(['1', '-2']);
    expect(plain(table.missing)).toEqual([Number.NaN, 3]);
    expect(table.text).toEqual(['a', 'b, "c"\nd']);
  });

  it('is read as options say', async () => {
    const options = {
      delimiter: ';',
      skiprows: 1,
      comments: '#',
      names: ['a', 'b'],
      dtypes: { a: torch.float32, b: 'str' },
      missingValues: ['-'],
      fillNull: 9,
    } as const;
    const table = await readCsv(text('title\n1;2 # x\n# y\n-;3'), options);
    expect(table).toEqual({ a: torch.tensor([1, 9], { dtype: torch.float32 }), b: ['2 ', '3'] });
    const [row] = await all(new CSVStream(text('a,b\n1,2'), { columns: ['b'] }));
    expect(row).toEqual({ b: torch.tensor(2) });
  });

  it('is refused where rows do not fit', async () => {
    await expect(readCsv(text('a,b\n1,2\n3'))).rejects.toThrow('row 1 of the blob has 1 fields instead of 2');
    await expect(readCsv(text('a,a\n1,2'))).rejects.toThrow(
      "the blob has two columns 'a': give other names by names",
    );
    await expect(readCsv(text(''))).rejects.toThrow('the blob is empty: there are no names of columns');
    await expect(readCsv(text('a\n"1'))).rejects.toThrow('the blob ends within quotes');
    await expect(readCsv(text('a\nx'), { dtypes: { a: torch.int64 } })).rejects.toThrow(
      "could not convert 'x' in column 'a', about row 0, to torch.int64: say what the column is by dtypes, as { dtypes: { a: 'str' } }",
    );
    const late = `a\n${'1\n'.repeat(5000)}x\n`;
    await expect(readCsv(text(late))).rejects.toThrow(/could not convert 'x' in column 'a', about row \d+/);
  });
});

describe('JSON Lines', () => {
  it('have columns of the types that their values are', async () => {
    const lines = [
      { i: 1, x: 1.5, s: 'a', b: true, l: [1, 2], o: { k: 1 }, m: null },
      { i: 2, x: 2, s: 'b', b: false, l: [3], o: [1, 'x'], m: 4, later: 1 },
    ];
    const table = await readJsonl(text(lines.map((line) => JSON.stringify(line)).join('\n\n')));
    expect(dtypesOf(table)).toMatchObject({ i: 'int64', x: 'float64', b: 'bool', m: 'float64' });
    expect(plain(table.l)).toEqual([['1', '2'], ['3']]);
    expect(table.o).toEqual([{ k: 1 }, [1, 'x']]);
    expect(plain(table.later)).toEqual([Number.NaN, 1]);
  });

  it('are refused where lines are none', async () => {
    await expect(readJsonl(text('{"a": 1}\n{"a": '))).rejects.toThrow('line 2 of the blob is no JSON');
    await expect(readJsonl(text('[1]'))).rejects.toThrow('line 1 of the blob is no JSON object');
    await expect(readJsonl(text('{"a": 1.5}'), { dtypes: { a: torch.int64 } })).rejects.toThrow(
      "could not convert '1.5' in column 'a'",
    );
  });
});

describe('damaged files', () => {
  it('are refused by the library’s errors, wherever they end', async () => {
    for (const [format, read] of [
      ['parquet', readParquet],
      ['arrow', readArrow],
    ] as const) {
      const file = fileOf(format, 'other');
      for (let end = 0; end < file.length; end += Math.ceil(file.length / 60))
        await expect(read(file.subarray(0, end))).rejects.toThrow(torch.ValueError);
    }
    await expect(readParquet(text('PAR1 but no Parquet file'))).rejects.toThrow('does not end with PAR1');
    await expect(readArrow(text('FEA1    '))).rejects.toThrow('a Feather file of version 1');
  });
});

describe('files of a server', () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  /** Serves one file, and counts the bytes that it gives. */
  async function serve(file: Uint8Array, hasRanges: boolean): Promise<{ url: string; given: () => number }> {
    let given = 0;
    const server = createServer((request, response) => {
      const range = hasRanges ? /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') : null;
      const [from, to] = range === null ? [0, file.length] : [Number(range[1]), Number(range[2]) + 1];
      given += to - from;
      if (range === null) response.writeHead(200);
      else response.writeHead(206, { 'content-range': `bytes ${from}-${to - 1}/${file.length}` });
      response.end(file.subarray(from, to));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`, given: () => given };
  }

  it('are read by ranges, where it does those', async () => {
    const file = fileOf('parquet', 'numbers', 'none');
    const { url, given } = await serve(file, true);
    const { int8 } = await readParquet(url, { columns: ['int8'] });
    expect(plain(int8)).toEqual(values.numbers.int8);
    expect(given()).toBeLessThan(file.length);
  });

  it('are read whole, where it does not', async () => {
    const { url } = await serve(fileOf('arrow', 'numbers'), false);
    const { large } = await readArrow(new URL(url), { columns: ['large'] });
    expect(plain(large)).toEqual(values.numbers.large);
  });
});
