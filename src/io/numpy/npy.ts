import type { DType } from '../../core/dtype.js';
import { TypeError, ValueError } from '../../core/errors.js';
import { contiguousStrides, formatShape, isContiguous } from '../../core/layout.js';
import { checkNoGradient } from '../../core/numpy.js';
import { Tensor } from '../../core/tensor.js';
import { byteLength, elementBytes, tensorOf } from '../elements.js';
import type { ByteSource } from '../source.js';
import { swapBytes } from '../swap.js';
import { descrOf, headerLength, type NpyHeader, parseHeader, writeHeader } from './header.js';

/** Reads one array; what follows it in the source is left alone, as NumPy does. */
export async function readNpy(source: ByteSource): Promise<Tensor> {
  const head = await source.read(0, Math.min(12, source.size));
  const { start, length, version } = headerLength(head);
  const there = source.size - start;
  if (length > there) {
    throw new ValueError(`EOF: reading array header, expected ${length} bytes got ${there}`);
  }
  const header = parseHeader(await source.read(start, length), version);
  const needed = byteLength(header.shape, header.dtype);
  const rest = there - length;
  if (!(needed <= rest)) {
    throw new ValueError(
      `EOF: reading array data of shape ${formatShape(header.shape)}, expected ${needed} bytes got ${rest}`,
    );
  }
  return arrayOf(await source.read(start + length, needed), header);
}

function arrayOf(bytes: Uint8Array, { dtype, bigEndian, fortranOrder, shape }: NpyHeader): Tensor {
  if (bigEndian) swapBytes(bytes, dtype);
  // Column-major elements stay where they are: the strides say so, as NumPy's do.
  const strides = fortranOrder ? contiguousStrides(shape.toReversed()).reverse() : contiguousStrides(shape);
  if (!strides.every(Number.isSafeInteger)) throw new ValueError('array is too big');
  return tensorOf(bytes, dtype, shape, strides);
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
