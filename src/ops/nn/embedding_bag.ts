/** Sums, means and maxima of bags of embeddings. */
import { Category, int64 } from '../../core/dtype.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { op, ops } from '../../dispatch/registry.js';
import { accumulateType } from '../reduction.js';
import { F } from './kernel_operands.js';

/** The bag of every index; those of no bag are in one behind the last. */
function bagsOf(offsets: Tensor, count: number, includeLast: boolean): { bag: Tensor; length: number } {
  const length = Math.max(offsets.shape[0] - (includeLast ? 1 : 0), 0);
  if (offsets.isReadable && offsets.shape[0] > 0) {
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
  const positions = ops.arange(count, { dtype: int64, device: offsets.device });
  const begun = ops.searchsorted(offsets.to(int64).contiguous(), positions, { right: true });
  return { bag: begun.sub(1).clamp(0, length), length };
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
      const count = indices.numel();
      const [rows, width] = indices.ndim === 2 ? indices.shape : [0, 0];
      const { bag, length } =
        indices.ndim === 2
          ? {
              bag: ops
                .arange(count, { dtype: int64, device: indices.device })
                .floorDivide(Math.max(width, 1)),
              length: rows,
            }
          : bagsOf(offsets!, count, includeLast);
      const flat = indices.reshape([-1]);
      const looked = F.embedding(flat, table, {
        paddingIdx,
        maxNorm,
        normType,
        scaleGradByFreq: scaleByFrequency,
        sparse,
      });
      const padding =
        paddingIdx === null ? null : flat.eq(paddingIdx < 0 ? paddingIdx + table.shape[0] : paddingIdx);
      const shape = [length + 1, table.shape[1]];
      if (mode === 'max') {
        // Padding takes no part.
        const to = padding === null ? bag : bag.maskedFill(padding, length);
        return looked
          .newZeros(shape)
          .indexReduce(0, to, looked, 'amax', { includeSelf: false })
          .narrow(0, 0, length);
      }
      const wide = looked.to(accumulateType(looked.dtype));
      const counted = padding === null ? wide : wide.maskedFill(padding.unsqueeze(1), 0);
      const weights = sampleWeights?.reshape([-1]).unsqueeze(1).to(wide.dtype);
      const sum = wide
        .newZeros(shape)
        .indexAdd(0, bag, weights ? counted.mul(weights) : counted)
        .narrow(0, 0, length);
      if (mode === 'sum') return sum.to(looked.dtype);
      const ones = padding === null ? wide.newOnes([count]) : padding.logicalNot().to(wide.dtype);
      const sizes = wide
        .newZeros([length + 1])
        .indexAdd(0, bag, ones.detach())
        .narrow(0, 0, length);
      return sum.div(sizes.clamp({ min: 1 }).unsqueeze(1)).to(looked.dtype);
    },
  },
);
