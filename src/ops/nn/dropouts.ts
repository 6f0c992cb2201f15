/** Dropout: noise from PyTorch's random stream, multiplied in. */
import { float32, float64 } from '../../core/dtype.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { pyfloat } from '../../core/pyfloat.js';
import { formatNumber } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { op, ops } from '../../dispatch/registry.js';

export function checkProbability(p: number): void {
  if (!(p >= 0 && p <= 1))
    throw new ValueError(`dropout probability has to be between 0 and 1, but got ${formatNumber(p)}`);
}

/** Multiplies by zero with probability `p`, else by 1 / (1 - p); whole channels at a time if `feature`. */
function drop(input: Tensor, p: number, training: boolean, inplace: boolean, feature: boolean): Tensor {
  checkProbability(p);
  if (p === 0 || !training || input.numel() === 0) return input;
  const noise = noiseLike(input, p, feature);
  if (p < 1) noise.div_(1 - p);
  return inplace ? input.mul_(noise) : input.mul(noise);
}

function noiseLike(input: Tensor, p: number, feature: boolean): Tensor {
  if (!feature) return p === 1 ? input.detach().zerosLike() : ops.emptyLike(input.detach()).bernoulli_(1 - p);
  if (input.ndim < 2) throw new RuntimeError('Feature dropout requires at least 2 dimensions in the input');
  const shape = input.shape.map((size, i) => (i < 2 ? size : 1));
  const noise = input.detach().newEmpty(shape);
  return p === 1 ? noise.zero_() : noise.bernoulli_(1 - p);
}

/** Constants of the self-normalising activation SELU: -scale · alpha is where dropped units are sent. */
const seluLimit = 1.7580993408473766;

function alphaDrop(input: Tensor, p: number, training: boolean, inplace: boolean, feature: boolean): Tensor {
  checkProbability(p);
  if (p === 0 || !training || input.numel() === 0) return input;
  const noise = noiseLike(input, p, feature);
  if (p === 1) return inplace ? input.mul_(noise) : input.mul(noise);
  // Keeps mean and variance (Self-Normalizing Neural Networks, Klambauer et al. 2017).
  const a = 1 / Math.sqrt((seluLimit * seluLimit * p + 1) * (1 - p));
  const b = noise
    .add(-1)
    .mul_(seluLimit * a)
    .add_(seluLimit * a * p);
  noise.mul_(a);
  return inplace ? input.mul_(noise).add_(b) : input.mul(noise).add(b);
}

op('dropout(Tensor input, float p, bool train) -> Tensor', {
  doc: 'In training, sets elements to zero with probability `p` and scales the others by 1 / (1 - p).',
  composite: (input, p, train) => drop(input, p, train, false, false),
});

op('dropout(Tensor input, float p=0.5, bool training=True, bool inplace=False) -> Tensor', {
  doc: 'In training, sets elements to zero with probability `p` and scales the others by 1 / (1 - p).',
  module: 'nn.functional',
  composite: (input, p, training, inplace) => drop(input, p, training, inplace, false),
});

op('alpha_dropout(Tensor input, float p=0.5, bool training=False, bool inplace=False) -> Tensor', {
  doc: 'Dropout that keeps mean and variance of SELU activations.',
  module: 'nn.functional',
  composite: (input, p, training, inplace) => alphaDrop(input, p, training, inplace, false),
});

op('feature_alpha_dropout(Tensor input, float p=0.5, bool training=False, bool inplace=False) -> Tensor', {
  doc: 'Alpha dropout of whole channels.',
  module: 'nn.functional',
  composite: (input, p, training, inplace) => alphaDrop(input, p, training, inplace, true),
});

function dropUnbatched(
  input: Tensor,
  p: number,
  training: boolean,
  inplace: boolean,
  batchedNdim: number,
): Tensor {
  if (input.ndim === batchedNdim) return drop(input, p, training, inplace, true);
  const dropped = drop(input.unsqueeze(0), p, training, inplace, true);
  return inplace ? input : dropped.squeeze(0);
}

function warnDimensions(name: string, ndim: number, advice: string): void {
  warn(
    `${name}: Received a ${ndim}-D input to ${name}, which is deprecated and will result in an error in a future release. To retain the behavior and silence this warning, please use dropout instead. Note that ${advice}`,
  );
}

op('dropout1d(Tensor input, float p=0.5, bool training=True, bool inplace=False) -> Tensor', {
  doc: 'Drops whole channels of a [N, C, L] or [C, L] input.',
  module: 'nn.functional',
  composite(input, p, training, inplace) {
    checkProbability(p);
    if (input.ndim !== 2 && input.ndim !== 3)
      throw new RuntimeError(
        `dropout1d: Expected 2D or 3D input, but received a ${input.ndim}D input. Note that dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs).`,
      );
    return dropUnbatched(input, p, training, inplace, 3);
  },
});

op('dropout2d(Tensor input, float p=0.5, bool training=True, bool inplace=False) -> Tensor', {
  doc: 'Drops whole channels of a [N, C, H, W] input.',
  module: 'nn.functional',
  composite(input, p, training, inplace) {
    checkProbability(p);
    if (input.ndim !== 3 && input.ndim !== 4)
      warnDimensions(
        'dropout2d',
        input.ndim,
        'dropout2d exists to provide channel-wise dropout on inputs with 2 spatial dimensions, a channel dimension, and an optional batch dimension (i.e. 3D or 4D inputs).',
      );
    if (input.ndim === 3)
      warn(
        'dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired - input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To maintain the 1D channel-wise dropout behavior, please switch to using dropout1d instead.',
      );
    return drop(input, p, training, inplace, true);
  },
});

op('dropout3d(Tensor input, float p=0.5, bool training=True, bool inplace=False) -> Tensor', {
  doc: 'Drops whole channels of a [N, C, D, H, W] or [C, D, H, W] input.',
  module: 'nn.functional',
  composite(input, p, training, inplace) {
    checkProbability(p);
    if (input.ndim !== 4 && input.ndim !== 5)
      warnDimensions(
        'dropout3d',
        input.ndim,
        'dropout3d exists to provide channel-wise dropout on inputs with 3 spatial dimensions, a channel dimension, and an optional batch dimension (i.e. 4D or 5D inputs).',
      );
    return dropUnbatched(input, p, training, inplace, 5);
  },
});

op('native_dropout_backward(Tensor grad_output, Tensor mask, float scale) -> Tensor', {
  doc: 'The gradient of dropout by its input: that of what was kept, scaled.',
  method: false,
  composite: (grad, mask, scale) => grad.mul(mask).mul(pyfloat(scale)),
});

op(
  'rrelu(Tensor input, float lower=0.125, float upper=0.3333333333333333, bool training=False, bool inplace=False) -> Tensor',
  {
    doc: 'A leaky rectifier whose slope is drawn anew for every negative element in training; else it is the mean of both bounds.',
    module: 'nn.functional',
    reads: true,
    composite(input, lower, upper, training, inplace) {
      if (lower > upper)
        throw new RuntimeError('Lower bound should be less than or equal to the upper bound');
      // A slope of one number leaves elements their dtype and precision.
      const result = training
        ? input.mul(drawnSlopes(input.detach(), lower, upper))
        : ops.where(input.gt(0), input, input.mul(pyfloat((lower + upper) / 2)));
      return inplace ? input.copy_(result) : result;
    },
  },
);

/** A slope for every element that is not above zero, drawn in float64 whatever the dtype, and 1 for the others. */
function drawnSlopes(input: Tensor, lower: number, upper: number): Tensor {
  if (input.isMeta) return input.onesLike();
  const isLow = input.le(0);
  const dtype = input.storage.backend.hasFloat64 ? float64 : float32;
  const draws = input.newEmpty([isLow.sum().item()], { dtype }).uniform_(lower, upper);
  return input.onesLike().maskedScatter(isLow, draws.to(input.dtype));
}
