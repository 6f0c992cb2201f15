/** Filling tensors with initial values: `torch.nn.init`. Everything happens in place and outside of autograd. */
import { noGradSync } from '../autograd/modes.js';
import { ValueError } from '../core/errors.js';
import type { Generator } from '../core/generator.js';
import { formatValue } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import type { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { ops } from '../dispatch/registry.js';

export type Nonlinearity =
  | 'linear'
  | 'conv1d'
  | 'conv2d'
  | 'conv3d'
  | 'conv_transpose1d'
  | 'conv_transpose2d'
  | 'conv_transpose3d'
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'leaky_relu'
  | 'selu';
export type FanMode = 'fan_in' | 'fan_out';

const linear = [
  'linear',
  'conv1d',
  'conv2d',
  'conv3d',
  'conv_transpose1d',
  'conv_transpose2d',
  'conv_transpose3d',
  'sigmoid',
];

const nonlinearities =
  "'linear'|'conv1d'|'conv2d'|'conv3d'|'conv_transpose1d'|'conv_transpose2d'|'conv_transpose3d'|'sigmoid'|'tanh'|'relu'|'leaky_relu'|'selu'" as const;

const calculateGainSignature = signature(`calculate_gain(${nonlinearities} nonlinearity, Any param=None)`);

/** By what a nonlinearity's standard deviation must be multiplied to be kept through a layer. */
export function calculateGain(
  ...args: Arguments<typeof calculateGainSignature, { param: number | null }>
): number {
  const { nonlinearity, param } = calculateGainSignature.bind(args);
  if (linear.includes(nonlinearity)) return 1;
  if (nonlinearity === 'tanh') return 5 / 3;
  if (nonlinearity === 'relu') return Math.sqrt(2);
  if (nonlinearity === 'leaky_relu') {
    const slope = (param as number | null) ?? 0.01;
    if (typeof slope !== 'number')
      throw new ValueError(`negative_slope ${formatValue(slope)} not a valid number`);
    return Math.sqrt(2 / (1 + slope ** 2));
  }
  // Found empirically.
  if (nonlinearity === 'selu') return 3 / 4;
  throw new ValueError(`Unsupported nonlinearity ${String(nonlinearity)}`);
}

/** How many inputs each output of a weight sees, and how many outputs each input. */
export const fanInAndOut = signed(
  'fan_in_and_out(Tensor tensor)',
  ({ tensor }): [fanIn: number, fanOut: number] => {
    if (tensor.ndim < 2)
      throw new ValueError('Fan in and fan out can not be computed for tensor with fewer than 2 dimensions');
    const [outputs, inputs, ...spatial] = tensor.shape;
    const field = spatial.reduce((a, b) => a * b, 1);
    return [inputs * field, outputs * field];
  },
);

function correctFan(tensor: Tensor, mode: string): number {
  const lower = mode.toLowerCase();
  if (lower !== 'fan_in' && lower !== 'fan_out')
    throw new ValueError(`Mode ${mode} not supported, please use one of ['fan_in', 'fan_out']`);
  return fanInAndOut(tensor)[lower === 'fan_in' ? 0 : 1];
}

function drawUniform(tensor: Tensor, a: number, b: number, generator: Generator | null): Tensor {
  return noGradSync(() => tensor.uniform_(a, b, { generator }));
}

function drawNormal(tensor: Tensor, mean: number, std: number, generator: Generator | null): Tensor {
  return noGradSync(() => tensor.normal_(mean, std, { generator }));
}

/** From the uniform distribution on [a, b). */
export const uniform_ = signed(
  'uniform_(Tensor tensor, float a=0.0, float b=1.0, Generator? generator=None)',
  ({ tensor, ...given }): Tensor => {
    return drawUniform(tensor, given.a, given.b, given.generator);
  },
);

/** From the normal distribution. */
export const normal_ = signed(
  'normal_(Tensor tensor, float mean=0.0, float std=1.0, Generator? generator=None)',
  ({ tensor, ...given }): Tensor => {
    return drawNormal(tensor, given.mean, given.std, given.generator);
  },
);

/** One value everywhere. */
export const constant_ = signed('constant_(Tensor tensor, Scalar val)', ({ tensor, val }): Tensor => {
  return noGradSync(() => tensor.fill_(val));
});

/** Ones. */
export const ones_ = signed('ones_(Tensor tensor)', ({ tensor }): Tensor => {
  return noGradSync(() => tensor.fill_(1));
});

/** Zeros. */
export const zeros_ = signed('zeros_(Tensor tensor)', ({ tensor }): Tensor => {
  return noGradSync(() => tensor.zero_());
});

/** The identity matrix. */
export const eye_ = signed('eye_(Tensor tensor)', ({ tensor }): Tensor => {
  if (tensor.ndim !== 2) throw new ValueError('Only tensors with 2 dimensions are supported');
  const [rows, columns] = tensor.shape;
  return noGradSync(() => tensor.copy_(ops.eye(rows, columns, { dtype: tensor.dtype })));
});

/** Weights with which a convolution passes its input on, as many channels as possible, in every group. */
export const dirac_ = signed('dirac_(Tensor tensor, int groups=1)', ({ tensor, groups: count }): Tensor => {
  if (tensor.ndim < 3 || tensor.ndim > 5)
    throw new ValueError('Only tensors with 3, 4, or 5 dimensions are supported');
  const [outputs, inputs, ...spatial] = tensor.shape;
  if (outputs % count !== 0) throw new ValueError('dim 0 must be divisible by groups');
  const each = outputs / count;
  return noGradSync(() => {
    tensor.zero_();
    for (let g = 0; g < count; g++)
      for (let d = 0; d < Math.min(each, inputs); d++) {
        let element = tensor.select(0, g * each + d).select(0, d);
        for (const size of spatial) element = element.select(0, Math.floor(size / 2));
        element.fill_(1);
      }
    return tensor;
  });
});

/** Uniform, so that variances are kept in both directions (Glorot and Bengio, 2010). */
export const xavierUniform_ = signed(
  'xavier_uniform_(Tensor tensor, float gain=1.0, Generator? generator=None)',
  ({ tensor, ...given }): Tensor => {
    const [fanIn, fanOut] = fanInAndOut(tensor);
    const bound = Math.sqrt(3) * (given.gain * Math.sqrt(2 / (fanIn + fanOut)));
    return drawUniform(tensor, -bound, bound, given.generator);
  },
);

/** Normal, so that variances are kept in both directions (Glorot and Bengio, 2010). */
export const xavierNormal_ = signed(
  'xavier_normal_(Tensor tensor, float gain=1.0, Generator? generator=None)',
  ({ tensor, ...given }): Tensor => {
    const [fanIn, fanOut] = fanInAndOut(tensor);
    return drawNormal(tensor, 0, given.gain * Math.sqrt(2 / (fanIn + fanOut)), given.generator);
  },
);

/**
 * `a`: the negative slope of the rectifier behind, with 'leaky_relu'. `mode`: keep variances forward ('fan_in') or
 * backward ('fan_out').
 */
const kaimingParameters =
  `Tensor tensor, float a=0.0, 'fan_in'|'fan_out' mode='fan_in', ${nonlinearities} nonlinearity='leaky_relu', Generator? generator=None` as const;

function kaiming(
  tensor: Tensor,
  given: { a: number; mode: FanMode; nonlinearity: Nonlinearity; generator: Generator | null },
): [std: number, generator: Generator | null] {
  const fan = correctFan(tensor, given.mode);
  return [calculateGain(given.nonlinearity, given.a) / Math.sqrt(fan), given.generator];
}

function warnEmpty(tensor: Tensor): boolean {
  if (!tensor.shape.includes(0)) return false;
  warn('Initializing zero-element tensors is a no-op');
  return true;
}

/** Uniform, so that variances are kept in one direction before a rectifier (He et al., 2015). */
export const kaimingUniform_ = signed(
  `kaiming_uniform_(${kaimingParameters})`,
  ({ tensor, ...given }): Tensor => {
    if (warnEmpty(tensor)) return tensor;
    const [std, generator] = kaiming(tensor, given);
    const bound = Math.sqrt(3) * std;
    return drawUniform(tensor, -bound, bound, generator);
  },
);

/** Normal, so that variances are kept in one direction before a rectifier (He et al., 2015). */
export const kaimingNormal_ = signed(
  `kaiming_normal_(${kaimingParameters})`,
  ({ tensor, ...given }): Tensor => {
    if (warnEmpty(tensor)) return tensor;
    const [std, generator] = kaiming(tensor, given);
    return drawNormal(tensor, 0, std, generator);
  },
);

/** From the normal distribution within [a, b]: what falls outside is drawn again. */
export const truncNormal_ = signed(
  'trunc_normal_(Tensor tensor, float mean=0.0, float std=1.0, float a=-2.0, float b=2.0, Generator? generator=None)',
  ({ tensor, ...given }): Tensor => {
    if (given.mean < given.a - 2 * given.std || given.mean > given.b + 2 * given.std)
      warn(
        'mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect.',
      );
    const inside =
      normalCdf((given.b - given.mean) / given.std) - normalCdf((given.a - given.mean) / given.std);
    const draw = inside > 0.3 ? rejectNormal : rejectUniform;
    return noGradSync(() => {
      if (tensor.isMeta) return tensor;
      if (tensor.isReadable) return draw(tensor, given);
      // How often is drawn again must be known at once: the CPU does it.
      return tensor.copy_(draw(ops.empty(tensor.shape, { dtype: tensor.dtype, device: 'cpu' }), given));
    });
  },
);

interface Truncated {
  readonly mean: number;
  readonly std: number;
  readonly a: number;
  readonly b: number;
  readonly generator: Generator | null;
}

/** Most normal draws fall inside. */
function rejectNormal(tensor: Tensor, { mean, std, a, b, generator }: Truncated): Tensor {
  // The bounds as the tensor's dtype has them.
  const low = tensor.newFull([], a).item();
  const high = tensor.newFull([], b).item();
  let result: Tensor = tensor.normal_(mean, std, { generator });
  for (;;) {
    const outside = result.lt(low).logicalOr(result.gt(high));
    if (!outside.any().item()) break;
    result = ops.where(outside, result.emptyLike().normal_(mean, std, { generator }), result);
  }
  return result === tensor ? tensor : tensor.copy_(result);
}

/** Few normal draws fall inside: uniform ones are kept with the probability that the density gives. */
function rejectUniform(tensor: Tensor, { mean, std, a, b, generator }: Truncated): Tensor {
  const mode = Math.max(a, Math.min(mean, b));
  const peak = -0.5 * ((mode - mean) / std) ** 2;
  const logDensity = (x: Tensor): Tensor => x.sub_(mean).div_(std).pow_(2).mul_(-0.5).sub_(peak);
  const candidates = tensor.emptyLike();
  const accept = tensor.emptyLike();
  const refused = (): Tensor => accept.uniform_({ generator }).log_().gt(candidates);
  tensor.uniform_(a, b, { generator });
  candidates.copy_(tensor);
  logDensity(candidates);
  let pending = refused();
  if (!pending.any().item()) return tensor;
  let result: Tensor = tensor;
  for (;;) {
    candidates.uniform_(a, b, { generator });
    result = ops.where(pending, candidates, result);
    logDensity(candidates);
    pending = ops.where(pending, refused(), pending);
    if (!pending.any().item()) break;
  }
  return tensor.copy_(result);
}

/**
 * The standard normal distribution function: only its order of magnitude matters here, so 7 digits do (Abramowitz and
 * Stegun, 7.1.26).
 */
function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const series =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - series * Math.exp(-z * z);
  return (1 + Math.sign(x) * erf) / 2;
}

/** A matrix with orthogonal rows or columns (Saxe et al., 2013); dimensions beyond the first count as one. */
export const orthogonal_ = signed(
  'orthogonal_(Tensor tensor, float gain=1, Generator? generator=None)',
  ({ tensor, ...given }): Tensor => {
    if (tensor.ndim < 2) throw new ValueError('Only tensors with 2 or more dimensions are supported');
    if (tensor.numel() === 0) return tensor;
    return noGradSync(() => {
      const rows = tensor.shape[0];
      const columns = tensor.numel() / rows;
      const drawn = tensor.newEmpty([rows, columns]).normal_(0, 1, { generator: given.generator });
      const q = orthogonalFactor(rows < columns ? drawn.t() : drawn);
      return tensor.copy_((rows < columns ? q.t() : q).reshape(tensor.shape)).mul_(given.gain);
    });
  },
);

/**
 * Q of A = QR with a positive diagonal of R, which makes it unique, by Gram-Schmidt; a second pass over every column makes up
 * for what rounding left in the first (Giraud et al., 2005). Computed in double.
 */
function orthogonalFactor(a: Tensor): Tensor {
  const columns: Tensor[] = [];
  const source = a.double();
  for (let j = 0; j < source.shape[1]; j++) {
    let v = source.select(1, j);
    if (j > 0) {
      const previous = ops.stack(columns, 1);
      for (let pass = 0; pass < 2; pass++) v = v.sub(previous.mv(previous.t().mv(v)));
    }
    columns.push(v.div(v.square().sum().sqrt()));
  }
  return ops.stack(columns, 1).to(a.dtype);
}

/** A 2-d tensor in which each column has a share of zeros, the rest normal (Martens, 2010). */
export const sparse_ = signed(
  'sparse_(Tensor tensor, float sparsity, float std=0.01, Generator? generator=None)',
  ({ tensor, sparsity, ...given }): Tensor => {
    if (tensor.ndim !== 2) throw new ValueError('Only tensors with 2 dimensions are supported');
    const [rows, columns] = tensor.shape;
    const zeros = Math.ceil(sparsity * rows);
    return noGradSync(() => {
      tensor.normal_(0, given.std, { generator: given.generator });
      for (let column = 0; column < columns; column++) {
        // PyTorch draws this permutation from the default generator.
        const chosen = ops.randperm(rows).narrow(0, 0, zeros);
        tensor.select(1, column).indexFill_(0, chosen, 0);
      }
      return tensor;
    });
  },
);
