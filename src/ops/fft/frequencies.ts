/** `torch.fft.fftfreq` and `rfftfreq`: the frequencies that results of transforms belong to. */
import { getDefaultDtype } from '../../core/defaults.js';
import type { DType } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { asLeaf } from '../../core/tensor.js';
import { checkSizes } from '../../dispatch/empty.js';
import { op, ops } from '../../dispatch/registry.js';

const rest =
  'int n, float d=1.0, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor';

function dtypeOf(name: string, dtype: DType | null): DType {
  const type = dtype ?? getDefaultDtype();
  if (!type.isFloatingPoint && !type.isComplex)
    throw new RuntimeError(`${name} requires a floating point or complex dtype`);
  return type;
}

op(`fftfreq(${rest}`, {
  doc: 'The frequencies of the results of `fft` of n points that lie `d` apart: 0, the positive ones, the negative ones.',
  module: 'fft',
  composite(n, d, dtype, device, requiresGrad) {
    const type = dtypeOf('fftfreq', dtype);
    checkSizes([n]);
    const result = ops.arange(n, { dtype: type, device });
    const positive = Math.floor((n + 1) / 2);
    if (n > positive) result.narrow(0, positive, n - positive).sub_(n);
    result.mul_(1 / (n * d));
    return requiresGrad ? asLeaf(result) : result;
  },
});

op(`rfftfreq(${rest}`, {
  doc: 'The frequencies of the results of `rfft` of n points that lie `d` apart.',
  module: 'fft',
  composite(n, d, dtype, device, requiresGrad) {
    const type = dtypeOf('rfftfreq', dtype);
    const size = Math.floor(n / 2) + 1;
    checkSizes([size]);
    const result = ops.arange(size, { dtype: type, device }).mul_(1 / (n * d));
    return requiresGrad ? asLeaf(result) : result;
  },
});
