import type { DType } from '../../core/dtype.js';
import { TypeError, ValueError } from '../../core/errors.js';
import { contiguousStrides, formatShape, isContiguous } from '../../core/layout.js';
import { checkNoGradient } from '../../core/numpy.js';
import { Tensor } from '../../core/tensor.js';
import type { ByteSource } from '../byte_source.js';
import type { Bytes } from '../bytes.js';
import { RawArray } from '../raw_array.js';
import { elementBytes, tensorOf } from '../raw_elements.js';
import { swapWords } from '../swap.js';
import {
  descrOf,
  dtypeOf,
  elementKind,
  headerLength,
  type NpyHeader,
  parseHeader,
  wordBytes,
  writeHeader,
} from './npy_header.js';

interface Read {
  readonly header: NpyHeader;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Reads one array's header and elements; what follows them in the source is left alone, as NumPy does. */
async function read(source: ByteSource, check: (header: NpyHeader) => void): Promise<Read> {
  const head = await source.read(0, Math.min(12, source.size));
  const { start, length, version } = headerLength(head);
  const there = source.size - start;
  if (length > there) {
    throw new ValueError(`EOF: reading array header, expected ${length} bytes got ${there}`);
  }
  const header = parseHeader(await source.read(start, length), version);
  check(header);
  const count = header.shape.reduce((product, size) => product * size, 1);
  const needed = count * header.descr.itemsize;
  const rest = there - length;
  // Elements without any bytes cost nothing in the file, but each becomes a value.
  if (!(needed <= rest) || (header.descr.itemsize === 0 && !(count <= source.size))) {
    throw new ValueError(
      `EOF: reading array data of shape ${formatShape(header.shape)}, expected ${needed} bytes got ${rest}`,
    );
  }
  return { header, bytes: await source.read(start + length, needed) };
}

export async function readNpy(source: ByteSource): Promise<Tensor> {
  const { header, bytes } = await read(source, ({ descr }) => dtypeOf(descr));
  return arrayTensor(header, bytes);
}

/** A tensor of an array's elements, which are changed where they are big-endian. */
export function arrayTensor({ descr, fortranOrder, shape }: NpyHeader, bytes: Uint8Array): Tensor {
  const dtype = dtypeOf(descr);
  if (descr.bigEndian) swapWords(bytes, wordBytes(descr));
  // Column-major elements stay where they are: the strides say so, as NumPy's do.
  const strides = fortranOrder ? contiguousStrides(shape.toReversed()).reverse() : contiguousStrides(shape);
  if (!strides.every(Number.isSafeInteger)) throw new ValueError('array is too big');
  return tensorOf(bytes, dtype, shape, strides);
}

export async function readRawNpy(source: ByteSource): Promise<RawArray> {
  const { header, bytes } = await read(source, () => {});
  return rawArray(header, bytes);
}

/** As `arrayTensor`, of any element type. */
export function rawArray({ descr, fortranOrder, shape }: NpyHeader, bytes: Bytes): RawArray {
  if (descr.bigEndian) swapWords(bytes, wordBytes(descr));
  const ordered = fortranOrder ? rowMajor(bytes, shape, descr.itemsize) : bytes;
  return new RawArray(descr.text, shape, ordered, elementKind(descr), descr.itemsize);
}

/** Elements of a column-major array in row-major order. */
function rowMajor(
  bytes: Uint8Array<ArrayBuffer>,
  shape: readonly number[],
  itemsize: number,
): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(bytes.length);
  const strides = contiguousStrides(shape.toReversed()).reverse();
  const index = new Array<number>(shape.length).fill(0);
  for (let to = 0; to < bytes.length; to += itemsize) {
    const from = index.reduce((sum, i, d) => sum + i * strides[d], 0) * itemsize;
    result.set(bytes.subarray(from, from + itemsize), to);
    for (let d = shape.length - 1; d >= 0 && ++index[d] === shape[d]; d--) index[d] = 0;
  }
  return result;
}

/** The two parts of a file with this array. */
export function writeNpy(tensor: Tensor): [header: Uint8Array, elements: Uint8Array] {
  const descr = descrFor(tensor);
  const { shape, strides } = tensor;
  const columns = new Tensor(
    tensor.storage,
    tensor.dtype,
    shape.toReversed(),
    strides.toReversed(),
    tensor.offset,
  );
  const fortranOrder = !isContiguous(shape, strides) && isContiguous(columns.shape, columns.strides);
  return [writeHeader(descr, fortranOrder, shape), elementBytes(fortranOrder ? columns : tensor)];
}

function descrFor({ requiresGrad, dtype }: { requiresGrad: boolean; dtype: DType }): string {
  checkNoGradient(requiresGrad);
  const descr = descrOf(dtype);
  if (descr === undefined) throw new TypeError(`Got unsupported ScalarType ${dtype.scalarName}`);
  return descr;
}
