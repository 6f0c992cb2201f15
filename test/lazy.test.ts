import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { nn } = torch;
const unknownShape = "Can't access the shape of an uninitialized parameter or buffer.";

describe('lazy modules', () => {
  it('become the module that they stand for by their first input', () => {
    torch.manualSeed(3);
    const lazy = new nn.LazyLinear(3);
    expect(String(lazy)).toBe('LazyLinear(in_features=0, out_features=3, bias=True)');
    expect(String(lazy.weight)).toBe('<UninitializedParameter>');
    expect(lazy.hasUninitializedParams()).toBe(true);
    const { weight } = lazy;
    const output = lazy.forward(torch.ones(1, 5));
    expect(lazy).not.toBeInstanceOf(nn.LazyLinear);
    expect(String(lazy)).toBe('Linear(in_features=5, out_features=3, bias=True)');
    // Optimizers that were given the parameters hold the same ones.
    expect(lazy.weight).toBe(weight);
    expect(weight.shape).toEqual([3, 5]);
    torch.manualSeed(3);
    torch.testing.assertClose(output, new nn.Linear(5, 3).forward(torch.ones(1, 5)));
  });

  it('are learnt inside others, with optimizers made before', () => {
    const net = new nn.Sequential(
      new nn.LazyConv2d(4, 3),
      new nn.LazyBatchNorm2d(),
      new nn.Flatten(),
      new nn.LazyLinear(1),
    );
    const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.1 });
    net
      .forward(torch.rand(2, 3, 5, 5))
      .sum()
      .backward();
    const before = net.parameters().map((parameter) => parameter.clone());
    optimizer.step();
    expect(String(net)).toBe(
      [
        'Sequential(',
        '  (0): Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1))',
        '  (1): BatchNorm2d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)',
        '  (2): Flatten(start_dim=1, end_dim=-1)',
        '  (3): Linear(in_features=36, out_features=1, bias=True)',
        ')',
      ].join('\n'),
    );
    expect(torch.equal(net.parameters().at(-1)!, before.at(-1)!)).toBe(false);
  });

  it('keep hooks, and run each once', () => {
    const lazy = new nn.LazyLinear(1);
    let calls = 0;
    lazy.registerForwardHook(() => void calls++);
    lazy.forward(torch.ones(1, 2));
    lazy.forward(torch.ones(1, 2));
    expect(calls).toBe(2);
  });

  it('take the sizes of a loaded state', () => {
    const lazy = new nn.LazyLinear(3);
    const source = new nn.Linear(2, 3);
    lazy.loadStateDict(source.stateDict());
    expect(lazy.weight.shape).toEqual([3, 2]);
    torch.testing.assertClose(lazy.forward(torch.ones(1, 2)), source.forward(torch.ones(1, 2)));
    expect(String(lazy)).toBe('Linear(in_features=2, out_features=3, bias=True)');
    const other = new nn.LazyLinear(3);
    expect(String(other.loadStateDict(new nn.LazyLinear(3).stateDict()))).toBe(
      '<All keys matched successfully>',
    );
    expect(() => new nn.Linear(2, 3).loadStateDict(other.stateDict())).toThrow(unknownShape);
  });

  it('are cast, moved and copied before they know their sizes', () => {
    const lazy = new nn.LazyConv2d(4, 3).double();
    expect(lazy.weight.dtype).toBe(torch.float64);
    const copy = torch.deepcopy(lazy);
    expect(copy).toBeInstanceOf(nn.LazyConv2d);
    expect(copy.forward(torch.ones(1, 2, 5, 5, { dtype: torch.float64 })).dtype).toBe(torch.float64);
    expect(lazy.hasUninitializedParams()).toBe(true);
    expect(String(new nn.LazyBatchNorm1d().runningMean)).toBe('<UninitializedBuffer>');
  });

  it('refuse what needs sizes, and inputs that do not fit', () => {
    const lazy = new nn.LazyLinear(3);
    expect(() => lazy.weight.shape).toThrow(unknownShape);
    expect(() => lazy.weight.add(1)).toThrow(unknownShape);
    expect(() => lazy.weight.numel()).toThrow(unknownShape);
    expect(() => nn.init.zeros_(lazy.weight)).toThrow(unknownShape);
    const conv = new nn.LazyConv2d(4, 3, { groups: 2 });
    expect(() => conv.forward(torch.ones(3))).toThrow(
      'Expected 3D (unbatched) or 4D (batched) input to LazyConv2d, but got input of size: torch.Size([3])',
    );
    expect(() => conv.forward(torch.ones(1, 5, 5, 5))).toThrow('in_channels must be divisible by groups');
    expect(conv.hasUninitializedParams()).toBe(true);
    const norm = new nn.LazyBatchNorm2d();
    expect(() => norm.forward(torch.ones(3))).toThrow('expected 4D input (got 1D input)');
    expect(norm.hasUninitializedParams()).toBe(true);
    expect(conv.forward(torch.ones(2, 5, 5)).shape).toEqual([4, 3, 3]);
  });
});
