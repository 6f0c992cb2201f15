/** Transforms along one dimension. */
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { op } from '../../dispatch/registry.js';
import { checkPoints, dimOf, normalizationOf, promoted } from './arguments.js';
import { complexToComplex, complexToReal, realToComplex, resized } from './transforms.js';

type Function = (input: Tensor, n: number | null, dim: number, norm: string | null) => Tensor;

function define(name: string, doc: string, composite: Function): void {
  op(`${name}(Tensor self, int? n=None, int dim=-1, str? norm=None) -> Tensor`, {
    doc: `${doc} Along \`dim\`, which is cut or padded with zeros to \`n\`; \`norm\` ('backward', 'forward', 'ortho') says where to divide by the number of points.`,
    module: 'fft',
    composite,
  });
}

function checkReal(name: string, { dtype }: Tensor): void {
  if (dtype.isComplex)
    throw new RuntimeError(`${name} expects a real input tensor, but got ${dtype.scalarName}`);
}

/** From real numbers; the inverse transform is the conjugate of the forward one. */
function fromReal(
  self: Tensor,
  n: number | null,
  unwrapped: number,
  norm: string | null,
  forward: boolean,
  onesided: boolean,
): Tensor {
  const input = promoted(self);
  const dim = dimOf(unwrapped, input.ndim);
  const size = n ?? input.shape[dim];
  checkPoints(size);
  const result = realToComplex(
    resized(input, [dim], [size]),
    [dim],
    normalizationOf(norm, forward),
    onesided,
  );
  return forward ? result : result.conj();
}

const complex =
  (forward: boolean): Function =>
  (self, n, unwrapped, norm) => {
    if (!self.isComplex()) return fromReal(self, n, unwrapped, norm, forward, false);
    const dim = dimOf(unwrapped, self.ndim);
    const size = n ?? self.shape[dim];
    checkPoints(size);
    return complexToComplex(resized(self, [dim], [size]), [dim], normalizationOf(norm, forward), forward);
  };

const toReal =
  (forward: boolean): Function =>
  (self, n, unwrapped, norm) => {
    const input = promoted(self, true);
    const dim = dimOf(unwrapped, input.ndim);
    const size = n ?? 2 * (input.shape[dim] - 1);
    checkPoints(size);
    const half = n === null ? input : resized(input, [dim], [Math.floor(size / 2) + 1]);
    return complexToReal(forward ? half.conj() : half, [dim], normalizationOf(norm, forward), size);
  };

const realOnly =
  (name: string, forward: boolean): Function =>
  (self, n, dim, norm) => {
    checkReal(name, self);
    return fromReal(self, n, dim, norm, forward, true);
  };

define('fft', 'The discrete Fourier transform.', complex(true));
define('ifft', 'The inverse of `fft`.', complex(false));
define(
  'rfft',
  'The discrete Fourier transform of real numbers, without its second half, which is the conjugate of the first.',
  realOnly('rfft', true),
);
define('irfft', 'The inverse of `rfft`; by default of an even number of points.', toReal(false));
define(
  'hfft',
  'The discrete Fourier transform of the first half of numbers whose second half is its conjugate: real numbers.',
  toReal(true),
);
define('ihfft', 'The inverse of `hfft`.', realOnly('ihfft', false));
