import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const x = torch.arange(6).float().reshape(2, 3);

describe('a view of memory as another dtype', () => {
  it('shares the memory', () => {
    const bits = x.view(torch.int32);
    expect(bits.tolist()).toEqual([
      [0, 1065353216, 1073741824],
      [1077936128, 1082130432, 1084227584],
    ]);
    const ones = torch.ones(2);
    ones.view({ dtype: torch.int32 }).fill_(0);
    expect(ones.tolist()).toEqual([0, 0]);
  });

  it('has a last dimension as long as its elements are short', () => {
    expect(x.view(torch.uint8).shape).toEqual([2, 12]);
    expect(torch.ones(2, 4).view(torch.complex64).shape).toEqual([2, 2]);
    expect(torch.ones(2, 3, { dtype: torch.complex64 }).view(torch.float32).index(0).tolist()).toEqual([
      1, 0, 1, 0, 1, 0,
    ]);
    expect(torch.ones(3, 0).view(torch.uint8).stride()).toEqual([4, 1]);
    expect(x.t().view(torch.int32).stride()).toEqual([1, 3]);
  });

  it('has no gradient', () => {
    expect(torch.ones(2, { requiresGrad: true }).view(torch.float32).requiresGrad).toBe(false);
  });

  it.each([
    [
      x,
      torch.float64,
      'self.size(-1) must be divisible by 2 to view Float as Double (different element sizes), but got 3',
    ],
    [
      x.t(),
      torch.float64,
      'self.stride(-1) must be 1 to view Float as Double (different element sizes), but got 3',
    ],
    [
      torch.tensor(1.5),
      torch.uint8,
      'self.dim() cannot be 0 to view Float as Byte (different element sizes)',
    ],
    [
      x.index(':', '1:'),
      torch.float64,
      'self.storage_offset() must be divisible by 2 to view Float as Double (different element sizes), but got 1',
    ],
    [
      torch.ones(3, 0),
      torch.float64,
      'self.stride(0) must be divisible by 2 to view Float as Double (different element sizes), but got 1',
    ],
  ])('is refused where elements do not fit (%#)', (tensor, dtype, message) => {
    expect(() => tensor.view(dtype)).toThrow(message);
  });
});

describe('memory formats', () => {
  const memoryFormat = torch.channelsLast;

  it('are taken by cpu() and resize_()', () => {
    expect(torch.ones(1, 2, 2, 2).cpu({ memoryFormat }).stride()).toEqual([8, 1, 4, 2]);
    expect(torch.ones(2).resize_(1, 2, 2, 2, { memoryFormat }).stride()).toEqual([8, 1, 4, 2]);
    expect(torch.ones(1, 2, 2, 2).resize_([1, 2, 2, 2], { memoryFormat }).stride()).toEqual([8, 1, 4, 2]);
    const last = torch.ones(1, 2, 2, 2).contiguous({ memoryFormat });
    expect(last.resize_(1, 2, 2, 2).stride()).toEqual([8, 1, 4, 2]);
  });

  it('are refused where they do not fit', () => {
    expect(() => torch.ones(2).resize_(2, 3, { memoryFormat })).toThrow(
      'required rank 4 tensor to use channels_last format',
    );
    expect(() => torch.ones(2).resize_(2, { memoryFormat: torch.preserveFormat })).toThrow(
      'Unsupported memory formatPreserve',
    );
  });
});
