/** Masks of attention: what may be looked at, as numbers that are added to scores. */
import { bool, type DType } from '../../core/dtype.js';
import { AssertionError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';

/** Another mask of the same call, which should be of the same dtype. */
interface OtherMask {
  readonly mask: Tensor | null;
  readonly name: string;
}

/**
 * A mask as numbers: true becomes -Infinity, false 0; fractions stay.
 *
 * @throws AssertionError in PyTorch's words for whole numbers
 */
export function additiveMask(
  mask: Tensor | null,
  name: string,
  dtype: DType,
  other: OtherMask | null = null,
): Tensor | null {
  if (mask === null) return null;
  const isFloat = mask.isFloatingPoint();
  if (mask.dtype !== bool && !isFloat)
    throw new AssertionError(`only bool and floating types of ${name} are supported`);
  if (other !== null && other.mask !== null && other.mask.dtype !== mask.dtype)
    warn(`Support for mismatched ${name} and ${other.name} is deprecated. Use same type for both instead.`);
  return isFloat ? mask : mask.zerosLike({ dtype }).maskedFill(mask, -Infinity);
}
