/** Attention by several heads, each over its own projection (Vaswani et al., "Attention Is All You Need", 2017). */
import './attention.js';
import { AssertionError, RuntimeError } from '../../core/errors.js';
import { sameShape } from '../../core/layout.js';
import { formatSize } from '../../core/printing.js';
import { formatTuple } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { op, ops } from '../../dispatch/registry.js';
import { additiveMask } from './attention_mask.js';
import { F } from './kernel_operands.js';

/** @throws AssertionError in PyTorch's words unless the inputs are all batched or all not; returns which */
function isBatchedCall(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  paddingMask: Tensor | null,
  mask: Tensor | null,
  heads: number,
): boolean {
  const { ndim } = query;
  if (ndim !== 2 && ndim !== 3)
    throw new AssertionError(
      `query should be unbatched 2D or batched 3D tensor but received ${ndim}-D query tensor`,
    );
  const start = `For ${ndim === 3 ? 'batched (3-D)' : 'unbatched (2-D)'} \`query\`, expected`;
  if (key.ndim !== ndim || value.ndim !== ndim)
    throw new AssertionError(
      `${start} \`key\` and \`value\` to be ${ndim}-D but found ${key.ndim}-D and ${value.ndim}-D tensors respectively`,
    );
  if (paddingMask !== null && paddingMask.ndim !== ndim - 1)
    throw new AssertionError(
      `${start} \`key_padding_mask\` to be \`None\` or ${ndim - 1}-D but found ${paddingMask.ndim}-D tensor instead`,
    );
  if (mask !== null && mask.ndim !== 2 && mask.ndim !== 3)
    throw new AssertionError(
      `${start} \`attn_mask\` to be \`None\`, 2-D or 3-D but found ${mask.ndim}-D tensor instead`,
    );
  const own = [heads, query.shape[0], key.shape[0]];
  if (ndim === 2 && mask !== null && mask.ndim === 3 && !sameShape(mask.shape, own))
    throw new AssertionError(
      `Expected \`attn_mask\` shape to be ${formatTuple(own)} but got ${formatSize(mask.shape)}`,
    );
  return ndim === 3;
}

/** The mask with the heads of all samples in its first dimension. */
function maskOfHeads(mask: Tensor, rows: number, queries: number, keys: number): Tensor {
  if (mask.ndim !== 2 && mask.ndim !== 3)
    throw new RuntimeError(`attn_mask's dimension ${mask.ndim} is not supported`);
  const wanted = mask.ndim === 2 ? [queries, keys] : [rows, queries, keys];
  if (!sameShape(mask.shape, wanted))
    throw new RuntimeError(
      `The shape of the ${mask.ndim}D attn_mask is ${formatSize(mask.shape)}, but should be ${formatTuple(wanted)}.`,
    );
  return mask.ndim === 2 ? mask.unsqueeze(0) : mask;
}

type Three = readonly [query: Tensor, key: Tensor, value: Tensor];

/** Query, key and value times one matrix for all of them: one product where they are the same tensor. */
function projected([query, key, value]: Three, weight: Tensor, bias: Tensor | null): Three {
  if (key === value && query === key) {
    const [q, k, v] = F.linear(query, weight, bias).chunk(3, -1);
    return [q, k, v];
  }
  const [wq, wk, wv] = weight.chunk(3);
  const [bq, bk, bv] = bias?.chunk(3) ?? [null, null, null];
  if (key !== value) return [F.linear(query, wq, bq), F.linear(key, wk, bk), F.linear(value, wv, bv)];
  const size = query.shape[2];
  const both = F.linear(key, weight.narrow(0, size, 2 * size), bias?.narrow(0, size, 2 * size) ?? null);
  const [k, v] = both.chunk(2, -1);
  return [F.linear(query, wq, bq), k, v];
}

/** The same by a matrix for each. */
function projectedApart(inputs: Three, weights: readonly (Tensor | null)[], bias: Tensor | null): Three {
  const biases: readonly (Tensor | null)[] = bias === null ? [null, null, null] : [...bias.chunk(3)];
  const size = inputs[0].shape[2];
  const results = inputs.map((input, i) => {
    const weight = weights[i];
    const name = 'qkv'[i];
    if (weight === null)
      throw new AssertionError(`use_separate_proj_weight is True but ${name}_proj_weight is None`);
    const wanted = [size, input.shape[2]];
    if (!sameShape(weight.shape, wanted))
      throw new AssertionError(
        `expecting ${['query', 'key', 'value'][i]} weights shape of ${formatTuple(wanted)}, but got ${formatSize(weight.shape)}`,
      );
    return F.linear(input, weight, biases[i]);
  });
  return results as unknown as Three;
}

/** Keys or values that are given instead of computed. */
function checkStatic(given: Tensor, name: string, rows: number, size: number): Tensor {
  if (given.shape[0] !== rows)
    throw new AssertionError(`expecting ${name}.size(0) of ${rows}, but got ${given.shape[0]}`);
  if (given.shape[2] !== size)
    throw new AssertionError(`expecting ${name}.size(2) of ${size}, but got ${given.shape[2]}`);
  return given;
}

op(
  'multi_head_attention_forward(Tensor query, Tensor key, Tensor value, int embed_dim_to_check, int num_heads, Tensor? in_proj_weight, Tensor? in_proj_bias, Tensor? bias_k, Tensor? bias_v, bool add_zero_attn, float dropout_p, Tensor out_proj_weight, Tensor? out_proj_bias, bool training=True, Tensor? key_padding_mask=None, bool need_weights=True, Tensor? attn_mask=None, bool use_separate_proj_weight=False, Tensor? q_proj_weight=None, Tensor? k_proj_weight=None, Tensor? v_proj_weight=None, Tensor? static_k=None, Tensor? static_v=None, bool average_attn_weights=True, bool is_causal=False) -> (Tensor, Tensor?)',
  {
    doc: 'For each query [L, N, E] a mean of values [S, N, E], weighted by how well keys match it, by several heads side by side; and the weights [N, L, S], if asked for.',
    module: 'nn.functional',
    composite(
      givenQuery,
      givenKey,
      givenValue,
      size,
      heads,
      inWeight,
      inBias,
      biasK,
      biasV,
      addZero,
      dropout,
      outWeight,
      outBias,
      training,
      givenPadding,
      needWeights,
      givenMask,
      isSeparate,
      queryWeight,
      keyWeight,
      valueWeight,
      staticK,
      staticV,
      average,
      isCausalHint,
    ) {
      const isBatched = isBatchedCall(givenQuery, givenKey, givenValue, givenPadding, givenMask, heads);
      const batched = (x: Tensor): Tensor => (isBatched ? x : x.unsqueeze(1));
      const query = batched(givenQuery);
      // The same tensor stays one: one product then projects all.
      const key = givenKey === givenQuery ? query : batched(givenKey);
      const value = givenValue === givenKey ? key : batched(givenValue);
      const [queries, samples, width] = query.shape;
      const rows = samples * heads;
      let padding = additiveMask(
        givenPadding === null || isBatched ? givenPadding : givenPadding.unsqueeze(0),
        'key_padding_mask',
        query.dtype,
        { mask: givenMask, name: 'attn_mask' },
      );
      if (isCausalHint && givenMask === null)
        throw new RuntimeError(
          'Need attn_mask if specifying the is_causal hint. You may use the Transformer module method `generate_square_subsequent_mask` to create this mask.',
        );
      // The hint alone is enough where nothing else is masked.
      const isCausal = isCausalHint && padding === null;
      let mask = isCausal && !needWeights ? null : additiveMask(givenMask, 'attn_mask', query.dtype);
      if (width !== size)
        throw new AssertionError(`was expecting embedding dimension of ${size}, but got ${width}`);
      const headSize = Math.floor(width / heads);
      if (headSize * heads !== width)
        throw new AssertionError(`embed_dim ${width} not divisible by num_heads ${heads}`);
      if (isSeparate && !sameShape(key.shape.slice(0, 2), value.shape.slice(0, 2)))
        throw new AssertionError(
          `key's sequence and batch dims ${formatSize(key.shape.slice(0, 2))} do not match value's ${formatSize(value.shape.slice(0, 2))}`,
        );
      if (!isSeparate && !sameShape(key.shape, value.shape))
        throw new AssertionError(
          `key shape ${formatSize(key.shape)} does not match value shape ${formatSize(value.shape)}`,
        );
      if (!isSeparate && inWeight === null)
        throw new AssertionError('use_separate_proj_weight is False but in_proj_weight is None');
      const inputs: Three = [query, key, value];
      let [q, k, v] = isSeparate
        ? projectedApart(inputs, [queryWeight, keyWeight, valueWeight], inBias)
        : projected(inputs, inWeight!, inBias);

      if (mask !== null) mask = maskOfHeads(mask, rows, queries, key.shape[0]);
      const widen = (t: Tensor | null): Tensor | null => (t === null ? null : F.pad(t, [0, 1]));
      if ((biasK === null) !== (biasV === null))
        throw new AssertionError(
          biasK === null ? 'bias_v is set but bias_k is None' : 'bias_k is set but bias_v is None',
        );
      if (biasK !== null && biasV !== null) {
        if (staticK !== null) throw new AssertionError('bias cannot be added to static key.');
        if (staticV !== null) throw new AssertionError('bias cannot be added to static value.');
        k = ops.cat([k, biasK.repeat(1, samples, 1)]);
        v = ops.cat([v, biasV.repeat(1, samples, 1)]);
        [mask, padding] = [widen(mask), widen(padding)];
      }
      const ofHeads = (x: Tensor): Tensor => x.reshape([x.shape[0], rows, headSize]).transpose(0, 1);
      q = ofHeads(q);
      k = staticK === null ? ofHeads(k) : checkStatic(staticK, 'static_k', rows, headSize);
      v = staticV === null ? ofHeads(v) : checkStatic(staticV, 'static_v', rows, headSize);
      if (addZero) {
        const zero = k.newZeros([rows, 1, headSize]);
        k = ops.cat([k, zero], 1);
        v = ops.cat([v, zero], 1);
        [mask, padding] = [widen(mask), widen(padding)];
      }
      const keys = k.shape[1];
      if (padding !== null) {
        for (const [d, wanted] of [samples, keys].entries())
          if (padding.shape[d] !== wanted)
            throw new AssertionError(
              `Expected key_padded_mask.shape[${d}] to be ${wanted}, but got ${padding.shape[d]}`,
            );
        const ofRows = padding
          .reshape([samples, 1, 1, keys])
          .expand([-1, heads, -1, -1])
          .reshape([rows, 1, keys]);
        mask = mask === null ? ofRows : mask.add(ofRows);
      }
      const p = training ? dropout : 0;
      const joined = (x: Tensor): Tensor => {
        const result = F.linear(x.reshape([queries * samples, width]), outWeight, outBias);
        const whole = result.reshape([queries, samples, result.shape[1]]);
        return isBatched ? whole : whole.squeeze(1);
      };
      if (!needWeights) {
        const byHead = (x: Tensor): Tensor => x.reshape([samples, heads, x.shape[1], headSize]);
        const shown =
          mask === null || mask.shape[0] === 1
            ? (mask?.unsqueeze(0) ?? null)
            : mask.reshape([samples, heads, -1, keys]);
        const attended = F.scaledDotProductAttention(byHead(q), byHead(k), byHead(v), shown, p, isCausal);
        return [joined(attended.permute(2, 0, 1, 3)), null] as const;
      }
      const scaled = q.mul(Math.sqrt(1 / headSize));
      const scores =
        mask === null ? scaled.bmm(k.transpose(-2, -1)) : ops.baddbmm(mask, scaled, k.transpose(-2, -1));
      const shares = F.softmax(scores, -1);
      const weights = p > 0 ? F.dropout(shares, p) : shares;
      const ofSamples = weights.reshape([samples, heads, queries, keys]);
      const shown = average ? ofSamples.mean(1) : ofSamples;
      return [joined(weights.bmm(v).transpose(0, 1)), isBatched ? shown : shown.squeeze(0)] as const;
    },
  },
);
