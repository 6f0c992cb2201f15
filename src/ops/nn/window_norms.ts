/** Norms of windows: powers are averaged, and the average is turned back into the root of their sum. */
import type { Tensor } from '../../core/tensor.js';
import { op } from '../../dispatch/registry.js';
import { F } from './kernel_operands.js';

type List = readonly number[];

/** Poolings of so many dimensions. */
const pools = {
  1: () => ({ maximum: F.maxPool1d, average: F.avgPool1d }),
  2: () => ({ maximum: F.maxPool2d, average: F.avgPool2d }),
  3: () => ({ maximum: F.maxPool3d, average: F.avgPool3d }),
} as const;

for (const dims of [1, 2, 3] as const)
  op(
    `lp_pool${dims}d(Tensor input, Scalar norm_type, int[${dims}] kernel_size, int[${dims}]? stride=None, bool ceil_mode=False) -> Tensor`,
    {
      doc: `The p-norm of every window of ${['a line', 'an image', 'a volume'][dims - 1]}.`,
      module: 'nn.functional',
      composite: ((input: Tensor, normType: unknown, kernel: List, stride: List | null, ceil: boolean) => {
        const { maximum, average } = pools[dims]();
        const p = Number(normType);
        if (p === Infinity) return maximum(input.abs(), kernel, stride, 0, 1, ceil);
        if (p === -Infinity) return maximum(input.abs().neg(), kernel, stride, 0, 1, ceil).neg();
        const mean = average(input.pow(p), kernel, stride, 0, ceil);
        // A sum of odd powers may be negative: such windows give 0.
        const window = kernel.reduce((a, b) => a * b, 1);
        return mean
          .sign()
          .mul(F.relu(mean.abs()))
          .mul(window)
          .pow(1 / p);
      }) as never,
    },
  );
