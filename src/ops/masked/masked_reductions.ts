/**
 * `torch.masked`: reductions and normalisations of those elements that a mask names. What it leaves out counts as the
 * value that changes nothing.
 */
import { Category, type DType, float32, int64, uint8 } from '../../core/dtype.js';
import { ValueError } from '../../core/errors.js';
import { pyfloat } from '../../core/pyfloat.js';
import { type Scalar, scalarValue } from '../../core/scalar.js';
import type { Tensor } from '../../core/tensor.js';
import { iinfo } from '../../core/type_info.js';
import { op, ops } from '../../dispatch/registry.js';
import { scalarTensor } from '../creation.js';
import { F } from '../nn/kernel_operands.js';
import { vectorNorm } from '../reductions.js';

type Dims = readonly number[] | null;

/** The smallest value of a dtype, or the largest. */
function extreme({ dtype }: Tensor, sign: 1 | -1): Scalar {
  if (dtype.category >= Category.float) return pyfloat(sign * Number.POSITIVE_INFINITY);
  const { min, max } = iinfo(dtype.category === Category.bool ? uint8 : dtype);
  return sign < 0 ? min : max;
}

/** The input with `value` in place of what the mask leaves out. */
function kept(input: Tensor, mask: Tensor | null, value: Scalar): Tensor {
  if (mask === null) return input;
  return ops.where(mask.bool().expandAs(input), input, scalarTensor(value, input.dtype));
}

const reduction = 'bool keepdim=False, ScalarType? dtype=None, Tensor? mask=None) -> Tensor';

for (const [name, neutral, word] of [
  ['sum', 0, 'sum'],
  ['prod', 1, 'product'],
] as const)
  op(`${name}(Tensor input, int[1]? dim=None, *, ${reduction}`, {
    doc: `The ${word} of the elements over the dimensions \`dim\` that the mask names.`,
    module: 'masked',
    composite(input, dim, keepdim, dtype, mask) {
      const x = kept(input, mask, neutral);
      if (name === 'sum') return x.sum(dim, keepdim, { dtype });
      const dims = dim === null || dim.length === 0 ? input.shape.map((_, d) => d) : dim;
      // One dimension after the other; each is kept until the last is done.
      const whole = dims.reduce((y, d) => y.prod(d, true, { dtype }), x);
      if (dims.length === 0) return x.to(dtype ?? (x.dtype.category < Category.float ? int64 : x.dtype));
      return keepdim ? whole : whole.squeeze(dims);
    },
  });

for (const [name, sign] of [
  ['amax', -1],
  ['amin', 1],
] as const) {
  op(`${name}(Tensor input, int[1]? dim=None, *, ${reduction}`, {
    doc: `The ${sign < 0 ? 'largest' : 'smallest'} elements over the dimensions \`dim\` among those that the mask names.`,
    module: 'masked',
    composite: (input, dim, keepdim, dtype, mask) =>
      kept(input, mask, extreme(input, sign))
        [name](dim ?? [], keepdim)
        .to(dtype ?? input.dtype),
  });
  const arg = name === 'amax' ? 'argmax' : 'argmin';
  op(`${arg}(Tensor input, int? dim=None, *, ${reduction}`, {
    doc: `The position of the ${sign < 0 ? 'largest' : 'smallest'} element among those that the mask names.`,
    module: 'masked',
    composite: (input, dim, keepdim, dtype, mask) =>
      kept(input, mask, extreme(input, sign))
        [arg](dim, keepdim)
        .to(dtype ?? input.dtype),
  });
}

for (const [name, neutral] of [
  ['cumsum', 0],
  ['cumprod', 1],
] as const)
  op(`${name}(Tensor input, int dim, *, ScalarType? dtype=None, Tensor? mask=None) -> Tensor`, {
    doc: `The ${name === 'cumsum' ? 'sums' : 'products'} of the elements up to each along a dimension that the mask names.`,
    module: 'masked',
    composite: (input, dim, dtype, mask) =>
      kept(input, mask, neutral)[name](dim, { dtype: dtype ?? input.dtype }),
  });

/** How many elements count. */
function counts(input: Tensor, dim: Dims, keepdim: boolean, mask: Tensor | null): Tensor {
  const counted = mask === null ? input.newOnes(input.shape).bool() : mask.bool().expandAs(input);
  return counted.sum(dim, keepdim);
}

op(`mean(Tensor input, int[1]? dim=None, *, ${reduction}`, {
  doc: 'The mean of the elements over the dimensions `dim` that the mask names; NaN where there is none.',
  module: 'masked',
  composite(input, dim, keepdim, dtype, mask) {
    const result = dtype ?? input.dtype;
    if (result.category < Category.float)
      throw new ValueError(
        `mean(): Could not infer output dtype. ${dtype === null ? 'Input' : 'Optional'} dtype must be either a floating point or complex dtype. Got: ${result}`,
      );
    return kept(input, mask, 0)
      .sum(dim, keepdim, { dtype: result })
      .div(counts(input, dim, keepdim, mask));
  },
});

function variance(
  input: Tensor,
  dim: Dims,
  correction: number,
  keepdim: boolean,
  given: DType | null,
  mask: Tensor | null,
): Tensor {
  const dtype = given ?? (input.dtype.category >= Category.float ? input.dtype : float32);
  const compute = dtype.category >= Category.float ? dtype : float32;
  const count = counts(input, dim, true, mask);
  const deviation = input.sub(kept(input, mask, 0).sum(dim, true, { dtype }).div(count));
  const squares = deviation.mul(deviation.isComplex() ? deviation.conj() : deviation);
  const total = kept(squares, mask, 0).sum(dim, keepdim, { dtype: compute });
  const divisor = count.reshape(total.shape).sub(correction).clamp({ min: 0 });
  return total.div(divisor).to(dtype);
}

for (const name of ['var', 'std'] as const)
  op(
    `${name}(Tensor input, int[1]? dim=None, bool? unbiased=None, *, Scalar? correction=None, ${reduction}`,
    {
      doc: `The ${name === 'var' ? 'variance' : 'standard deviation'} of the elements over the dimensions \`dim\` that the mask names.`,
      module: 'masked',
      composite(input, dim, unbiased, correction, keepdim, dtype, mask) {
        const by = correction !== null ? Number(scalarValue(correction)) : unbiased === false ? 0 : 1;
        const result = variance(input, dim, by, keepdim, dtype, mask);
        return name === 'var' ? result : result.sqrt();
      },
    },
  );

op(
  'median(Tensor input, int dim=-1, *, bool keepdim=False, ScalarType? dtype=None, Tensor? mask=None) -> Tensor',
  {
    doc: 'The median along a dimension of the elements that the mask names; NaN where there is none.',
    module: 'masked',
    reads: true,
    composite(input, dim, keepdim, dtype, mask) {
      const isFloat = input.isFloatingPoint();
      const x = kept(isFloat ? input : input.float(), mask, Number.NaN);
      const [values] = x.nanmedian(dim, keepdim);
      if (isFloat) return values;
      if (values.isnan().any().item())
        throw new ValueError('masked median expects no fully masked out rows if dtype is not floating point');
      return values.to(dtype ?? input.dtype);
    },
  },
);

op(`logsumexp(Tensor input, int[1]? dim=None, *, ${reduction}`, {
  doc: 'log Σ exp of the elements over the dimensions `dim` that the mask names.',
  module: 'masked',
  composite(input, dim, keepdim, dtype, mask) {
    const dims = dim === null || dim.length === 0 ? input.shape.map((_, d) => d) : dim;
    return kept(input, mask, extreme(input, -1))
      .logsumexp(dims, keepdim)
      .to(dtype ?? input.dtype);
  },
});

op(
  'logaddexp(Tensor input, Tensor other, *, ScalarType? dtype=None, Tensor? input_mask=None, Tensor? other_mask=None) -> Tensor',
  {
    doc: 'log(exp(input) + exp(other)), where a mask leaves out one of them that of the other.',
    module: 'masked',
    composite: (input, other, dtype, inputMask, otherMask) =>
      kept(input, inputMask, extreme(input, -1))
        .logaddexp(kept(other, otherMask, extreme(other, -1)))
        .to(dtype ?? input.dtype),
  },
);

/** The norm of what the mask names. */
function norm(
  input: Tensor,
  ord: Scalar | null,
  dim: Dims,
  keepdim: boolean,
  dtype: DType | null,
  mask: Tensor | null,
): Tensor {
  const order = Number(scalarValue(ord ?? 2));
  const neutral = order === Number.NEGATIVE_INFINITY ? extreme(input, 1) : 0;
  return vectorNorm(kept(input, mask, neutral).to(dtype ?? input.dtype), order, dim, keepdim);
}

op(`norm(Tensor input, Scalar? ord=2.0, int[1]? dim=None, *, ${reduction}`, {
  doc: 'The vector norm over the dimensions `dim` of the elements that the mask names.',
  module: 'masked',
  composite: norm,
});

op(
  'normalize(Tensor input, Scalar ord, int dim, *, float eps=1e-12, ScalarType? dtype=None, Tensor? mask=None) -> Tensor',
  {
    doc: 'Divides by the norm along a dimension, which counts as `eps` at least; 0 where the mask leaves out.',
    module: 'masked',
    composite(input, ord, dim, eps, dtype, mask) {
      const length = norm(input, ord, [dim], true, dtype, mask);
      return kept(input, mask, 0).div(length.maximum(length.newFull([], eps)));
    },
  },
);

for (const [name, sign, of] of [
  ['softmax', -1, F.softmax],
  ['log_softmax', -1, F.logSoftmax],
  ['softmin', 1, F.softmin],
] as const)
  op(`${name}(Tensor input, int dim, *, ScalarType? dtype=None, Tensor? mask=None) -> Tensor`, {
    doc: `\`nn.functional.${name === 'log_softmax' ? 'logSoftmax' : name}\` of the elements that the mask names.`,
    module: 'masked',
    composite: (input, dim, dtype, mask) =>
      of(kept(input, mask, extreme(input, sign)), dim, { dtype: dtype ?? input.dtype }),
  });
