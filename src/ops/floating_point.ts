/** Parts of floating-point numbers. */
import { int32 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { op } from '../dispatch/registry.js';

op('frexp(Tensor self) -> (Tensor mantissa, Tensor exponent)', {
  doc: 'The numbers as mantissa · 2^exponent, with mantissas of a size from 0.5 up to 1.',
  composite(self) {
    if (!self.isFloatingPoint()) throw new RuntimeError('torch.frexp() only supports floating-point dtypes');
    const size = self.detach().abs();
    const isNormal = size.gt(0).logicalAnd(size.lt(Number.POSITIVE_INFINITY));
    // In two steps, since powers of two for the smallest numbers are too large for one.
    const scaled = (x: typeof self, exponent: typeof self) => {
      const half = exponent.div(2, { roundingMode: 'floor' });
      return x.mul(half.neg().exp2()).mul(half.sub(exponent).exp2());
    };
    const near = size.log2().floor().add(1).where(isNormal, 0);
    // The logarithm of what is close to a power of two may be that of the next.
    const mantissa = scaled(size, near);
    const exponent = near
      .add(mantissa.ge(1).logicalAnd(isNormal).to(near.dtype))
      .sub(mantissa.lt(0.5).logicalAnd(isNormal).to(near.dtype));
    return [scaled(self, exponent), exponent.to(int32)] as const;
  },
});
