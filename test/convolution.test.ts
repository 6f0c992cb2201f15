// Every way in which the engine convolves, against products with unfolded patches in float64.
import * as torch from 'flambeau';
import { afterEach, describe, expect, it } from 'vitest';

const F = torch.nn.functional;
const threads = torch.getNumThreads();
afterEach(() => torch.setNumThreads(threads));

interface Case {
  images: number;
  channels: number;
  size: [number, number];
  outChannels: number;
  kernel?: number;
  stride?: number;
  padding?: number;
  dilation?: number;
  groups?: number;
}

function byPatches(x: torch.Tensor, weight: torch.Tensor, c: Required<Case>): torch.Tensor {
  const { images, outChannels, kernel, stride, padding, dilation, groups, size } = c;
  const patches = F.unfold(x, kernel, { stride, padding, dilation });
  const positions = patches.size(-1);
  const products = weight
    .reshape(groups, outChannels / groups, -1)
    .matmul(patches.reshape(images, groups, -1, positions));
  const extent = (n: number) => Math.floor((n + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  return products.reshape(images, outChannels, extent(size[0]), extent(size[1]));
}

function largestDifference(a: torch.Tensor, b: torch.Tensor): number {
  return a.double().sub(b).abs().max().div(b.abs().max()).item() as number;
}

const kinds: Record<string, Case[]> = {
  '3 × 3 weights of many channels': [
    { images: 2, channels: 16, size: [8, 8], outChannels: 16 },
    { images: 3, channels: 33, size: [7, 9], outChannels: 40 },
    { images: 1, channels: 48, size: [17, 33], outChannels: 64, padding: 0 },
    { images: 5, channels: 20, size: [5, 3], outChannels: 17 },
    { images: 2, channels: 32, size: [1, 1], outChannels: 32 },
    { images: 1, channels: 32, size: [2, 64], outChannels: 32, padding: 2 },
    { images: 2, channels: 64, size: [28, 28], outChannels: 100 },
    { images: 8, channels: 160, size: [4, 4], outChannels: 136 },
    { images: 2, channels: 64, size: [14, 14], outChannels: 64, groups: 2 },
  ],
  'groups of one channel': [
    { images: 2, channels: 32, size: [8, 8], outChannels: 32, groups: 32 },
    {
      images: 1,
      channels: 40,
      size: [20, 24],
      outChannels: 40,
      groups: 40,
      kernel: 5,
      stride: 2,
      padding: 2,
    },
    { images: 3, channels: 17, size: [4, 4], outChannels: 17, groups: 17, kernel: 5, stride: 2, padding: 2 },
    { images: 3, channels: 33, size: [7, 5], outChannels: 33, groups: 33, padding: 0, dilation: 2 },
    { images: 2, channels: 16, size: [11, 9], outChannels: 16, groups: 16, stride: 3, padding: 2 },
    { images: 2, channels: 19, size: [6, 6], outChannels: 19, groups: 19, stride: 2, padding: 4 },
    { images: 1, channels: 18, size: [40, 30], outChannels: 18, groups: 18 },
    { images: 1, channels: 3, size: [9, 9], outChannels: 3, groups: 3 },
  ],
  others: [
    { images: 4, channels: 40, size: [4, 4], outChannels: 50, kernel: 1, padding: 0 },
    { images: 2, channels: 40, size: [12, 12], outChannels: 50, kernel: 1, padding: 0 },
    { images: 2, channels: 3, size: [17, 20], outChannels: 8, kernel: 7, stride: 2, padding: 3 },
    { images: 2, channels: 24, size: [10, 9], outChannels: 48, stride: 2 },
    { images: 2, channels: 24, size: [10, 9], outChannels: 48, kernel: 5, padding: 2 },
    { images: 1, channels: 12, size: [9, 9], outChannels: 20, groups: 4, dilation: 2, padding: 2 },
  ],
};

describe.each(Object.entries(kinds))('convolution with %s', (_, cases) => {
  it.each(cases)('%j', (given) => {
    const c = { kernel: 3, stride: 1, padding: 1, dilation: 1, groups: 1, ...given };
    const { images, channels, size, outChannels, kernel, stride, padding, dilation, groups } = c;
    torch.manualSeed(0);
    const x = torch.randn(images, channels, ...size);
    const weight = torch.randn(outChannels, channels / groups, kernel, kernel);
    const bias = torch.randn(outChannels);
    const [xd, wd] = [x.double().requiresGrad_(), weight.double().requiresGrad_()];
    const expected = byPatches(xd, wd, c).add(bias.double().reshape(-1, 1, 1));
    const slope = torch.randn(expected.shape);
    const expectedGradients = torch.autograd.grad(expected, [xd, wd], slope.double());
    const results = [1, 2].map((count) => {
      torch.setNumThreads(count);
      const [xf, wf] = [x.detach().requiresGrad_(), weight.detach().requiresGrad_()];
      const y = F.conv2d(xf, wf, bias, { stride, padding, dilation, groups });
      return [y, ...torch.autograd.grad(y, [xf, wf], slope)];
    });
    for (const [i, value] of [expected, ...expectedGradients].entries())
      expect(largestDifference(results[0][i], value)).toBeLessThan(2e-6);
    // How an element is summed does not depend on how many threads share the work.
    for (const [i, value] of results[0].entries()) expect(results[1][i].equal(value)).toBe(true);
  });
});
