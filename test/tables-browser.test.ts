/** Tables in Chromium: pyarrow's files, from bytes, Blobs and a server. */
import { expect, it } from 'vitest';
import { golden } from './support/golden.js';
import { describeTasks } from './support/task_page.js';

const { values, files } = golden<{
  values: Record<string, Record<string, unknown[]>>;
  files: { format: 'parquet' | 'arrow'; kind: string; how: string; file: string }[];
}>('tables');
const numbers = files.filter(({ kind }) => kind === 'numbers');
const fileOf = (format: string, how: string) =>
  numbers.find((one) => one.format === format && one.how === how)!.file;

const script = `
  import * as torch from '/dist/browser/flambeau.js';
  import * as tables from '/dist/browser/tables.js';
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const all = async (stream) => {
    const found = [];
    for await (const { large } of stream) found.push(...[...large.toArray()].map(String));
    return found;
  };
  globalThis.tasks = {
    async withoutPackages({ file }) {
      return tables.readParquet(bytes(file)).then(() => 'read', (error) => error.message);
    },
    async handOver() {
      tables.useLibrary('hyparquet', await import('/hyparquet/src/index.js'));
      tables.useLibrary('@uwdata/flechette', await import('/flechette/dist/flechette.mjs'));
    },
    async read({ format, file }) {
      const read = format === 'parquet' ? tables.readParquet : tables.readArrow;
      const { large, float64, int8 } = await read(new Blob([bytes(file)]), { columns: ['large', 'float64', 'int8'] });
      return { large: [...large.toArray()].map(String), float64: float64.tolist(), dtype: int8.dtype.name };
    },
    streamed: ({ file }) => all(new tables.ParquetStream(bytes(file), { columns: ['large'], batchSize: 7 })),
    async text() {
      const csv = await tables.readCsv(new Blob(['a,b\\n1,x\\n2,y\\n']));
      const jsonl = await tables.readJsonl(new URL('/lines.jsonl', location.href));
      return { a: csv.a.tolist(), b: csv.b, c: jsonl.c.tolist() };
    },
  };`;

describeTasks(
  script,
  (run) => {
    it('asks for the packages that it cannot import by name, and takes them', async () => {
      expect(await run('withoutPackages', { file: fileOf('parquet', 'none') })).toContain(
        "hand it over by useLibrary('hyparquet', await import('hyparquet'))",
      );
      await run('handOver');
    });

    const read = (['none', 'snappy', 'lz4', 'pages of version 2'] as const).map(
      (how) => ['parquet', how] as const,
    );
    it.each([...read, ['arrow', 'file'], ['arrow', 'stream'], ['arrow', 'feather lz4']] as const)(
      'reads %s, %s',
      async (format, how) => {
        const { large, float64 } = values.numbers;
        expect(await run('read', { format, file: fileOf(format, how) })).toEqual({
          large,
          float64,
          dtype: 'int8',
        });
      },
    );

    it('streams batches', async () => {
      expect(await run('streamed', { file: fileOf('parquet', 'snappy') })).toEqual(values.numbers.large);
    });

    it('reads CSV and JSON Lines, also from a server', async () => {
      expect(await run('text')).toEqual({ a: [1, 2], b: ['x', 'y'], c: [1.5, 2] });
    });
  },
  ['node_modules/hyparquet', 'node_modules/@uwdata/flechette'],
  { '/lines.jsonl': '{"c": 1.5}\n{"c": 2}\n' },
);
