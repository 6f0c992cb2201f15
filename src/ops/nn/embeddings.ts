/** Rows by index: embeddings, and their inverse, one-hot vectors. */

import { int64 } from '../../core/dtype.js';
import { AssertionError, IndexError, RuntimeError } from '../../core/errors.js';
import { formatShape, numel, type Shape } from '../../core/layout.js';
import { standsForSeveral } from '../../core/stand_ins.js';
import type { Tensor } from '../../core/tensor.js';
import { layoutRules } from '../../dispatch/layouts.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { expandStack, padStack } from '../../dispatch/stacks.js';
import { holds } from '../checks.js';
import { fillInto } from '../copying.js';
import { checkIndices } from '../indexing.js';
import { kernelsOf, result } from './kernel_operands.js';

/** Rows of a stack of tables as rows of one below the other. */
function stackedRows(indices: Tensor, isStacked: boolean, size: number, count: number): Tensor {
  const all = expandStack(indices, isStacked, size);
  const starts = ops.arange(size, { device: indices.device }).mul(count);
  return all.add(padStack(starts, true, all.ndim - 1));
}

const embeddingSchema =
  '_embedding(Tensor weight, Tensor indices, int padding_idx, bool sparse, bool scale_grad_by_freq) -> Tensor';

const embedding: OpFunction<typeof embeddingSchema> = op(embeddingSchema, {
  doc: 'The rows of `weight` at `indices`.',
  batch(weight, indices, paddingIdx, _sparse, _scaled, { size, has }) {
    if (!has.weight) return embedding(weight, indices, paddingIdx, false, false);
    const rows = stackedRows(indices, has.indices, size, weight.shape[1]);
    const found = embedding(weight.flatten(0, 1), rows, -1, false, false);
    // The padding row gets no gradient.
    return paddingIdx < 0 ? found : ops.where(indices.eq(paddingIdx).unsqueeze(-1), found.detach(), found);
  },
  function: false,
  forward(weight, indices) {
    const flat = indices.reshape([-1]);
    const out = result([flat.shape[0], weight.shape[1]], weight, weight.dtype);
    try {
      kernelsOf(weight).index_select(out, weight, 0, flat);
    } catch (error) {
      // The kernel names the index; PyTorch does not.
      throw error instanceof IndexError ? new IndexError('index out of range in self') : error;
    }
    return out.view([...indices.shape, weight.shape[1]]);
  },
  save: ['weight', 'indices'],
  linear: true,
  vjp: {
    weight(grad, { weight, indices, padding_idx, sparse, scale_grad_by_freq }) {
      if (sparse) return sparseGradient(grad, indices, weight.shape, padding_idx);
      const shared = scale_grad_by_freq
        ? grad.div(frequencies(indices, weight.shape[0]).unsqueeze(-1))
        : grad;
      return embeddingBackward(shared, indices, weight.shape[0], padding_idx);
    },
  },
  gradName: 'EmbeddingBackward0',
});

/** How often each of the indices occurs among them. */
export function frequencies(indices: Tensor, rows: number): Tensor {
  const flat = indices.reshape([-1]);
  const counts = ops.zeros(rows, { dtype: int64, device: indices.device });
  return counts.indexAdd(0, flat, flat.onesLike()).indexSelect(0, flat).reshape(indices.shape);
}

/** The row of the padding, or -1 without. */
export function paddingRow(
  index: number | null,
  rows: number,
  failure: (least: number, most: number) => Error,
): number {
  if (index === null) return -1;
  if (index >= rows || index < -rows) throw failure(-rows, rows - 1);
  return index < 0 ? index + rows : index;
}

/** The gradient's rows that there are. @throws RuntimeError where `torch.sparse` is not there */
export function sparseGradient(grad: Tensor, indices: Tensor, size: Shape, paddingIdx: number): Tensor {
  if (layoutRules === null)
    throw new RuntimeError("embedding: sparse gradients need `import { sparse } from 'flambeau'`");
  const all = indices.reshape([-1]);
  const rows = grad.reshape([-1, size[1]]);
  if (paddingIdx < 0) return layoutRules.make(all.unsqueeze(0), rows, size);
  const kept = all.ne(paddingIdx).nonzero().squeeze(1);
  return layoutRules.make(all.indexSelect(0, kept).unsqueeze(0), rows.indexSelect(0, kept), size);
}

const embeddingBackwardSchema =
  '_embedding_backward(Tensor grad, Tensor indices, int num_weights, int padding_idx) -> Tensor';

const embeddingBackward: OpFunction<typeof embeddingBackwardSchema> = op(embeddingBackwardSchema, {
  doc: 'Adds every gradient to the row its index names; the padding row gets none.',
  batch(grad, indices, count, paddingIdx, { size, has }) {
    const rows = stackedRows(indices, has.indices, size, count);
    const all = embeddingBackward(expandStack(grad, has.grad, size), rows, size * count, -1);
    const each = all.unflatten(0, [size, count]);
    return paddingIdx < 0 ? each : each.selectScatter(each.select(1, paddingIdx).zerosLike(), 1, paddingIdx);
  },
  function: false,
  forward(grad, indices, count, paddingIdx) {
    const width = grad.shape[grad.ndim - 1];
    const out = result([count, width], grad, grad.dtype);
    fillInto(out, 0);
    kernelsOf(grad).index_add(out, 0, indices.reshape([-1]), grad.reshape([-1, width]), 1);
    if (paddingIdx >= 0) fillInto(out.select(0, paddingIdx), 0);
    return out;
  },
  save: ['indices'],
  linear: true,
  vjp: {
    grad(gradGrad, { indices, padding_idx }) {
      const rows = embedding(gradGrad, indices, -1, false, false);
      return padding_idx < 0 ? rows : rows.maskedFill(indices.eq(padding_idx).unsqueeze(-1), 0);
    },
  },
  gradName: 'EmbeddingDenseBackwardBackward0',
});

op(
  'embedding(Tensor input, Tensor weight, int? padding_idx=None, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor',
  {
    doc: 'The rows of `weight` at the indices in `input`. The row at `padding_idx` receives no gradient.',
    module: 'nn.functional',
    composite(input, weight, paddingIdx, maxNorm, normType, scaleGradByFreq, sparse) {
      if (scaleGradByFreq && sparse)
        throw new RuntimeError('embedding_backward: scale_grad_by_freq not supported with sparse gradients');
      if (weight.ndim !== 2) throw new RuntimeError("'weight' must be 2-D");
      checkIndices(input);
      const padding = paddingRow(
        paddingIdx,
        weight.shape[0],
        () => new AssertionError('Padding_idx must be within num_embeddings'),
      );
      const indices = input.to(int64);
      if (maxNorm !== null) renormalise(weight, indices, maxNorm, normType);
      return embedding(weight, indices, padding, sparse, scaleGradByFreq);
    },
  },
);

/** Scales the rows in use down to a norm of at most `maxNorm`, in place. */
export function renormalise(weight: Tensor, indices: Tensor, maxNorm: number, normType: number): void {
  const used = weight.detach();
  const rows = ops.unique(indices);
  const [distinct] = Array.isArray(rows) ? (rows as readonly Tensor[]) : [rows as unknown as Tensor];
  const chosen = used.indexSelect(0, distinct);
  const norms = chosen.norm(normType, 1, true);
  // PyTorch keeps the quotient from division by zero with the same small number.
  const scale = ops.where(norms.gt(maxNorm), norms.add(1e-7).reciprocal().mul(maxNorm), norms.onesLike());
  used.indexCopy_(0, distinct, chosen.mul(scale));
}

op('one_hot(Tensor self|input|tensor, int num_classes=-1) -> Tensor', {
  doc: 'A vector of zeros with a one at the index, for every index.',
  reads: true,
  module: 'nn.functional',
  composite(self, numClasses) {
    if (self.dtype !== int64)
      throw new RuntimeError('one_hot is only applicable to index tensor of type LongTensor.');
    if (self.numel() === 0) {
      if (numClasses <= 0) throw new RuntimeError('Can not infer total number of classes from empty tensor.');
      return ops.zeros([...self.shape, numClasses], { dtype: int64, device: self.device });
    }
    if (!holds(self, (x) => x.ge(0).all())) throw new RuntimeError('Class values must be non-negative.');
    if (numClasses !== -1 && !holds(self, (x) => x.lt(numClasses).all()))
      throw new RuntimeError('Class values must be smaller than num_classes.');
    if (numClasses === -1 && standsForSeveral(self))
      throw new RuntimeError(
        'When vmap-ing torch.nn.functional.one_hot, please provide an explicit positive num_classes argument.',
      );
    const classes = numClasses === -1 ? self.max().item() + 1 : numClasses;
    return self
      .unsqueeze(-1)
      .eq(ops.arange(classes, { device: self.device }))
      .to(int64);
  },
});

op('bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None) -> Tensor', {
  doc: 'input1ᵀ · weight[k] · input2 + bias[k] for every k.',
  module: 'nn.functional',
  composite(input1, input2, weight, bias) {
    if (input1.ndim !== input2.ndim)
      throw new RuntimeError(
        `bilinear(): input dimensions do not match: got ${input1.ndim} and ${input2.ndim}`,
      );
    for (let d = 0; d < input1.ndim - 1; d++)
      if (input1.shape[d] !== input2.shape[d])
        throw new RuntimeError(
          `bilinear(): input batch dimensions do not match at dim ${d}: got ${input1.shape[d]} and ${input2.shape[d]}`,
        );
    for (const [i, x] of [input1, input2].entries()) {
      const size = x.shape[x.ndim - 1];
      if (size !== weight.shape[i + 1])
        throw new RuntimeError(
          `bilinear(): input${i + 1} size does not match weight size: got ${size} but expected ${weight.shape[i + 1]}`,
        );
    }
    if (bias !== null && bias.shape[0] !== weight.shape[0])
      throw new RuntimeError(
        `bilinear(): bias size does not match weight size: got ${formatShape(bias.shape)} but expected ${weight.shape[0]}`,
      );
    const lead = input1.shape.slice(0, -1);
    const [outputs, width1, width2] = weight.shape;
    const n = numel(lead);
    const a = input1.reshape([n, width1]);
    const b = input2.reshape([n, width2]);
    // [n, outputs · width2], each row of which meets its own b.
    const left = a.matmul(weight.permute([1, 0, 2]).reshape([width1, outputs * width2]));
    const out = left
      .reshape([n, outputs, width2])
      .mul(b.unsqueeze(1))
      .sum(2)
      .reshape([...lead, outputs]);
    return bias === null ? out : out.add(bias);
  },
});
