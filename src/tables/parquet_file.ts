/** Parquet (https://parquet.apache.org/docs/file-format/), which the package `hyparquet` decodes. */
import type * as Hyparquet from 'hyparquet';
import type { ColumnChunk, Compressors, SchemaElement, SchemaTree } from 'hyparquet/src/types.js';
import { bool, type DType, dtypeByName, float16, float32, float64, int32, int64 } from '../core/dtype.js';
import { KeyError, NotImplementedError, ValueError } from '../core/errors.js';
import type { ByteSource } from '../io/byte_source.js';
import { type Column, type ColumnType, columnOf, type Table } from './columns.js';
import { CompactReader } from './compact_struct.js';
import { unpackLz4Block } from './lz4.js';
import { checkPages, mostValues } from './parquet_pages.js';
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

function leafType({ type, converted_type: converted, logical_type: logical }: SchemaElement): ColumnType {
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') return float64;
  if (logical?.type === 'FLOAT16') return float16;
  if (logical?.type === 'UUID') return 'str';
  if (converted === 'UTF8' || converted === 'JSON' || converted === 'ENUM' || logical?.type === 'STRING')
    return 'str';
  const sized =
    /^(U?INT)_(\d+)$/.exec(converted ?? '') ??
    (logical?.type === 'INTEGER' ? [null, logical.isSigned ? 'INT' : 'UINT', logical.bitWidth] : null);
  if (sized !== null) return dtypeByName(`${String(sized[1]).toLowerCase()}${sized[2]}`) as DType;
  const kinds: Readonly<Record<string, DType>> = {
    BOOLEAN: bool,
    INT32: int32,
    INT64: int64,
    INT96: int64,
    FLOAT: float32,
    DOUBLE: float64,
  };
  return kinds[type ?? ''] ?? 'other';
}

function typeOf({ element, children }: SchemaTree): ColumnType {
  if (children.length === 0) {
    const leaf = leafType(element);
    return element.repetition_type === 'REPEATED' ? { list: leaf } : leaf;
  }
  const isList = element.converted_type === 'LIST' && children.length === 1;
  if (!isList) return 'other';
  const [repeated] = children;
  // Lists of three levels, as writers make them, and of two, as they once did.
  if (repeated.children.length === 0) return { list: leafType(repeated.element) };
  if (repeated.children.length === 1 && repeated.children[0].children.length === 0)
    return { list: leafType(repeated.children[0].element) };
  return 'other';
}

/** Parts of a file that have been read: what lies within them is not read again. */
class KnownParts {
  private readonly parts: { readonly start: number; readonly bytes: Uint8Array }[] = [];

  constructor(private readonly source: ByteSource) {}

  async read(start: number, length: number): Promise<Uint8Array> {
    const bytes = await readPart(this.source, start, length);
    this.parts.push({ start, bytes });
    return bytes;
  }

  /** As hyparquet asks for it. */
  async slice(start: number, end: number): Promise<ArrayBuffer> {
    const out = new Uint8Array(end - start);
    for (let at = start; at < end; ) {
      const part = this.parts.find((one) => one.start <= at && at < one.start + one.bytes.length);
      if (part === undefined)
        return (await readPart(this.source, start, end - start)).slice().buffer as ArrayBuffer;
      const piece = part.bytes.subarray(at - part.start, end - part.start);
      out.set(piece, at - start);
      at += piece.length;
    }
    return out.buffer;
  }
}

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

/** What the library throws is what files make it throw. */
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
    const tree = library.parquetSchema(metadata);
    const all = new Map(tree.children.map((child) => [child.element.name, typeOf(child)]));
    return new ParquetFile(source, library, metadata, chosenColumns(all, options), options);
  });
}

class ParquetFile implements GroupedFile {
  readonly rows: readonly number[];
  private readonly starts: readonly number[];

  constructor(
    private readonly source: ByteSource,
    private readonly library: typeof Hyparquet,
    private readonly metadata: Hyparquet.FileMetaData,
    readonly columns: ReadonlyMap<string, ColumnType>,
    private readonly options: TableOptions,
  ) {
    let start = 0;
    const starts: number[] = [];
    this.rows = metadata.row_groups.map(({ num_rows, columns: chunks }) => {
      const bytes = chunks.reduce(
        (sum, { meta_data }) => sum + Number(meta_data?.total_compressed_size ?? 0),
        0,
      );
      const rows = Number(num_rows);
      if (!(rows >= 0 && rows <= mostValues(Math.min(bytes, source.size))))
        throw damaged(source.name, `a row group claims ${rows} rows in ${bytes} bytes`);
      starts.push(start);
      start += rows;
      return rows;
    });
    this.starts = starts;
  }

  groups(share: Share): AsyncIterable<Table> {
    return groupsOf(this, share);
  }

  read(group: number): Promise<Table> {
    const { source, columns, metadata, library } = this;
    return guarded(source.name, async () => {
      const chunks = metadata.row_groups[group].columns.filter((chunk) =>
        columns.has(chunk.meta_data?.path_in_schema[0] ?? ''),
      );
      const parts = new KnownParts(source);
      for (const chunk of chunks) {
        const bytes = await parts.read(...rangeOf(chunk, source.name));
        checkPages(bytes, chunk.meta_data!);
      }
      const compressors = await compressorsFor(chunks);
      const rows = this.rows[group];
      const found = new Map<string, { start: number; data: ArrayLike<unknown> }[]>();
      if (rows > 0)
        await library.parquetRead({
          file: { byteLength: source.size, slice: (from, to = source.size) => parts.slice(from, to) },
          metadata,
          columns: [...columns.keys()],
          rowStart: this.starts[group],
          rowEnd: this.starts[group] + rows,
          utf8: false,
          parsers,
          compressors,
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

  close(): Promise<void> {
    return this.source.close();
  }
}

/** Words of enumerations come as bytes. */
const texts = (values: ArrayLike<unknown>): unknown[] =>
  Array.from(values, (value) => (value instanceof Uint8Array ? decoder.decode(value) : value));

const own: Compressors = { LZ4_RAW: unpackLz4Block };

async function compressorsFor(chunks: readonly ColumnChunk[]): Promise<Compressors> {
  const isKnown = (codec: string) => codec === 'UNCOMPRESSED' || codec === 'SNAPPY' || codec in own;
  const other = chunks.map(({ meta_data }) => meta_data!.codec).find((codec) => !isKnown(codec));
  if (other === undefined) return own;
  const { compressors } = await libraryOf<{ compressors: Compressors }>(
    'hyparquet-compressors',
    `Parquet compressed by ${other}`,
  );
  return { ...compressors, ...own };
}
