/** Values of one type as another's, between black and white. */
import {
  type DType,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
} from '../../../../core/dtype.js';
import { RuntimeError, TypeError } from '../../../../core/errors.js';
import { PyFloat } from '../../../../core/pyfloat.js';
import type { Tensor } from '../../../../core/tensor.js';
import { maxValue } from '../../tensor_color.js';

const bits = new Map([
  [uint8, 8],
  [int8, 7],
  [int16, 15],
  [uint16, 16],
  [int32, 31],
  [int64, 63],
]);

/** How many bits a value of an integer type has. */
export function valueBits(dtype: DType): number {
  const count = bits.get(dtype);
  if (count !== undefined) return count;
  throw new TypeError(`Number of value bits is only defined for integer dtypes, but got ${dtype}.`);
}

/** An image with values of another type; `scale` keeps black and white what they are. */
export function asType(image: Tensor, dtype: DType, scale: boolean): Tensor {
  if (image.dtype === dtype) return image;
  if (!scale) return image.to(dtype);
  if (image.isFloatingPoint()) {
    if (dtype.isFloatingPoint) return image.to(dtype);
    const isSingle = image.dtype === float32;
    if ((isSingle && (dtype === int32 || dtype === int64)) || (image.dtype === float64 && dtype === int64))
      throw new RuntimeError(`The conversion from ${image.dtype} to ${dtype} cannot be performed safely.`);
    return image.mul(new PyFloat(maxValue(dtype) + 1 - 1e-3) as never).to(dtype);
  }
  if (dtype.isFloatingPoint) return image.to(dtype).mul(1 / maxValue(image.dtype));
  const by = valueBits(image.dtype) - valueBits(dtype);
  if (by > 0) return image.div(2 ** by, { roundingMode: 'floor' }).to(dtype);
  return image.to(dtype).mul(BigInt(2) ** BigInt(-by));
}
