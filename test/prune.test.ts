/** Pruned modules, against values that PyTorch gave (golden/parametrizations), and batch norms taken into other layers. */
import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';
import { difference, evaluate, golden } from './support/golden.js';

const { nn } = torch;
const { prune, fusion } = nn.utils;

interface Pruned {
  readonly source: string;
  readonly state: Readonly<Record<string, readonly [shape: readonly number[], values: readonly number[]]>>;
  readonly parameters: readonly string[];
  readonly out: readonly number[];
}
const { pruned } = golden<{ pruned: readonly Pruned[] }>('parametrizations');
const numbers = (t: torch.Tensor): number[] => t.detach().reshape([-1]).tolist() as number[];

describe('A pruned module is that of PyTorch', () => {
  it.each(pruned)('$source', ({ source, state, parameters, out }) => {
    torch.manualSeed(5);
    const net = new nn.Linear(3, 4);
    evaluate(source, { prune, net, torch });
    const found = net.stateDict();
    expect(Object.keys(found)).toEqual(Object.keys(state));
    for (const [key, [shape, values]] of Object.entries(state)) {
      expect(found[key]!.shape, key).toEqual(shape);
      expect(difference(numbers(found[key]!), values), key).toBeLessThan(1e-6);
    }
    expect(net.namedParameters().map(([name]) => name)).toEqual(parameters);
    const y = net.forward(torch.linspace(-1, 1, 6).reshape([2, 3]));
    expect(difference(numbers(y), out)).toBeLessThan(1e-5);
  });
});

describe('Pruning', () => {
  it('keeps elements at zero while the others learn, until it is removed', () => {
    torch.manualSeed(1);
    const net = prune.l1Unstructured(new nn.Linear(4, 4), 'weight', 0.5);
    expect(prune.isPruned(new nn.Sequential(net))).toBe(true);
    const sgd = new torch.optim.SGD(net.parameters(), { lr: 0.1 });
    net.forward(torch.ones(1, 4)).sum().backward();
    sgd.step();
    net.forward(torch.ones(1, 4));
    expect(net.weight.eq(0).sum().item()).toBe(8);
    const weight = net.weight.detach().clone();
    prune.remove(net, 'weight');
    expect(prune.isPruned(net)).toBe(false);
    expect(net.weight).toBeInstanceOf(nn.Parameter);
    expect(net.weight.equal(weight)).toBe(true);
    expect(Object.keys(net.stateDict())).toEqual(['bias', 'weight']);
    expect(() => prune.remove(net, 'weight')).toThrow(
      "Parameter 'weight' of module Linear(in_features=4, out_features=4, bias=True) has to be pruned before pruning can be removed",
    );
  });

  it('goes by scores, where they are given', () => {
    const net = new nn.Linear(2, 1);
    prune.l1Unstructured(net, 'weight', 1, torch.tensor([[5, 1]]));
    expect((Reflect.get(net, 'weight_mask') as torch.Tensor).tolist()).toEqual([[1, 0]]);
    expect(() => prune.l1Unstructured(net, 'bias', 1, torch.ones(2))).toThrow(
      'importance_scores should have the same shape as parameter bias of Linear(in_features=2, out_features=1, bias=True), got torch.Size([2]) vs torch.Size([1])',
    );
    expect(net.bias).toBeInstanceOf(nn.Parameter);
  });

  it('takes methods of a user', () => {
    class EverySecond extends prune.BasePruningMethod {
      override computeMask(_: torch.Tensor, defaultMask: torch.Tensor): torch.Tensor {
        return defaultMask.mul(torch.arange(defaultMask.numel()).remainder(2).view(defaultMask.shape));
      }
    }
    const net = new nn.Linear(3, 4);
    const method = EverySecond.apply(net, 'bias');
    expect((Reflect.get(net, 'bias_mask') as torch.Tensor).tolist()).toEqual([0, 1, 0, 1]);
    expect(method.prune(torch.ones(2)).tolist()).toEqual([0, 1]);
    EverySecond.apply(net, 'bias');
    // Of the two that were left the first.
    expect((Reflect.get(net, 'bias_mask') as torch.Tensor).tolist()).toEqual([0, 0, 0, 1]);
  });

  it('refuses amounts that make no sense', () => {
    const net = new nn.Linear(3, 4);
    expect(() => prune.randomUnstructured(net, 'weight', -1)).toThrow(
      'amount=-1 should either be a float in the range [0, 1] or a non-negative integer',
    );
    expect(() => prune.randomUnstructured(net, 'weight', 1.5)).toThrow('amount=1.5 should either be');
    expect(() => prune.randomUnstructured(net, 'weight', 'a' as never)).toThrow(
      'Invalid type for amount: a. Must be int or float.',
    );
    expect(() => prune.randomUnstructured(net, 'weight', 13)).toThrow(
      'amount=13 should be smaller than the number of parameters to prune=12',
    );
    expect(() => prune.randomStructured(net, 'bias', 1, 0)).toThrow(
      'Structured pruning can only be applied to multidimensional tensors. Found tensor of shape torch.Size([4]) with 1 dims',
    );
    expect(() => prune.lnStructured(net, 'weight', 1, 2, 2)).toThrow(
      'Invalid index 2 for tensor of size torch.Size([4, 3])',
    );
    expect(() => prune.customFromMask(net, 'bias', torch.ones(3))).toThrow(
      'default_mask shape torch.Size([4]) must match self.mask shape torch.Size([3])',
    );
    expect(() =>
      prune.globalUnstructured([[net, 'weight']], prune.LnStructured, { amount: 1, n: 1 }),
    ).toThrow('Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method');
    // Nothing has changed.
    expect(Object.keys(net.stateDict())).toEqual(['weight', 'bias']);
  });
});

describe('A batch norm is taken into the layer before it', () => {
  const trained = <N extends torch.nn.BatchNorm1d | torch.nn.BatchNorm2d>(norm: N, x: torch.Tensor): N => {
    norm.forward(x);
    norm.eval();
    return norm;
  };

  it('a convolution, with or without a bias, a transposed one too', () => {
    torch.manualSeed(0);
    for (const bias of [true, false]) {
      const x = torch.randn(2, 3, 5, 5);
      const conv = new nn.Conv2d(3, 4, 3, { bias }).eval();
      const norm = trained(new nn.BatchNorm2d(4), conv.forward(x));
      const fused = fusion.fuseConvBnEval(conv, norm);
      expect(torch.allclose(fused.forward(x), norm.forward(conv.forward(x)), { atol: 1e-5 })).toBe(true);
      const transposed = new nn.ConvTranspose2d(3, 4, 3, { bias }).eval();
      const other = trained(new nn.BatchNorm2d(4), transposed.forward(x));
      const both = fusion.fuseConvBnEval(transposed, other, { transpose: true });
      const wanted = other.forward(transposed.forward(x));
      expect(torch.allclose(both.forward(x), wanted, { atol: 1e-5 })).toBe(true);
    }
  });

  it('a linear layer', () => {
    const x = torch.randn(8, 3);
    const linear = new nn.Linear(3, 4).eval();
    const norm = trained(new nn.BatchNorm1d(4), linear.forward(x));
    const fused = nn.utils.fuseLinearBnEval(linear, norm);
    expect(torch.allclose(fused.forward(x), norm.forward(linear.forward(x)), { atol: 1e-5 })).toBe(true);
    expect(fused.weight).toBeInstanceOf(nn.Parameter);
    expect(() => fusion.fuseLinearBnEval(linear.train(), norm)).toThrow('Fusion only for eval!');
    expect(() => fusion.fuseLinearBnEval(new nn.Linear(3, 2).eval(), norm)).toThrow(
      'To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got linear.out_features=2 and bn.num_features=4',
    );
  });
});

describe('convertConv2dWeightMemoryFormat', () => {
  it('lays weights of two-dimensional convolutions out, however deep, and no others', () => {
    const net = new nn.Sequential(
      new nn.Conv2d(3, 4, 3),
      new nn.Sequential(new nn.ConvTranspose2d(4, 2, 2), new nn.Conv3d(1, 2, 2)),
    );
    const before = net.parameters().map((p) => p.detach().clone());
    expect(nn.utils.convertConv2dWeightMemoryFormat(net, torch.channelsLast)).toBe(net);
    const [first, inner] = [net.at(0) as torch.nn.Conv2d, net.at(1) as torch.nn.Sequential];
    expect(first.weight.stride()).toEqual([27, 1, 9, 3]);
    expect(
      (inner.at(0) as torch.nn.ConvTranspose2d).weight.isContiguous({ memoryFormat: torch.channelsLast }),
    ).toBe(true);
    expect((inner.at(1) as torch.nn.Conv3d).weight.isContiguous()).toBe(true);
    nn.utils.convertConv3dWeightMemoryFormat(net, torch.channelsLast3d);
    expect((inner.at(1) as torch.nn.Conv3d).weight.isContiguous({ memoryFormat: torch.channelsLast3d })).toBe(
      true,
    );
    for (const [i, p] of net.parameters().entries()) expect(torch.equal(p, before[i]!)).toBe(true);
  });
});
