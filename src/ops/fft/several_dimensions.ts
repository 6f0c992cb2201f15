/** Transforms along two or more dimensions. */
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { op } from '../../dispatch/registry.js';
import { checkPoints, normalizationOf, promoted, sizesAndDims } from './arguments.js';
import { complexToComplex, complexToReal, realToComplex, resized } from './transforms.js';

type Dims = readonly number[] | null;
type Function = (self: Tensor, s: Dims, dim: Dims, norm: string | null) => Tensor;

function define(name: string, doc: string, composite: Function): void {
  const settings =
    "which are cut or padded with zeros to the sizes `s` (-1: as they are); `norm` ('backward', 'forward', 'ortho') says where to divide by the number of points.";
  op(`${name}2(Tensor self, int[1]? s=None, int[1] dim=[-2,-1], str? norm=None) -> Tensor`, {
    doc: `${doc} Along two dimensions, the last ones by default, ${settings}`,
    module: 'fft',
    composite,
  });
  op(`${name}n(Tensor self, int[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor`, {
    doc: `${doc} Along several dimensions, all by default, ${settings}`,
    module: 'fft',
    composite,
  });
}

function checkAny(name: string, dims: readonly number[]): void {
  if (dims.length === 0) throw new RuntimeError(`${name} must transform at least one axis`);
}

/** The arguments of transforms to real numbers, of which half as many are read along the last dimension. */
function halfSizes(
  name: string,
  self: Tensor,
  s: Dims,
  dim: Dims,
): { sizes: number[]; dims: number[]; last: number; size: number } {
  const { sizes, dims } = sizesAndDims(self, s, dim);
  checkAny(name, dims);
  const last = dims[dims.length - 1];
  const given = s === null ? -1 : s[s.length - 1];
  const size = given === -1 ? 2 * (self.shape[last] - 1) : given;
  checkPoints(size);
  sizes[sizes.length - 1] = Math.floor(size / 2) + 1;
  return { sizes, dims, last, size };
}

const complex =
  (forward: boolean): Function =>
  (self, s, dim, norm) => {
    const { sizes, dims } = sizesAndDims(self, s, dim);
    const input = resized(promoted(self, true), dims, sizes);
    return complexToComplex(input, dims, normalizationOf(norm, forward), forward);
  };

define('fft', 'The discrete Fourier transform.', complex(true));
define('ifft', 'The inverse transform.', complex(false));

define(
  'rfft',
  'The discrete Fourier transform of real numbers, without the second half of the last dimension, which follows from the first.',
  (self, s, dim, norm) => {
    if (self.isComplex())
      throw new RuntimeError(`rfftn expects a real-valued input tensor, but got ${self.dtype.scalarName}`);
    const { sizes, dims } = sizesAndDims(self, s, dim);
    checkAny('rfftn', dims);
    return realToComplex(resized(promoted(self), dims, sizes), dims, normalizationOf(norm, true), true);
  },
);

define(
  'irfft',
  'The inverse of `rfft`, of an even number of points along the last dimension by default.',
  (self, s, dim, norm) => {
    const { sizes, dims, size } = halfSizes('irfftn', self, s, dim);
    const input = resized(promoted(self, true), dims, sizes);
    return complexToReal(input, dims, normalizationOf(norm, false), size);
  },
);

define(
  'hfft',
  'The discrete Fourier transform of numbers of which the first half is given along the last dimension, since the second follows from it: real numbers.',
  (self, s, dim, norm) => {
    const { sizes, dims, last, size } = halfSizes('hfftn', self, s, dim);
    const input = resized(promoted(self, true), dims, sizes);
    const normalization = normalizationOf(norm, true);
    const others = dims.slice(0, -1);
    const half = others.length > 0 ? complexToComplex(input, others, normalization, true) : input;
    return complexToReal(half.conj(), [last], normalization, size);
  },
);

define('ihfft', 'The inverse of `hfft`.', (self, s, dim, norm) => {
  const { sizes, dims } = sizesAndDims(self, s, dim);
  checkAny('ihfftn', dims);
  const input = resized(promoted(self), dims, sizes);
  const normalization = normalizationOf(norm, false);
  const half = realToComplex(input, dims.slice(-1), normalization, true).conj();
  const others = dims.slice(0, -1);
  return others.length > 0 ? complexToComplex(half, others, normalization, false) : half;
});
