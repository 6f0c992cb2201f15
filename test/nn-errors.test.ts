import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { nn } = torch;
const F = nn.functional;
const int64 = { dtype: torch.int64 };

/** The error that a call raises, as Python prints it. */
function errorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return 'no error';
}

describe('batch norm', () => {
  const x = torch.ones(2, 3, 4);

  it('wants an eps above zero in training', () => {
    for (const eps of [0, -1])
      expect(errorOf(() => new nn.BatchNorm1d(3, { eps }).forward(x))).toBe(
        `ValueError: batch_norm eps must be positive during training, but got ${eps.toFixed(1)}`,
      );
  });

  it('wants one that is not negative in evaluation, and leaves its state alone', () => {
    const norm = new nn.BatchNorm1d(3, { eps: -1 }).eval();
    expect(errorOf(() => norm.forward(x))).toBe(
      'ValueError: batch_norm eps must be non-negative, but got -1.0',
    );
    expect(norm.runningVar!.tolist()).toEqual([1, 1, 1]);
    expect(new nn.BatchNorm1d(3, { eps: 0 }).eval().forward(x).tolist()).toEqual(x.tolist());
  });
});

describe('circular padding', () => {
  it.each([
    [new nn.CircularPad1d(1), [3], 'expected 2D or 3D input (got 1D input)'],
    [new nn.CircularPad2d(1), [3, 3], 'expected 3D or 4D input (got 2D input)'],
    [new nn.CircularPad3d(1), [3, 3, 3, 3, 3, 3], 'expected 4D or 5D input (got 6D input)'],
  ])('%s wants the dimensions it pads, with channels', (pad, shape, text) => {
    expect(errorOf(() => pad.forward(torch.ones(shape)))).toBe(`ValueError: ${text}`);
  });
});

describe('the weights of classes', () => {
  const target = torch.tensor([0, 1, 2]);
  const losses: [string, (x: torch.Tensor, weight: torch.Tensor) => torch.Tensor][] = [
    ['nllLoss', (x, weight) => F.nllLoss(x, target, weight)],
    ['crossEntropy', (x, weight) => F.crossEntropy(x, target, weight)],
    ['crossEntropy, smoothed', (x, weight) => F.crossEntropy(x, target, weight, { labelSmoothing: 0.1 })],
    ['multiMarginLoss', (x, weight) => F.multiMarginLoss(x, target, { weight })],
  ];

  it.each(losses)('have the dtype of the input of %s', (_, loss) => {
    const of = (dtype: torch.DType, weights: torch.DType) =>
      errorOf(() => loss(torch.ones(3, 4, { dtype }), torch.ones(4, { dtype: weights })));
    expect(of(torch.float32, torch.float16)).toBe(
      'RuntimeError: expected scalar type Float but found Half (write x.half() to convert to torch.float16)',
    );
    expect(of(torch.float64, torch.float32)).toBe(
      'RuntimeError: expected scalar type Double but found Float (write x.float() to convert to torch.float32)',
    );
    expect(of(torch.float32, torch.int64)).toBe(
      'RuntimeError: expected scalar type Float but found Long (write x.float() to convert to torch.float32)',
    );
    expect(of(torch.float64, torch.float64)).toBe('no error');
  });

  it('may have another where targets are probabilities', () => {
    const loss = F.crossEntropy(torch.ones(3, 4), torch.ones(3, 4), torch.ones(4, { dtype: torch.float64 }));
    expect(loss.dtype).toBe(torch.float64);
  });
});

describe('multiMarginLoss', () => {
  const x = torch.ones(5, 4);
  const text =
    'multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). Expected target size';

  it.each<[string, torch.Tensor, torch.Tensor, object, string]>([
    [
      'one target a sample',
      x,
      torch.zeros(3, int64),
      {},
      `${text} [5], but got [3]. Input has shape [5, 4].`,
    ],
    ['targets in one dimension', x, torch.zeros(5, 1, int64), {}, `${text} [5], but got [5, 1]. Input has`],
    [
      'batches',
      torch.ones(5, 2, 2),
      torch.zeros(5, int64),
      {},
      'optional 0-dim batch size, but got: [5, 2, 2]',
    ],
    ['classes', torch.ones(5, 0), torch.zeros(5, int64), {}, 'optional 0-dim batch size, but got: [5, 0]'],
    ['targets that exist', x, torch.tensor([0, 1, 2, 3, 4]), {}, 'target out of range'],
    [
      'a weight for each class',
      x,
      torch.zeros(5, int64),
      { weight: torch.ones(3) },
      'inconsistent weight size, expected 4 but got [3]',
    ],
  ])('wants %s', (_, input, target, options, expected) => {
    const error = errorOf(() => F.multiMarginLoss(input, target, options));
    expect(error).toMatch(/^RuntimeError/);
    expect(error).toContain(expected);
  });

  it('computes in floats', () => {
    expect(errorOf(() => F.multiMarginLoss(x.long(), torch.zeros(5, int64)))).toBe(
      'NotImplementedError: "multi_margin_loss_cpu_kernel" not implemented for \'Long\' (write x.float() to compute with floats)',
    );
  });
});

describe('gaussianNllLoss', () => {
  const input = torch
    .tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
    .float();
  const target = torch.zeros(2, 3);

  it('takes one variance for a whole dimension, whichever', () => {
    // PyTorch's values.
    const of = (variance: torch.Tensor) => F.gaussianNllLoss(input, target, variance).item();
    expect(of(torch.tensor([[1, 2, 4]]).float())).toBeCloseTo(3.90907, 4);
    expect(of(torch.tensor([[1], [2]]).float())).toBeCloseTo(4.54829, 4);
    expect(of(torch.tensor([1, 2]).float())).toBeCloseTo(4.54829, 4);
  });

  it('refuses others', () => {
    for (const shape of [[1, 1], [3], [2, 2], [1, 2, 3]])
      expect(errorOf(() => F.gaussianNllLoss(input, target, torch.ones(shape)))).toBe(
        'ValueError: var is of incorrect size',
      );
  });
});
