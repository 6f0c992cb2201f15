/** `torch.signal.windows`: factors that fade a stretch of a signal out towards its ends. */
import { getDefaultDtype } from '../../core/defaults.js';
import { type DeviceLike, toDevice } from '../../core/device.js';
import { type DType, float32, float64 } from '../../core/dtype.js';
import { TypeError, ValueError } from '../../core/errors.js';
import { type Layout, strided } from '../../core/memory_format.js';
import { pyfloat } from '../../core/pyfloat.js';
import { asLeaf, type Tensor } from '../../core/tensor.js';
import { op, ops } from '../../dispatch/registry.js';

interface Factory {
  readonly name: string;
  readonly length: number;
  readonly sym: boolean;
  readonly dtype: DType;
  readonly device: DeviceLike | null;
  readonly requiresGrad: boolean;
}

type Given = readonly [
  sym: boolean,
  dtype: DType | null,
  device: DeviceLike | null,
  requiresGrad: boolean,
  layout: Layout | null,
  pinMemory: boolean,
];

const factory =
  'bool sym=True, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, Layout? layout=None, Pinned pin_memory=False) -> Tensor';

function checked(name: string, length: number, [sym, given, device, requiresGrad, layout]: Given): Factory {
  if (length < 0) throw new ValueError(`${name} requires non-negative window length, got M=${length}`);
  if (layout !== null && layout !== strided)
    throw new ValueError(`${name} is implemented for strided tensors only, got: ${layout}`);
  const dtype = given ?? getDefaultDtype();
  if (dtype !== float32 && dtype !== float64)
    throw new ValueError(`${name} expects float32 or float64 dtypes, got: ${dtype}`);
  return { name, length, sym, dtype, device, requiresGrad };
}

/** How many steps a window has from one end to where it would repeat. */
const period = ({ length, sym }: Factory): number => (sym || length <= 1 ? length - 1 : length);

/** The window's value at each of these evenly spaced points. */
function window(
  { length, dtype, device, requiresGrad }: Factory,
  start: number,
  step: number,
  value: (points: Tensor) => Tensor,
): Tensor {
  const where = device === null ? null : toDevice(device);
  const points = ops.linspace(start, start + (length - 1) * step, length, { dtype, device: where });
  const result = length === 0 ? points : value(points);
  return requiresGrad ? asLeaf(result.detach()) : result;
}

/** Σ ± a_k cos(k x), the signs alternating. */
function cosines(made: Factory, a: readonly number[]): Tensor {
  if (a.length === 0) throw new ValueError('Coefficients cannot be empty');
  const step = (2 * Math.PI) / Math.max(period(made), 1);
  // A window of one point is 1.
  if (made.length === 1) return window(made, 0, 0, (x) => x.onesLike());
  return window(made, 0, step, (x) =>
    a
      .map((factor, k) =>
        x
          .mul(k)
          .cos()
          .mul(k % 2 === 0 ? factor : -factor),
      )
      .reduce((s, t) => s.add(t)),
  );
}

op(`general_cosine(int M, *, float[]? a=None, ${factory}`, {
  doc: 'A sum of cosines of growing frequency with the coefficients `a`, their signs alternating.',
  module: 'signal.windows',
  composite(length, a, ...given) {
    const made = checked('general_cosine', length, given);
    if (a === null) throw new TypeError('Coefficients must be a list/tuple');
    return cosines(made, a);
  },
});

op(`general_hamming(int M, *, float alpha=0.54, ${factory}`, {
  doc: 'The cosine window alpha - (1 - alpha) cos(x).',
  module: 'signal.windows',
  composite: (length, alpha, ...given) =>
    cosines(checked('general_cosine', length, given), [alpha, 1 - alpha]),
});

const cosineWindows = {
  hamming: ['Hamming', 'general_cosine', [0.54, 0.46]],
  hann: ['Hann', 'general_cosine', [0.5, 0.5]],
  blackman: ['Blackman', 'blackman', [0.42, 0.5, 0.08]],
  nuttall: ['Nuttall', 'general_cosine', [0.3635819, 0.4891775, 0.1365995, 0.0106411]],
} as const;

for (const [name, [title, checker, a]] of Object.entries(cosineWindows))
  op(`${name}(int M, *, ${factory}`, {
    doc: `The ${title} window, a sum of ${a.length} cosines.`,
    module: 'signal.windows',
    composite: (length: number, ...given: Given) => cosines(checked(checker, length, given), a),
  });

op(`bartlett(int M, *, ${factory}`, {
  doc: 'A triangle from 0 up to 1 and back.',
  module: 'signal.windows',
  composite(length, ...given) {
    const made = checked('bartlett', length, given);
    if (length === 1) return window(made, 0, 0, (x) => x.onesLike());
    return window(made, -1, 2 / Math.max(period(made), 1), (x) => x.abs().rsub(1));
  },
});

op(`cosine(int M, *, ${factory}`, {
  doc: 'Half a period of the sine.',
  module: 'signal.windows',
  composite(length, ...given) {
    const made = checked('cosine', length, given);
    const step = Math.PI / (period(made) + 1);
    return window(made, step / 2, step, (x) => x.sin());
  },
});

op(`exponential(int M, *, float? center=None, float tau=1, ${factory}`, {
  doc: 'Decay by e per `tau` points on both sides of the middle, or of `center` where the window is not symmetric.',
  module: 'signal.windows',
  composite(length, center, tau, ...given) {
    const made = checked('exponential', length, given);
    if (tau <= 0) throw new ValueError(`Tau must be positive, got: ${tau} instead.`);
    if (made.sym && center !== null) throw new ValueError('Center must be None for symmetric windows');
    const middle = center ?? period(made) / 2;
    return window(made, -middle / tau, 1 / tau, (x) => x.abs().neg().exp());
  },
});

op(`kaiser(int M, *, float beta=12, ${factory}`, {
  doc: 'The Kaiser window, whose `beta` trades the width of the main lobe for the height of the others.',
  module: 'signal.windows',
  composite(length, beta, ...given) {
    const made = checked('kaiser', length, given);
    if (beta < 0) throw new ValueError(`beta must be non-negative, got: ${beta} instead.`);
    if (length === 1) return window(made, 0, 0, (x) => x.onesLike());
    const step = (2 * beta) / Math.max(period(made), 1);
    const top = ops.scalarTensor(pyfloat(beta), { dtype: made.dtype, device: made.device }).i0();
    // Rounding may carry the last point beyond beta.
    return window(made, -beta, step, (x) =>
      x
        .square()
        .neg()
        .add(beta * beta)
        .clamp({ min: 0 })
        .sqrt()
        .i0()
        .div(top),
    );
  },
});

op(`gaussian(int M, *, float std=1, ${factory}`, {
  doc: 'The bell curve with this standard deviation, in points.',
  module: 'signal.windows',
  composite(length, std, ...given) {
    const made = checked('gaussian', length, given);
    if (std <= 0) throw new ValueError(`Standard deviation must be positive, got: ${std} instead.`);
    const step = 1 / (std * Math.SQRT2);
    return window(made, (-period(made) / 2) * step, step, (x) => x.square().neg().exp());
  },
});
