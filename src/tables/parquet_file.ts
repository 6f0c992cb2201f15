/** Parquet (https://parquet.apache.org/docs/file-format/), which the package `hyparquet` decodes. */
import type * as Hyparquet from 'hyparquet';
import type { ColumnChunk, SchemaTree } from 'hyparquet/src/types.js';
import { KeyError, NotImplementedError, ValueError } from '../core/errors.js';
import type { ByteSource } from '../io/byte_source.js';
import { type Column, type ColumnType, columnOf, type Table } from './columns.js';
import { CompactReader } from './compact_struct.js';
import { unpackersFor } from './parquet_codecs.js';
import { checkedPages, mostValues } from './parquet_pages.js';
import { shapeOf, typeOf } from './parquet_schema.js';
import {
  chosenColumns,
  type GroupedFile,
  groupsOf,
  type Share,
  type TableOptions,
  tableOf,
} from './table_file.js';
import { libraryOf } from './table_libraries.js';
import { damaged, readPart } from './table_source.js';

const magic = 0x31524150;
const decoder = new TextDecoder();
const itself = (value: unknown) => value;
const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : decoder.decode(bytes));

/** Times are numbers of the file's units, and what is no text stays bytes. */
const parsers = {
  timestampFromMilliseconds: itself,
  timestampFromMicroseconds: itself,
  timestampFromNanoseconds: itself,
  dateFromDays: itself,
  stringFromBytes: text,
  jsonFromBytes: text,
  geometryFromBytes: itself,
  geographyFromBytes: itself,
};

/** Where a column's pages are. */
function rangeOf(
  { meta_data: meta, file_path: path }: ColumnChunk,
  name: string,
): [start: number, length: number] {
  if (meta === undefined)
    throw new NotImplementedError(`${name} has encrypted columns, which cannot be read here`);
  if (path !== undefined && path !== null)
    throw new NotImplementedError(`${name} has its columns in other files, which cannot be read here`);
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
  return [start, Number(meta.total_compressed_size)];
}

/** Runs the library, whose errors are taken for faults of the file. */
async function guarded<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOwn =
      error instanceof ValueError || error instanceof NotImplementedError || error instanceof KeyError;
    throw isOwn ? error : damaged(name, error);
  }
}

/** Opens a Parquet file: reads its footer. */
export async function openParquet(source: ByteSource, options: TableOptions): Promise<GroupedFile> {
  const library = await libraryOf<typeof Hyparquet>('hyparquet', 'Parquet');
  const { name, size } = source;
  return guarded(name, async () => {
    if (size < 12) throw damaged(name, 'it is no Parquet file: it is too short');
    const end = new DataView((await readPart(source, size - 8, 8)).slice().buffer);
    if (end.getUint32(4, true) !== magic)
      throw damaged(name, 'it is no Parquet file, or was cut off: it does not end with PAR1');
    const length = end.getUint32(0, true);
    if (length > size - 12) throw damaged(name, 'its footer is longer than itself');
    const footer = await readPart(source, size - 8 - length, length + 8);
    new CompactReader(footer.subarray(0, length)).struct();
    const metadata = library.parquetMetadata(new Uint8Array(footer).buffer);
    // Values of several types in one are not taken apart: their parts can refer to each other without an end.
    for (const element of metadata.schema)
      if (element.logical_type?.type === 'VARIANT') element.logical_type = undefined;
    const tree = library.parquetSchema(metadata);
    const all = new Map(tree.children.map((child) => [child.element.name, typeOf(child)]));
    return new ParquetFile(source, library, metadata, tree, chosenColumns(all, options), options);
  });
}

class ParquetFile implements GroupedFile {
  readonly rows: readonly number[];

  constructor(
    private readonly source: ByteSource,
    private readonly library: typeof Hyparquet,
    private readonly metadata: Hyparquet.FileMetaData,
    private readonly schema: SchemaTree,
    readonly columns: ReadonlyMap<string, ColumnType>,
    private readonly options: TableOptions,
  ) {
    let taken = 0;
    this.rows = metadata.row_groups.map(({ num_rows, columns: chunks }) => {
      const bytes = chunks.reduce(
        (sum, { meta_data }) => sum + Number(meta_data?.total_compressed_size ?? 0),
        0,
      );
      taken += bytes;
      const rows = Number(num_rows);
      if (!(rows >= 0 && rows <= mostValues(Math.min(bytes, source.size))))
        throw damaged(source.name, `a row group claims ${rows} rows in ${bytes} bytes`);
      return rows;
    });
    if (taken > source.size) throw damaged(source.name, 'its columns are longer than itself');
  }

  groups(share: Share): AsyncIterable<Table> {
    return groupsOf(this, share);
  }

  read(group: number): Promise<Table> {
    const { source, columns, library } = this;
    return guarded(source.name, async () => {
      const rows = this.rows[group];
      const found = new Map<string, { start: number; data: ArrayLike<unknown> }[]>();
      if (rows > 0)
        await library.parquetRead({
          ...(await this.checked(group)),
          columns: [...columns.keys()],
          utf8: false,
          parsers,
          onChunk: ({ columnName, columnData, rowStart }) => {
            const own = found.get(columnName) ?? [];
            own.push({ start: rowStart, data: columnData });
            found.set(columnName, own);
          },
        });
      const made = [...columns].map(([name, type]): [string, Column] => {
        const pieces = (found.get(name) ?? []).sort((a, b) => a.start - b.start);
        const values = pieces.length === 1 ? pieces[0].data : pieces.flatMap(({ data }) => Array.from(data));
        return [name, columnOf(name, type, type === 'str' ? texts(values) : values, this.options)];
      });
      return tableOf(made, rows);
    });
  }

  /** A file of one group, of columns that are not compressed and whose pages hold what they say. */
  private async checked(
    group: number,
  ): Promise<{ metadata: Hyparquet.FileMetaData; file: Hyparquet.AsyncBuffer }> {
    const { source, metadata, schema, library } = this;
    const num_rows = metadata.row_groups[group].num_rows;
    const chunks = metadata.row_groups[group].columns.filter((chunk) =>
      this.columns.has(chunk.meta_data?.path_in_schema[0] ?? ''),
    );
    const unpackers = await unpackersFor(chunks, library);
    const parts: { readonly start: number; readonly end: number; readonly bytes: ArrayBuffer }[] = [];
    const columns: ColumnChunk[] = [];
    for (const chunk of chunks) {
      const meta = chunk.meta_data!;
      const packed = await readPart(source, ...rangeOf(chunk, source.name));
      const shape = shapeOf(schema, meta, Number(num_rows));
      const bytes = await checkedPages(packed, meta.codec, shape, unpackers[meta.codec]!);
      // Far from each other, so that none is read with its neighbour.
      const start = parts.length * 2 ** 40;
      parts.push({ start, end: start + bytes.byteLength, bytes });
      columns.push({
        file_offset: 0n,
        meta_data: {
          ...meta,
          codec: 'UNCOMPRESSED',
          dictionary_page_offset: undefined,
          data_page_offset: BigInt(start),
          total_compressed_size: BigInt(bytes.byteLength),
        },
      });
    }
    const byteLength = parts.length * 2 ** 40;
    const file = {
      byteLength,
      slice(from: number, to = byteLength): ArrayBuffer {
        const part = parts.find(({ start, end }) => start <= from && to <= end);
        if (part === undefined) throw new Error('more is read of it than was checked');
        const { start, end, bytes } = part;
        return start === from && to === end ? bytes : bytes.slice(from - start, to - start);
      },
    };
    const groups = [{ ...metadata.row_groups[group], columns, num_rows }];
    return { file, metadata: { ...metadata, num_rows, row_groups: groups } };
  }

  close(): Promise<void> {
    return this.source.close();
  }
}

/** Words of enumerations come as bytes. */
const texts = (values: ArrayLike<unknown>): unknown[] =>
  Array.from(values, (value) => (value instanceof Uint8Array ? decoder.decode(value) : value));
