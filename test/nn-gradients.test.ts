import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const F = torch.nn.functional;
const { gradcheck, gradgradcheck } = torch.autograd;

/** A double tensor of distinct values without kinks nearby. */
function values(...shape: number[]): torch.Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const list = Array.from(
    { length: count },
    (_, i) => Math.sin(i * 12.9898 + shape.length) * 1.7 + 0.013 * i,
  );
  return torch.tensor(list, { dtype: torch.float64 }).reshape(shape).requiresGrad_();
}

type Function = (...inputs: torch.Tensor[]) => torch.Tensor;
const classes = torch.tensor([1, 0, 2]);
const targets = torch.tensor(
  [
    [0.2, 0.9],
    [0.6, 0.1],
    [0.5, 0.7],
  ],
  { dtype: torch.float64 },
);
const weights = torch.tensor([0.5, 1.5, 2], { dtype: torch.float64 });

/** Settings that go together, beyond what the samples of `gradients.test.ts` vary one by one. */
const cases: [name: string, f: Function, inputs: torch.Tensor[]][] = [
  [
    'conv2d',
    (x, w, b) => F.conv2d(x, w, b, [1, 2], 1, [2, 1], 2),
    [values(1, 4, 5, 4), values(2, 2, 2, 3), values(2)],
  ],
  [
    'conv_transpose2d',
    (x, w, b) => F.convTranspose2d(x, w, b, 2, 1, 1),
    [values(1, 2, 3, 2), values(2, 1, 3, 3), values(1)],
  ],
  ['multi_margin_loss', (x) => F.multiMarginLoss(x, classes, { p: 2, weight: weights }), [values(3, 3)]],
  [
    'multilabel_margin_loss',
    (x) =>
      F.multilabelMarginLoss(
        x,
        torch.tensor([
          [0, 2, -1],
          [-1, 0, 1],
          [1, -1, 0],
        ]),
        { reduction: 'none' },
      ),
    [values(3, 3)],
  ],
  ['max_pool2d', (x) => F.maxPool2d(x, 2, 1, 1), [values(1, 2, 3, 4)]],
  ['avg_pool2d', (x) => F.avgPool2d(x, 2, 1, 1, true, false), [values(1, 2, 3, 4)]],
  ['cross_entropy', (x) => F.crossEntropy(x, classes, weights, { labelSmoothing: 0.1 }), [values(3, 3)]],
  [
    'binary_cross_entropy_with_logits',
    (x, t) => F.binaryCrossEntropyWithLogits(x, t, { posWeight: weights.narrow(0, 0, 2) }),
    [values(3, 2), targets.detach().clone().requiresGrad_()],
  ],
  ['reflect pad', (x) => F.pad(x, [1, 2], 'reflect'), [values(2, 3)]],
];

describe.each(cases)('%s', (_, f, inputs) => {
  it('has the gradients that differences give', () => {
    expect(gradcheck(f, inputs)).toBe(true);
  });

  it('has the second derivatives that differences give', () => {
    expect(gradgradcheck(f, inputs, { fastMode: true })).toBe(true);
  });
});

describe('margin losses', () => {
  // Values of PyTorch 2.13.
  const x = torch.tensor([
    [0.1, 0.2, Number.NaN, 0.9],
    [1, -2, 0.5, 3],
  ]);

  const lossAndGradient = (f: Function): [number, number[][]] => {
    const leaf = x.clone().requiresGrad_();
    const loss = f(leaf);
    return [loss.item() as number, torch.autograd.grad([loss], [leaf])[0]!.tolist() as number[][]];
  };
  const close = (found: [number, number[][]], loss: number, gradient: number[][]): void => {
    expect(found[0]).toBeCloseTo(loss, 4);
    for (const [i, row] of gradient.entries())
      for (const [j, value] of row.entries()) expect(found[1][i][j]).toBeCloseTo(value, 4);
  };

  it('of one target pass over what is NaN', () => {
    const weight = torch.tensor([2, 1, 1, 0.5]);
    const settings = { p: 2, margin: 1.5, weight };
    close(
      lossAndGradient((leaf) => F.multiMarginLoss(leaf, torch.tensor([3, 0]), settings)),
      3.3831,
      [
        [0.0875, 0.1, 0, -0.1875],
        [-2.25, 0, 0.5, 1.75],
      ],
    );
  });

  it('of several targets end with the first that is none', () => {
    const target = torch.tensor([
      [3, 0, -1, 1],
      [-1, 2, 0, 1],
    ]);
    close(
      lossAndGradient((leaf) => F.multilabelMarginLoss(leaf, target)),
      0.175,
      [
        [-0.125, 0.25, 0, -0.125],
        [0, 0, 0, 0],
      ],
    );
  });

  it('are the same in parts, where a function is transformed', () => {
    const stack = torch.randn(4, 3, 5);
    const one = (leaf: torch.Tensor) => F.multiMarginLoss(leaf, classes, { reduction: 'none' });
    expect(
      torch
        .vmap(one)(stack)
        .allclose(torch.stack([...stack.unbind()].map(one))),
    ).toBe(true);
  });
});
