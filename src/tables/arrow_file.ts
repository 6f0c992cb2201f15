/** Arrow's files and streams, and Feather files, which are the former: the package `@uwdata/flechette` decodes their batches. */
import { bool, type DType, dtypeByName, float16, float32, float64, int32, int64 } from '../core/dtype.js';
import { KeyError, NotImplementedError, ValueError } from '../core/errors.js';
import type { ByteSource } from '../io/byte_source.js';
import { type ArrowPlaces, findMessages, type MessagePlace } from './arrow_messages.js';
import { type Column, type ColumnType, columnOf, type Table } from './columns.js';
import { unpackLz4 } from './lz4.js';
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
import { unpackZstd } from './zstd.js';

/** The part of flechette that is used. */
interface Flechette {
  readonly Type: Readonly<Record<string, number>>;
  readonly CompressionType: { readonly LZ4_FRAME: number; readonly ZSTD: number };
  setCompressionCodec(type: number, codec: Codec): void;
  tableFromIPC(parts: readonly Uint8Array[], options: object): ArrowTable;
}
interface Codec {
  encode(bytes: Uint8Array): Uint8Array;
  decode(bytes: Uint8Array, size: number): Uint8Array;
}
interface ArrowTable {
  readonly numRows: number;
  readonly schema: { readonly fields: readonly { readonly name: string; readonly type: ArrowType }[] };
  getChildAt(index: number): ArrowColumn;
}
interface ArrowType {
  readonly typeId: number;
  readonly bitWidth?: number;
  readonly signed?: boolean;
  readonly precision?: number;
  readonly unit?: number;
  readonly stride?: number;
  readonly dictionary?: ArrowType;
  readonly children?: readonly { readonly type: ArrowType }[] | null;
}
interface ArrowColumn {
  readonly length: number;
  readonly data: readonly ArrowBatch[];
  at(index: number): unknown;
}
interface ArrowBatch {
  readonly type: ArrowType;
  readonly length: number;
  readonly nullCount: number;
  readonly validity?: Uint8Array;
  readonly values?: ArrayLike<number | bigint>;
  readonly offsets?: ArrayLike<number | bigint>;
  readonly children?: readonly ArrowBatch[] | null;
  readonly dictionary?: ArrowColumn;
  readonly source?: ArrowBatch;
}

const settings = { useBigInt: true, useDate: false, useMap: false };
/** Rows that batches may have whatever their size. */
const freeRows = 2 ** 16;

/** Opens an Arrow file: finds its batches. */
export async function openArrow(source: ByteSource, options: TableOptions): Promise<GroupedFile> {
  const library = await libraryOf<Flechette>('@uwdata/flechette', 'Arrow');
  return guarded(source.name, async () => {
    const places = await findMessages(source);
    const schema = await bytesOf(source, places.schema);
    const { fields } = library.tableFromIPC([schema], settings).schema;
    const all = new Map(fields.map(({ name, type }) => [name, typeOf(library, type)]));
    const names = fields.map(({ name }) => name);
    return new ArrowFile(source, library, places, schema, names, chosenColumns(all, options), options);
  });
}

async function guarded<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOwn =
      error instanceof ValueError || error instanceof NotImplementedError || error instanceof KeyError;
    throw isOwn ? error : damaged(name, error);
  }
}

/** In memory of its own, whose beginning numbers are aligned to. */
async function bytesOf(source: ByteSource, { offset, length }: MessagePlace): Promise<Uint8Array> {
  return new Uint8Array(await readPart(source, offset, length));
}

/** Batches are read by their raw values where these are numbers. */
function typeOf({ Type }: Flechette, type: ArrowType): ColumnType {
  switch (type.typeId) {
    case Type.Int:
      return dtypeByName(`${type.signed ? '' : 'u'}int${type.bitWidth}`) as DType;
    case Type.Float:
      return [float16, float32, float64][type.precision ?? 2];
    case Type.Bool:
      return bool;
    case Type.Date:
      return type.unit === 0 ? int32 : int64;
    case Type.Time:
      return type.bitWidth === 32 ? int32 : int64;
    case Type.Timestamp:
    case Type.Duration:
      return int64;
    case Type.Decimal:
      return float64;
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
      return 'str';
    case Type.Dictionary:
      return typeOf({ Type } as Flechette, type.dictionary!);
    case Type.List:
    case Type.LargeList:
    case Type.FixedSizeList: {
      const item = type.children![0].type;
      return { list: typeOf({ Type } as Flechette, item) };
    }
    case Type.Null:
    case Type.Binary:
    case Type.LargeBinary:
    case Type.FixedSizeBinary:
    case Type.Struct:
      return 'other';
    default:
      throw new NotImplementedError(
        `Arrow columns of type ${type.typeId} (unions, maps, views of lists, intervals) cannot be read here`,
      );
  }
}

class ArrowFile implements GroupedFile {
  readonly rows: readonly number[];

  constructor(
    private readonly source: ByteSource,
    private readonly library: Flechette,
    private readonly places: ArrowPlaces,
    private readonly schema: Uint8Array,
    private readonly names: readonly string[],
    readonly columns: ReadonlyMap<string, ColumnType>,
    private readonly options: TableOptions,
  ) {
    this.rows = places.batches.map(({ rows, length }) => {
      if (!(rows >= 0 && rows <= freeRows + 8 * length))
        throw damaged(source.name, `a batch claims ${rows} rows in ${length} bytes`);
      return rows;
    });
  }

  groups(share: Share): AsyncIterable<Table> {
    return groupsOf(this, share);
  }

  read(group: number): Promise<Table> {
    const { source, library } = this;
    return guarded(source.name, async () => {
      useCodecs(library);
      const place = this.places.batches[group];
      const parts = [this.schema];
      for (const message of [...place.dictionaries, place]) parts.push(await bytesOf(source, message));
      const table = library.tableFromIPC(parts, settings);
      const rows = this.rows[group];
      const made = [...this.columns].map(([name, type]): [string, Column] => {
        const column = table.getChildAt(this.names.indexOf(name));
        for (const batch of column.data) checkBatch(library, batch, freeRows + 8 * place.length);
        return [name, columnOf(name, type, valuesOf(library, column, type), this.options)];
      });
      return tableOf(made, rows);
    });
  }

  close(): Promise<void> {
    return this.source.close();
  }
}

let hasCodecs = false;

/** Arrow's compressions. */
function useCodecs({ setCompressionCodec, CompressionType }: Flechette): void {
  if (hasCodecs) return;
  hasCodecs = true;
  const encode = () => {
    throw new NotImplementedError('nothing is compressed here');
  };
  setCompressionCodec(CompressionType.LZ4_FRAME, { encode, decode: unpackLz4 });
  setCompressionCodec(CompressionType.ZSTD, { encode, decode: unpackZstd });
}

/** The values of a column: as they lie in memory where these are numbers and all there. */
function valuesOf({ Type }: Flechette, column: ArrowColumn, type: ColumnType): ArrayLike<unknown> {
  const raw = new Set([Type.Int, Type.Float, Type.Date, Type.Time, Type.Timestamp, Type.Duration]);
  const [batch] = column.data;
  if (column.data.length === 1 && raw.has(batch.type.typeId)) {
    const { length, nullCount, validity } = batch;
    const values = batch.source?.values ?? batch.values;
    if (nullCount === 0) return (values as Uint8Array).subarray(0, length);
    // Halves are bits in memory.
    const number = type === float16 ? (i: number) => column.at(i) : (i: number) => values![i];
    return Array.from({ length }, (_, i) => ((validity![i >> 3] >> (i & 7)) & 1 ? number(i) : null));
  }
  return Array.from({ length: column.length }, (_, i) => column.at(i));
}

/** @throws Error where a batch's parts do not fit each other: nothing may be read, or made, beyond them */
function checkBatch({ Type }: Flechette, batch: ArrowBatch, most: number): void {
  const fail = (why: string): never => {
    throw new Error(why);
  };
  const { type, length, nullCount, validity, values, offsets, children } = batch.source ?? batch;
  if (!Number.isSafeInteger(length) || length < 0 || length > most) fail(`a column claims ${length} values`);
  if (nullCount !== 0 && type.typeId !== Type.Null && 8 * (validity?.length ?? 0) < length)
    fail('a column says which of its values are there for too few of them');
  const inner = children ?? [];
  for (const child of inner) checkBatch({ Type } as Flechette, child, most);
  const within = (limit: number) => {
    let last = 0;
    if (length > 0 && (offsets?.length ?? 0) <= length) fail('a column has too few offsets');
    for (let i = 0; i <= length && length > 0; i++) {
      const at = Number(offsets![i]);
      if (at < last || at > limit) fail('the offsets of a column are out of order');
      last = at;
    }
  };
  switch (type.typeId) {
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Binary:
    case Type.LargeBinary:
      within(values?.length ?? 0);
      break;
    case Type.List:
    case Type.LargeList:
      within(inner[0].length);
      break;
    case Type.FixedSizeList:
      if (!(type.stride! >= 0) || length * type.stride! > inner[0].length)
        fail('a column has too few values');
      break;
    case Type.FixedSizeBinary:
      if (!(type.stride! > 0) || length * type.stride! > (values?.length ?? 0))
        fail('a column has too few values');
      break;
    case Type.Bool:
      if (8 * (values?.length ?? 0) < length) fail('a column has too few values');
      break;
    case Type.Struct:
      for (const child of inner) if (child.length < length) fail('a part of a column is shorter than it');
      break;
    case Type.Dictionary: {
      const entries = batch.dictionary?.length ?? 0;
      for (const one of batch.dictionary?.data ?? []) checkBatch({ Type } as Flechette, one, most);
      if ((values?.length ?? 0) < length) fail('a column has too few values');
      const isThere = (i: number) => nullCount === 0 || ((validity![i >> 3] >> (i & 7)) & 1) === 1;
      for (let i = 0; i < length; i++)
        if (isThere(i) && !(values![i] >= 0 && values![i] < entries))
          fail('a column refers to what its dictionary lacks');
      break;
    }
    case Type.Null:
      break;
    default:
      if ((values?.length ?? 0) < length) fail('a column has too few values');
  }
}
