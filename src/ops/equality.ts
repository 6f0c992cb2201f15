/** Comparisons of whole tensors: their result is a boolean, not a tensor, so they are no ops. */
import { TypeError } from '../core/errors.js';
import { sameShape } from '../core/layout.js';
import { asReader } from '../core/reading.js';
import { Tensor } from '../core/tensor.js';
import { typeName } from './bind.js';
import './pointwise/index.js';
import './reductions.js';
import { installReaders, waiting } from './twins.js';

export interface ClosenessOptions {
  /** The difference allowed, as a part of the other value. Default 1e-5. */
  rtol?: number;
  /** The difference allowed in any case. Default 1e-8. */
  atol?: number;
  /** Whether NaN is close to NaN. Default false. */
  equalNan?: boolean;
}

declare module '../core/tensor.js' {
  interface Tensor {
    /** Whether the other tensor has the same shape and the same values. */
    equal(other: Tensor): boolean;
    /** `equal()`, on devices that must be waited for too. */
    equalAsync(other: Tensor): Promise<boolean>;
    /** Whether all values are close to the other tensor's: |self - other| <= atol + rtol * |other|. */
    allclose(other: Tensor, rtol?: number | ClosenessOptions, atol?: number, equalNan?: boolean): boolean;
    /** `allclose()`, on devices that must be waited for too. */
    allcloseAsync(
      other: Tensor,
      rtol?: number | ClosenessOptions,
      atol?: number,
      equalNan?: boolean,
    ): Promise<boolean>;
  }
}

/** Whether two tensors have the same shape and the same values. */
export function equal(input: Tensor, other: Tensor): boolean {
  return asReader('equal', () => areEqual(input, other));
}

/** `equal()`, on devices that must be waited for too. */
export function equalAsync(input: Tensor, other: Tensor): Promise<boolean> {
  return waiting([input, other], () => equal(input, other));
}

function areEqual(input: Tensor, other: Tensor): boolean {
  if (!(other instanceof Tensor))
    throw new TypeError(`equal(): argument 'other' (position 2) must be Tensor, not ${typeName(other)}`);
  return sameShape(input.shape, other.shape) && input.eq(other).all().item() === 1;
}

/** Whether all values of two tensors are close: |input - other| <= atol + rtol * |other|. */
export function allclose(
  input: Tensor,
  other: Tensor,
  rtol: number | ClosenessOptions = {},
  atol = 1e-8,
  equalNan = false,
): boolean {
  const options = typeof rtol === 'number' ? { rtol, atol, equalNan } : rtol;
  return asReader(
    'allclose',
    () =>
      input
        .isclose(other, { ...options })
        .all()
        .item() === 1,
  );
}

/** `allclose()`, on devices that must be waited for too. */
export function allcloseAsync(
  input: Tensor,
  other: Tensor,
  ...tolerance: [rtol?: number | ClosenessOptions, atol?: number, equalNan?: boolean]
): Promise<boolean> {
  return waiting([input, other], () => allclose(input, other, ...tolerance));
}

installReaders({
  equal(this: Tensor, other: Tensor) {
    return equal(this, other);
  },
  allclose(this: Tensor, other: Tensor, rtol?: number | ClosenessOptions, atol?: number, equalNan?: boolean) {
    return allclose(this, other, rtol, atol, equalNan);
  },
});
