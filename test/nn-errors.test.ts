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

describe('multilabelMarginLoss', () => {
  const x = torch.ones(2, 3);

  it.each([
    [
      'targets that exist',
      torch.tensor([
        [0, 3, -1],
        [1, -1, 0],
      ]),
      "argument #2 'target' is out of range",
    ],
    [
      'no negative ones but -1',
      torch.tensor([
        [0, -2, -1],
        [1, -1, 0],
      ]),
      "argument #2 'target' is out of range",
    ],
    [
      'a row of targets a sample',
      torch.zeros(2, 2, int64),
      'inconsistent target size: [2, 2] for input of size: [2, 3]',
    ],
    ['targets of int64', torch.zeros(2, 3), 'expected scalar type Long but found Float'],
  ])('wants %s', (_, target, text) => {
    expect(errorOf(() => F.multilabelMarginLoss(x, target))).toBe(`RuntimeError: ${text}`);
  });

  it('computes in floats', () => {
    expect(errorOf(() => F.multilabelMarginLoss(x.long(), torch.zeros(2, 3, int64)))).toContain(
      'NotImplementedError: "multilabel_margin_loss_forward_out_frame" not implemented for \'Long\'',
    );
  });
});

describe('cross entropies of two classes, and divergences', () => {
  const half = torch.tensor([0.5]);
  const one = torch.tensor([1n]);

  it('want targets of the dtype of what is compared with them', () => {
    for (const [target, name, cast] of [
      [one, 'Long', 'float'],
      [one.to(torch.bool), 'Bool', 'float'],
      [half.to(torch.float64), 'Double', 'float'],
    ] as const)
      expect(() => F.binaryCrossEntropy(half, target)).toThrow(
        new torch.RuntimeError(
          `Found dtype ${name} but expected Float (write x.${cast}() to convert to torch.float32)`,
        ),
      );
    expect(() => F.binaryCrossEntropy(half.mul(4), one)).toThrow('Found dtype Long but expected Float');
  });

  it('of scores want targets with fractions', () => {
    expect(() => F.binaryCrossEntropyWithLogits(half, one)).toThrow(
      "result type Float can't be cast to the desired output type Long (write x.float() to convert to torch.float32)",
    );
    expect(() => F.binaryCrossEntropyWithLogits(half, one, { posWeight: torch.ones(1) })).toThrow(
      "result type Float can't be cast to the desired output type Long",
    );
    expect(() => F.binaryCrossEntropyWithLogits(half, one.to(torch.bool))).toThrow(
      'Subtraction, the `-` operator, with two bool tensors is not supported.',
    );
    expect(F.binaryCrossEntropyWithLogits(half, half.double()).dtype).toBe(torch.float64);
  });

  it('klDiv wants floats', () => {
    for (const [input, target] of [
      [half, one],
      [one, half],
      [half, one.to(torch.bool)],
    ])
      expect(() => F.klDiv(input, target)).toThrow('kl_div: Integral inputs not supported.');
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

  it('refuses variances of other shapes', () => {
    for (const shape of [[1, 1], [3], [2, 2], [1, 2, 3]])
      expect(errorOf(() => F.gaussianNllLoss(input, target, torch.ones(shape)))).toBe(
        'ValueError: var is of incorrect size',
      );
  });
});

describe('settings that make no window, kernel or padding', () => {
  const x = (dims: number, size = 6) => torch.ones([1, 2, ...Array<number>(dims).fill(size)]);
  const kernel = (dims: number, size = 3) => torch.ones([2, 2, ...Array<number>(dims).fill(size)]);
  const cases: [call: string, run: () => unknown, text: string][] = [
    ['avgPool1d 0', () => F.avgPool1d(x(1), 0), 'stride should not be zero'],
    [
      'avgPool1d 0, 1',
      () => F.avgPool1d(x(1), 0, 1),
      'kernel size should be greater than zero, but got kH: 1 kW: 0',
    ],
    [
      'avgPool1d 9, 1',
      () => F.avgPool1d(x(1), 9, 1),
      'Given input size: (2x1x6). Calculated output size: (2x1x-2). Output size is too small',
    ],
    [
      'maxPool2d 2, -1',
      () => F.maxPool2d(x(2), 2, -1),
      'stride should be greater than zero, but got dH: -1 dW: -1',
    ],
    ['maxPool2d padding', () => F.maxPool2d(x(2), -1, 1, -1), 'pad must be non-negative, but got pad: -1'],
    [
      'maxPool2d dilation',
      () => F.maxPool2d(x(2), 2, { dilation: 0 }),
      'dilation should be greater than zero, but got dilationH: 0 dilationW: 0',
    ],
    [
      'maxPool3d',
      () => F.maxPool3d(x(3), 0, 1),
      'kernel size should be greater than zero, but got kT: 0 kH: 0 kW: 0',
    ],
    [
      'avgPool3d 9, 1',
      () => F.avgPool3d(x(3), 9, 1),
      'input image (T: 6 H: 6 W: 6) smaller than kernel size (kT: 9 kH: 9 kW: 9)',
    ],
    [
      'conv1d dilation',
      () => F.conv1d(x(1), kernel(1), { dilation: 0 }),
      'dilation should be greater than zero, but got [1, 0]',
    ],
    [
      'conv2d dilation',
      () => F.conv2d(x(2), kernel(2), { dilation: -1 }),
      'dilation should be greater than zero',
    ],
    [
      'conv2d kernel',
      () => F.conv2d(x(2), kernel(2, 0)),
      'kernel size should be greater than zero, but got kernel_height: 0 kernel_width: 0',
    ],
    [
      'convTranspose1d outputPadding',
      () => F.convTranspose1d(x(1), kernel(1), { outputPadding: 2 }),
      'output padding must be smaller than either stride or dilation, but got output_padding_height: 0 output_padding_width: 2 stride_height: 1 stride_width: 1 dilation_height: 1 dilation_width: 1',
    ],
    [
      'pad replicate',
      () => F.pad(x(1, 3), [-2, -2], 'replicate'),
      'input (W: 3) is too small. Calculated output W: -1',
    ],
    [
      'pad reflect',
      () => F.pad(x(1, 3), [-3, 0], 'reflect'),
      'input (W: 3) is too small. Calculated output W: 0',
    ],
    [
      'pad circular',
      () => F.pad(x(1, 3), [-5, 1], 'circular'),
      'Negative padding value is resulting in an empty dimension',
    ],
    ['pad constant', () => F.pad(x(1, 3), [-5, 1]), 'narrow(): length must be non-negative.'],
    ['cosineSimilarity', () => F.cosineSimilarity(x(1), x(1), 1, -1), 'eps must be non-negative, got: -1'],
  ];
  it.each(cases)('%s', (_, run, text) => {
    expect(errorOf(run)).toBe(`RuntimeError: ${text}`);
  });

  it('what leaves no element is empty', () => {
    expect(F.pad(x(1, 3), [-3, 0], 'circular').shape).toEqual([1, 2, 0]);
    expect(new nn.Bilinear(3, 3, 0).forward(torch.ones(2, 3), torch.ones(2, 3)).shape).toEqual([2, 0]);
  });

  it('instance norm wants its channels where it scales them', () => {
    expect(errorOf(() => new nn.InstanceNorm1d(3, { affine: true }).forward(torch.ones(2, 4, 3)))).toBe(
      "ValueError: expected input's size at dim=1 to match num_features (3), but got: 4.",
    );
  });

  it('a negative smoothing is none', () => {
    const loss = (labelSmoothing: number) =>
      F.crossEntropy(torch.tensor([[1, 2]], { dtype: torch.float32 }), torch.tensor([0]), { labelSmoothing });
    expect(loss(-0.1).item()).toBe(loss(0).item());
  });
});

describe('pad', () => {
  it.each([
    [[1, 0, 3], [1, 1], '2D or 3D'],
    [[0, 3], [1, 1], '2D or 3D'],
    [[2, 2, 0, 3], [1, 1, 1, 1], '3D or 4D'],
  ])('of %j mirrors and repeats nothing', (shape, amounts, expected) => {
    for (const mode of ['reflect', 'replicate'] as const)
      expect(() => torch.nn.functional.pad(torch.zeros(shape), amounts, mode)).toThrow(
        `Expected ${expected} (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: [${shape.join(', ')}]`,
      );
  });

  it('of a batch of none is a batch of none', () => {
    for (const mode of ['reflect', 'replicate', 'circular'] as const)
      expect(torch.nn.functional.pad(torch.zeros(0, 2, 3), [1, 1], mode).shape).toEqual([0, 2, 5]);
  });
});
