/** Readers of data sets that must be waited for: imported as a whole when the first is opened. */
export { fetchMnist } from './mnist_records.js';

import { unxz } from '../../io/decompression/xz.js';
import { inflateAll } from '../../io/deflate.js';
import { damaged } from './gzip.js';

/** Ways to pack bytes. */
export type Packing = 'deflate' | 'gzip' | 'bzip2' | 'xz';

/** Unpacks the bytes of a file. @throws RuntimeError that names the file if they are damaged */
export async function unpack(packed: Uint8Array, by: Packing, path: string): Promise<Uint8Array> {
  if (by === 'xz') return unxz(packed, damaged(path));
  if (by !== 'bzip2') return inflateAll(packed, by, damaged(path));
  const { bunzip2 } = await import('../../io/decompression/index.js');
  return bunzip2(packed, null, damaged(path));
}

export { readPickle } from './pickled_batches.js';
