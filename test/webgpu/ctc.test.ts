import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { expectAgreement, hasAdapter } from './device.js';

const { ctcLoss } = torch.nn.functional;

interface Options {
  readonly blank?: number;
  readonly reduction?: 'none' | 'mean' | 'sum';
  readonly zeroInfinity?: boolean;
}

/** Compares losses and gradients for log-probabilities of [steps, sequences, classes]. */
async function expectSameLoss(
  shape: [number, number, number],
  targets: number[] | number[][],
  inputLengths: number[],
  targetLengths: number[],
  options: Options = {},
  tolerance = 1e-5,
): Promise<void> {
  torch.manualSeed(2);
  const labels = torch.tensor(targets);
  await expectAgreement(
    (x) =>
      ctcLoss(x.logSoftmax(2), labels.to(x.device), inputLengths, targetLengths, {
        reduction: 'none',
        ...options,
      }),
    [torch.randn(shape)],
    { rtol: tolerance, atol: tolerance },
  );
}

const padded = [
  [1, 2, 1],
  [3, 3, 0],
  [2, 0, 0],
];

describe.skipIf(!hasAdapter)('the CTC loss on the GPU', () => {
  it('is that of the CPU for padded and for joined targets', async () => {
    await expectSameLoss([6, 3, 4], padded, [6, 5, 4], [3, 2, 1]);
    await expectSameLoss([6, 3, 4], [1, 2, 1, 3, 3, 2], [6, 5, 4], [3, 2, 1], {
      blank: 2,
      reduction: 'mean',
    });
  });

  it('knows targets without labels and sequences without steps', () =>
    expectSameLoss([6, 3, 4], padded, [6, 0, 0], [3, 0, 0]));

  it('is infinite where the input is too short, and its gradient NaN or zero', async () => {
    await expectSameLoss([6, 3, 4], padded, [2, 2, 6], [3, 2, 1]);
    await expectSameLoss([6, 3, 4], padded, [2, 2, 6], [3, 2, 1], { zeroInfinity: true });
  });

  it('has more states than a workgroup has lanes', () => {
    const labels = Array.from({ length: 150 }, (_, i) => 1 + ((i * i) % 7));
    // Exponents are differences of numbers of several hundred.
    return expectSameLoss([320, 1, 9], [labels], [320], [150], {}, 2e-4);
  });

  it('refuses labels that are no classes when somebody reads', async () => {
    const x = torch.randn([4, 1, 3], { device: 'webgpu' }).logSoftmax(2);
    const loss = ctcLoss(x, torch.tensor([[1, 3]]).to('webgpu'), [4], [2]);
    await expect(loss.itemAsync()).rejects.toThrow('Target 3 is out of bounds.');
  });
});
