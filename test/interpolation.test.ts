import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const F = torch.nn.functional;
const bytes = () => torch.arange(24).mul(37).remainder(256).to(torch.uint8).view([1, 1, 4, 6]);

// PyTorch's, on a processor with AVX2.
describe('bytes are resized as bytes', () => {
  it.each([
    [
      { mode: 'bilinear' },
      [
        37, 33, 45, 73, 100, 128, 156, 179, 205, 148, 80, 28, 55, 83, 111, 134, 160, 183, 195, 169, 36, 38,
        66, 89,
      ],
    ],
    [
      { mode: 'bilinear', antialias: true },
      [
        67, 42, 41, 69, 96, 124, 152, 175, 205, 148, 80, 28, 55, 83, 111, 134, 164, 187, 186, 144, 37, 42, 70,
        93,
      ],
    ],
    [
      { mode: 'bilinear', alignCorners: true },
      [
        0, 26, 53, 79, 106, 132, 159, 185, 205, 140, 75, 28, 55, 81, 108, 134, 154, 180, 207, 197, 40, 30, 57,
        83,
      ],
    ],
    [
      { mode: 'bicubic' },
      [
        35, 26, 42, 76, 101, 129, 161, 184, 237, 168, 62, 0, 50, 84, 114, 137, 155, 186, 215, 176, 30, 21, 67,
        90,
      ],
    ],
    [
      { mode: 'bicubic', antialias: true },
      [
        60, 28, 30, 73, 100, 128, 158, 181, 219, 158, 71, 14, 54, 83, 113, 136, 158, 196, 208, 156, 27, 30,
        68, 91,
      ],
    ],
    [
      { mode: 'lanczos', antialias: true },
      [
        63, 20, 27, 79, 103, 126, 161, 182, 226, 170, 66, 10, 51, 85, 115, 136, 149, 196, 227, 154, 25, 19,
        75, 90,
      ],
    ],
  ] as const)('%o', (options, values) => {
    const result = F.interpolate(bytes(), { size: [3, 8], ...options });
    expect(result.dtype).toBe(torch.uint8);
    expect(result.flatten().tolist()).toEqual(values);
  });
});

describe("Lanczos's kernel", () => {
  it('averages floats, too', () => {
    const result = F.interpolate(bytes().float(), { size: [3, 4], mode: 'lanczos', antialias: true });
    const values = [
      34.12131, 46.2072, 119.75681, 169.54509, 193.98219, 35.11794, 61.68228, 127.15724, 184.70847, 184.70558,
      25.36369, 77.95749,
    ];
    for (const [i, value] of (result.flatten().tolist() as number[]).entries())
      expect(value).toBeCloseTo(values[i], 3);
  });

  it('does nothing else', () => {
    const of = (options: object) => () =>
      F.interpolate(bytes(), { size: [3, 4], mode: 'lanczos', ...options });
    expect(of({})).toThrow('Lanczos mode requires antialias=True');
    expect(of({ antialias: true, alignCorners: true })).toThrow(
      'Lanczos mode does not support align_corners=True',
    );
  });
});

it('integers that are no bytes are refused', () => {
  for (const mode of ['bilinear', 'bicubic'] as const)
    expect(() => F.interpolate(bytes().to(torch.int32), { size: [3, 4], mode })).toThrow(
      torch.NotImplementedError,
    );
});
