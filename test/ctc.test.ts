import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { nn } = torch;
const F = nn.functional;
const double = { dtype: torch.float64 };

/** Scores of so many steps, sequences and classes. */
const scores = (...shape: number[]): torch.Tensor =>
  torch
    .arange(
      shape.reduce((a, b) => a * b),
      double,
    )
    .mul(1.7)
    .sin()
    .mul(2)
    .reshape(shape);
const logProbs = (): torch.Tensor => scores(6, 3, 4).logSoftmax(2).requiresGrad_();
const padded = torch.tensor([
  [1, 2, 1],
  [3, 3, 0],
  [2, 0, 0],
]);

interface Case {
  readonly targets?: torch.Tensor;
  readonly inputs?: readonly number[];
  readonly labels?: readonly number[];
  readonly options?: {
    readonly blank?: number;
    readonly reduction?: 'none' | 'mean' | 'sum';
    readonly zeroInfinity?: boolean;
  };
  readonly loss: number | readonly number[];
  /** The magnitudes of each sequence's gradient, added up. */
  readonly gradient: readonly number[];
  /** The gradient by the first step of the first sequence. */
  readonly first: readonly number[];
}

const each = [2.194727231997349, 8.103062033597544, 3.1338128678225354];
const magnitudes = [3.0539237699, 5.7089981168, 3.9574341169];
const start = [0.09149826946018509, -0.17536908385320926, 0.0664743223052573, 0.017396492087767165];
const joined = torch.tensor([1, 2, 1, 3, 3, 2]);
const nothing = [0, 0, 0, 0];

/** Losses and gradients that PyTorch 2.13 gives. */
const cases: readonly (readonly [string, Case])[] = [
  [
    'is a mean of losses per label',
    {
      loss: 2.6389732095401413,
      gradient: [0.3393248633, 0.9514996861, 1.3191447056],
      first: [0.01016647438446501, -0.019485453761467694, 0.007386035811695254, 0.0019329435653074626],
    },
  ],
  [
    'adds up',
    { options: { reduction: 'sum' }, loss: 13.431602133417428, gradient: magnitudes, first: start },
  ],
  ['is one for each', { options: { reduction: 'none' }, loss: each, gradient: magnitudes, first: start }],
  [
    'takes targets one after the other',
    { targets: joined, options: { reduction: 'none' }, loss: each, gradient: magnitudes, first: start },
  ],
  [
    'knows targets without labels',
    {
      labels: [3, 2, 0],
      options: { reduction: 'none' },
      loss: [each[0], each[1], 8.855739345779963],
      gradient: [magnitudes[0], magnitudes[1], 6.0596335723],
      first: start,
    },
  ],
  [
    'is infinite where the input is too short',
    {
      inputs: [2, 5, 4],
      options: { reduction: 'none' },
      loss: [Number.POSITIVE_INFINITY, each[1], each[2]],
      gradient: [Number.NaN, magnitudes[1], magnitudes[2]],
      first: [Number.NaN, Number.NaN, Number.NaN, Number.NaN],
    },
  ],
  [
    'makes nothing of infinite losses if told so',
    {
      inputs: [2, 5, 4],
      options: { reduction: 'none', zeroInfinity: true },
      loss: [0, each[1], each[2]],
      gradient: [0, magnitudes[1], magnitudes[2]],
      first: nothing,
    },
  ],
  [
    'leaves them in the mean',
    {
      inputs: [2, 5, 4],
      options: { zeroInfinity: true },
      loss: 2.3951146282071023,
      gradient: [0, 0.9514996861, 1.3191447056],
      first: nothing,
    },
  ],
  [
    'has any class for a blank',
    {
      targets: torch.tensor([
        [1, 2, 1],
        [2, 2, 0],
        [0, 0, 0],
      ]),
      options: { blank: 3 },
      loss: 3.645888174673807,
      gradient: [0.4571850451, 0.9658315743, 1.3961764521],
      first: [0.01231321861005576, -0.02093178391401721, 0.007386035811695254, 0.001232529492266257],
    },
  ],
];

describe('ctcLoss', () => {
  it.each(cases)('%s', (_, given) => {
    const { targets = padded, inputs = [6, 5, 4], labels = [3, 2, 1], options = {} } = given;
    for (const asTensors of [false, true]) {
      const x = logProbs();
      const loss = asTensors
        ? F.ctcLoss(x, targets, torch.tensor(inputs), torch.tensor(labels), options)
        : F.ctcLoss(x, targets, inputs, labels, options);
      torch.testing.assertClose(loss.detach(), torch.tensor(given.loss, double), { equalNan: true });
      loss.backward(loss.detach().onesLike());
      const magnitude = x.grad!.abs().sum([0, 2]);
      const close = { rtol: 1e-9, atol: 1e-10, equalNan: true };
      torch.testing.assertClose(magnitude, torch.tensor(given.gradient, double), close);
      torch.testing.assertClose(x.grad!.select(0, 0).select(0, 0), torch.tensor(given.first, double), close);
    }
  });

  it('takes one sequence without a batch', () => {
    const x = logProbs().detach().select(1, 0);
    const target = torch.tensor([1, 2, 1]);
    const loss = F.ctcLoss(x, target, torch.tensor(6), torch.tensor(3), { reduction: 'none' });
    expect(loss.shape).toEqual([]);
    expect(loss.item()).toBeCloseTo(each[0], 12);
    expect(F.ctcLoss(x, target, [6], [3]).item()).toBeCloseTo(each[0] / 3, 12);
  });

  it('has the gradients that differences give', () => {
    const x = scores(5, 2, 4).requiresGrad_();
    const targets = torch.tensor([
      [1, 2],
      [3, 3],
    ]);
    for (const labels of [
      [2, 2],
      [0, 1],
    ])
      expect(torch.autograd.gradcheck((t) => F.ctcLoss(t.logSoftmax(2), targets, [5, 4], labels), [x])).toBe(
        true,
      );
  });

  it('is computed in float32 as well', () => {
    const x = scores(40, 3, 30).float().logSoftmax(2).requiresGrad_();
    const targets = torch.arange(1, 28).reshape([3, 9]);
    const wide = x.detach().double().requiresGrad_();
    F.ctcLoss(x, targets, [40, 39, 20], [9, 9, 9]).backward();
    F.ctcLoss(wide, targets, [40, 39, 20], [9, 9, 9]).backward();
    torch.testing.assertClose(x.grad!.double(), wide.grad!, { rtol: 1e-3, atol: 1e-5 });
  });

  it('has no second derivative, as in PyTorch', () => {
    const x = logProbs();
    const [grad] = torch.autograd.grad(F.ctcLoss(x, padded, [6, 5, 4], [3, 2, 1]), [x], {
      createGraph: true,
    });
    expect(() => torch.autograd.grad(grad.sum(), [x])).toThrow(
      'derivative for aten::_ctc_loss_backward is not implemented',
    );
  });

  const x = logProbs().detach();
  it.each([
    ['blank must be in label range', () => F.ctcLoss(x, padded, [6, 5, 4], [3, 2, 1], 4)],
    ['input_lengths must be of size batch_size', () => F.ctcLoss(x, padded, [6, 5], [3, 2, 1])],
    ['target_lengths must be of size batch_size', () => F.ctcLoss(x, padded, [6, 5, 4], [3, 2])],
    [
      'Expected input_lengths to have value at most 6, but got value 7 (while checking arguments for ctc_loss_allocate_outputs)',
      () => F.ctcLoss(x, padded, [7, 5, 4], [3, 2, 1]),
    ],
    [
      'Expected target_lengths to have value at least 0, but got value -3 (while checking arguments for ctc_loss_allocate_outputs)',
      () => F.ctcLoss(x, padded, [6, 5, 4], [-3, 2, 1]),
    ],
    [
      "Expected tensor to have size at least 4 at dimension 1, but got size 3 for argument #2 'targets' (while checking arguments for ctc_loss_allocate_outputs)",
      () => F.ctcLoss(x, padded, [6, 5, 4], [4, 2, 1]),
    ],
    [
      "Expected tensor to have size 6 at dimension 0, but got size 9 for argument #2 'targets' (while checking arguments for ctc_loss_allocate_outputs)",
      () => F.ctcLoss(x, padded.flatten(), [6, 5, 4], [3, 2, 1]),
    ],
    [
      "Expected 1 to 2 dimensions, but got 0-dimensional tensor for argument #2 'targets' (while checking arguments for ctc_loss_allocate_outputs)",
      () => F.ctcLoss(x, torch.tensor(1), [6, 5, 4], [3, 2, 1]),
    ],
    [
      'input_lengths must be integral',
      () => F.ctcLoss(x, padded, torch.tensor([6.5, 5, 4]), torch.tensor([3, 2, 1])),
    ],
    [
      'log_probs tensor must not be empty',
      () => F.ctcLoss(x.narrow(1, 0, 0), padded.narrow(0, 0, 0), [], []),
    ],
    ['"ctc_loss_cpu" not implemented for \'Half\'', () => F.ctcLoss(x.half(), padded, [6, 5, 4], [3, 2, 1])],
    ['Target 7 is out of bounds.', () => F.ctcLoss(x, padded.add(6), [6, 5, 4], [3, 2, 1])],
  ])('refuses: %s', (message, call) => {
    expect(call).toThrow(message);
  });
});
