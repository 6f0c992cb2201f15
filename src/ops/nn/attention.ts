/** Attention (Vaswani et al., "Attention Is All You Need", 2017). */
import { isGradEnabled } from '../../autograd/modes.js';
import { cppName } from '../../core/cpp_names.js';
import { bool, float32, float64 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { noKernel } from '../../dispatch/real_only.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { isTransformed } from '../open_form.js';
import { kernelsOf, result } from './kernel_operands.js';

function checkInputs(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor | null,
  isCausal: boolean,
): void {
  if (query.dtype !== key.dtype || query.dtype !== value.dtype)
    throw new RuntimeError(
      `Expected query, key, and value to have the same dtype, but got query.dtype: ${cppName(query.dtype)} key.dtype: ${cppName(key.dtype)} and value.dtype: ${cppName(value.dtype)} instead.`,
    );
  if (query.ndim < 2 || key.ndim < 2 || value.ndim < 2)
    throw new RuntimeError(
      `Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: ${query.ndim} key.dim: ${key.ndim} and value.dim: ${value.ndim} instead.`,
    );
  if (mask === null) return;
  if (mask.dtype !== bool && mask.dtype.name !== 'float32' && mask.dtype !== query.dtype)
    throw new RuntimeError(
      `Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: ${cppName(mask.dtype)} and  query.dtype: ${cppName(query.dtype)} instead.`,
    );
  if (isCausal)
    throw new RuntimeError(
      '_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True',
    );
}

/** Heads of keys or values, each repeated so that there are as many as the query has. */
function repeatHeads(x: Tensor, heads: number): Tensor {
  const own = x.shape[x.ndim - 3];
  if (heads % own !== 0)
    throw new RuntimeError('Number of heads in key and value must divide the number of heads in ');
  return own === heads ? x : x.repeatInterleave(heads / own, -3);
}

/** The weights of scores: zeros for a query that may look at nothing, where softmax and its gradient are NaN. */
function weightsShown(scores: Tensor): Tensor {
  const isBlind = scores.eq(-Infinity).all(-1, true);
  return scores.maskedFill(isBlind, 0).softmax(-1).maskedFill(isBlind, 0);
}

/** The weights' matrix in the open, for what a kernel does not do. */
function attend(
  query: Tensor,
  keys: Tensor,
  values: Tensor,
  mask: Tensor | null,
  dropoutP: number,
  isCausal: boolean,
  scale: number,
): Tensor {
  // Half of the scale on each side keeps products of float16 in range, as in PyTorch.
  const half = Math.sqrt(scale);
  let scores = query.mul(half).matmul(keys.mul(half).transpose(-2, -1));
  const shown = isCausal ? shownBefore(query, keys) : mask;
  if (shown !== null)
    scores = shown.dtype === bool ? scores.maskedFill(shown.logicalNot(), -Infinity) : scores.add(shown);
  const weights = shown === null ? scores.softmax(-1) : weightsShown(scores);
  return ops.dropout(weights, dropoutP, true).matmul(values);
}

/** For each query which keys come no later. */
function shownBefore(query: Tensor, key: Tensor): Tensor {
  const sizes = [query.shape[query.ndim - 2], key.shape[key.ndim - 2]];
  return ops.ones(sizes, { dtype: bool, device: query.device }).tril();
}

/** Whether sizes are those of attention, with one stack and without broadcasting. */
function fits(query: Tensor, key: Tensor, value: Tensor): boolean {
  const { ndim, shape } = query;
  return (
    ndim >= 3 &&
    [key, value].every((t) => t.ndim === ndim && t.shape.every((n, d) => d >= ndim - 2 || n === shape[d])) &&
    key.shape[ndim - 1] === shape[ndim - 1] &&
    key.shape[ndim - 2] === value.shape[ndim - 2]
  );
}

/** Whether a kernel takes these. */
function isFused(query: Tensor, key: Tensor, value: Tensor, dropoutP: number): boolean {
  const { dtype, device, storage } = query;
  return (
    !isTransformed() &&
    storage.backend.isHost &&
    (dtype === float32 || dtype === float64) &&
    dropoutP === 0 &&
    [query, key, value].every((t) => t.device === device && t.numel() > 0) &&
    fits(query, key, value)
  );
}

/** A result [B, H, T, `width`] that lies in memory as a tensor [B, H, T, D]: where layers split one, heads lie side by side. */
function resultLike(like: Tensor, width: number): Tensor {
  const [batch, heads, rows] = like.shape;
  return like.strides[1] < like.strides[2]
    ? result([batch, rows, heads, width], like).transpose(1, 2)
    : result([batch, heads, rows, width], like);
}

const fusedSchema =
  '_scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? mask, bool is_causal, float scale) -> (Tensor out, Tensor log_sum)';

const fused: OpFunction<typeof fusedSchema> = op(fusedSchema, {
  doc: 'Attention of [B, H, T, D] without the matrix of its weights, and the logarithms of the sums that its rows were divided by.',
  function: false,
  realOnly: noKernel('scaled_dot_product_attention'),
  forward(query, key, value, mask, isCausal, scale) {
    if (query.ndim !== 4 || !fits(query, key, value))
      throw new RuntimeError(
        `_scaled_dot_product_attention: sizes [${query.shape}], [${key.shape}], [${value.shape}] do not fit`,
      );
    const out = resultLike(query, value.shape[3]);
    const logSum = result(query.shape.slice(0, 3), query);
    kernelsOf(query).attention(out, logSum, query, key, value, mask, isCausal, scale);
    return [out, logSum] as const;
  },
  save: ['query', 'key', 'value', 'mask', 'out', 'log_sum'],
  vjp([grad], saved, needs) {
    if (grad === null) return {};
    const { query, key, value, mask, out, log_sum, is_causal, scale } = saved;
    // The kernel's gradient has none of its own, and none by the mask.
    if (isGradEnabled() || isTransformed() || needs.mask)
      return openGradient(grad, query, key, value, mask, is_causal, scale);
    const [byQuery, byKey, byValue] = [query, key, value].map((t) => resultLike(t, t.shape[3]));
    kernelsOf(query).attention_backward(
      byQuery,
      byKey,
      byValue,
      grad,
      query,
      key,
      value,
      out,
      log_sum,
      mask,
      is_causal,
      scale,
    );
    return { query: byQuery, key: byKey, value: byValue };
  },
  jvp({ query: dq, key: dk, value: dv, mask: dm }, { query, key, value, mask, is_causal, scale }) {
    const weights = openWeights(query, key, mask, is_causal, scale);
    const sum = (...terms: readonly (Tensor | null | undefined)[]): Tensor | null => {
      const [first, ...others] = terms.filter((term) => term != null);
      return first === undefined ? null : others.reduce((total, term) => total.add(term), first);
    };
    const byScores = sum(
      dq?.matmul(key.mT).mul(scale),
      dk && query.matmul(dk.mT).mul(scale),
      dm?.expand(weights.shape),
    );
    const mean = byScores && weights.mul(byScores).sum(-1);
    const byWeights = byScores && mean && weights.mul(byScores.sub(mean.unsqueeze(-1)));
    return [sum(byWeights?.matmul(value), dv && weights.matmul(dv)), mean];
  },
  batch(query, key, value, mask, isCausal, scale, { has, size }) {
    const flat = (t: Tensor, isStacked: boolean): Tensor =>
      (isStacked ? t : t.expand([size, ...t.shape])).reshape([-1, ...t.shape.slice(-3)]);
    const [q, k, v] = [flat(query, has.query), flat(key, has.key), flat(value, has.value)];
    const [out, logSum] = fused(q, k, v, mask && flat(mask, has.mask), isCausal, scale);
    const stacked = (t: Tensor): Tensor => t.reshape([size, -1, ...t.shape.slice(1)]);
    return [stacked(out), stacked(logSum)] as const;
  },
  gradName: 'ScaledDotProductFlashAttentionForCpuBackward0',
});

/** The weights' matrix, in ops that have derivatives. */
function openWeights(
  query: Tensor,
  key: Tensor,
  mask: Tensor | null,
  isCausal: boolean,
  scale: number,
): Tensor {
  let scores = query.matmul(key.mT).mul(scale);
  if (mask !== null) scores = scores.add(mask);
  if (isCausal) scores = scores.maskedFill(shownBefore(query, key).logicalNot(), -Infinity);
  return isCausal || mask !== null ? weightsShown(scores) : scores.softmax(-1);
}

/** The gradient likewise. */
function openGradient(
  grad: Tensor,
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor | null,
  isCausal: boolean,
  scale: number,
): { query: Tensor; key: Tensor; value: Tensor; mask?: Tensor } {
  const weights = openWeights(query, key, mask, isCausal, scale);
  const byWeights = grad.matmul(value.mT);
  const byScores = weights.mul(byWeights.sub(byWeights.mul(weights).sum(-1, true)));
  const scaled = byScores.mul(scale);
  return {
    query: scaled.matmul(key),
    key: scaled.mT.matmul(query),
    value: weights.mT.matmul(grad),
    ...(mask !== null && { mask: byScores }),
  };
}

/** The kernel's result for stacks of any number of dimensions. */
function attendFused(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor | null,
  isCausal: boolean,
  scale: number,
): Tensor {
  const stack = query.shape.slice(0, -3);
  // [..., H, T, D] as [B, H, T, D].
  const flat = (t: Tensor): Tensor => (t.ndim === 4 ? t : t.reshape([-1, ...t.shape.slice(-3)]));
  const [q, k, v] = [flat(query), flat(key), flat(value)];
  const added =
    mask === null
      ? null
      : (mask.dtype === bool
          ? ops.zeros([], { dtype: q.dtype }).maskedFill(mask.logicalNot(), -Infinity)
          : mask
        )
          .to(q.dtype)
          .expand([...query.shape.slice(0, -1), key.shape[key.ndim - 2]]);
  const [out] = fused(q, k, v, added && flat(added), isCausal, scale);
  return query.ndim === 4 ? out : out.reshape([...stack, ...out.shape.slice(1)]);
}

op(
  'scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor',
  {
    doc: 'softmax(query · keyᵀ · scale + mask) · value: for each query a mean of the values, weighted by how well their keys match it.',
    module: 'nn.functional',
    composite(query, key, value, mask, dropoutP, isCausal, scale, enableGqa) {
      checkInputs(query, key, value, mask, isCausal);
      const heads = enableGqa ? query.shape[query.ndim - 3] : 0;
      const [keys, values] = enableGqa ? [repeatHeads(key, heads), repeatHeads(value, heads)] : [key, value];
      const factor = scale ?? 1 / Math.sqrt(query.shape[query.ndim - 1]);
      return isFused(query, keys, values, dropoutP)
        ? attendFused(query, keys, values, mask, isCausal, factor)
        : attend(query, keys, values, mask, dropoutP, isCausal, factor);
    },
  },
);
