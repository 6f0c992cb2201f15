/** Sums, means and maxima of bags of embeddings. */
import { Category, type DType, int64 } from '../../core/dtype.js';
import { IndexError, RuntimeError, ValueError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { notImplemented } from '../../dispatch/promote.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { frequencies, paddingRow, renormalise, sparseGradient } from './embeddings.js';
import { kernelsOf, result } from './kernel_operands.js';

/** The bag of each of `count` entries of the list; of none, as of those behind the last bag, the last one. */
function bagsOf(offsets: Tensor, count: number, bags: number): Tensor {
  const positions = ops.arange(count, { device: offsets.device });
  const last = Math.max(bags - 1, 0);
  return ops.searchsorted(offsets, positions, { right: true }).sub(1).clamp(0, last);
}

/** The part of each entry's row in the sum of its bag: its weight, its part of a mean, nothing of padding or behind the last bag. */
function sharesOf(
  { indices, offsets, per_sample_weights: weights, mode, padding_idx, include_last_offset }: Entries,
  bag: Tensor,
  bags: number,
  dtype: DType,
): Tensor {
  const isTaken = padding_idx < 0 ? indices.eq(indices) : indices.ne(padding_idx);
  const inside = include_last_offset
    ? isTaken.logicalAnd(ops.arange(indices.shape[0], { device: indices.device }).lt(offsets.select(0, -1)))
    : isTaken;
  const shares = inside.to(dtype);
  if (weights !== null) return shares.mul(weights);
  if (mode !== 'mean') return shares;
  const sizes = shares.newZeros([Math.max(bags, 1)]).indexAdd(0, bag, shares);
  return shares.div(sizes.indexSelect(0, bag).clamp({ min: 1 }));
}

interface Entries {
  readonly indices: Tensor;
  readonly offsets: Tensor;
  readonly per_sample_weights: Tensor | null;
  readonly mode: 'sum' | 'mean' | 'max';
  readonly padding_idx: number;
  readonly include_last_offset: boolean;
}

/** A list of entries cut into bags; `offsets` has a bound more than there are bags if the last one is included. */
const entries =
  "Tensor indices, Tensor offsets, Tensor? per_sample_weights, 'sum'|'mean'|'max' mode, int padding_idx, bool include_last_offset";

/** The gradient by `per_sample_weights`: for each entry the product of its row and its bag's gradient. */
function weightsGradient(grad: Tensor, weight: Tensor, e: Entries): Tensor {
  const [bags, count] = [grad.shape[0], e.indices.shape[0]];
  const bag = bagsOf(e.offsets, count, bags);
  const taken = sharesOf({ ...e, per_sample_weights: null }, bag, bags, grad.dtype);
  // Where there are few rows and bags, all products of these are one matrix product.
  if (weight.shape[0] * bags <= 8 * count)
    return weight.mm(grad.t()).take(e.indices.mul(bags).add(bag)).mul(taken);
  const rows = weight.indexSelect(0, e.indices).mul(grad.indexSelect(0, bag));
  return rows.sum(1).mul(taken);
}

const backwardSchema =
  `_embedding_bag_dense_backward(Tensor grad, ${entries}, int num_weights) -> Tensor` as const;

const denseBackward: OpFunction<typeof backwardSchema> = op(backwardSchema, {
  doc: "Adds every bag's gradient to the rows of which the bag was made.",
  function: false,
  forward(grad, indices, offsets, scales, mode, paddingIdx, _, rows) {
    if (!grad.isFloatingPoint()) throw notImplemented('embedding_bag_dense_backward', grad.dtype);
    const out = result([rows, grad.shape[1]], grad, grad.dtype);
    if (out.numel() > 0)
      kernelsOf(grad).embedding_bag_backward(
        out,
        grad.contiguous(),
        indices,
        offsets,
        scales,
        mode as 'sum' | 'mean',
        paddingIdx,
      );
    return out;
  },
  save: ['grad', 'indices', 'offsets', 'per_sample_weights'],
  vjp: {
    grad: (gradGrad, { indices, offsets, per_sample_weights, mode, padding_idx, include_last_offset }) =>
      embeddingBag(
        gradGrad,
        indices,
        offsets,
        per_sample_weights,
        mode,
        padding_idx,
        include_last_offset,
        false,
        false,
      )[0],
    per_sample_weights: (gradGrad, saved) => weightsGradient(saved.grad, gradGrad, saved),
  },
});

const schema =
  `_embedding_bag(Tensor weight, ${entries}, bool scale_grad_by_freq, bool sparse) -> (Tensor out, Tensor picked)` as const;

const embeddingBag: OpFunction<typeof schema> = op(schema, {
  doc: 'Bags of rows of `weight`, and of maxima the rows that they are from (-1: none).',
  function: false,
  forward(weight, indices, offsets, scales, mode, paddingIdx, includeLast) {
    if (!weight.isFloatingPoint()) throw notImplemented('embedding_bag', weight.dtype);
    const bags = Math.max(offsets.shape[0] - (includeLast ? 1 : 0), 0);
    const shape = [bags, weight.shape[1]];
    const out = result(shape, weight, weight.dtype);
    const picked = result(mode === 'max' ? shape : [0], weight, int64);
    if (out.numel() === 0) return [out, picked] as const;
    try {
      kernelsOf(weight).embedding_bag(
        out,
        mode === 'max' ? picked : null,
        weight.contiguous(),
        indices,
        offsets,
        scales,
        mode,
        paddingIdx,
      );
    } catch (error) {
      if (!(error instanceof IndexError)) throw error;
      const isOutside = indices.lt(0).logicalOr(indices.ge(weight.shape[0]));
      const at = isOutside.to(int64).argmax().item();
      throw new RuntimeError(
        `Index ${at} of input takes value ${indices.select(0, at).item()} which is not in the valid range [0, ${weight.shape[0]})`,
      );
    }
    return [out, picked] as const;
  },
  save: ['weight', 'indices', 'offsets', 'per_sample_weights', 'picked'],
  vjp([grad], saved) {
    if (grad === null) return {};
    const { weight, indices, offsets, per_sample_weights: weights, picked, mode } = saved;
    const { padding_idx, include_last_offset, scale_grad_by_freq, sparse } = saved;
    const [rows] = weight.shape;
    if (mode === 'max') {
      const given = grad.mul(picked.ge(0));
      return { weight: weight.newZeros(weight.shape).scatterAdd(0, picked.clamp({ min: 0 }), given) };
    }
    if (scale_grad_by_freq && sparse)
      throw new RuntimeError('embedding_backward: scale_grad_by_freq not supported with sparse gradients');
    const perWeight = weights === null ? {} : { per_sample_weights: weightsGradient(grad, weight, saved) };
    const bagOfEach = () => bagsOf(offsets, indices.shape[0], grad.shape[0]);
    if (sparse) {
      const bag = bagOfEach();
      // Padding and what no bag takes have no part in it.
      const shares = sharesOf(saved, bag, grad.shape[0], grad.dtype).unsqueeze(1);
      const parts = grad.indexSelect(0, bag).mul(shares);
      return { ...perWeight, weight: sparseGradient(parts, indices, weight.shape, padding_idx) };
    }
    const scales = scale_grad_by_freq
      ? sharesOf(saved, bagOfEach(), grad.shape[0], grad.dtype).div(frequencies(indices, rows))
      : weights;
    const how = scale_grad_by_freq ? 'sum' : mode;
    return {
      ...perWeight,
      weight: denseBackward(grad, indices, offsets, scales, how, padding_idx, include_last_offset, rows),
    };
  },
  gradName: 'EmbeddingBagBackward0',
});

/** @throws RuntimeError in PyTorch's words unless the list can be cut there; where values are on their way nobody looks */
function checkOffsets(offsets: Tensor, count: number, includeLast: boolean): void {
  if (includeLast && offsets.shape[0] === 0)
    throw new RuntimeError('include_last_offset: number of offset should be at least 1');
  if (!offsets.isReadable || offsets.shape[0] === 0) return;
  const [first, last] = [offsets.select(0, 0).item(), offsets.select(0, -1).item()];
  if (first !== 0)
    throw new RuntimeError(
      `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${first}`,
    );
  if (last > count)
    throw new RuntimeError(
      `offsets[-1] can not be greater than input's length ${count} but got offsets[-1] of ${last}`,
    );
}

/** An integer list as kernels read it. @throws RuntimeError in PyTorch's words for any other */
function integers(list: Tensor): Tensor {
  const { scalarName } = list.dtype;
  if (scalarName !== 'Long' && scalarName !== 'Int')
    throw new RuntimeError(
      `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch.${scalarName}Tensor instead (while checking arguments for embedding_bag)`,
    );
  return list.to(int64).reshape([-1]).contiguous();
}

op(
  "embedding_bag(Tensor input, Tensor weight, Tensor? offsets=None, float? max_norm=None, float norm_type=2, bool scale_grad_by_freq=False, 'sum'|'mean'|'max' mode='mean', bool sparse=False, Tensor? per_sample_weights=None, bool include_last_offset=False, int? padding_idx=None) -> Tensor",
  {
    doc: 'The sum, mean or maximum of bags of rows of `weight`: the rows of a matrix of indices, or the stretches of a list that `offsets` begins.',
    module: 'nn.functional',
    composite(
      input,
      weight,
      offsets,
      maxNorm,
      normType,
      scaleByFrequency,
      mode,
      sparse,
      sampleWeights,
      includeLast,
      paddingIdx,
    ) {
      // Long ago the first two came the other way round.
      const isSwapped = weight.dtype.category < Category.float && input.isFloatingPoint();
      const [indices, table] = isSwapped ? [weight, input] : [input, weight];
      if (!['sum', 'mean', 'max'].includes(mode))
        throw new ValueError('mode has to be one of sum, mean or max');
      if (mode === 'max' && scaleByFrequency)
        throw new ValueError('max mode does not support scaling the gradient by the frequency');
      if (mode === 'max' && sparse) throw new ValueError('max mode does not support sparse weights');
      if (sampleWeights !== null && mode !== 'sum')
        throw new RuntimeError(
          `embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='${mode}'). Please open a feature request on GitHub.`,
        );
      if (sampleWeights !== null && String(sampleWeights.shape) !== String(indices.shape))
        throw new ValueError(
          `embedding_bag: If per_sample_weights (${formatShape(sampleWeights.shape)}) is not None, then it must have the same shape as the input (${formatShape(indices.shape)})`,
        );
      if (indices.ndim !== 1 && indices.ndim !== 2)
        throw new ValueError(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${indices.ndim}`);
      if (indices.ndim === 2 && offsets !== null)
        throw new ValueError(
          `if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type ${offsets.constructor.name}`,
        );
      if (indices.ndim === 1 && (offsets === null || offsets.ndim !== 1))
        throw new ValueError(
          offsets === null ? 'offsets has to be a 1D Tensor but got None' : 'offsets has to be a 1D Tensor',
        );
      if (table.ndim !== 2)
        throw new ValueError(`weight has to be a 2D Tensor, but got Tensor of dimension ${table.ndim}`);
      const list = integers(indices);
      if (!table.isFloatingPoint())
        throw new RuntimeError(
          `Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, BFloat16, Float, Double; but got torch.${table.dtype.scalarName}Tensor instead (while checking arguments for embedding_bag)`,
        );
      if (sampleWeights !== null && sampleWeights.dtype !== table.dtype)
        throw new RuntimeError(
          `Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 'per_sample_weights'; but type torch.${table.dtype.scalarName}Tensor does not equal torch.${sampleWeights.dtype.scalarName}Tensor (while checking arguments for embedding_bag)`,
        );
      const [rows, width] = indices.ndim === 2 ? indices.shape : [0, 0];
      const begins =
        indices.ndim === 2
          ? ops.arange(rows, { dtype: int64, device: indices.device }).mul(width)
          : integers(offsets!);
      const isLastIncluded = includeLast && indices.ndim === 1;
      checkOffsets(begins, list.shape[0], isLastIncluded);
      if (maxNorm !== null) renormalise(table, list, maxNorm, normType);
      return embeddingBag(
        table,
        list,
        begins,
        sampleWeights === null ? null : sampleWeights.reshape([-1]).contiguous(),
        mode,
        paddingRow(
          paddingIdx,
          table.shape[0],
          (least, most) =>
            new RuntimeError(
              `padding_idx must be within the number of embeddings, ${least} through ${most}, but got ${paddingIdx}`,
            ),
        ),
        isLastIncluded,
        scaleByFrequency,
        sparse,
      )[0];
    },
  },
);
