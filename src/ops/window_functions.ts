/** `torch.hannWindow` and its kind: windows of a length, by default as parts of a period. */
import { getDefaultDtype } from '../core/defaults.js';
import type { DeviceLike } from '../core/device.js';
import { type DType, float32 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { pyfloat } from '../core/pyfloat.js';
import { asLeaf, type Tensor } from '../core/tensor.js';
import { op, ops } from '../dispatch/registry.js';

/** The window's values at the points 0, 1, …, of which the one at `last` would be the first again. */
type Shape = (points: Tensor, last: number, ...settings: number[]) => Tensor;

const { PI } = Math;

const hamming: Shape = (points, last, alpha, beta) =>
  points
    .mul_(pyfloat((2 * PI) / last))
    .cos_()
    .mul_(pyfloat(-beta))
    .add_(pyfloat(alpha));

const hann: Shape = (points, last) => hamming(points, last, 0.5, 0.5);

const blackman: Shape = (points, last) => {
  const x = points.mul_(pyfloat(PI / last));
  const wide = x.mul(pyfloat(2)).cos_().mul_(0.5);
  return x.mul_(pyfloat(4)).cos_().mul_(0.08).sub_(wide).add_(0.42);
};

const bartlett: Shape = (points, last) => {
  const window = points.mul_(pyfloat(2 / last));
  const half = (last >> 1) + 1;
  window
    .narrow(0, half, window.shape[0] - half)
    .mul_(-1)
    .add_(2);
  return window;
};

const kaiser: Shape = (points, last, beta) => {
  const { dtype } = points;
  const x = points
    .to(dtype.itemsize < 4 ? float32 : dtype)
    .mul_(pyfloat(2 / last))
    .sub_(1);
  const bend = x.mul_(x).neg_().add_(1).clamp_({ min: 0 }).sqrt_().mul_(pyfloat(beta));
  const top = ops.full([], pyfloat(beta), { dtype: x.dtype, device: x.device });
  return bend.i0().div_(top.i0()).to(dtype);
};

const options =
  '*, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor';

function define(name: string, doc: string, shape: Shape, ...settings: readonly string[]): void {
  const own = settings.map((setting) => `, float ${setting}`).join('');
  op(`${name}_window(int window_length, bool periodic=True${own}, ${options}`, {
    doc: `${doc}; with \`periodic\` one of a length more, without its last value.`,
    composite(...args: readonly unknown[]) {
      const [length, periodic] = args as [number, boolean];
      const given = args.slice(2, 2 + settings.length) as number[];
      const [dtype, device, requiresGrad] = args.slice(2 + settings.length) as [
        DType | null,
        DeviceLike | null,
        boolean,
      ];
      const type = dtype ?? getDefaultDtype();
      if (!type.isFloatingPoint && !type.isComplex)
        throw new RuntimeError(`${name}_window expects floating point dtypes, got: ${type}`);
      if (length < 0)
        throw new RuntimeError(
          `${name}_window requires non-negative window_length, got window_length=${length}`,
        );
      const isLong = length > 1;
      const points = ops.arange(isLong && periodic ? length + 1 : length, { dtype: type, device });
      const window = isLong
        ? shape(points, points.shape[0] - 1, ...given).narrow(0, 0, length)
        : points.fill_(1);
      return requiresGrad ? asLeaf(window) : window;
    },
  } as never);
}

define('hann', 'Half a period of a squared sine', hann);
define('hamming', '`alpha` - `beta` cos(2πn / (N - 1))', hamming, 'alpha=0.54', 'beta=0.46');
define('blackman', 'A sum of three cosines', blackman);
define('bartlett', 'A triangle', bartlett);
define('kaiser', 'A Bessel function, the narrower the larger `beta`', kaiser, 'beta=12.0');
