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
