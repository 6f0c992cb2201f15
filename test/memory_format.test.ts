import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { channelsLast, channelsLast3d, contiguousFormat, preserveFormat } = torch;

describe('memory formats', () => {
  const images = () => torch.arange(24, { dtype: torch.float32 }).view(1, 2, 3, 4);

  it('order the dimensions in memory and leave the elements as they are', () => {
    const x = images();
    const last = x.contiguous({ memoryFormat: channelsLast });
    expect(last.stride()).toEqual([24, 1, 8, 2]);
    expect(last.tolist()).toEqual(x.tolist());
    expect(last.isContiguous()).toBe(false);
    expect(last.isContiguous({ memoryFormat: channelsLast })).toBe(true);
    expect(last.contiguous().stride()).toEqual([24, 12, 4, 1]);
    expect(torch.empty([2, 3, 4, 5, 6], { memoryFormat: channelsLast3d }).stride()).toEqual([
      360, 1, 90, 18, 3,
    ]);
  });

  it('return the tensor itself where it has the format', () => {
    const x = images();
    const last = x.to({ memoryFormat: channelsLast });
    expect(last.to({ memoryFormat: channelsLast })).toBe(last);
    expect(last.contiguous({ memoryFormat: channelsLast })).toBe(last);
    expect(x.float({ memoryFormat: preserveFormat })).toBe(x);
    expect(x.float({ memoryFormat: contiguousFormat })).toBe(x);
    expect(last.float({ memoryFormat: contiguousFormat }).stride()).toEqual([24, 12, 4, 1]);
  });

  it('are kept by copies and by what is made like a tensor, unless given', () => {
    const last = images().contiguous({ memoryFormat: channelsLast });
    expect(last.clone().stride()).toEqual([24, 1, 8, 2]);
    expect(last.double().stride()).toEqual([24, 1, 8, 2]);
    expect(torch.zerosLike(last).stride()).toEqual([24, 1, 8, 2]);
    expect(torch.onesLike(last, { memoryFormat: contiguousFormat }).stride()).toEqual([24, 12, 4, 1]);
    expect(last.clone({ memoryFormat: contiguousFormat }).stride()).toEqual([24, 12, 4, 1]);
  });

  it('let gradients through', () => {
    const x = images().requiresGrad_();
    x.to({ memoryFormat: channelsLast }).mul(2).sum().backward();
    expect(x.grad!.tolist()).toEqual(torch.fullLike(x, 2).tolist());
  });

  it('refuse what does not fit', () => {
    expect(() => torch.zeros(2, 3).contiguous({ memoryFormat: channelsLast })).toThrow(
      'required rank 4 tensor to use channels_last format',
    );
    expect(() => images().contiguous({ memoryFormat: preserveFormat })).toThrow(
      'preserve memory format is unsupported by the contiguous operator',
    );
  });

  it('print as in Python', () => {
    expect(String(channelsLast)).toBe('torch.channels_last');
    expect(String(torch.strided)).toBe('torch.strided');
  });
});
