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

/** Functions with their differentiable inputs. */
const cases: [name: string, f: Function, inputs: torch.Tensor[]][] = [
  ['conv1d', (x, w, b) => F.conv1d(x, w, b, 2, 1), [values(2, 2, 5), values(3, 2, 3), values(3)]],
  [
    'conv2d',
    (x, w, b) => F.conv2d(x, w, b, [1, 2], 1, [2, 1], 2),
    [values(1, 4, 5, 4), values(2, 2, 2, 3), values(2)],
  ],
  ['conv2d same', (x, w) => F.conv2d(x, w, null, 1, 'same'), [values(1, 1, 3, 4), values(2, 1, 2, 3)]],
  ['conv3d', (x, w) => F.conv3d(x, w), [values(1, 1, 3, 3, 3), values(2, 1, 2, 2, 2)]],
  [
    'conv_transpose2d',
    (x, w, b) => F.convTranspose2d(x, w, b, 2, 1, 1),
    [values(1, 2, 3, 2), values(2, 1, 3, 3), values(1)],
  ],
  ['max_pool1d', (x) => F.maxPool1d(x, 2), [values(1, 2, 6)]],
  ['max_pool2d', (x) => F.maxPool2d(x, 2, 1, 1), [values(1, 2, 3, 4)]],
  ['avg_pool2d', (x) => F.avgPool2d(x, 2, 1, 1, true, false), [values(1, 2, 3, 4)]],
  ['adaptive_avg_pool2d', (x) => F.adaptiveAvgPool2d(x, [2, 3]), [values(1, 2, 5, 4)]],
  ['softmax', (x) => F.softmax(x, 1), [values(2, 4, 2)]],
  ['log_softmax', (x) => F.logSoftmax(x, 0), [values(3, 2)]],
  ['layer_norm', (x, w, b) => F.layerNorm(x, [3], w, b), [values(4, 3), values(3), values(3)]],
  ['group_norm', (x, w, b) => F.groupNorm(x, 2, w, b), [values(2, 4, 3), values(4), values(4)]],
  ['rms_norm', (x, w) => F.rmsNorm(x, [3], w), [values(2, 3), values(3)]],
  [
    'batch_norm training',
    (x, w, b) => F.batchNorm(x, null, null, w, b, true),
    [values(3, 2, 2), values(2), values(2)],
  ],
  [
    'batch_norm evaluation',
    (x, w, b) =>
      F.batchNorm(x, torch.zeros(2, { dtype: torch.float64 }), torch.ones(2, { dtype: torch.float64 }), w, b),
    [values(3, 2, 2), values(2), values(2)],
  ],
  ['nll_loss', (x) => F.nllLoss(x, classes, weights), [values(3, 3)]],
  ['nll_loss none', (x) => F.nllLoss(x, classes, { ignoreIndex: 0, reduction: 'none' }), [values(3, 3)]],
  ['cross_entropy', (x) => F.crossEntropy(x, classes, weights, { labelSmoothing: 0.1 }), [values(3, 3)]],
  ['cross_entropy probabilities', (x, t) => F.crossEntropy(x, t), [values(3, 2), values(3, 2)]],
  [
    'mse_loss',
    (x, t) => F.mseLoss(x, t),
    [values(3, 2), values(2, 3).t().contiguous().detach().requiresGrad_()],
  ],
  [
    'smooth_l1_loss',
    (x, t) => F.smoothL1Loss(x, t, { beta: 0.7, reduction: 'sum' }),
    [values(3, 2), values(3, 2, 1).squeeze(2).detach().requiresGrad_()],
  ],
  ['huber_loss', (x) => F.huberLoss(x, targets, { delta: 0.7, reduction: 'none' }), [values(3, 2)]],
  [
    'binary_cross_entropy',
    (x, t) => F.binaryCrossEntropy(x.sigmoid(), t),
    [values(3, 2), targets.detach().clone().requiresGrad_()],
  ],
  [
    'binary_cross_entropy_with_logits',
    (x, t) => F.binaryCrossEntropyWithLogits(x, t, { posWeight: weights.narrow(0, 0, 2) }),
    [values(3, 2), targets.detach().clone().requiresGrad_()],
  ],
  ['kl_div', (x) => F.klDiv(x, targets, { reduction: 'batchmean' }), [values(3, 2)]],
  ['soft_margin_loss', (x) => F.softMarginLoss(x, targets), [values(3, 2)]],
  [
    'embedding',
    (w) =>
      F.embedding(
        torch.tensor([
          [0, 2],
          [2, 1],
        ]),
        w,
      ),
    [values(3, 2)],
  ],
  ['linear', (x, w, b) => F.linear(x, w, b), [values(2, 3), values(4, 3), values(4)]],
  [
    'bilinear',
    (x, y, w, b) => F.bilinear(x, y, w, b),
    [values(2, 3), values(2, 2), values(2, 3, 2), values(2)],
  ],
  ['constant pad', (x) => F.pad(x, [1, -1, 2, 0]), [values(2, 3)]],
  ['reflect pad', (x) => F.pad(x, [1, 2], 'reflect'), [values(2, 3)]],
  ['normalize', (x) => F.normalize(x), [values(2, 3)]],
  [
    'cosine_similarity',
    (x, y) => F.cosineSimilarity(x, y),
    [values(2, 3), values(2, 3, 1).squeeze(2).detach().requiresGrad_()],
  ],
  ['glu', (x) => F.glu(x), [values(2, 4)]],
];

describe.each(cases)('%s', (_, f, inputs) => {
  it('has the gradients that differences give', () => {
    expect(gradcheck(f, inputs)).toBe(true);
  });

  it('has the second derivatives that differences give', () => {
    expect(gradgradcheck(f, inputs)).toBe(true);
  });
});
