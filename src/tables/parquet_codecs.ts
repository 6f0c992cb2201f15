/** The compressions of Parquet's pages. */
import type * as Hyparquet from 'hyparquet';
import type { ColumnChunk, ColumnMetaData, Compressors } from 'hyparquet/src/types.js';
import { unpackLz4Block } from './lz4.js';
import type { Unpack } from './parquet_pages.js';
import { libraryOf } from './table_libraries.js';
import { unpackZstd } from './zstd.js';

/** Finds the decoders of these columns' pages. */
export async function unpackersFor(
  chunks: readonly ColumnChunk[],
  { snappyUncompress }: Pick<typeof Hyparquet, 'snappyUncompress'>,
): Promise<Partial<Readonly<Record<ColumnMetaData['codec'], Unpack>>>> {
  const own: Partial<Record<ColumnMetaData['codec'], Unpack>> = {
    UNCOMPRESSED: (bytes) => bytes,
    SNAPPY(bytes, size) {
      const out = new Uint8Array(size);
      snappyUncompress(bytes, out);
      return out;
    },
    LZ4_RAW: unpackLz4Block,
    ZSTD: unpackZstd,
  };
  for (const { meta_data } of chunks) {
    const { codec } = meta_data!;
    if (codec in own) continue;
    const { compressors } = await libraryOf<{ compressors: Compressors }>(
      'hyparquet-compressors',
      `Parquet compressed by ${codec}`,
    );
    const unpack = compressors[codec];
    if (unpack === undefined) throw new Error(`it is compressed by ${codec}, which cannot be read here`);
    own[codec] = unpack;
  }
  return Object.fromEntries(Object.entries(own).map(([codec, unpack]) => [codec, exactly(unpack)]));
}

/** @throws Error where a page becomes longer or shorter than it claims */
const exactly =
  (unpack: Unpack): Unpack =>
  async (bytes, size) => {
    const page = await unpack(bytes, size);
    if (page.length !== size) throw new Error(`a page has ${page.length} bytes instead of ${size}`);
    return page;
  };
