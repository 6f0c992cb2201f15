import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { nn } = torch;
const F = nn.functional;
const double = { dtype: torch.float64 };

const matrix = (rows: number, columns: number, step: number): torch.Tensor =>
  torch
    .arange(rows * columns, double)
    .mul(step)
    .sin()
    .reshape([rows, columns]);
const target = torch.tensor([0, 4, -100, 2, 2, 3, 1]);
const weight = torch.tensor([0.5, 1, 2, 1.5, 0.25], double);
const operands = () => ({
  input: matrix(7, 3, 1.7).requiresGrad_(),
  linearWeight: matrix(5, 3, 0.9).requiresGrad_(),
  linearBias: matrix(1, 5, 2.3).flatten().requiresGrad_(),
});
const inPieces = (settings = {}) =>
  new nn.LinearCrossEntropyOptions({ batchChunkSize: 3, allowRetainGraph: true, ...settings });

/** By reduction: the loss, the magnitudes of its gradients added up and the gradient by the bias, as PyTorch 2.13 gives them. */
const expected = {
  mean: [
    3.0875329324301912,
    [4.477624270593145, 4.439368650151854, 2.0416783179420706],
    [0.12749539183746783, 0.48576330840439563, -1.0208391589710353, 0.24414828647706788, 0.163432172252104],
  ],
  sum: [
    22.384613760118885,
    [32.4627759618003, 32.185422713600936, 14.802167805080012],
    [0.9243415908216417, 3.5217839859318683, -7.401083902540006, 1.7700750769587423, 1.184883248827754],
  ],
  none: [
    [
      0.7331032693585189, 0.3235291080526488, 0, 7.197590232954198, 10.71083617241148, 1.0322822736095965,
      2.387272703732441,
    ],
    [76.58590254995607, 79.70377610641775, 32.932879585328145],
    [4.495220882944762, 5.91745287475989, -16.466439792664072, 2.632974646275794, 3.4207913886836256],
  ],
} as const;

describe('linearCrossEntropy', () => {
  for (const reduction of ['mean', 'sum', 'none'] as const)
    it.each([
      ['all at once', null],
      ['in pieces', inPieces()],
    ])(`gives PyTorch's ${reduction} and gradients, %s`, (_, options) => {
      const [loss, magnitudes, gradient] = expected[reduction];
      const { input, linearWeight, linearBias } = operands();
      const settings = { linearBias, weight, reduction, options };
      const actual = F.linearCrossEntropy(input, linearWeight, target, settings);
      torch.testing.assertClose(actual.detach(), torch.tensor(loss, double));
      const slope = reduction === 'none' ? torch.arange(1, 8, double) : torch.tensor(2, double);
      const gradients = torch.autograd.grad(actual, [input, linearWeight, linearBias], slope);
      torch.testing.assertClose(
        torch.stack(gradients.map((g) => g.abs().sum())),
        torch.tensor(magnitudes, double),
      );
      torch.testing.assertClose(gradients[2], torch.tensor(gradient, double));
    });

  it.each(['mean', 'sum', 'none'] as const)(
    'has the gradients of a %s that differences give',
    (reduction) => {
      const { input, linearWeight, linearBias } = operands();
      const f =
        (options: torch.nn.LinearCrossEntropyOptions | null) =>
        (x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) =>
          F.linearCrossEntropy(x, w, target, { linearBias: b, weight, reduction, options });
      expect(torch.autograd.gradcheck(f(inPieces()), [input, linearWeight, linearBias])).toBe(true);
      expect(torch.autograd.gradgradcheck(f(null), [input, linearWeight, linearBias])).toBe(true);
    },
  );

  it('computes only the gradients that are wanted', () => {
    const { input, linearWeight } = operands();
    const loss = F.linearCrossEntropy(input.detach(), linearWeight, target, { options: inPieces() });
    loss.backward();
    expect(input.grad).toBeNull();
    expect(linearWeight.grad!.shape).toEqual([5, 3]);
    expect(
      F.linearCrossEntropy(input.detach(), linearWeight.detach(), target, { options: inPieces() })
        .requiresGrad,
    ).toBe(false);
  });

  it('computes half precisions in float32', () => {
    const { input, linearWeight } = operands();
    const [x, w] = [input.detach().half(), linearWeight.detach().half()];
    const loss = F.linearCrossEntropy(x, w, target, { options: inPieces() });
    expect(loss.dtype).toBe(torch.float16);
    expect(loss.item()).toBe(F.linearCrossEntropy(x.float(), w.float(), target).half().item());
  });

  it('is NaN where no row counts', () => {
    const { input, linearWeight } = operands();
    const [x, w] = [input.detach(), linearWeight.detach()];
    const options = inPieces();
    expect(F.linearCrossEntropy(x, w, torch.full([7], -100), { options }).item()).toBeNaN();
    expect(F.linearCrossEntropy(x.narrow(0, 0, 0), w, target.narrow(0, 0, 0), { options }).item()).toBeNaN();
  });

  it('never holds the scores of all rows', () => {
    const [rows, features, classes] = [512, 16, 4096];
    const x = torch.randn(rows, features).requiresGrad_();
    const w = torch.randn(classes, features).requiresGrad_();
    const t = torch.randint(classes, [rows]);
    const peakOf = (options: torch.nn.LinearCrossEntropyOptions | null): number => {
      torch.resetPeakMemoryStats();
      const before = torch.memoryStats().aliveBytes;
      for (const reduction of ['mean', 'none'] as const)
        torch.scope(() => F.linearCrossEntropy(x, w, t, { reduction, options }).sum().backward());
      x.grad = w.grad = null;
      return torch.memoryStats().peakBytes - before;
    };
    const all = rows * classes * 4;
    expect(peakOf(new nn.LinearCrossEntropyOptions())).toBeLessThan(all / 4);
    expect(peakOf(null)).toBeGreaterThan(all);
  });

  it('lets a mean be differentiated once, unless told otherwise', () => {
    const { input, linearWeight } = operands();
    const once = F.linearCrossEntropy(input, linearWeight, target, {
      options: inPieces({ allowRetainGraph: false }),
    });
    once.backward({ retainGraph: true });
    expect(() => once.backward()).toThrow(
      'linear_cross_entropy chunked backward called twice; retain_graph=True / double backward are not supported.',
    );
    const often = F.linearCrossEntropy(input, linearWeight, target, { options: inPieces() });
    often.backward({ retainGraph: true });
    often.backward();
  });

  it('has no derivatives of higher order in pieces', () => {
    const { input, linearWeight } = operands();
    const loss = F.linearCrossEntropy(input, linearWeight, target, { options: inPieces() });
    const [grad] = torch.autograd.grad(loss, [input], { createGraph: true });
    expect(grad.requiresGrad).toBe(false);
    const of = (x: torch.Tensor) =>
      F.linearCrossEntropy(x, linearWeight.detach(), target, { options: inPieces() });
    expect(() => torch.func.jvp(of, [input.detach()], [input.detach()])).toThrow('Trying to use forward AD');
  });

  const { input, linearWeight } = operands();
  it.each([
    [
      'expected input with dimensionality 1 or 2, got 3',
      () => F.linearCrossEntropy(input.unsqueeze(0), linearWeight, target),
    ],
    [
      'expected linear_weight with dimensionality at least 2, got 1',
      () => F.linearCrossEntropy(input, linearWeight.select(0, 0), target),
    ],
    [
      'expected linear_bias shape (5,), got (4,)',
      () => F.linearCrossEntropy(input, linearWeight, target, { linearBias: torch.ones(4, double) }),
    ],
    [
      'K-dimensional loss defined by linear_weight shape (5, 1, 3) requires batched input, (N, 3), got unbatched input with shape (3,)',
      () => F.linearCrossEntropy(input.select(0, 0), linearWeight.unsqueeze(1), target),
    ],
    [
      'ignore_index cannot be specified when target contains probabilities',
      () => F.linearCrossEntropy(input, linearWeight, torch.rand([7, 5], double), { ignoreIndex: 2 }),
    ],
    [
      'linear_cross_entropy supports float32 acc_dtype with float16/bfloat16 inputs, but got torch.float32 acc_dtype and torch.float64 inputs.',
      () =>
        F.linearCrossEntropy(input, linearWeight, target, { options: inPieces({ accDtype: torch.float32 }) }),
    ],
    ["invalid acc_policy: 'x'", () => inPieces({ accPolicy: 'x' })],
    ["invalid chunking_method: 'aspect_ratio:0'", () => inPieces({ chunkingMethod: 'aspect_ratio:0' })],
    ['batch_chunk_size must be positive int or None, got 2.5', () => inPieces({ batchChunkSize: 2.5 })],
    [
      "batch_chunk_size (=3) and chunking_method ('aspect_ratio') give different chunk sizes (3 vs 4); pass only one.",
      () =>
        F.linearCrossEntropy(input, linearWeight, target, {
          options: inPieces({ chunkingMethod: 'aspect_ratio' }),
        }),
    ],
  ])('refuses: %s', (message, call) => {
    expect(call).toThrow(message);
  });
});

describe('LinearCrossEntropyOptions', () => {
  /** Rows of a piece, by problem and settings, as PyTorch resolves them on the CPU. */
  const sizes: readonly [rows: number, features: number, classes: number, torch.DType, readonly number[]][] =
    [
      [1000, 64, 50000, torch.float32, [1, 2, 1, 1000, 5]],
      [1000, 64, 50000, torch.float16, [2, 2, 1, 1000, 5]],
      [7, 3, 5, torch.float32, [2, 4, 1, 7, 5]],
      [1, 3, 5, torch.float32, [1, 1, 1, 1, 1]],
      [100, 512, 10, torch.float32, [64, 100, 32, 100, 5]],
    ];
  const settings = [
    {},
    { chunkingMethod: 'aspect_ratio' },
    { chunkingMethod: 'aspect_ratio:4' },
    { chunkingMethod: null },
    { batchChunkSize: 5 },
  ];
  it.each(sizes)(
    'makes pieces of %d rows, %d features and %d classes',
    (rows, features, classes, dtype, expected) => {
      const actual = settings.map((s) =>
        new nn.LinearCrossEntropyOptions(s).chunkSize(rows, features, classes, dtype),
      );
      expect(actual).toEqual(expected);
    },
  );

  it('prints as in PyTorch, and cannot be changed', () => {
    const options = new nn.LinearCrossEntropyOptions(true, 3, null, 'compact', torch.float32);
    expect(String(options)).toBe(
      "LinearCrossEntropyOptions(allow_retain_graph=True, batch_chunk_size=3, chunking_method=None, acc_policy='compact', acc_dtype=torch.float32)",
    );
    expect(() => Object.assign(options, { batchChunkSize: 4 })).toThrow(TypeError);
  });
});
