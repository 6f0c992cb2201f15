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
