/** Attention (Vaswani et al., "Attention Is All You Need", 2017). */
import { cppName } from '../../core/cpp_names.js';
import { bool } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { op, ops } from '../../dispatch/registry.js';

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

op(
  'scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor',
  {
    doc: 'softmax(query · keyᵀ · scale + mask) · value: for each query a mean of the values, weighted by how well their keys match it.',
    module: 'nn.functional',
    composite(query, key, value, mask, dropoutP, isCausal, scale, enableGqa) {
      checkInputs(query, key, value, mask, isCausal);
      const heads = enableGqa ? query.shape[query.ndim - 3] : 0;
      const [keys, values] = enableGqa ? [repeatHeads(key, heads), repeatHeads(value, heads)] : [key, value];
      // Half of the scale on each side keeps products of float16 in range, as in PyTorch.
      const half = Math.sqrt(scale ?? 1 / Math.sqrt(query.shape[query.ndim - 1]));
      let scores = query.mul(half).matmul(keys.mul(half).transpose(-2, -1));
      const shown = isCausal
        ? ops
            .ones([query.shape[query.ndim - 2], key.shape[key.ndim - 2]], {
              dtype: bool,
              device: query.device,
            })
            .tril()
        : mask;
      if (shown !== null)
        scores = shown.dtype === bool ? scores.maskedFill(shown.logicalNot(), -Infinity) : scores.add(shown);
      let weights = scores.softmax(-1);
      // A query that may look at nothing gets zeros, where softmax gives NaN.
      if (shown !== null) weights = weights.maskedFill(scores.eq(-Infinity).all(-1, true), 0);
      return ops.dropout(weights, dropoutP, true).matmul(values);
    },
  },
);
