import { type DType, float32, float64, int8, int16, int32, uint8 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import { byteLength } from '../../io/raw_elements.js';

/** An array as an IDX file holds it: big-endian. */
export interface IdxArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** The format's third byte; the specification is at the end of http://yann.lecun.com/exdb/mnist/. */
const dtypes = new Map([
  [0x08, uint8],
  [0x09, int8],
  [0x0b, int16],
  [0x0c, int32],
  [0x0d, float32],
  [0x0e, float64],
]);

/** Reads the contents of an IDX file. @throws RuntimeError that names the file if it is damaged */
export function parseIdx(path: string, bytes: Uint8Array): IdxArray {
  const broken = (why: string) => new RuntimeError(`${path} is damaged: ${why}`);
  const dtype = dtypes.get(bytes[2]);
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || dtype === undefined) {
    throw new RuntimeError(`${path} is no IDX file: it begins with ${[...bytes.subarray(0, 4)].join(', ')}`);
  }
  const start = 4 + 4 * bytes[3];
  if (bytes.length < start) throw broken(`its header needs ${start} bytes, but it has ${bytes.length}`);
  const header = new DataView(bytes.buffer, bytes.byteOffset, start);
  const shape = Array.from({ length: bytes[3] }, (_, i) => header.getUint32(4 + 4 * i, false));
  const expected = start + byteLength(shape, dtype);
  if (bytes.length !== expected) {
    throw broken(
      `sizes ${formatShape(shape)} of ${dtype} need ${expected} bytes, but it has ${bytes.length}`,
    );
  }
  return { dtype, shape, data: bytes.subarray(start) };
}
