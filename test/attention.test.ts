import { describe, expect, it, vi } from 'vitest';
import * as torch from '../src/index.js';

const { nn } = torch;
const image = () => torch.arange(48).reshape([2, 3, 8]).div(48);

function encoder(): torch.nn.TransformerEncoder {
  torch.manualSeed(0);
  const layer = new nn.TransformerEncoderLayer(8, 2, 16, { batchFirst: true });
  return new nn.TransformerEncoder(layer, 2).eval();
}

describe('TransformerEncoder in evaluation', () => {
  it('gives zeros for padding at the end, as PyTorch does', () => {
    const padding = torch.tensor([
      [false, false, true],
      [false, true, true],
    ]);
    const model = encoder();
    const output = torch.noGrad(() => model.forward(image(), { srcKeyPaddingMask: padding }));
    // Numbers of PyTorch 2.13 for the same seed.
    torch.testing.assertClose(
      output.select(2, 0),
      torch.tensor([
        [-1.5989382, -1.598416, 0],
        [-0.6828795, 0, 0],
      ]),
    );
    // Where gradients are recorded it computes padded positions like all others.
    const recorded = model.forward(image(), { srcKeyPaddingMask: padding });
    expect(recorded.select(1, 2).eq(0).any().item()).toBe(0);
    // Padding between what counts cannot be taken out.
    const between = torch.tensor([
      [true, false, false],
      [false, true, false],
    ]);
    const whole = torch.noGrad(() => model.forward(image(), { srcKeyPaddingMask: between }));
    expect(whole.select(2, 0).eq(0).any().item()).toBe(0);
  });

  it('knows a causal mask', () => {
    const mask = nn.Transformer.generateSquareSubsequentMask(3);
    const output = torch.noGrad(() => encoder().forward(image(), { mask }));
    torch.testing.assertClose(
      output.select(2, 0),
      torch.tensor([
        [-1.7474303, -1.6042353, -1.398527],
        [-0.68287992, -0.53955144, -0.40097415],
      ]),
    );
  });

  it('warns where its layers cannot leave padding out', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const layer = new nn.TransformerEncoderLayer(4, 2, 4, { batchFirst: true, normFirst: true });
    expect(new nn.TransformerEncoder(layer, 1).useNestedTensor).toBe(false);
    expect(String(warn.mock.calls)).toContain(
      'enable_nested_tensor is True, but self.use_nested_tensor is False because encoder_layer.norm_first was True',
    );
    warn.mockRestore();
  });
});

describe('MultiheadAttention', () => {
  const attention = new nn.MultiheadAttention(4, 2);
  const x = torch.rand(3, 1, 4);

  it('gives the weights of each head, or their mean, or none', () => {
    const [, mean] = attention.forward(x, x, x);
    const [, all] = attention.forward(x, x, x, { averageAttnWeights: false });
    const [, none] = attention.forward(x, x, x, { needWeights: false });
    expect(mean!.shape).toEqual([1, 3, 3]);
    expect(all!.shape).toEqual([1, 2, 3, 3]);
    torch.testing.assertClose(all!.mean(1), mean!);
    expect(none).toBe(null);
  });

  it('finds the same whether weights are asked for or not', () => {
    const mask = nn.Transformer.generateSquareSubsequentMask(3);
    const [withWeights] = attention.forward(x, x, x, { attnMask: mask, isCausal: true });
    const [without] = attention.forward(x, x, x, { attnMask: mask, isCausal: true, needWeights: false });
    torch.testing.assertClose(withWeights, without);
  });

  it.each([
    [
      () => attention.forward(torch.rand(2, 3, 5, 4), x, x),
      'query should be unbatched 2D or batched 3D tensor but received 4-D query tensor',
    ],
    [
      () => attention.forward(torch.rand(3, 4), x, x),
      'For unbatched (2-D) `query`, expected `key` and `value` to be 2-D but found 3-D and 3-D tensors respectively',
    ],
    [
      () => attention.forward(x, x, x, { attnMask: torch.rand(2, 2) }),
      'The shape of the 2D attn_mask is torch.Size([2, 2]), but should be (3, 3).',
    ],
    [
      () => attention.forward(x, x, x, { keyPaddingMask: torch.zeros(1, 2, { dtype: torch.bool }) }),
      'Expected key_padded_mask.shape[1] to be 3, but got 2',
    ],
    [
      () => attention.forward(x, x, x, { attnMask: torch.ones(3, 3, { dtype: torch.int64 }) }),
      'only bool and floating types of attn_mask are supported',
    ],
    [
      () => attention.forward(x, x, x, { isCausal: true }),
      'Need attn_mask if specifying the is_causal hint. You may use the Transformer module method `generate_square_subsequent_mask` to create this mask.',
    ],
    [
      () => attention.forward(torch.rand(3, 1, 6), torch.rand(3, 1, 6), torch.rand(3, 1, 6)),
      'was expecting embedding dimension of 4, but got 6',
    ],
    [
      () => attention.forward(x, x, torch.rand(2, 1, 4)),
      'key shape torch.Size([3, 1, 4]) does not match value shape torch.Size([2, 1, 4])',
    ],
    [() => new nn.MultiheadAttention(5, 2), 'embed_dim must be divisible by num_heads'],
    [
      () => new nn.MultiheadAttention(0, 2),
      'embed_dim and num_heads must be greater than 0, got embed_dim=0 and num_heads=2 instead',
    ],
    [
      () => new nn.TransformerEncoderLayer(4, 2, { activation: 'tanh' as 'relu' }),
      'activation should be relu/gelu, not tanh',
    ],
    [
      () => new nn.Transformer(4, 2, 1, 1, 8).forward(x, torch.rand(3, 2, 4)),
      'the batch number of src and tgt must be equal',
    ],
    [
      () => new nn.Transformer(4, 2, 1, 1, 8).forward(torch.rand(3, 1, 5), x),
      'the feature number of src and tgt must be equal to d_model',
    ],
  ])("refuses in PyTorch's words: %#", (call, message) => {
    expect(call).toThrow(message);
  });
});

describe('AdaptiveLogSoftmaxWithLoss', () => {
  it('finds what the full log-softmax finds, and the likeliest class', () => {
    torch.manualSeed(2);
    const softmax = new nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 10]);
    const [x, target] = [torch.randn(6, 8), torch.tensor([0, 3, 4, 9, 10, 19])];
    const { output, loss } = softmax.forward(x, target);
    const full = softmax.logProb(x);
    torch.testing.assertClose(output, full.gather(1, target.unsqueeze(1)).squeeze(1));
    torch.testing.assertClose(loss, output.mean().neg());
    torch.testing.assertClose(full.exp().sum(1), torch.ones(6));
    expect(softmax.predict(x).tolist()).toEqual(full.argmax(1).tolist());
  });

  it.each([
    [
      () => new nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 3]),
      'cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and n_classes-1',
    ],
    [
      () => new nn.AdaptiveLogSoftmaxWithLoss(4, 10, []),
      'cutoffs should be a sequence of length larger than 0',
    ],
    [
      () => new nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3]).forward(torch.rand(2, 4), torch.tensor([1, 11])),
      'Target values should be in [0, 9], but values in range [1, 11] were found. ',
    ],
    [
      () => new nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3]).forward(torch.rand(2, 4), torch.tensor([1])),
      'Input and target should have the same size in the batch dimension.',
    ],
    [
      () => new nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3]).forward(torch.rand(2, 4), torch.tensor(1)),
      '0D target tensor expects 1D input tensors, but found inputs with size torch.Size([2, 4])',
    ],
  ])("refuses in PyTorch's words: %#", (call, message) => {
    expect(call).toThrow(message);
  });
});

describe('scaledDotProductAttention', () => {
  const { scaledDotProductAttention: attention } = nn.functional;
  const wave = (...shape: number[]) =>
    torch
      .arange(shape.reduce((a, b) => a * b))
      .to(torch.float64)
      .mul(1.3)
      .sin()
      .reshape(shape);
  /** Queries, keys and values of heads that lie side by side, as layers split them. */
  const inputs = (keys = 7) =>
    ([wave(2, 5, 3, 4), wave(2, keys, 3, 4).mul(1.1), wave(2, keys, 3, 6).mul(0.7)] as const).map((t) =>
      t.transpose(1, 2).requiresGrad_(),
    ) as [torch.Tensor, torch.Tensor, torch.Tensor];
  const seen = torch.tensor([
    [true, false, true, true, false, true, true],
    [false, false, false, false, false, false, false],
    [true, true, true, true, true, true, true],
    [false, true, false, false, false, false, false],
    [true, true, false, false, false, false, true],
  ]);
  /** The same by the weights' matrix. */
  const open = (q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor | null) => {
    const scores = q.matmul(k.mT).div(2);
    const weights = (mask === null ? scores : scores.maskedFill(mask.logicalNot(), -Infinity)).softmax(-1);
    return weights.nanToNum(0).matmul(v);
  };

  it.each([
    ['everything', null, {}],
    ['what a mask shows', seen, { attnMask: seen }],
    [
      'numbers that a mask adds',
      seen,
      { attnMask: torch.zeros(5, 7, { dtype: torch.float64 }).maskedFill(seen.logicalNot(), -Infinity) },
    ],
    ['what came before', torch.ones(5, 7).bool().tril(), { isCausal: true }],
  ] as const)('looks at %s, with the gradients of that', (_, mask, options) => {
    const [q, k, v] = inputs();
    const found = attention(q, k, v, options);
    const expected = open(q, k, v, mask);
    torch.testing.assertClose(found, expected);
    const grad = wave(...found.shape);
    const gradients = torch.autograd.grad(found, [q, k, v], grad);
    // Zeros of softmax's NaN have a gradient of NaN; a query that sees nothing has none.
    for (const [i, gradient] of torch.autograd.grad(expected, [q, k, v], grad).entries())
      if (mask !== seen) torch.testing.assertClose(gradients[i], gradient);
    expect(torch.autograd.gradcheck((a, b, c) => attention(a, b, c, options), [q, k, v])).toBe(true);
    expect(torch.autograd.gradgradcheck((a, b, c) => attention(a, b, c, options), [q, k, v])).toBe(true);
  });

  it('goes through many queries in blocks', () => {
    const [q, k, v] = [wave(1, 2, 300, 16), wave(1, 2, 300, 16), wave(1, 2, 300, 16)].map((t) =>
      t.requiresGrad_(),
    );
    for (const isCausal of [false, true]) {
      const mask = isCausal ? torch.ones(300, 300).bool().tril() : null;
      const found = attention(q, k, v, { isCausal, scale: 0.5 });
      const expected = open(q, k, v, mask);
      torch.testing.assertClose(found, expected);
      const grad = wave(1, 2, 300, 16);
      for (const [i, gradient] of torch.autograd.grad(expected, [q, k, v], grad).entries())
        torch.testing.assertClose(
          torch.autograd.grad(found, [q, k, v], grad, { retainGraph: true })[i],
          gradient,
        );
    }
  });

  it('lies in memory as the query does', () => {
    const [q, k] = inputs(5);
    expect(attention(q, k, k).strides).toEqual([60, 4, 12, 1]);
    expect(attention(q.contiguous(), k, k).strides).toEqual([60, 20, 4, 1]);
  });

  it('gives NaN for NaN', () => {
    const [q, k, v] = inputs();
    const found = attention(q.detach().indexFill(2, torch.tensor([1]), NaN), k, v);
    expect(found.isnan().all(-1).select(1, 0).select(0, 0).tolist()).toEqual([
      false,
      true,
      false,
      false,
      false,
    ]);
  });

  it('runs over stacks, and with tangents', () => {
    const [q, k, v] = inputs().map((t) => t.detach());
    const stacked = torch.func.vmap((a: torch.Tensor, b: torch.Tensor, c: torch.Tensor) =>
      attention(a, b, c),
    );
    torch.testing.assertClose(stacked(q, k, v), attention(q, k, v));
    const [, tangent] = torch.func.jvp((a: torch.Tensor) => attention(a, k, v), [q], [q]);
    const [, expected] = torch.func.jvp((a: torch.Tensor) => open(a, k, v, null), [q], [q]);
    torch.testing.assertClose(tangent, expected);
  });
});
